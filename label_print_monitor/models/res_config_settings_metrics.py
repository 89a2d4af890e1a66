"""The settings page: the tokens with which monitoring systems read the metrics."""

from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_datetime

PATH = "/label_print_monitor/metrics"


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    label_print_metrics_url = fields.Char("Address of the Metrics", compute="_compute_label_print_metrics")
    label_print_metrics_made = fields.Char(
        "Token of the Company",
        compute="_compute_label_print_metrics",
        help="When the token was made, and by whom. The token itself is shown once, when it is made.",
    )
    label_print_metrics_all_made = fields.Char(
        "Token of All Companies",
        compute="_compute_label_print_metrics",
        help="When the token was made, and by whom. The token itself is shown once, when it is made.",
    )

    def _compute_label_print_metrics(self):
        is_manager = self.env["label.print.server"].has_access("write")
        nobody = self.env["res.company"]
        for page in self:
            page.label_print_metrics_url = f"{page.get_base_url().rstrip('/')}{PATH}" if is_manager else False
            page.label_print_metrics_made = is_manager and page._label_print_token_made(page.company_id)
            page.label_print_metrics_all_made = is_manager and page._label_print_token_made(nobody)

    def _label_print_token_made(self, company):
        token = self.env["label.print.metrics.token"]._of(company)
        if not token:
            return False
        return self.env._(
            "Made on %(date)s by %(person)s",
            date=format_datetime(self.env, token.create_date, dt_format="short"),
            person=token.create_uid.name,
        )

    def _check_label_print_metrics(self, all_companies):
        """:raise AccessError: unless the reader may change print servers; for all companies, shared ones"""
        servers = self.env["label.print.server"]
        servers.check_access("write")
        if all_companies and not servers._manages_shared():
            raise AccessError(
                self.env._(
                    "Only people who may work in all companies, and administrators, can let a monitoring system read "
                    "the figures of all companies."
                )
            )

    def action_make_label_print_metrics_token(self):
        """Make the token of the page's company, save the page and show the token, which no page shows afterwards."""
        return self._make_label_print_metrics_token(self.company_id)

    def action_make_label_print_metrics_token_of_all(self):
        """The same for the figures of all companies."""
        return self._make_label_print_metrics_token(self.env["res.company"])

    def action_remove_label_print_metrics_token(self):
        """Remove the token of the page's company: what has it reads nothing from then on."""
        return self._remove_label_print_metrics_token(self.company_id)

    def action_remove_label_print_metrics_token_of_all(self):
        """The same for the figures of all companies."""
        return self._remove_label_print_metrics_token(self.env["res.company"])

    def _make_label_print_metrics_token(self, company):
        self._check_label_print_metrics(not company)
        self.set_values()
        token = self.env["label.print.metrics.token"]._make(company)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "sticky": True,
                "title": self.env._("New token for the metrics"),
                "message": self.env._(
                    "Enter it in the monitoring system now, it is not shown again: %(token)s", token=token
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _remove_label_print_metrics_token(self, company):
        self._check_label_print_metrics(not company)
        self.set_values()
        self.env["label.print.metrics.token"]._of(company).unlink()
        return {"type": "ir.actions.client", "tag": "soft_reload"}
