"""The settings page: the default print server, its key and secret, and the default printer."""

import secrets

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..services.contract.event_signature import make_secret
from .label_print_job import EVIDENCE


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    # Through the default server's own fields, so that its access rights hold: `default_get` and `set_values` of a
    # `config_parameter` are open to everybody. The values themselves stay in the specification's system parameters.
    label_print_server_id = fields.Many2one(
        "label.print.server",
        compute="_compute_label_print_server_id",
        groups="label_print_monitor.group_label_print_manager",
    )
    label_print_api_url = fields.Char(
        "Address",
        related="label_print_server_id.api_url",
        readonly=False,
        groups="label_print_monitor.group_label_print_manager",
    )
    label_print_api_key = fields.Char(
        "API Key",
        related="label_print_server_id.api_key",
        readonly=False,
        groups="label_print_monitor.group_label_print_manager",
    )
    label_print_ca_bundle = fields.Char(
        "CA Bundle",
        related="label_print_server_id.ca_bundle",
        readonly=False,
        groups="label_print_monitor.group_label_print_manager",
    )
    label_print_webhook_secret = fields.Char(
        "Webhook Secret",
        related="label_print_server_id.webhook_secret",
        readonly=False,
        groups="label_print_monitor.group_label_print_manager",
    )
    label_print_good_evidence = fields.Selection(
        EVIDENCE,
        "Good Evidence",
        config_parameter="label_print.good_evidence",
        help="What is known less well than this is not shown in green.",
    )
    label_print_cancel_without_reason = fields.Boolean(
        "Cancel Without a Reason", config_parameter="label_print.cancel_without_reason"
    )
    label_print_export_separator = fields.Selection(
        [("semicolon", "Semicolon"), ("tab", "Tab"), ("language", "By the Reader's Language")],
        "Separator of Exports",
        config_parameter="label_print.export_separator",
        help="What stands between two cells of an exported history; a comma where nothing is chosen.",
    )
    group_label_print_again = fields.Boolean(
        "All Users May Print Again",
        group="label_print_monitor.group_label_print_user",
        implied_group="label_print_monitor.group_label_print_again",
    )
    label_print_default_printer_id = fields.Many2one(
        "printer.configuration",
        "Default Label Printer",
        domain=[("server_id.is_default", "=", True)],
        groups="label_print_monitor.group_label_print_manager",
        help="Of all companies that have none of their own.",
    )
    label_print_company_printer_id = fields.Many2one(
        related="company_id.label_print_printer_id",
        string="Default Label Printer of the Company",
        readonly=False,
        groups="label_print_monitor.group_label_print_manager",
    )
    label_print_events_url = fields.Char(
        related="label_print_server_id.events_url", groups="label_print_monitor.group_label_print_manager"
    )
    label_print_server_active = fields.Boolean(
        related="label_print_server_id.active", groups="label_print_monitor.group_label_print_manager"
    )
    label_print_connection_mode = fields.Selection(
        related="label_print_server_id.connection_mode", groups="label_print_monitor.group_label_print_manager"
    )
    label_print_pull_host = fields.Char(
        related="label_print_server_id.pull_host", groups="label_print_monitor.group_label_print_manager"
    )
    label_print_server_state = fields.Selection(
        related="label_print_server_id.state", groups="label_print_monitor.group_label_print_manager"
    )
    label_print_server_state_message = fields.Char(
        related="label_print_server_id.state_message", groups="label_print_monitor.group_label_print_manager"
    )
    label_print_server_last_contact = fields.Datetime(
        related="label_print_server_id.last_contact", groups="label_print_monitor.group_label_print_manager"
    )

    @api.model_create_multi
    def create(self, vals_list):
        # Odoo writes each related field by itself, in this order.
        return super().create([self._label_print_address_first(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._label_print_address_first(vals))

    @api.model
    def _label_print_address_first(self, vals):
        return self.env["label.print.server"]._address_first(vals, "label_print_api_url")

    def _compute_label_print_server_id(self):
        self.label_print_server_id = self.env["label.print.server"]._get_default().with_env(self.env)

    @api.model
    def get_values(self):
        values = super().get_values()
        if self.env["printer.configuration"].has_access("write"):
            values["label_print_default_printer_id"] = self._shown_default_printer().id
        return values

    def _shown_default_printer(self):
        """The default printer as far as the reader sees it: it may be archived, or another company's."""
        # Odoo saves the page with `active_test` switched off.
        Printer = self.env["printer.configuration"].with_context(active_test=True)
        return Printer.search([("id", "=", Printer._shared_default().id)])

    def set_values(self):
        """Save the page.

        :raise AccessError: for whoever may not change Odoo's settings; Odoo itself asks that only in `execute`
        """
        if not self.env.is_admin():
            raise AccessError(self.env._("Only administrators can change the settings."))
        super().set_values()
        if not self or not self.env["printer.configuration"].has_access("write"):
            return
        # One that the reader does not see must not be cleared by saving another setting.
        if self.label_print_default_printer_id != self._shown_default_printer():
            self.env["ir.config_parameter"].sudo().set_param(
                "label_print.default_printer", self.label_print_default_printer_id.cups_name or False
            )

    def action_test_label_print_connection(self):
        """Save what is entered, then try it: what is tested is what will be used."""
        self.env["label.print.server"].check_access("write")
        self.set_values()
        answer = self.label_print_server_id.action_test_connection()
        # The page shows what the test has found, and dots for a key that is now kept.
        answer["params"]["next"] = {"type": "ir.actions.client", "tag": "soft_reload"}
        return answer

    def action_open_label_print_server(self):
        """Open the default print server, for what this page does not have."""
        self.label_print_server_id.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "label.print.server",
            "res_id": self.label_print_server_id.id,
            "views": [(False, "form")],
        }

    def action_generate_label_print_secret(self):
        """Make a new secret for events, save the page and show the secret, which no page shows afterwards."""
        self.label_print_server_id.check_access("write")
        secret = self.label_print_webhook_secret = make_secret(secrets.token_bytes(32))
        self.set_values()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "sticky": True,
                "title": self.env._("New webhook secret"),
                "message": self.env._(
                    "Enter it in the print server now, it is not shown again: %(secret)s", secret=secret
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
