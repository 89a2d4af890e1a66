"""What becomes of incidents when their printer or print server is renamed, archived, deleted, or becomes another's; and
what a printer and a job know of theirs.
"""

from odoo import api, fields, models

from .deletable_records import need_action

SEEN_FIELDS = ("name", "company_id")


class LabelPrintIncident(models.Model):
    _inherit = "label.print.incident"

    @api.model
    def _follow_servers(self, servers, vals):
        """These print servers have been changed by ``vals``: what is open of theirs has their name and company."""
        if vals.keys().isdisjoint(("active", *SEEN_FIELDS)):
            return
        self.env["printer.configuration"].sudo().search([("server_id", "in", servers.ids)])._follow_in_intervals(vals)
        is_open = self.search([("server_id", "in", servers.ids), ("closed_at", "=", False)])
        is_open.filtered(lambda one: not one.server_id.active)._close("archived")
        is_open = is_open.filtered(lambda one: not one.closed_at)
        for one in is_open:
            source = one.printer_id or one.server_id
            one.write({"server_name": one.server_id.name, "company_id": source.company_id.id})
        is_open._plan_escalation()


class PrinterConfiguration(models.Model):
    _inherit = "printer.configuration"

    incident_ids = fields.One2many("label.print.incident", "printer_id", "Incidents")
    incident_count = fields.Integer("Incidents in 30 Days", compute="_compute_incident_count")

    def _compute_incident_count(self):
        since = fields.Datetime.subtract(fields.Datetime.now(), days=30)
        counted = dict(
            self.env["label.print.incident"]._read_group(
                [("printer_id", "in", self.ids), "|", ("closed_at", "=", False), ("closed_at", ">=", since)],
                ["printer_id"],
                ["__count"],
            )
        )
        for printer in self:
            printer.incident_count = counted.get(printer, 0)

    def _open_incidents(self):
        if not self:
            return self.env["label.print.incident"]
        domain = [("printer_id", "in", self.ids), ("closed_at", "=", False)]
        return self.env["label.print.incident"].sudo().search(domain)

    def _follow_in_incidents(self, vals, moved):
        """These printers have been changed by ``vals``.

        :param moved: those of them that belong to another print server now, which knows nothing of what was
        """
        if vals.keys().isdisjoint(("active", "server_id", "location", *SEEN_FIELDS)):
            return
        moved._open_incidents()._close("moved")
        self.filtered(lambda printer: not printer.active)._open_incidents()._close("archived")
        is_open = self._open_incidents()
        for one in is_open:
            one.write({"printer_name": one.printer_id.name, "company_id": one.printer_id.company_id.id})
        is_open._plan_escalation()  # its steps are chosen by company and place

    @api.ondelete(at_uninstall=False)
    def _unlink_end_incidents(self):
        self._open_incidents()._close("deleted")

    def action_view_incidents(self):
        """This printer's incidents, the open ones and all before."""
        self.ensure_one()
        self.check_access("read")
        action = need_action(self.env, "label_print_monitor.action_label_print_incident")
        return {**action, "domain": [("printer_id", "=", self.id)], "context": {}}


class LabelPrintServer(models.Model):
    _inherit = "label.print.server"

    @api.ondelete(at_uninstall=False)
    def _unlink_end_incidents(self):
        domain = [("server_id", "in", self.ids), ("closed_at", "=", False)]
        self.env["label.print.incident"].sudo().search(domain)._close("deleted")


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    incident_link_ids = fields.One2many("label.print.incident.job", "job_id", "Links to Incidents", readonly=True)
    incident_ids = fields.Many2many("label.print.incident", string="Incidents", compute="_compute_incident_ids")

    @api.depends("incident_link_ids.incident_id")
    def _compute_incident_ids(self):
        for job in self:
            job.incident_ids = job.incident_link_ids.incident_id


