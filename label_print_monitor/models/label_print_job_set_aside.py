"""Set Aside: a failure that nobody is going to print any more asks for nobody, with a name and a reason.

It is no status: the labels are as missing as before, and the account says so. It can be undone, and ends by itself when
somebody prints the missing labels after all.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services.lifecycle import job_lifecycle

SET_ASIDE_REASONS = [
    ("printed_elsewhere", "Printed in another job"),
    ("not_needed", "Labels no longer needed"),
    ("by_hand", "Boxes labelled by hand"),
    ("only_test", "It was only a test"),
    ("other", "Another reason"),
]
NOT_SET_ASIDE = dict.fromkeys(("set_aside_date", "set_aside_by", "set_aside_reason", "set_aside_note"), False)


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    set_aside_date = fields.Datetime("Set Aside On", copy=False)
    set_aside_by = fields.Many2one("res.users", ondelete="restrict", copy=False)
    set_aside_reason = fields.Selection(SET_ASIDE_REASONS, "Reason for Setting Aside", copy=False)
    set_aside_note = fields.Char("Note on Setting Aside", copy=False)
    can_set_aside = fields.Boolean(compute="_compute_can_set_aside")

    _set_aside_recent = models.Index("(set_aside_date) WHERE set_aside_date IS NOT NULL")

    @api.depends("status", "set_aside_date")
    def _compute_can_set_aside(self):
        for job in self:
            job.can_set_aside = job_lifecycle.can_retry(job.status) and not job.set_aside_date

    def action_set_aside(self):
        """Open the dialog that asks why these failed jobs are set aside; of a selection, those that can be."""
        self.check_access("write")
        self._check_selection_is_whole()
        jobs = self.filtered("can_set_aside")
        if not jobs:
            self._check_can_set_aside()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Set Aside"),
            "res_model": "label.print.set.aside.wizard",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_job_ids": jobs.ids},
        }

    def _check_can_set_aside(self):
        """:raise UserError: when none of these jobs has failed, or all of them are set aside"""
        if any(job.can_set_aside for job in self):
            return
        if len(self) != 1:
            raise UserError(
                self.env._("None of these jobs can be set aside: they have not failed, or are set aside already.")
            )
        if self.set_aside_date:
            raise UserError(
                self.env._(
                    "%(person)s has set %(job)s aside already.",
                    person=self.set_aside_by.sudo().name,
                    job=self.display_name,
                )
            )
        raise UserError(
            self.env._(
                "%(job)s is “%(status)s”. Only what has failed can be set aside.",
                job=self.display_name,
                status=self._status_in_words(),
            )
        )

    def _status_in_words(self):
        return dict(self._fields["status"]._description_selection(self.env))[self.status]

    def _set_aside(self, reason, note=False):
        """Set these jobs aside, for ``reason`` (one of `SET_ASIDE_REASONS`) and with a ``note`` in own words.

        :return: the jobs that are set aside now; one that has been printed, or set aside by somebody else, is left
        """
        self.check_access("write")
        done, now = self.browse(), fields.Datetime.now()
        for job in self.sorted("id"):
            job._lock_or_tell()
            if not job.can_set_aside:
                continue
            values = {
                "set_aside_date": now,
                "set_aside_by": self.env.user.id,
                "set_aside_reason": reason,
                "set_aside_note": note or False,
            }
            words = {"key": "note_set_aside", "reason": note or self._reason_of_setting_aside(reason)}
            job._apply_with_entry(values, words)
            done += job
        if done:
            done.invalidate_recordset()
            notifier = self.env["print.job.notifier"]
            notifier._unlink_activities(done)
            notifier._close_outcomes(done)
            notifier._notify_act(done, "set_aside")
        return done

    def _reason_of_setting_aside(self, reason=None):
        """In the reader's words."""
        words = dict(self._fields["set_aside_reason"]._description_selection(self.env))
        return words[reason or self.set_aside_reason]

    def action_undo_set_aside(self):
        """Let these jobs ask for somebody again."""
        self.check_access("write")
        done = self.browse()
        for job in self.sorted("id"):
            job._lock_or_tell()
            if job.set_aside_date:
                job._apply_with_entry(dict(NOT_SET_ASIDE), {"key": "note_set_aside_undone"})
                done += job
        if not done:
            return self._notification("info", self.env._("Set Aside undone"), self.env._("Nothing here is set aside."))
        done.invalidate_recordset()
        words = (
            self.env._("%(job)s is no longer set aside.", job=done.display_name)
            if len(done) == 1
            else self.env._("%(count)s jobs are no longer set aside.", count=len(done))
        )
        return self._notification("success", self.env._("Set Aside undone"), words)

    def _apply_with_entry(self, values, note):
        """Write values that leave the status as it is, with an entry in the timeline that says who did what."""
        self.ensure_one()
        job = self.sudo()
        entry = job._timeline_entry(job.status, fields.Datetime.now(), job.attempt_number, self.env.user, note)
        job._apply({job.id: {**values, "timeline": [*(job.timeline or []), entry]}})
