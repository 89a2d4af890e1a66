"""Missing labels of a job whose boxes have got a label since from another job: a retry would print them twice."""

from odoo import models
from odoo.fields import Domain

from ..services.lifecycle import job_lifecycle
from ..services.lifecycle.order_labels import FURTHER, box_of, item_of, label_entries


def _key_of(label):
    """The box that a label is for; None for one without a box."""
    return (box_of(label), item_of(label)) if box_of(label) else None


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    def _printed_elsewhere(self, indexes):
        """Which of the labels ``indexes`` (counted from 1) of this job another one has printed since, or is printing.

        Known are boxes of the same order, or of the same lots where there is no order. A label for a further box of the
        order counts for one of the same product and lot: who lacks labels may have printed it in their place.

        :return: by other job, the labels of this job; the newest job first
        """
        self.ensure_one()
        labels = label_entries(self.sudo().labels_data)
        wanted = {}
        for index in indexes:
            if index <= len(labels) and (key := _key_of(labels[index - 1])):
                wanted.setdefault(key, []).append(index)
        others = self._jobs_since() if wanted else self.browse()
        if not others:
            return {}
        # Several jobs' accounts in one statement; their labels are not prefetched.
        others.fetch(["labels_data", "quantity", "status", "attempt_labels"])
        Attempt = self.env["label.print.attempt"].sudo()
        rows = Attempt._read_accounts(others.ids)
        found, further = {}, []
        for other in others:
            account = Attempt._account_of_job(other.quantity, rows.get(other.id, []))
            running = set(other._attempt_indexes()) if other.status in job_lifecycle.OPEN else set()
            for number, label in enumerate(label_entries(other.labels_data), start=1):
                printed = number <= len(account.labels) and account.labels[number - 1].printed
                if not printed and number not in running:
                    continue
                if own := wanted.pop(_key_of(label), None):
                    found.setdefault(other, []).extend(own)
                elif label.get(FURTHER):
                    further.append((other, item_of(label)))
        left = {}
        for (_box, item), own in wanted.items():
            left.setdefault(item, []).extend(own)
        for other, item in further:
            if left.get(item):
                found.setdefault(other, []).append(left[item].pop(0))
        return {other.with_env(self.env): sorted(own) for other, own in found.items()}

    def _jobs_since(self):
        """Other jobs for the same order or lots that were made, or have printed, since this one ended; newest first."""
        job = self.sudo()
        if job.mo_id:
            same = Domain("mo_id", "=", job.mo_id.id)
        elif job.lot_ids:
            same = Domain("lot_ids", "in", job.lot_ids.ids) & Domain("company_id", "=", job.company_id.id)
        else:
            return job.browse()
        since = Domain("id", ">", job.id)
        if job.completed_date:
            since |= Domain("attempt_ids.ended_date", ">=", job.completed_date)
        something = Domain("current_label", ">", 0) | Domain("status", "in", job_lifecycle.OPEN)
        everything = job.with_context(active_test=False)
        return everything.search(same & since & something & Domain("id", "!=", job.id), order="id desc")

    def _words_of_elsewhere(self, elsewhere):
        """What a person is told of the labels that `_printed_elsewhere` has found, one sentence for each other job."""
        self.ensure_one()
        sentences = []
        for other, indexes in elsewhere.items():
            params = {"labels": self._describe_labels(indexes).capitalize(), "job": other.display_name}
            if len(indexes) == 1:
                sentences.append(
                    self.env._(
                        "%(labels)s of this job has been printed since, or is being printed, in %(job)s.", **params
                    )
                )
            else:
                sentences.append(
                    self.env._(
                        "%(labels)s of this job (%(count)s) have been printed since, or are being printed, in %(job)s.",
                        **params,
                        count=len(indexes),
                    )
                )
        return " ".join(sentences)
