"""The plugin that makes a skipped test a failed one, tried on small runs of pytest."""

import pytest

pytest_plugins = ["pytester"]

HTTP_CASE = """
import unittest
class HttpCase(unittest.TestCase):
    pass
class TestInBrowser(HttpCase):
    def test_page(self):
        self.skipTest("websocket-client module is not installed")
"""


@pytest.fixture
def run(pytester: pytest.Pytester):
    def run_with(test: str, allowed: str = "", name: str = "test_sample") -> pytest.RunResult:
        pytester.makepyfile(**{name: test})
        pytester.makeini("[pytest]\nmarkers = browser: drives a browser\n")
        folder = pytester.mkdir("tests")
        (folder / "allowed_skips.txt").write_text(allowed, encoding="utf-8")
        return pytester.runpytest("-p", "tests.support.skip_rule", "-p", "no:odoo")

    return run_with


def test_a_skipped_browser_test_fails_the_run(run):
    result = run(HTTP_CASE)
    result.assert_outcomes(failed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*websocket-client module is not installed*A browser test must run*"])


def test_a_marked_browser_test_fails_too(run):
    run("import pytest\n@pytest.mark.browser\ndef test_page(): pytest.skip('no chromium')").assert_outcomes(failed=1)


def test_a_browser_test_cannot_be_excused(run):
    run(HTTP_CASE, allowed="*: it is listed").assert_outcomes(failed=1)


def test_a_skip_without_a_reason_in_the_list_fails(run):
    run("import pytest\ndef test_it(): pytest.skip('later')").assert_outcomes(failed=1)


def test_a_class_skipped_by_its_set_up_fails(run):
    test = """
import unittest
class TestIt(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise unittest.SkipTest("no")
    def test_it(self): pass
"""
    assert run(test).ret == pytest.ExitCode.TESTS_FAILED


def test_a_skipped_module_fails(run):
    result = run("import pytest\npytest.skip('no', allow_module_level=True)")
    assert result.ret not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


def test_a_listed_skip_is_a_skip(run):
    result = run("import pytest\ndef test_it(): pytest.skip('no cups')", allowed="# why\n*::test_it: needs a real CUPS")
    result.assert_outcomes(skipped=1)
    assert result.ret == pytest.ExitCode.OK


def test_a_listed_skip_needs_a_reason(run):
    result = run("import pytest\ndef test_it(): pytest.skip('no cups')", allowed="*::test_it")
    assert result.ret != pytest.ExitCode.OK


def test_an_expected_failure_stays_one(run):
    run("import pytest\n@pytest.mark.xfail\ndef test_it(): assert 0").assert_outcomes(xfailed=1)
