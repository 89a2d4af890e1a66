"""Odoo's command as a file: with worker processes Odoo starts itself once more by its file's name, for live connections,
which `python -m odoo` has none that can be started.
"""

import odoo.cli

if __name__ == "__main__":
    odoo.cli.main()
