"""The labels that an evidence page is about, what they add up to, and what is still open."""

from collections import defaultdict
from dataclasses import dataclass

from odoo import models

from ..services.contract.clean_values import clean_id
from ..services.lifecycle.job_account import JobAccount
from ..services.lifecycle.order_labels import LABEL_NAMES, keys_of_labels, label_entries, lot_of
from ..services.lifecycle.reconciliation import AskedLabel, Print


@dataclass
class JobLabels:
    """The labels of one job that a page is about.

    :ivar job: with the reader's rights
    :ivar entries: all labels of the job as they were sent
    :ivar indexes: those that the page is about, counted from 1
    :ivar copies: of each of these the copies that were asked for, as ``(job, label of its account)``, oldest first
    """

    job: models.BaseModel
    account: JobAccount
    entries: list
    indexes: list
    copies: dict

    def entry(self, index):
        """The label `index` as it was sent; an empty one where nothing is kept of it."""
        return self.entries[index - 1] if index <= len(self.entries) else {}


class LabelPrintEvidence(models.AbstractModel):
    _inherit = "label.print.evidence"

    def _labels_of_jobs(self, originals, lot):
        """`JobLabels` of each of these jobs, of one lot alone where the page is about one."""
        found = []
        for job in originals:
            numbers = range(1, job.quantity + 1)
            copies = defaultdict(list)
            for copy, number, label in job._labels_of_copies():
                copies[number].append((copy, label))
            concerned = job.sudo()._label_numbers_of_lot(lot) if lot else numbers
            indexes = [number for number in concerned if number in numbers]
            found.append(JobLabels(job, job._job_account(), label_entries(job.labels_data), indexes, copies))
        return found

    def _asked_labels(self, labels, lot, merges_boxes):
        """What is reconciled.

        :param labels: a list of `JobLabels`
        :param merges_boxes: whether labels of the same order, box and lot in several jobs stand for one another
        """
        asked, named = [], []
        for of_job in labels:
            job = of_job.job
            order, lots = self._order_key(job), self._lots_by_label(of_job, lot)
            again = of_job.account.printed_again()
            for index in of_job.indexes:
                names = {name: of_job.entry(index).get(name) for name in LABEL_NAMES}
                named.append((order, {**names, "lot_id": lots.get(index) or names["lot_id"]}))
                label = self._print_of(job, of_job.account.labels[index - 1], again.get(index, 0))
                copies = [self._print_of(copy, copied) for copy, copied in of_job.copies.get(index, ())]
                asked.append(((job.id, index), label, copies))
        keys = keys_of_labels(named) if merges_boxes else [None] * len(asked)
        return [
            AskedLabel(key or itself, label, tuple(copies))
            for key, (itself, label, copies) in zip(keys, asked, strict=True)
        ]

    def _print_of(self, job, label, again=0):
        """A label of a job's account as it is reconciled."""
        cancelled = job.status == "cancelled"
        return Print(label.state, bool(job.set_aside_reason or (cancelled and job.cancel_reason)), cancelled, again)

    def _order_key(self, job):
        """The order that a job is for, also one that is deleted; False where it is for none.

        Orders of two companies may have the same name.
        """
        job = job.sudo()
        return job.mo_id.id or (job.mo_reference and (job.company_id.id, job.mo_reference))

    def _lots_by_label(self, of_job, lot):
        """The id of the lot of each label that does not say it itself, by its number, where it is known."""
        if lot:
            return dict.fromkeys(of_job.indexes, lot.id)
        names = {
            index: name
            for index in of_job.indexes
            if not clean_id(of_job.entry(index).get("lot_id")) and (name := lot_of(of_job.entry(index)))
        }
        job = of_job.job.sudo()
        if not names or not job.lot_ids:
            return {}
        by_name = job.lot_ids.grouped("name")
        found = {index: by_name[name].id for index, name in names.items() if len(by_name.get(name, ())) == 1}
        for renamed in job.lot_ids.filtered(lambda own: own.name not in names.values()):
            found |= dict.fromkeys(set(job._label_numbers_of_lot(renamed)) & names.keys(), renamed.id)
        return found

    def _describe_sums(self, sums):
        """The lines of the table: those that every page has, and those that are rarely anything but 0."""
        rare = [
            (self.env._("Of the same labels, in further jobs or attempts: printed"), sums.repeated),
            (
                self.env._("Of the same labels, in further jobs or attempts: destroyed after printing"),
                sums.destroyed_beside,
            ),
            (self.env._("Of the same labels, in further jobs: uncertain"), sums.uncertain_beside),
            (self.env._("Of the same labels, in further jobs: not yet printed"), sums.under_way_beside),
        ]
        rare_of_copies = [
            (self.env._("Copies that were destroyed"), sums.copies_destroyed),
            (self.env._("Copies that are uncertain"), sums.copies_uncertain),
            (self.env._("Copies that are not yet printed"), sums.copies_under_way),
            (self.env._("Copies that were not printed, without a reason"), sums.copies_missing),
        ]
        return [
            (self.env._("Asked for"), sums.asked),
            (self.env._("On paper"), sums.on_paper),
            (self.env._("Seen on paper, of those"), sums.checked),
            (self.env._("Destroyed after printing"), sums.destroyed),
            (self.env._("Not printed, with a reason"), sums.explained),
            (self.env._("Not printed, without a reason"), sums.unexplained),
            (self.env._("Uncertain"), sums.uncertain),
            (self.env._("Not yet printed"), sums.under_way),
            *(line for line in rare if line[1]),
            (self.env._("Copies of labels"), sums.copies),
            *(line for line in rare_of_copies if line[1]),
        ]

    def _open_points(self, sums, not_asked):
        """What has to be explained or done before the page may say *complete*."""
        evidence = dict(self.env["label.print.job"]._fields["evidence"]._description_selection(self.env))
        points = [
            (not sums.asked, self.env._("No label has been asked for.")),
            (
                sums.under_way,
                self.env._("Not yet printed: %(count)s. Look again when they are.", count=sums.under_way),
            ),
            (
                sums.uncertain,
                self.env._("Uncertain: %(count)s. Look for them, and say what you see.", count=sums.uncertain),
            ),
            (
                sums.unexplained,
                self.env._(
                    "Not printed, without a reason: %(count)s. Print them, or set their jobs aside with a reason.",
                    count=sums.unexplained,
                ),
            ),
            (
                not_asked,
                self.env._("Labels of the order that nobody has asked for: %(count)s.", count=not_asked),
            ),
            (
                sums.repeated,
                self.env._(
                    "Printed in more than one job or attempt without being a copy: %(count)s. "
                    "Destroy what is too many, and say so.",
                    count=sums.repeated,
                ),
            ),
            (
                sums.uncertain_beside,
                self.env._(
                    "Uncertain in a further job for the same label: %(count)s. Look whether they are there twice, and "
                    "say what you see.",
                    count=sums.uncertain_beside,
                ),
            ),
            (
                sums.under_way_beside,
                self.env._(
                    "Not yet printed in a further job for the same label: %(count)s. Look again when they are.",
                    count=sums.under_way_beside,
                ),
            ),
            (
                sums.copies_under_way,
                self.env._(
                    "Copies of labels that are not yet printed: %(count)s. Look again when they are.",
                    count=sums.copies_under_way,
                ),
            ),
            (
                sums.copies_uncertain,
                self.env._(
                    "Copies of labels of which nobody knows whether they are on paper: %(count)s. Look for them, and "
                    "say what you see.",
                    count=sums.copies_uncertain,
                ),
            ),
            (
                sums.copies_missing,
                self.env._(
                    "Copies of labels that were not printed, without a reason: %(count)s. Print them, or set their "
                    "jobs aside with a reason.",
                    count=sums.copies_missing,
                ),
            ),
            (
                sums.weak,
                self.env._(
                    "Known less well than the settings ask for (%(evidence)s): %(count)s.",
                    evidence=evidence[self.env["label.print.job"]._good_evidence()],
                    count=sums.weak,
                ),
            ),
        ]
        return [words for is_open, words in points if is_open]
