"""Reference print server for Zebra label printers.

A factory that has no print server of its own installs this one; everybody else reads it as the executable form of
the contract in docs/print-server-api.yaml. It knows nothing of Odoo beyond the address it posts events to.
"""

__version__ = "1.0.0"
