"""Which jobs a page that follows jobs reads again after a change: see label_print_known_rows_mixin.py."""

from odoo import api, models
from odoo.fields import Domain

from ..services.lifecycle import job_lifecycle


class LabelPrintJob(models.Model):
    _name = "label.print.job"
    _inherit = ["label.print.job", "label.print.known.rows.mixin"]

    @api.model
    def _constant_fields(self):
        """What a job is made with: those of `FROZEN_FIELDS` that nothing else changes, and what follows from them.

        An order, a product or a person that is renamed or deleted shows when the page is read in whole, once a minute.
        """
        return frozenset(
            {
                "company_id",
                "create_date",
                "display_name",
                "job_type",
                "lot_display",
                "mo_id",
                "mo_reference",
                "product_id",
                "quantity",
                "submitted_by",
            }
        )

    def _to_read_again(self, known):
        """A job's place in the queue and its time left follow from the jobs before it and from its printer.

        While it has not been handed over, they follow from its print server. Which copy of a job one is depends on
        those before it.
        """
        changed, printers = known["changed"], set(known["printers"])
        again = self.filtered(lambda job: job.id not in known["rows"] or job.id in changed)
        rest = self - again
        if rest and (changed or printers):
            # As superuser: another company's job at a shared printer is before theirs, too.
            news = self.sudo().search_fetch([("id", "in", list(changed))], ["printer_id", "copy_of_id"], order="id")
            printers |= self.env["printer.configuration"]._ids_concerned_by(news, changed)
            asked = Domain("status", "in", job_lifecycle.OPEN) | Domain("copy_of_id", "in", news.copy_of_id.ids)
            follows = self.sudo().search_fetch(
                Domain("id", "in", rest.ids) & asked, ["status", "printer_id", "copy_of_id"], order="id"
            )
            again |= self.browse(
                job.id
                for job in follows
                if job.status == "pending" or job.printer_id.id in printers or job.copy_of_id in news.copy_of_id
            )
        return self & again
