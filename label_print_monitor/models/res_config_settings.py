"""The settings page: the default print server, its key and secret, and the default printer."""

import secrets

from odoo import api, fields, models

from .label_print_job import EVIDENCE


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    label_print_api_url = fields.Char("Print Server Address", config_parameter="label_print.api_url")
    label_print_api_key = fields.Char("Print Server API Key", config_parameter="label_print.api_key")
    label_print_ca_bundle = fields.Char("CA Bundle Path", config_parameter="label_print.ca_bundle")
    label_print_webhook_secret = fields.Char("Webhook Secret", config_parameter="label_print.webhook_secret")
    label_print_good_evidence = fields.Selection(
        EVIDENCE,
        "Good Evidence",
        config_parameter="label_print.good_evidence",
        help="What is known less well than this is not shown in green.",
    )
    label_print_cancel_without_reason = fields.Boolean(
        "Cancel Without a Reason", config_parameter="label_print.cancel_without_reason"
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
    )

    @api.model
    def get_values(self):
        values = super().get_values()
        values["label_print_default_printer_id"] = (
            self.env["printer.configuration"].search([("is_default", "=", True)], limit=1).id
        )
        return values

    def set_values(self):
        names = ("api_url", "api_key", "ca_bundle", "webhook_secret")
        parameters = self.env["ir.config_parameter"].sudo()
        before = [parameters.get_param(f"label_print.{name}") for name in names]
        for settings in self:
            for name in names:
                # Copied from a mail or a document, they come with spaces and line breaks.
                settings[f"label_print_{name}"] = (settings[f"label_print_{name}"] or "").strip()
            if settings.label_print_api_url:
                self.env["label.print.server"]._check_address(settings.label_print_api_url)
        super().set_values()
        parameters.set_param("label_print.default_printer", self.label_print_default_printer_id.cups_name or False)
        if before != [parameters.get_param(f"label_print.{name}") for name in names]:
            self.env["label.print.server"]._get_default()._reset_state()

    def action_test_label_print_connection(self):
        """Save what is entered, then try it: what is tested is what will be used."""
        self.set_values()
        return self.env["label.print.server"]._get_default().with_user(self.env.user).action_test_connection()

    def action_generate_label_print_secret(self):
        self.label_print_webhook_secret = secrets.token_urlsafe(32)
        self.set_values()
        return {"type": "ir.actions.client", "tag": "soft_reload"}
