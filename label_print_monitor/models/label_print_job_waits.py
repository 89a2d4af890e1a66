"""Why a job waits to be printed, in the reader's words. Nothing here is stored, and no sweep reads it."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..services.lifecycle import job_lifecycle
from ..services.wording import error_catalogue
from .label_print_job_state import FOLLOWED_WITHIN

STOPPED = ("offline", "attention")  # the states of a printer that prints nothing
CRON = "label_print_monitor.cron_submit_print_jobs"
# A job that is due for so long, while the scheduled action has not run, is handed over by nobody.
OVERDUE = timedelta(seconds=30)


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    waits_because = fields.Char(compute="_compute_waits_because", exportable=False)

    @api.depends(
        "status",
        "server_id",
        "printer_id",
        "priority",
        "waiting_for",
        "waiting_since",
        "attention_code",
        "unverified_problem",
        "next_poll_at",
        "submit_started_at",
        "cancel_requested_at",
    )
    @api.depends_context("lang", "tz")
    def _compute_waits_because(self):
        self.waits_because = False
        # Of a job that is being cancelled, or that only a person can settle, this is said elsewhere.
        waiting = self.filtered(
            lambda job: (
                job.status in job_lifecycle.WAITING and not job.cancel_requested_at and not job.attention_code
            )
        )
        ahead = waiting._origin._count_ahead()
        overdue = None
        for job in waiting:
            reason = job._waits_for_server() if job.status == "pending" else job._waits_for_printer()
            if not reason and job.status == "pending":
                # Asked at most once, and only when a job could have been handed over.
                overdue = self._submission_stands_still() if overdue is None else overdue
                reason = job._waits_for_submission(overdue)
            job.waits_because = reason or job._waits_for_turn(ahead.get(job._origin.id, 0))
        waiting._warn_of_roll()

    def _warn_of_roll(self):
        """Where a job is printed next and the roll has fewer labels than it needs, that is said before it begins."""
        if not self:
            return
        printers = self.sudo().printer_id
        rolls = printers._rolls()
        for job in self:
            roll = rolls.get(job.sudo().printer_id.id)
            if roll and roll.next_job == job._origin.id and roll.problem == "next":
                job.waits_because = self.env._(
                    "%(reason)s · %(left)s, it needs %(needed)s",
                    reason=job.waits_because,
                    left=printers._labels_left_in_words(max(0, roll.left - roll.printing)),
                    needed=printers._number(roll.next_needs),
                )

    def _count_ahead(self):
        """How many jobs come before each of these, by id.

        Before one that its print server has: what prints now at the same printer, and what comes first by priority and
        age. Before a pending one: those that are handed to the same print server first. Other companies' jobs count.
        """
        if not self:
            return {}
        self.env["label.print.job"].flush_model(["status", "priority", "printer_id", "server_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, ahead FROM (
                    SELECT id, row_number() OVER (
                        PARTITION BY server_id, status = 'pending', CASE WHEN status != 'pending' THEN printer_id END
                            ORDER BY status != 'printing',
                                     CASE priority WHEN 'high' THEN 0 WHEN 'low' THEN 2 ELSE 1 END, id) - 1 AS ahead
                      FROM label_print_job
                     WHERE status IN ('pending', 'sent', 'queued', 'printing') AND server_id = ANY(%s)) jobs
                 WHERE id = ANY(%s)
                """,
                self.sudo().server_id.ids,
                self.ids,
            )
        )
        return dict(rows)

    def _waits_for_server(self):
        """Why the job's print server cannot take it over now; False when nothing is known against it."""
        server = self.sudo().server_id
        name = server.name
        if not server.active:
            return self.env._("Its print server is archived: “%(server)s”", server=name)
        if server.state == "misconfigured":
            return self.env._("%(problem)s Print server: “%(server)s”", problem=server.state_message or "", server=name)
        words = error_catalogue.kept_sentence(self.unverified_problem)
        if server.state == "unreachable" or (server.failure_count and not words):
            since = server.last_contact or server.state_since
            if not since:
                return self.env._("No answer from print server “%(server)s”", server=name)
            return self.env._(
                # What matters first: in a list the end of a long name is cut.
                "No answer since %(time)s from print server “%(server)s”",
                time=self._time_in_words(since),
                server=name,
            )
        if not words:
            return False
        again = max(filter(None, (self.next_poll_at, server.next_probe_at)), default=None)
        if not again or again <= fields.Datetime.now():
            return self.env._("%(problem)s It is tried again now.", problem=self.env._(words))
        return self.env._(
            "%(problem)s It is tried again at %(time)s.",
            problem=self.env._(words),
            time=self._time_in_words(again, seconds=True),
        )

    @api.model
    def _submission_stands_still(self):
        """:return: a sentence when the scheduled action that hands jobs over does not run, else ''"""
        cron = self.env.ref(CRON, raise_if_not_found=False)
        if not cron:
            return self.env._(
                "The scheduled action that hands jobs over was deleted. An administrator brings it back by upgrading "
                "the module in Apps"
            )
        cron = cron.sudo()
        if not cron.active:
            return self.env._("The scheduled action “%(action)s” is switched off", action=cron.name)
        if cron.lastcall and cron.lastcall < fields.Datetime.now() - FOLLOWED_WITHIN:
            return self.env._("No scheduled action has run since %(time)s", time=self._time_in_words(cron.lastcall))
        return ""

    def _waits_for_submission(self, stands_still):
        if self.submit_started_at:
            return self.env._("Being handed over to print server “%(server)s”", server=self.sudo().server_id.name)
        is_overdue = self.next_poll_at and self.next_poll_at < fields.Datetime.now() - OVERDUE
        return stands_still if is_overdue else ""

    def _waits_for_printer(self):
        """Why the job's printer, or the print server that knows it, prints nothing now; False when it can."""
        if self.waiting_for:
            return self._waiting_in_words()
        printer, server = self.sudo().printer_id, self.sudo().server_id
        if not server.active or server.state in ("unreachable", "misconfigured"):
            return self._waits_for_server()
        if printer.status not in STOPPED:
            return False
        if not printer.status_since:
            return self.env._("%(state)s: %(printer)s", state=printer._state_in_words(), printer=printer.name)
        return self.env._(
            "%(state)s, since %(time)s: %(printer)s",
            state=printer._state_in_words(),
            time=self._time_in_words(printer.status_since),
            printer=printer.name,
        )

    def _waits_for_turn(self, ahead):
        """:param int ahead: how many jobs come first"""
        if self.status == "pending":
            server = self.sudo().server_id.name
            if not ahead:
                return self.env._("Next to be handed over to print server “%(server)s”", server=server)
            if ahead == 1:
                return self.env._("One job is handed over to print server “%(server)s” before it", server=server)
            return self.env._(
                "%(count)s jobs are handed over to print server “%(server)s” before it", count=ahead, server=server
            )
        printer = self.sudo().printer_id.name or self.sudo().server_id.name
        if not ahead:
            return self.env._("Next on %(printer)s", printer=printer)
        if ahead == 1:
            return self.env._("Behind one job on %(printer)s", printer=printer)
        return self.env._("Behind %(count)s jobs on %(printer)s", count=ahead, printer=printer)
