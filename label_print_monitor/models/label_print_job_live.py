"""What a page that follows jobs reads again: the rows that have changed, and those that follow from them.

A page of eighty jobs takes tens of milliseconds of processor time to read, most of it for rows in which nothing has
changed. A page says in the context which rows it has and which jobs have changed since. Which rows come, go and move is
still asked of the database.
"""

from odoo import api, models
from odoo.fields import Domain

from ..services.lifecycle import job_lifecycle

# In the context of a read: {"rows": ids of the jobs that the page shows, "changed": ids of the jobs that have changed,
# "printers": ids of the printers that have changed}.
KNOWN = "label_print_known"


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    @api.model
    def search_fetch(self, domain, field_names=None, *args, **options):
        """With the company, which the record rule asks for when a list is read: Odoo would fetch whole rows for it.

        For a page that has most of its rows nothing else is fetched before it is known which it needs.
        """
        if field_names is not None and not self.env.su:
            known = self.env.context.get(KNOWN)
            field_names = ["company_id"] if known else dict.fromkeys([*field_names, "company_id"])
        return super().search_fetch(domain, field_names, *args, **options)

    @api.readonly
    def web_read(self, specification):
        """As always; of a job that the page has, and that nothing has happened to, only the id."""
        known = self.env.context.get(KNOWN)
        if not known:
            return super().web_read(specification)
        # Jobs that a job refers to are read in whole.
        jobs = self.with_context(**{KNOWN: None})
        read = jobs._to_read_again(known)
        values = {row["id"]: row for row in super(LabelPrintJob, read).web_read(specification)}
        return [values.get(id_) or {"id": id_} for id_ in self.ids]

    def _to_read_again(self, known):
        """Those of these jobs that the page does not have, that have changed, or that follow from what has changed.

        A job's place in the queue and its time left follow from the jobs before it and from its printer, or, while it
        has not been handed over, from its print server. Which copy of a job one is depends on those before it.
        """
        rows, changed = set(known.get("rows") or ()), set(known.get("changed") or ())
        printers = set(known.get("printers") or ())
        again = self.filtered(lambda job: job.id not in rows or job.id in changed)
        rest = self - again
        if rest and (changed or printers):
            # As superuser: another company's job at a shared printer is before theirs, too.
            news = self.sudo().search_fetch([("id", "in", list(changed))], ["printer_id", "copy_of_id"], order="id")
            attempts = self.env["label.print.attempt"].sudo()
            attempts = attempts.search_fetch([("job_id", "in", list(changed))], ["printer_id"], order="id")
            printers.update(news.printer_id.ids, attempts.printer_id.ids)  # also those that a job has left
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
