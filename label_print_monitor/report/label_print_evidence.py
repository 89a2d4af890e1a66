"""The evidence of an order, a lot or a job on one page: was every label printed, when, where, by whom, how do we know?

Read from the accounts when somebody asks, with that person's rights; nothing of it is kept.
"""

import json

from odoo import api, models
from odoo.tools import format_datetime

from ..services.lifecycle.label_account import PRINTED, RANK
from ..services.lifecycle.order_labels import box_of, is_of_lot, item_of, label_entries, lot_of
from ..services.lifecycle.reconciliation import AskedLabel, reconcile


class LabelPrintEvidence(models.AbstractModel):
    _name = "label.print.evidence"
    _description = "Evidence of Printed Labels"

    # The model of the records that a report is about.
    _evidence_of = ""

    @api.model
    def _get_report_values(self, docids, data=None):
        """What Odoo's report engine hands to the templates, for the reader's rights."""
        records = self.env[self._evidence_of].browse(docids)
        records.check_access("read")
        self.env["label.print.job"].check_access("read")
        return {
            "docs": records,
            "pages": [self._page(record) for record in records],
            "picture_context": self._picture_context(),
        }

    def _picture_context(self):
        """With what the page reads a label's picture once it is asked for: the reader's language and companies."""
        context = {"lang": self.env.lang, "tz": self.env.user.tz, "allowed_company_ids": self.env.companies.ids}
        return json.dumps(context)

    def _page(self, record):
        """The evidence of one record: see `_describe`."""
        raise NotImplementedError

    def _describe(self, title, jobs, lot=None, merges_boxes=True, not_asked=0):
        """What the page shows, in the reader's language and time zone.

        :param jobs: the jobs concerned; copies among them are shown with the labels that they copy
        :param lot: only the labels of this lot
        :param merges_boxes: whether labels of the same box and lot in several jobs stand for one another
        :param int not_asked: labels of the order that no job has asked for
        :return: ``{title, made, sums, is_complete, open_points, jobs}``
        """
        originals = jobs.filtered(lambda job: not job.copy_of_id or job.copy_of_id not in jobs).sorted("id")
        # The copies that are shown with their originals are verified with them.
        verdicts = (originals + originals.sudo().copy_ids.sudo(False)).sudo()._verify()
        asked, described, weak = [], [], 0
        for job in originals:
            account = job._job_account()
            indexes = self._indexes_of(job, lot)
            asked += self._asked_labels(job, account, indexes, merges_boxes)
            weak += self._count_weak(account, indexes)
            described.append(self._describe_job(job, account, indexes, verdicts))
        sums = reconcile(asked)
        open_points = self._open_points(sums, weak, not_asked) + self._changed_points(verdicts)
        return {
            "title": title,
            "made": self.env._(
                "Made by %(person)s on %(time)s. Times are of %(zone)s.",
                person=self.env.user.name,
                time=self._time(self.env.cr.now()),
                zone=self.env.user.tz or "UTC",
            ),
            "sums": self._describe_sums(sums, described),
            "is_complete": sums.is_complete and not open_points,
            "open_points": open_points,
            "jobs": described,
            "record": self._record_words(verdicts),
        }

    def _record_words(self, verdicts):
        """That nothing was changed since it was recorded; '' where something was, which the open points say."""
        if not verdicts or any(verdict.findings for verdict in verdicts.values()):
            return ""
        count = sum(verdict.count for verdict in verdicts.values())
        return self.env._(
            "Nothing was changed since it was recorded. Entries of the record that were verified just now: %(count)s.",
            count=count,
        )

    def _changed_points(self, verdicts):
        changed = self.env["label.print.job"].browse(id_ for id_, verdict in verdicts.items() if verdict.findings)
        return [
            self.env._("%(job)s was changed since it was recorded. What differs is said there.", job=job.display_name)
            for job in changed.sudo()
        ]

    def _indexes_of(self, job, lot):
        """The labels of a job that are concerned, counted from 1."""
        labels = label_entries(job.labels_data)
        if not lot:
            return list(range(1, job.quantity + 1))
        return [number for number, label in enumerate(labels, start=1) if is_of_lot(label, lot.id, lot.name)]

    def _asked_labels(self, job, account, indexes, merges_boxes):
        labels = label_entries(job.labels_data)
        explained = bool(job.set_aside_reason or (job.status == "cancelled" and job.cancel_reason))
        asked = []
        for index in indexes:
            own = labels[index - 1] if index <= len(labels) else {}
            key = (box_of(own), item_of(own)) if merges_boxes and box_of(own) else (job.id, index)
            asked.append(AskedLabel(key, account.labels[index - 1].state, explained))
        return asked

    def _count_weak(self, account, indexes):
        """How many labels on paper are known less well than the settings ask for."""
        wanted = RANK[self.env["label.print.job"]._good_evidence()]
        states = [account.labels[index - 1].state for index in indexes]
        return sum(state in PRINTED and RANK[state] < wanted for state in states)

    def _describe_sums(self, sums, described):
        copies = sum(len(label["copies"]) for job in described for label in job["labels"])
        checked = sum(label["is_checked"] for job in described for label in job["labels"])
        return [
            (self.env._("Asked for"), sums.asked),
            (self.env._("On paper"), sums.on_paper),
            (self.env._("Seen on paper, of those"), checked),
            (self.env._("Destroyed after printing"), sums.destroyed),
            (self.env._("Not printed, with a reason"), sums.explained),
            (self.env._("Not printed, without a reason"), sums.unexplained),
            (self.env._("Uncertain"), sums.uncertain),
            (self.env._("Not yet printed"), sums.under_way),
            (self.env._("Copies of labels"), copies),
        ]

    def _open_points(self, sums, weak, not_asked):
        """What has to be explained or done before the page may say *complete*."""
        points = []
        if not sums.asked:
            points.append(self.env._("No label has been asked for."))
        if sums.under_way:
            points.append(self.env._("Not yet printed: %(count)s. Look again when they are.", count=sums.under_way))
        if sums.uncertain:
            points.append(
                self.env._("Uncertain: %(count)s. Look for them, and say what you see.", count=sums.uncertain)
            )
        if sums.unexplained:
            points.append(
                self.env._(
                    "Not printed, without a reason: %(count)s. Print them, or set their jobs aside with a reason.",
                    count=sums.unexplained,
                )
            )
        if not_asked:
            points.append(self.env._("Labels of the order that nobody has asked for: %(count)s.", count=not_asked))
        if sums.repeated:
            points.append(
                self.env._(
                    "Printed in more than one job without being a copy: %(count)s. "
                    "Destroy what is too many, and say so.",
                    count=sums.repeated,
                )
            )
        if weak:
            evidence = dict(self.env["label.print.job"]._fields["evidence"]._description_selection(self.env))
            points.append(
                self.env._(
                    "Known less well than the settings ask for (%(evidence)s): %(count)s.",
                    evidence=evidence[self.env["label.print.job"]._good_evidence()],
                    count=weak,
                )
            )
        return points

    def _describe_job(self, job, account, indexes, verdicts):
        job_sudo = job.sudo()
        states = dict(job._fields["label_state"]._description_selection(self.env))
        copies = self._copies(job_sudo)
        marks = [
            {
                "person": mark.user_name,
                "seen": mark._seen_in_words(),
                "time": self._time(mark.date),
                "labels": job._runs_of_labels(mark.label_indexes),
                "reason": mark._why_in_words(),
            }
            for mark in job_sudo.mark_ids
        ]
        labels = label_entries(job.labels_data)
        rows = []
        for index in indexes:
            own = labels[index - 1] if index <= len(labels) else {}
            label = account.labels[index - 1]
            rows.append(
                {
                    "index": index,
                    "box": box_of(own) or "",
                    "lot": lot_of(own),
                    "hash": job._hash_of_label(index),
                    "has_picture": bool(own.get("zpl_code") or (own and job.zpl_removed_date)),
                    "state": states[label.state],
                    "is_printed": label.state in PRINTED,
                    "is_checked": label.state == "checked",
                    "time": self._time(label.at),
                    "attempt": label.attempt or "",
                    "problem": job._problem_of_code(label.code) if label.code else "",
                    "is_inferred": label.inferred,
                    "copies": copies.get(index, []),
                }
            )
        return {
            "id": job.id,
            "name": job.display_name,
            "status": job._status_in_words(),
            "origin": self._origin_words(job_sudo),
            "zpl_note": job._zpl_words(),
            "template": job.template_xmlid or "",
            "template_hash": job.template_hash or "",
            "cancelled": self._cancelled_words(job_sudo),
            "set_aside": self._set_aside_words(job_sudo),
            "attempts": [self._describe_attempt(attempt) for attempt in job_sudo.attempt_ids.sorted("number")],
            "marks": marks,
            "labels": rows,
            **self._describe_record(job_sudo, verdicts),
        }

    def _describe_record(self, job, verdicts):
        """The record of a job: in one line where nothing was changed, else what differs, in its copies, too."""
        verdict, differences = verdicts[job.id], []
        for one in job + job.copy_ids:
            words = one._verdict_in_words(verdicts[one.id])
            differences += words if one == job else [f"{one.display_name}: {text}" for text in words]
        return {"record": "" if differences else job._record_in_words(verdict), "differences": differences}

    def _describe_attempt(self, attempt):
        times_from = dict(attempt._fields["times_from"]._description_selection(self.env))
        printer = " · ".join(filter(None, [attempt.printer_name, attempt.printer_model, attempt.printer_serial]))
        return {
            "number": attempt.number,
            "status": dict(attempt._selection_status())[attempt.status],
            "problem": attempt.error_title or "",
            "printer": printer,
            "server": attempt.server_name or "",
            "server_job": attempt.flask_job_id or "",
            "person": attempt.submitted_by.name,
            "reason": attempt.reason or "",
            "labels": attempt.job_id._runs_of_labels(attempt._indexes()),
            "sent": self._time(attempt.submitted_date),
            "started": self._time(attempt.started_date),
            "ended": self._time(attempt.ended_date),
            "learned": self._time(attempt.learned_date),
            "times_from": times_from.get(attempt.times_from, ""),
            "is_exact": attempt.account_exact,
        }

    def _copies(self, job):
        """The copies of each label, by its number, in words."""
        copies = {}
        for copy, number, label in job._printed_copies():
            reason = dict(copy._fields["copy_reason"]._description_selection(self.env)).get(copy.copy_reason, "")
            copies.setdefault(number, []).append(
                self.env._(
                    "Printed again on %(time)s in %(job)s: %(why)s",
                    time=self._time(label.at or copy.completed_date),
                    job=copy.display_name,
                    why=" · ".join(filter(None, [copy.submitted_by.name, reason, copy.copy_note])),
                )
            )
        return copies

    def _origin_words(self, job):
        """For which order and product a job was asked for, by whom and when."""
        order, copied = job.mo_reference, job.copy_of_id.display_name
        words = [
            self.env._("Manufacturing order %(order)s", order=order) if order else "",
            job.product_id.display_name,
            self.env._(
                "Asked for by %(person)s on %(time)s", person=job.submitted_by.name, time=self._time(job.create_date)
            ),
            self.env._("Copy of %(job)s", job=copied) if copied else "",
        ]
        return " · ".join(filter(None, words))

    def _cancelled_words(self, job):
        if job.status != "cancelled" or not job.cancelled_by:
            return ""
        reason = dict(job._fields["cancel_reason"]._description_selection(self.env)).get(job.cancel_reason, "")
        return " · ".join(
            filter(None, [job.cancelled_by.name, self._time(job.cancel_requested_at), reason, job.cancel_note])
        )

    def _set_aside_words(self, job):
        if not job.set_aside_date:
            return ""
        return " · ".join(
            filter(
                None,
                [
                    job.set_aside_by.name,
                    self._time(job.set_aside_date),
                    job._reason_of_setting_aside(),
                    job.set_aside_note,
                ],
            )
        )

    def _time(self, moment):
        """In the reader's language and time zone, with seconds; '' for none."""
        return format_datetime(self.env, moment, dt_format="medium") if moment else ""
