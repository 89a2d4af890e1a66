"""The wall display: the overview and all printers for a monitor in the hall, to be read and never touched."""

from odoo import api, models

SEVERITY_ORDER = "severity desc, name, id"


class PrinterConfiguration(models.Model):
    _inherit = "printer.configuration"

    @api.model
    def get_wall(self):
        """All that the wall display shows, for the companies, the day and the language of its user.

        :return: `get_overview` of the jobs, its printers with what each prints now and, in trouble, the remedy
        """
        self.browse().check_access("read")
        overview = self.env["label.print.job"].get_overview()
        labels_today = {printer["id"]: printer["labels_today"] for printer in overview["printers"]}
        printers = self.with_context(tz=self.env.tz.zone).search([("active", "=", True)], order=SEVERITY_ORDER)
        shown = [{**printer._wall_words(), "labels_today": labels_today.get(printer.id, 0)} for printer in printers]
        failures = [{**failure, "can_retry": False} for failure in overview["failures"]]
        return {**overview, "printers": shown, "failures": failures}

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
        }
