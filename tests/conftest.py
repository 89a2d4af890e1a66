"""The plain tests import the addon's services alone, without Odoo, so the addon's folder goes on the path.

At its end: the addon has folders named `tests` and `models`, which must not shadow other packages.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "label_print_monitor"))
