"""Rules for every pytest run in this checkout, whichever kind of test it collects."""

pytest_plugins = ["tests.support.skip_rule", "tests.support.alone"]
