"""The push endpoint of the addon's own tests, for tests with real processes: the addon itself cannot be imported here."""

import importlib.util
from pathlib import Path

_PATH = Path(__file__).parents[2] / "label_print_monitor/tests/push_endpoint.py"
_spec = importlib.util.spec_from_file_location("label_print_push_endpoint", _PATH)
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
PushEndpoint = _module.PushEndpoint
