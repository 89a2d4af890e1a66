"""The evidence of an order, a lot or a job on one page: was every label printed, when, where, by whom, how do we know?

Read from the accounts when somebody asks, with that person's rights; nothing of it is kept.
"""

import json

from odoo import api, models
from odoo.tools import format_datetime

from ..services.lifecycle.label_account import PRINTED
from ..services.lifecycle.order_labels import box_of, lot_of
from ..services.lifecycle.reconciliation import reconcile


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
        :param merges_boxes: whether labels of the same order, box and lot in several jobs stand for one another
        :param int not_asked: labels of the order that no job has asked for
        :return: ``{title, made, sums, is_complete, open_points, jobs}``
        """
        originals = jobs.filtered(lambda job: not job.copy_of_id or job.copy_of_id not in jobs).sorted("id")
        # The copies that are shown with their originals are verified with them.
        with_copies = originals._with_copies()
        verdicts, names = with_copies._verify(), with_copies._names_then()
        labels = self._labels_of_jobs(originals, lot)
        sums = reconcile(self._asked_labels(labels, lot, merges_boxes), self.env["label.print.job"]._good_evidence())
        open_points = self._open_points(sums, not_asked) + self._changed_points(verdicts)
        return {
            "title": title,
            "made": self.env._(
                "Made by %(person)s on %(time)s. Times are of %(zone)s.",
                person=self.env.user.name,
                time=self._time(self.env.cr.now()),
                zone=self.env.user.tz or "UTC",
            ),
            "sums": self._describe_sums(sums),
            "is_complete": sums.is_complete and not open_points,
            "open_points": open_points,
            "jobs": [self._describe_job(of_job, verdicts, names) for of_job in labels],
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

    def _describe_job(self, of_job, verdicts, names):
        """One job of the page.

        :param of_job: its `JobLabels`
        :param names: `NamesThen` by job id
        """
        job, job_sudo, names_then = of_job.job, of_job.job.sudo(), names[of_job.job.id]
        states = dict(job._fields["label_state"]._description_selection(self.env))
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
        rows = []
        for index in of_job.indexes:
            own, label = of_job.entry(index), of_job.account.labels[index - 1]
            rows.append(
                {
                    "index": index,
                    "box": box_of(own) or "",
                    "lot": lot_of(own),
                    "hash": job._hash_of_label(index),
                    "has_picture": bool(own.get("zpl_code") or (own and job.zpl_removed_date)),
                    "state": states[label.state],
                    "is_printed": label.state in PRINTED,
                    "time": self._time(label.at),
                    "attempt": label.attempt or "",
                    "problem": job._problem_of_code(label.code) if label.code else "",
                    "is_inferred": label.inferred,
                    "copies": [
                        self._words_of_copy(copy, copied, names[copy.id])
                        for copy, copied in of_job.copies.get(index, ())
                    ],
                }
            )
        return {
            "id": job.id,
            "name": job.display_name,
            "status": job._status_in_words(),
            "origin": self._origin_words(job_sudo, names_then),
            "zpl_note": job._zpl_words(),
            "template": job.template_xmlid or "",
            "template_hash": job.template_hash or "",
            "cancelled": self._cancelled_words(job_sudo, names_then),
            "set_aside": self._set_aside_words(job_sudo, names_then),
            "attempts": [
                self._describe_attempt(attempt, names_then.attempts.get(attempt.number))
                for attempt in job_sudo.attempt_ids.sorted("number")
            ],
            "marks": marks,
            "labels": rows,
            **self._describe_record(job_sudo, verdicts),
        }

    def _describe_record(self, job, verdicts):
        """The record of a job: in one line where nothing was changed, else what differs, in its copies, too."""
        verdict, differences = verdicts[job.id], []
        for one in job._with_copies().sorted("id"):
            words = one._verdict_in_words(verdicts[one.id])
            differences += words if one == job else [f"{one.display_name}: {text}" for text in words]
        return {"record": "" if differences else job._record_in_words(verdict), "differences": differences}

    def _describe_attempt(self, attempt, name_then):
        times_from = dict(attempt._fields["times_from"]._description_selection(self.env))
        printer = " · ".join(filter(None, [attempt.printer_name, attempt.printer_model, attempt.printer_serial]))
        return {
            "number": attempt.number,
            "status": dict(attempt._selection_status())[attempt.status],
            "problem": attempt.error_title or "",
            "printer": printer,
            "server": attempt.server_name or "",
            "server_job": attempt.flask_job_id or "",
            "person": name_then or attempt.submitted_by.name,
            "reason": attempt.reason or "",
            "labels": attempt.job_id._runs_of_labels(attempt._indexes()),
            "sent": self._time(attempt.submitted_date),
            "started": self._time(attempt.started_date),
            "ended": self._time(attempt.ended_date),
            "learned": self._time(attempt.learned_date),
            "times_from": times_from.get(attempt.times_from, ""),
            "is_exact": attempt.account_exact,
        }

    def _words_of_copy(self, copy, label, names_then):
        """What became of a copy of a label, who wanted it and why."""
        states, reasons = (
            dict(copy._fields[name]._description_selection(self.env)) for name in ("label_state", "copy_reason")
        )
        why = [names_then.asked or copy.submitted_by.name, reasons.get(copy.copy_reason), copy.copy_note]
        if label.state not in PRINTED:
            why.append(self._set_aside_words(copy, names_then) or self._cancelled_words(copy, names_then))
        words = {
            "job": copy.display_name,
            "state": states[label.state],
            "why": " · ".join(filter(None, why)),
        }
        if label.state not in PRINTED:
            return self.env._("Asked for again in %(job)s (%(state)s): %(why)s", **words)
        time = self._time(label.at or copy.completed_date)
        return self.env._("Printed again on %(time)s in %(job)s (%(state)s): %(why)s", time=time, **words)

    def _origin_words(self, job, names_then):
        """For which order and product a job was asked for, by whom and when."""
        order, copied = job.mo_reference, job.copy_of_id.display_name
        words = [
            self.env._("Manufacturing order %(order)s", order=order) if order else "",
            job.product_id.display_name,
            self.env._(
                "Asked for by %(person)s on %(time)s",
                person=names_then.asked or job.submitted_by.name,
                time=self._time(job.create_date),
            ),
            self.env._("Copy of %(job)s", job=copied) if copied else "",
        ]
        return " · ".join(filter(None, words))

    def _cancelled_words(self, job, names_then):
        if job.status != "cancelled" or not job.cancelled_by:
            return ""
        reason = dict(job._fields["cancel_reason"]._description_selection(self.env)).get(job.cancel_reason, "")
        return " · ".join(
            filter(
                None,
                [
                    names_then.cancelled or job.cancelled_by.name,
                    self._time(job.cancel_requested_at),
                    reason,
                    job.cancel_note,
                ],
            )
        )

    def _set_aside_words(self, job, names_then):
        if not job.set_aside_date:
            return ""
        return " · ".join(
            filter(
                None,
                [
                    names_then.set_aside or job.set_aside_by.name,
                    self._time(job.set_aside_date),
                    job._reason_of_setting_aside(),
                    job.set_aside_note,
                ],
            )
        )

    def _time(self, moment):
        """In the reader's language and time zone, with seconds; '' for none."""
        return format_datetime(self.env, moment, dt_format="medium") if moment else ""
