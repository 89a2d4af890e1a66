"""Move what waits for a printer to another one: nothing printed twice, nobody told that a job was cancelled."""

from odoo import fields, models
from odoo.exceptions import UserError

from ..services.lifecycle import job_lifecycle
from ..services.transport.print_server_client import PrintServerError, Unreachable


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    move_to_id = fields.Many2one(
        "printer.configuration", "Moving to", ondelete="set null", copy=False,
        help="Where the job goes on once its print server has given it back.",
    )  # fmt: skip

    def _move(self, printer):
        """Move these waiting jobs to ``printer``.

        What its print server has is cancelled there first; what the final count then lacks is printed by a new attempt.

        :return: the jobs that have moved, and a sentence for each that has not
        """
        moved, left, answers, silent = self.browse(), [], {}, {}
        for job in self:
            try:
                if job.flask_job_id and job.server_id in silent:
                    # One time limit for each server is enough.
                    left.append(job._words_of_staying(silent[job.server_id]))
                elif job._in_own_transaction(lambda job=job: job._begin_move(printer)):
                    moved += job
                else:
                    answers[job] = (job.attempt_number, *job._ask_to_cancel())
                    if isinstance(answers[job][1], Unreachable):
                        silent[job.server_id] = answers[job][1]
            except UserError as error:
                left.append(str(error))
        for job, (number, answer, reported) in answers.items():
            try:
                problem = job._in_own_transaction(
                    lambda job=job, number=number, answer=answer, reported=reported: job._note_move(
                        number, answer, reported
                    )
                )
            except UserError as error:
                problem = str(error)
            if problem:
                left.append(problem)
            else:
                moved += job
        if moved:
            self.env["print.job.notifier"]._notify_act(moved, "moved", printer)
        return moved, left

    def _begin_move(self, printer):
        """Keep where this job shall go before its print server is told.

        :return: whether it has moved by that, because it has never left
        """
        job = self.sudo()
        self._lock_or_tell()
        self.check_access("write")
        job._check_printer_takes(printer, job._labels_of_attempt())
        if job.status not in job_lifecycle.WAITING or job.is_cancelling:
            raise UserError(self.env._("%(job)s does not wait any more.", job=self.display_name))
        if job.submission in ("sending", "maybe"):
            raise UserError(self.env._("%(job)s is being handed to the print server just now.", job=self.display_name))
        if job.submission == "accepted":
            job._apply({job.id: {"move_to_id": printer.id, "cancelled_by": self.env.user.id}})
            return False
        # The attempt itself goes to the other printer.
        job._apply({job.id: {"printer_id": printer.id, "server_id": printer.server_id.id or job.server_id.id}})
        attempt = job._current_attempt()
        attempt.write({**attempt._values_of_place(job), "request": False, "first_sent_date": False})
        job._trigger_submission()
        return True

    def _note_move(self, number, answer, reported):
        """What came of asking the print server to give the job back, which was at its attempt ``number``.

        :return: a sentence when it stays where it is
        """
        job = self.sudo()
        self._lock_or_tell()
        if job.attempt_number != number:
            return None  # the print server's event was faster: it has moved
        if job.status in job_lifecycle.TERMINAL and not job.move_to_id:
            return self.env._("%(job)s does not wait any more.", job=self.display_name)
        failed = isinstance(answer, PrintServerError)
        if answer and not failed and answer.outcome in ("cancelled", "cancelling"):
            job._apply({job.id: {"cancel_accepted": True, "next_poll_at": fields.Datetime.now()}})
            if reported:
                self.env["print.job.status.poller"].apply_reports(job.server_id, **reported)
            job._trigger_engine()
            return None
        # Of an answer that was lost nobody knows: if the job turns out to be cancelled by it, it moves after all.
        if not (failed and answer.maybe_delivered):
            job._apply({job.id: {"move_to_id": False, "cancelled_by": False}})
        if failed:
            return self._words_of_staying(answer)
        return self.env._("%(job)s does not wait any more.", job=self.display_name)

    def _words_of_staying(self, error):
        return self.env._(
            "%(job)s stays where it is: %(problem)s",
            job=self.display_name,
            problem=self.server_id._problem_in_words(error),
        )

    def _finish_moves(self):
        """Open the next attempt of the jobs, locked, that their print server has given back.

        :return: those that have not moved: nothing of them is missing, nobody knows what is, or somebody
            has cancelled them
        """
        staying = self.browse()
        for job in self:
            account = job._job_account()
            printer = job.move_to_id
            if job.status != "cancelled" or job.cancel_requested_at or account.uncertain or not account.missing:
                stopped = {} if job.status == "cancelled" else {"cancelled_by": False}
                job._apply({job.id: {"move_to_id": False, **stopped}})
                staying += job
                continue
            note = {"key": "note_moved", "printer": printer.name}
            job._start_attempt(account.missing, account, job.cancelled_by or self.env.user, note, "", printer)
        return staying
