"""The labels of jobs as they are on the boxes: which paper is on which box, and what scanning it means for its job."""

from dataclasses import dataclass, field

from odoo import api, fields, models
from odoo.tools import SQL

from ..services.contract.clean_values import clean_id
from ..services.label_files.scan_check import CHECKED, DESTROYED, DOUBTFUL, NOT_PRINTED, PRINTED, BoxLabel
from ..services.lifecycle import job_lifecycle
from ..services.lifecycle.job_account import UNCHECKED
from ..services.lifecycle.label_account import PRINTED as ON_PAPER
from ..services.lifecycle.order_labels import box_of, item_of, label_entries, lot_of
from .deletable_records import need_action

# What is known of a box whose papers are in these states; the first that one of them has.
STRENGTH = (CHECKED, PRINTED, DOUBTFUL, DESTROYED, NOT_PRINTED)
# The names on the labels, without the labels themselves: these are large, and a scan must be answered at once.
_NAMES = """
    SELECT id, CASE WHEN jsonb_typeof(labels_data) = 'array' THEN (
        SELECT jsonb_agg(CASE WHEN jsonb_typeof(label) = 'object' THEN label - 'zpl_code' ELSE '{}' END ORDER BY place)
          FROM jsonb_array_elements(labels_data) WITH ORDINALITY AS labels (label, place)) END
      FROM label_print_job WHERE id = ANY(%s)
"""


@dataclass
class BoxPaper:
    """The label of a box, and the papers that were printed for it.

    :ivar target: of the papers the one that counts, as ``(job id, label of the job from 1)``
    :ivar papers: all of them, with what is known of each
    """

    product: models.BaseModel
    box: int
    label: BoxLabel
    target: tuple = ()
    papers: list = field(default_factory=list)


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    checked_count = fields.Integer("Labels Checked", copy=False, help="Seen on paper by a person, or scanned there.")

    can_check = fields.Boolean(compute="_compute_can_check", help="Labels of it may be on boxes.")

    @api.depends("status", "job_type", "current_label", "uncertain_count")
    def _compute_can_check(self):
        for job in self:
            maybe = job.status in job_lifecycle.ACTIVE or job.current_label or job.uncertain_count
            job.can_check = bool(maybe) and job.job_type != "test"

    def _check_subject(self):
        """What is checked together with the labels of this job: its order; the job itself where there is none."""
        order = self.sudo().mo_id
        return {"order_id": order.id, "job_id": False if order else self.id}

    def _check_names(self):
        job = self.sudo()  # names that are shown with a job
        return {
            "order": job.mo_id.name or job.mo_reference or job.display_name,
            "product": job.product_id.display_name or "",
        }

    def action_check_by_scanning(self):
        """Open the page on which the labels of this job's order are scanned."""
        self.ensure_one()
        self.check_access("write")
        return self._get_check_action(**self._check_subject())

    @api.model
    def _get_check_action(self, **subject):
        action = need_action(self.env, "label_print_monitor.action_label_print_check", "ir.actions.client")
        return {**action, "params": subject}

    def _read_papers(self):
        """The labels of the boxes that these jobs are for, with all papers that were printed for each.

        Labels of the same box and lot stand for one another, and a copy stands for its original. What a job did not
        print that was set aside, or that was cancelled and followed by another, nobody wants.
        """
        jobs = self.sudo().sorted("id")
        if not jobs:
            return []
        rows = jobs.env["label.print.attempt"]._read_accounts(jobs.ids)
        names = dict(self.env.execute_query(SQL(_NAMES, jobs.ids)))
        newest = jobs.filtered(lambda job: not job.copy_of_id)[-1:]
        boxes, keys = {}, {}
        for job in jobs:
            account = jobs.env["label.print.attempt"]._account_of_job(job.quantity, rows.get(job.id, []))
            entries = label_entries(names.get(job.id))
            replaced = job.set_aside_date or (job.status == "cancelled" and job != newest)
            for index, label in enumerate(account.labels, start=1):
                entry = entries[index - 1] if index <= len(entries) else {}
                key = keys[job.id, index] = job._key_of_box(index, entry, keys)
                state = job._state_on_box(label.state)
                if key not in boxes:
                    if state == NOT_PRINTED and (replaced or job.copy_of_id):
                        continue
                    boxes[key] = (entry, job.product_id.id, [])
                boxes[key][2].append((state, (job.id, index)))
        return self._papers_of_boxes(boxes)

    def _key_of_box(self, index, entry, keys):
        """What a label is for: the same as the label that it copies, else its box and lot, else nothing but itself."""
        if self.copy_of_id and index <= len(self.copy_labels or ()):
            copied = (self.copy_of_id.id, self.copy_labels[index - 1])
            return keys.get(copied, copied)
        return (box_of(entry), item_of(entry)) if self.mo_id and box_of(entry) else (self.id, index)

    def _state_on_box(self, state):
        """What a label's state in the account means for whoever holds a box."""
        if state == "checked":
            return CHECKED
        if state == "void":
            return DESTROYED
        if state in ON_PAPER:
            return PRINTED
        if state in ("uncertain", "failed"):
            return DOUBTFUL
        # Reports come later than the paper, and a job in doubt may have arrived: who holds the label is right.
        maybe = self.status in job_lifecycle.ACTIVE or (self.submission == "maybe" and self.status == "pending")
        return DOUBTFUL if maybe and state in ("waiting", "sent") else NOT_PRINTED

    def _papers_of_boxes(self, boxes):
        products = self.env["product.product"].sudo().with_context(active_test=False)
        ids = {clean_id(entry.get("product_id")) or of_job for entry, of_job, _papers in boxes.values()} - {False}
        known = {product.id: product for product in products.browse(ids).exists()}
        lots = self.env["stock.lot"].sudo()
        lot_ids = {clean_id(entry.get("lot_id")) for entry, _of_job, _papers in boxes.values()} - {0}
        names = {lot.id: lot.name for lot in lots.browse(lot_ids).exists()}
        found = []
        for entry, of_job, papers in boxes.values():
            product = known.get(clean_id(entry.get("product_id")) or of_job, products)
            own = dict.fromkeys([lot_of(entry).strip(), (names.get(clean_id(entry.get("lot_id"))) or "").strip()])
            state, target = min(papers, key=lambda paper: (STRENGTH.index(paper[0]), -paper[1][0]))
            label = BoxLabel(product.id or 0, barcodes_of(product), [name for name in own if name], state)
            found.append(BoxPaper(product, box_of(entry), label, target, papers))
        return found

    def _checked_by(self):
        """Who has seen each checked label of these jobs and when, as texts, and whether it was the reader, whom others
        may be called as; by job id and label.
        """
        return {
            target: (mark.user_name, fields.Datetime.to_string(mark.date), mark.user_id == self.env.user)
            for target, mark in self._marks_of_checked().items()
        }

    def _marks_of_checked(self):
        """By job id and label, what a person has said who has seen it on paper last, unless that was taken back."""
        marks = self.env["label.print.mark"].sudo().search_fetch(
            [("job_id", "in", self.ids), ("kind", "in", ("checked", UNCHECKED))],
            ["job_id", "kind", "label_indexes", "user_id", "user_name", "code", "date"],
            order="id",
        )
        found = {}
        for mark in marks:
            for index in mark.label_indexes:
                if mark.kind == "checked":
                    found[mark.job_id.id, index] = mark
                else:
                    found.pop((mark.job_id.id, index), None)
        return found

    def _mark_scanned(self, scans):
        """Keep that labels were scanned on their boxes: the best evidence there is, which settles what was in doubt.

        The job must be locked. It may still be printed: what it is then told of these labels changes nothing any more.

        :param scans: a list of ``(label of the job from 1, code, time)``
        """
        self.ensure_one()
        job, user = self.sudo(), self.env.user
        before = len(job._job_account().indexes("checked"))
        self.env["label.print.mark"].sudo().create(
            [
                {
                    "job_id": job.id,
                    "attempt_number": job.attempt_number,
                    "kind": "checked",
                    "label_indexes": [index],
                    "user_id": user.id,
                    "user_name": user.name,
                    "code": code,
                    "date": date,
                }
                for index, code, date in scans
            ]
        )
        after = before + len(scans)
        notes = []
        if not before:
            notes.append({"key": "note_checking"})
        if after >= job.quantity:
            notes.append({"key": "note_checked_all"})
        now = fields.Datetime.now()
        entries = [self._timeline_entry(job.status, now, job.attempt_number, user, note) for note in notes]
        if entries:
            job._apply({job.id: {"timeline": [*(job.timeline or []), *entries]}})
        job._record({job.id: None}, changes={job.id: {"checked_count": after}}, user=user)
        self.invalidate_recordset()
        self.env["print.job.notifier"]._unlink_activities(job.filtered(lambda job: job.status == "completed"))

    def _take_scan_back(self, index, date):
        """Keep that the user has scanned a label by mistake: it is again what it was before that. Nothing is erased.

        The job must be locked. What the scan had settled is open again.

        :param index: the label of the job, counted from 1
        :param date: when it was scanned; a later scan of the same label is another one
        :return: whether it could be taken back: only what counts still, and only what the user has scanned
        """
        self.ensure_one()
        job, user = self.sudo(), self.env.user
        checked = job._job_account().indexes("checked")
        scan = job._marks_of_checked().get((job.id, index))
        if index not in checked or not scan or not scan.code or (scan.user_id, scan.date) != (user, date):
            return False
        self.env["label.print.mark"].sudo().create(
            {
                "job_id": job.id,
                "attempt_number": job.attempt_number,
                "kind": UNCHECKED,
                "label_indexes": [index],
                "user_id": user.id,
                "user_name": user.name,
                "code": scan.code,
            }
        )
        note = {"key": "note_unchecked", "labels": self._runs_of_labels([index])}
        entry = self._timeline_entry(job.status, fields.Datetime.now(), job.attempt_number, user, note)
        job._apply({job.id: {"timeline": [*(job.timeline or []), entry]}})
        told = job._record({job.id: None}, changes={job.id: {"checked_count": len(checked) - 1}}, user=user)
        self.invalidate_recordset()
        self._tell_others(told)
        return True


def barcodes_of(product):
    """What a code that names only the product can be."""
    return [product.barcode] if product.barcode else []
