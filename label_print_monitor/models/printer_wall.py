"""The wall display: the overview and all printers for a monitor in the hall, to be read and never touched."""

from odoo import api, models
from odoo.modules import Manifest

from .label_print_job_overview import FAILED

FAILURES_SHOWN = 8
SEVERITY_ORDER = "severity desc, name, id"


class PrinterConfiguration(models.Model):
    _inherit = "printer.configuration"

    @api.model
    def get_wall(self):
        """All that the wall display shows, for the companies, the day and the language of its user.

        :return: the figures of the overview, its printers with what each prints now and, in trouble, the remedy; the
            first incidents and failures with how many there are; and the addon's version, for a page that is left open
            while it is updated
        """
        self.browse().check_access("read")
        self.env["label.print.job"].check_access("read")
        wall = self.with_context(tz=self.env.tz.zone)
        if not self.env.user.has_group("label_print_monitor.group_label_print_user"):
            # A monitor has no menu to choose companies in: it shows all of its login's.
            wall = wall.with_context(allowed_company_ids=self.env.user.company_ids.ids)
        figures = wall.env["label.print.job"]._make_figures()
        labels_today = {printer["id"]: printer["labels_today"] for printer in figures["printers"]}
        printers = wall.search([("active", "=", True)], order=SEVERITY_ORDER)
        warnings = {printer["id"]: printer["warnings"] for printer in figures["printers"]}
        incidents = wall.env["label.print.incident"]._needing()
        stopped = incidents.filtered(lambda incident: not incident.closed_at).printer_id
        shown = [
            {
                **printer._wall_words(),
                "labels_today": labels_today.get(printer.id, 0),
                "warnings": warnings.get(printer.id, []),
                "has_incident": printer in stopped,
            }
            for printer in printers
        ]
        described = [{**line, "can_retry": False, "can_move": False} for line in incidents[:FAILURES_SHOWN]._describe()]
        version = Manifest.for_addon("label_print_monitor").version
        return {
            **figures,
            **wall._wall_failures(incidents._covered_jobs()),
            "printers": shown,
            "incidents": described,
            "incidents_count": len(incidents),
            "version": version,
        }

    def _wall_failures(self, covered):
        """What has failed and is said by no incident, and how many that are.

        What stands still is said by its printer's card; of failures a monitor may show those of any age.
        """
        Job = self.env["label.print.job"]
        domain = [
            ("status", "in", FAILED),
            ("set_aside_date", "=", False),
            ("id", "not in", covered.ids),
        ]
        failures = Job._describe_troubles(domain, "completed_date desc nulls last, id desc", FAILURES_SHOWN)
        count = len(failures) if len(failures) < FAILURES_SHOWN else Job.search_count(domain)
        return {"failures": [{**failure, "can_retry": False} for failure in failures], "failures_count": count}

    def _wall_words(self):
        """What its card says."""
        job = self.current_job_id
        problem = self._operator_problem_of_state() if self.status in ("attention", "offline") else {}
        return {
            **self._operator_state(),
            "order": job._operator_words()["order"] if job else "",
            "done": self.current_progress_display if job else "",
            "percent": round(self.current_progress_percent or 0),
            "waiting": self.waiting_count,
            "action": problem.get("action", ""),
            "roll": self.roll_display or "",
        }
