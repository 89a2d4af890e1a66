"""Move what waits for a printer to another one: nothing printed twice, nobody told that a job was cancelled."""

from odoo import fields, models
from odoo.exceptions import UserError

from ..services.transport.print_server_client import PrintServerError

WAITING = ("pending", "sent", "queued")


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
        moved, left, answers = self.browse(), [], {}
        for job in self:
            try:
                job.check_access("write")
                printer._check_can_print(job.company_id)
                if job.status not in WAITING:
                    raise UserError(self.env._("%(job)s does not wait any more.", job=job.display_name))
                if job.submission in ("sending", "maybe"):
                    raise UserError(
                        self.env._("%(job)s is being handed to the print server just now.", job=job.display_name)
                    )
                answers[job] = job._ask_to_cancel()
            except UserError as error:
                left.append(str(error))
        for job, (answer, reported) in answers.items():
            try:
                job._note_move(printer, answer, reported)
                moved += job
            except UserError as error:
                left.append(str(error))
        return moved, left

    def _note_move(self, printer, answer, reported):
        """What came of asking the print server to give the job back."""
        job = self.sudo()
        self._lock_or_tell()
        if isinstance(answer, PrintServerError):
            raise UserError(
                self.env._(
                    "%(job)s stays where it is: %(problem)s",
                    job=self.display_name,
                    problem=job.server_id._problem_in_words(answer),
                )
            )
        if answer is None:
            if job.status != "pending" or job.submission != "not_sent":
                raise UserError(self.env._("%(job)s has just been handed to the print server.", job=self.display_name))
            # It has never left: the attempt itself goes to the other printer.
            job._apply({job.id: {"printer_id": printer.id, "server_id": printer.server_id.id or job.server_id.id}})
            attempt = job._current_attempt()
            attempt.write(
                {**attempt._values_of_place(job), "request": False, "first_sent_date": False}
            )
            job._trigger_submission()
            return
        if answer.outcome != "cancelled":
            raise UserError(self.env._("%(job)s does not wait any more.", job=self.display_name))
        job._apply({job.id: {"move_to_id": printer.id, "cancel_accepted": True, "next_poll_at": fields.Datetime.now()}})
        if reported:
            self.env["print.job.status.poller"].apply_reports(job.server_id, **reported)
        job._trigger_engine()

    def _finish_moves(self):
        """Open the next attempt of the jobs, locked, that their print server has given back.

        :return: those that have not moved, because nothing of them is missing
        """
        staying = self.browse()
        for job in self:
            account = job._job_account()
            printer = job.move_to_id
            if job.status != "cancelled" or account.uncertain or not account.missing:
                job._apply({job.id: {"move_to_id": False}})
                staying += job
                continue
            note = {"key": "note_moved", "printer": printer.name}
            job._start_attempt(account.missing, account, self.env.user, note, "", printer)
        return staying
