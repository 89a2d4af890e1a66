"""The dialog that connects a print server by a one-time code: it names a new one, then shows the one command to run.

The code is kept in no record, the dialog's neither: it goes to the browser with the dialog and is shown once.
"""

import shlex
from ipaddress import ip_address
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.http import db_list, request

from ..models.deletable_records import need_record
from ..models.label_print_server_code import VALID_FOR

PROGRAM = "label-print-server"
# Shown where people need one to begin with; 192.0.2.0/24 is for documentation.
PRINTERS_FILE = '[{"name": "Zebra-1", "uri": "tcp://192.0.2.10:9100"}]'


class LabelPrintConnectWizard(models.TransientModel):
    """A print server that calls Odoo, and the command that makes a computer be it."""

    _name = "label.print.connect.wizard"
    _description = "Connect a Print Server by a Code"

    name = fields.Char()
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env["label.print.server"]._default_company(),
        help="Empty: shared by all companies.",
    )
    server_id = fields.Many2one("label.print.server", "Print Server", ondelete="cascade", readonly=True)
    code = fields.Char(compute="_compute_command")
    command = fields.Char(compute="_compute_command")
    minutes = fields.Integer(compute="_compute_command")
    printers_file = fields.Char(compute="_compute_command")
    is_only_here = fields.Boolean(
        compute="_compute_command", help="The address in the command works on Odoo's own computer only."
    )

    @api.depends_context("label_print_code")
    def _compute_command(self):
        code = self.env.context.get("label_print_code") or False
        for wizard in self:
            wizard.code = code
            wizard.command = code and self._command_of(code)
            wizard.minutes = VALID_FOR.total_seconds() // 60
            wizard.printers_file = PRINTERS_FILE
            wizard.is_only_here = _is_loopback(urlsplit(self.get_base_url()).hostname)

    @api.model
    def _command_of(self, code):
        """What is to be run at the print server's computer."""
        address = urlsplit(self.get_base_url())
        words = [PROGRAM, "--odoo", f"{address.scheme}://{address.netloc}", "--code", code]
        words += ["--printers", "printers.json"]
        if request and len(db_list(force=True, host=request.httprequest.environ.get("HTTP_HOST"))) > 1:
            words += ["--odoo-database", self.env.cr.dbname]
        return shlex.join(words)

    def action_make_code(self):
        """Make the print server and its code, and show the command."""
        self.ensure_one()
        self.check_access("write")
        server = self.env["label.print.server"].create(
            {
                "name": (self.name or "").strip() or self.env._("Print Server"),
                "company_id": self.company_id.id,
                "connection_mode": "server_calls",
            }
        )
        return server.action_connect()

    def action_open_server(self):
        """Open the print server, where it shows whether it has been connected."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "label.print.server",
            "res_id": self.server_id.id,
            "views": [(False, "form")],
        }


def _is_loopback(host):
    """Whether a host name or address means the computer that uses it."""
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return (host or "").lower() == "localhost"


class LabelPrintServer(models.Model):
    _inherit = "label.print.server"

    def action_connect(self):
        """Make a new code, which replaces any former one, and show the command that connects a computer with it."""
        view = need_record(self.env, "label_print_monitor.view_label_print_connect_wizard_command")
        code = self._make_code()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Connect %(name)s", name=self.name),
            "res_model": "label.print.connect.wizard",
            "views": [(view.id, "form")],
            "target": "new",
            "context": {"label_print_code": code, "default_server_id": self.id},
        }
