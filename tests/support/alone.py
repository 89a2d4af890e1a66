"""Tests that measure time or bring about faults, marked `alone`: they run one after the other when the others are done.

`scripts/test.py` lets several processes share the tests and calls pytest twice: with `--alone=never`, then with
`--alone=only`. Without the option all tests run, as usual.
"""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--alone", choices=("only", "never"), help="only the tests that measure time, or all but these")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    wanted = config.getoption("--alone")
    if not wanted:
        return
    chosen = [item for item in items if (item.get_closest_marker("alone") is not None) == (wanted == "only")]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
    items[:] = chosen
