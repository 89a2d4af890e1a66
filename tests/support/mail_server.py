"""The mail server of the addon's own tests, for tests with real processes: the addon itself cannot be imported here."""

import importlib.util
from pathlib import Path

_PATH = Path(__file__).parents[2] / "label_print_monitor/tests/mail_server.py"
_spec = importlib.util.spec_from_file_location("label_print_mail_server", _PATH)
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
MailServer, SILENT = _module.MailServer, _module.SILENT
