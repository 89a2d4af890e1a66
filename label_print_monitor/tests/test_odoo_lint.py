"""Odoo's own checks of addons (its addon `test_lint`), applied to this one. Those that other programs run are in `make lint`."""

import importlib
import inspect
from contextlib import contextmanager
from unittest.mock import patch

from odoo.modules import Manifest
from odoo.tests import TransactionCase, tagged

MODULE = "label_print_monitor"
# What is left out looks at nothing that is ours (countries, docstrings of base) or at all files of Odoo.
OF_FILES = (
    ("test_manifests", "ManifestLinter", "test_manifests"),
    ("test_dunderinit", "TestDunderinit", "test_dunderinit"),
    ("test_orm_import", "TestDunderinit", "test_addons_orm_import"),
    ("test_onchange_domains", "TestOnchangeDomains", "test_forbid_domains_in_onchanges"),
    ("test_test_holes", "TestTestHoles", "test_check_tests"),
    ("test_jstranslate", "TestJsTranslations", "test_js_translations"),
    ("test_i18n", "TestI18n", "test_user_content_as_prop_is_translatable"),
    ("test_pofile", "PotLinter", "test_pot_duplicate_entries"),
)
OURS = ("label.print.", "print.job.", "printer.configuration")
# The first columns of `_printer_recent`, `_job_number` and `_job_attempt_label`.
HAVE_AN_INDEX = ("label.print.job.printer_id ", "label.print.attempt.job_id ", "label.print.failed.label.job_id ")


@tagged("post_install", "-at_install")
class TestOdooLint(TransactionCase):
    def findings(self, file, case, method):
        """What one of Odoo's checks finds: ``[(parameters of its subTest, sentence), …]``."""
        module = importlib.import_module(f"odoo.addons.test_lint.tests.{file}")
        check = getattr(module, case)(method)
        check.env = self.env
        found = []

        @contextmanager
        def collect(**parameters):
            try:
                yield
            except (AssertionError, TypeError) as error:
                found.append((parameters, str(error)))

        check.subTest = collect
        with collect():
            getattr(check, method)()
        return found

    def test_files(self):
        own = Manifest.for_addon(MODULE)
        pofile = importlib.import_module("odoo.addons.test_lint.tests.test_pofile")
        with (
            patch.object(Manifest, "all_addon_manifests", lambda: [own]),
            patch.object(pofile, "get_modules", lambda: [MODULE]),
        ):
            for check in OF_FILES:
                with self.subTest(check[0]):
                    self.assertEqual(self.findings(*check), [])

    def test_overrides_have_the_signatures_of_what_they_override(self):
        found = self.findings("test_override_signatures", "TestLintOverrideSignatures", "test_lint_override_signature")
        self.assertEqual([text for parameters, text in found if parameters.get("module") == MODULE], [])

    def test_parameters_can_be_given_by_rpc(self):
        found = self.findings("test_naming", "TestNaming", "test_parameter_rpc_compatible")
        registry = self.env.registry
        ours = [
            (where["model"], where["method"])
            for where, _text in found
            if where and MODULE in (inspect.getmodule(getattr(registry[where["model"]], where["method"])).__name__)
        ]
        self.assertEqual(ours, [])

    def test_inverse_fields_have_an_index(self):
        found = self.findings("test_index", "TestIndex", "test_enforce_index_on_one2many_inverse")
        lines = [line for _parameters, text in found for line in text.splitlines()]
        ours = [line for line in lines if line.startswith(OURS) and not line.startswith(HAVE_AN_INDEX)]
        self.assertEqual(ours, [])
