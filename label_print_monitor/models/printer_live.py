"""Which printers a page that follows printers reads again after a change: see label_print_known_rows_mixin.py."""

from odoo import api, models


class PrinterConfiguration(models.Model):
    _name = "printer.configuration"
    _inherit = ["printer.configuration", "label.print.known.rows.mixin"]

    def _to_read_again(self, known):
        """What is printed, what waits and how far the roll reaches follow from a printer's jobs."""
        changed, printers = known["changed"], known["printers"]
        if changed:
            # As superuser, as everything that the printers themselves count.
            Job = self.env["label.print.job"].sudo()
            news = Job.search_fetch([("id", "in", list(changed))], ["printer_id"], order="id")
            printers = printers | self._ids_concerned_by(news, changed)
        return self.filtered(lambda printer: printer.id not in known["rows"] or printer.id in printers)

    @api.model
    def _ids_concerned_by(self, jobs, job_ids):
        """The ids of the printers at which these jobs are, or have been.

        :param jobs: those of them that are still there
        :param job_ids: all of them
        """
        attempts = self.env["label.print.attempt"].sudo()
        attempts = attempts.search_fetch([("job_id", "in", list(job_ids))], ["printer_id"], order="id")
        return {*jobs.printer_id.ids, *attempts.printer_id.ids}
