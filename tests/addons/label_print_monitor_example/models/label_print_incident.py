"""An incident asks for a visit and ends it."""

from odoo import models


class LabelPrintIncident(models.Model):
    _inherit = "label.print.incident"

    def _on_opened(self):
        super()._on_opened()
        Visit = self.env["example.visit"]
        for incident in self:
            visit = Visit.search([("incident_id", "=", incident.id)])
            if visit:
                visit.write({"is_done": False, "times": incident.times})
            else:
                values = {"incident_id": incident.id, "printer_id": incident.printer_id.id, "times": incident.times}
                Visit.create(values)

    def _on_closed(self):
        super()._on_closed()
        self.env["example.visit"].search([("incident_id", "in", self.ids)]).is_done = True
