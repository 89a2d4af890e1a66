"""The print history as a CSV file: what the list shows, or what is selected in it, however much that is."""

from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..services.export.history_csv import rows_to_csv
from ..services.wording import error_catalogue

EXPORT_BATCH = 2000
EXPORT_FIELDS = (
    "create_date",
    "mo_reference",
    "quantity",
    "status",
    "job_type",
    "submitted_by",
    "error_code",
    "error_message",
)


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    def _export_domain(self):
        """What the user sees in the list: the selection when there is one, else the list's own domain."""
        context = self.env.context
        jobs = self
        if not jobs and context.get("active_model") == self._name:
            jobs = self.browse(context.get("active_ids") or ())
        if not jobs:
            return Domain(context.get("active_domain") or [])
        whole = jobs._cut_selection()
        return Domain("id", "in", jobs.ids) if whole is None else whole

    def action_export_history(self):
        """Export filtered print history to CSV."""
        if not self.env.user.has_group("base.group_allow_export"):
            raise AccessError(self.env._("You do not have the right to export data. Ask your administrator for it."))
        tz = fields.Datetime.context_timestamp(self, fields.Datetime.now()).tzinfo
        content = b"".join(rows_to_csv(self._history_rows(self._export_domain()), tz=self._export_tz()))
        today = fields.Datetime.now().astimezone(tz).date() if tz else fields.Date.today()
        attachment = self.env["ir.attachment"].create(
            {"name": f"print_history_{today}.csv", "raw": content, "mimetype": "text/csv"}
        )
        return {"type": "ir.actions.act_url", "url": f"/web/content/{attachment.id}?download=true", "target": "self"}

    def _export_tz(self):
        return fields.Datetime.context_timestamp(self, fields.Datetime.now()).tzinfo

    def _history_rows(self, domain):
        """Rows in the order of the specification's header, newest first, a batch at a time."""
        last = None
        known = {}  # what a code means, looked up once: a failure is rarely the only one of its kind
        while True:
            batch = self.search_fetch(
                domain & Domain("id", "<", last) if last else domain, EXPORT_FIELDS, limit=EXPORT_BATCH, order="id desc"
            )
            for job in batch:
                error = job.error_message
                if not error and (code := job.error_code):
                    error = known.get(code)
                    if error is None:
                        advice = error_catalogue.advice(code)
                        error = known[code] = self.env._(advice.message) if advice else code
                yield (
                    job.create_date,
                    job.mo_reference or job.mo_id.name or "-",
                    job.quantity,
                    job.status,
                    job.job_type,
                    job.submitted_by.sudo().name or "",
                    error or "",
                )
            if len(batch) < EXPORT_BATCH:
                return
            last = batch[-1].id
            batch.invalidate_recordset(EXPORT_FIELDS, flush=False)
