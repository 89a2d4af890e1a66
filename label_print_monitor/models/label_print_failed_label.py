"""The labels that did not reach the paper, or perhaps did not, each findable by its lot, until they are seen to."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..services.lifecycle.attempt_report import UNCERTAIN
from ..services.lifecycle.label_account import PRINTED
from ..services.lifecycle.order_labels import label_entries, lot_of
from ..services.wording import error_catalogue


class LabelPrintFailedLabel(models.Model):
    """One label that failed or is uncertain. Labels that printed have no row: there are millions of them."""

    _name = "label.print.failed.label"
    _description = "Label That Needs Somebody"
    _order = "id desc"
    _rec_name = "label_index"

    # Without an index of its own: `_job_attempt_label` begins with it.
    job_id = fields.Many2one("label.print.job", "Print Job", required=True, ondelete="cascade")
    attempt_number = fields.Integer("Attempt", required=True)
    label_index = fields.Integer("Label", required=True, help="The label's place in the job, counted from 1.")
    box_number = fields.Char("Box")
    lot_number = fields.Char("Lot/Serial")
    lot_name = fields.Char(
        "Lot's Present Name", compute="_compute_lot_name", search="_search_lot_name", exportable=False
    )
    state = fields.Selection(
        [("failed", "Not Printed"), ("uncertain", "Uncertain")], required=True, default="failed"
    )
    needs_somebody = fields.Boolean(
        default=True, help="Neither printed since, nor seen on paper, nor in a newer attempt."
    )
    code = fields.Char("Error Code")
    message = fields.Char("Print Server's Message")
    problem = fields.Char("What Happened", compute="_compute_problem")
    # Stored, because only what the database knows can be grouped by; a selection, so that groups have words.
    error_kind = fields.Selection("_selection_error_kind", "Problem Kind", compute="_compute_error_kind", store=True)
    reprint_attempt_number = fields.Integer("Printed in Attempt", help="0 while it is not on paper.")
    company_id = fields.Many2one(related="job_id.company_id")
    mo_id = fields.Many2one(related="job_id.mo_id", string="Manufacturing Order")
    printer_id = fields.Many2one(related="job_id.printer_id", string="Printer")

    _job_attempt_label = models.UniqueIndex("(job_id, attempt_number, label_index)")
    _needing = models.Index("(id DESC) WHERE needs_somebody")

    @api.model
    def _selection_error_kind(self):
        return self.env["label.print.job"]._selection_error_kind()

    def _compute_lot_name(self):
        """Only there to be searched."""
        self.lot_name = False

    @api.model
    def _search_lot_name(self, operator, value):
        """Find labels by the name that their lot has now, where it is not the one on paper.

        A lot was renamed when no label of its job has its name; its labels are those whose name no lot of the job has
        any more. The lots are read without the person's rules: who may see a job may see what its labels are for.
        """
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        lots = self.env["stock.lot"].sudo()._search(Domain("name", operator, value))
        return Domain.custom(
            to_sql=lambda _model, alias, _query: SQL(
                """
                %(job)s IN (
                    SELECT rel.job_id
                      FROM label_print_job_lot_rel rel
                           JOIN stock_lot lot ON lot.id = rel.lot_id
                           JOIN label_print_job job ON job.id = rel.job_id
                     WHERE lot.id IN %(lots)s
                       AND NOT jsonb_path_query_array(job.labels_data, '$[*].lot_number') ? lot.name
                )
                AND NOT EXISTS (
                    SELECT FROM label_print_job_lot_rel rel JOIN stock_lot lot ON lot.id = rel.lot_id
                     WHERE rel.job_id = %(job)s AND lot.name = %(printed)s
                )
                """,
                job=SQL.identifier(alias, "job_id"),
                printed=SQL.identifier(alias, "lot_number"),
                lots=lots.subselect(),
            )
        )

    @api.depends("code", "message")
    def _compute_error_kind(self):
        for label in self:
            label.error_kind = error_catalogue.kind_of(label.code, label.message)

    @api.depends("code", "message")
    @api.depends_context("lang")
    def _compute_problem(self):
        """In the reader's language where the catalogue knows the problem, else the print server's own words."""
        for label in self:
            advice = error_catalogue.advice_about(label.code, label.message)
            label.problem = self.env._(advice.message) if advice else label.message or label.code

    def action_open_job(self):
        """The job of this label: there it is settled or printed."""
        self.ensure_one()
        self.check_access("read")
        return self.job_id._get_form_action()

    @api.model
    def _follow(self, updates):
        """Keep these rows as the accounts say. Called by the accounts' writer alone.

        :param dict updates: by job id: the job's account, the newer accounts of its attempts by number, and the update
        """
        concerned = {
            job_id: parts
            for job_id, parts in updates.items()
            if any(label.state in ("failed", "uncertain") for label in parts[0].labels)
            or any(label.state in ("failed", "uncertain") for account in parts[1].values() for label in account)
            or len(parts[0].attempts) > 1
            or parts[2] is None
        }
        if not concerned:
            return
        known = self.search([("job_id", "in", list(concerned))])
        rows = {(row.job_id.id, row.attempt_number, row.label_index): row for row in known}
        new = []
        jobs = {job.id: job for job in self.env["label.print.job"].browse(concerned)}
        # `labels_data` is not prefetched: here it is read for all at once.
        self.env["label.print.job"].browse(concerned).fetch(["labels_data"])
        for job_id, (account, changed, updates) in concerned.items():
            for attempt in account.attempts:
                if attempt.number in changed:
                    new += self._rows_of_attempt(jobs[job_id], attempt, account, updates, rows)
            if updates is None:
                new += self._rows_of_marks(jobs[job_id], account, rows)
        self.create(new)
        for row in known:
            account = concerned[row.job_id.id][0]
            if row.label_index <= len(account.labels):
                self._settle(row, account.labels[row.label_index - 1])

    def _rows_of_attempt(self, job, attempt, account, updates, rows):
        """New rows for labels of one attempt that failed or are uncertain; known rows are brought up to date."""
        said = {label.index: label for report in updates.reports for label in report.failed_labels} if updates else {}
        data = None
        new = []
        for place, (index, label) in enumerate(zip(attempt.indexes, attempt.account, strict=False), start=1):
            if label.state not in ("failed", "uncertain"):
                continue
            code = label.code or (UNCERTAIN if label.state == "uncertain" else False)
            row = rows.get((job.id, attempt.number, index))
            if row:
                if (row.state, row.code) != (label.state, code):
                    row.write({"state": label.state, "code": code})
                continue
            if data is None:
                data = label_entries(job.labels_data)
            of_job = account.labels[index - 1] if index <= len(account.labels) else None
            new.append(
                {
                    **self._values_of_label(job, data, attempt.number, index),
                    "state": label.state,
                    "code": code,
                    "message": said[place].message if place in said else False,
                    "needs_somebody": bool(of_job and of_job.state not in PRINTED and of_job.attempt <= attempt.number),
                }
            )
        return new

    def _rows_of_marks(self, job, account, rows):
        """New rows for labels that no attempt says failed: somebody has looked for them in vain."""
        missing = [
            (index, label)
            for index, label in enumerate(account.labels, start=1)
            if label.state == "failed" and label.attempt and (job.id, label.attempt, index) not in rows
        ]
        data = label_entries(job.labels_data) if missing else []
        return [
            {
                **self._values_of_label(job, data, label.attempt, index),
                "state": "failed",
                "code": label.code or False,
                "needs_somebody": True,
            }
            for index, label in missing
        ]

    def _values_of_label(self, job, data, attempt_number, index):
        own = data[index - 1] if index <= len(data) else {}
        return {
            "job_id": job.id,
            "attempt_number": attempt_number,
            "label_index": index,
            "box_number": str(own.get("box_number") or "") or False,
            "lot_number": lot_of(own) or False,
        }

    def _settle(self, row, label):
        """Nobody is needed any more once the label is on paper, or a newer attempt has taken it over.

        Somebody is needed again when that turns out to be wrong: a scan may be taken back.
        """
        if label.state in PRINTED:
            reprinted = label.attempt if label.attempt > row.attempt_number else 0
            values = {"needs_somebody": False, "reprint_attempt_number": reprinted}
        elif label.attempt <= row.attempt_number:
            values = {"needs_somebody": True, "reprint_attempt_number": 0}
        elif label.state not in ("waiting", "sent"):
            values = {"needs_somebody": False}
        else:
            return
        changed = {name: value for name, value in values.items() if row[name] != value}
        if changed:
            row.write(changed)
