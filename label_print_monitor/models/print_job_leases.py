"""Which pending jobs a run of the submission takes for itself, and how they are given up again.

A lease is committed before the network is touched: whoever finds one that has expired knows that the request was sent,
or not, and finds that out first.
"""

import logging
from datetime import timedelta

from odoo import fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..services.contract.print_request import PRIORITIES
from .expected_conflicts import expected_conflicts
from .label_print_attempt_account import AttemptUpdate
from .print_job_submitter import TRIES

_logger = logging.getLogger(__name__)

BATCH = 40  # jobs of one print server that are leased together
LEASE = timedelta(seconds=60)


class PrintJobSubmitter(models.AbstractModel):
    _inherit = "print.job.submitter"

    def _release_leases(self):
        """Take over what a run that has died had leased, in place of waiting for the end of its leases.

        Odoo runs a scheduled action once at a time, so none of the others is alive.
        """
        if not self.env.context.get("cron_id"):
            return  # called by something else: a run may be under way
        leased = (
            self.env["label.print.job"]
            .sudo()
            .search([("status", "=", "pending"), ("submit_started_at", "!=", False)])
            .try_lock_for_update(allow_referencing=True)
        )
        now = fields.Datetime.now()
        leased._apply({job.id: {"next_poll_at": now} for job in leased})

    def _give_back(self, submissions):
        """End the lease of jobs that were not sent: of a server that knows no keys a person would be asked for them."""
        now = fields.Datetime.now()
        jobs = self.env["label.print.job"].sudo().browse(submission.job_id for submission in submissions)
        jobs = jobs.try_lock_for_update(allow_referencing=True)
        was_maybe = {submission.job_id for submission in submissions if submission.maybe}
        jobs._apply(
            {
                job.id: {
                    "submission": "maybe" if job.id in was_maybe else "not_sent",
                    "submit_started_at": False,
                    "next_poll_at": now,
                }
                for job in jobs
            }
        )
        self.env["print.job.status.poller"]._commit()

    def _lease_submissions(self, until, busy):
        """Lease what is pending, again when another transaction was faster.

        :param busy: ids of the print servers to which something is being handed over
        :return: a list of `Submission` by id of their print server
        """
        poller = self.env["print.job.status.poller"]
        for attempt in range(1, TRIES + 1):
            try:
                with expected_conflicts():
                    found = {}
                    for job in self._lease(busy):
                        submission = self._submission(job, until)
                        if submission:
                            found.setdefault(job.server_id.id, []).append(submission)
                    poller._commit()
                return found
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)
                if attempt == TRIES:
                    _logger.info("Pending print jobs wait for the next run (rows in use)")
        return {}

    def _lease(self, busy=()):
        """Pending jobs that nobody is submitting, most urgent first, kept from everybody else for a minute.

        :param busy: ids of print servers whose jobs are left alone
        """
        now = fields.Datetime.now()
        domain = [*self._due_domain(now), ("server_id", "not in", list(busy))]
        jobs = Job = self.env["label.print.job"].sudo()
        for [server] in Job._read_group(domain, ["server_id"]):
            of_server = Job
            for priority in PRIORITIES:  # priority first, then age
                if len(of_server) < BATCH:
                    wanted = [*domain, ("server_id", "=", server.id), ("priority", "=", priority)]
                    of_server |= Job.search(wanted, limit=BATCH - len(of_server), order="id")
            jobs |= of_server
        jobs = jobs.try_lock_for_update(allow_referencing=True)
        # Cancelled while their submission was under way, which then came to nothing: they have never left.
        unwanted = jobs.filtered(lambda job: job.cancel_requested_at and job.submission == "not_sent")
        told = unwanted._record({job.id: AttemptUpdate(job.attempt_number, outcome="cancelled") for job in unwanted})
        self.env["print.job.notifier"]._notify_outcomes(told)
        jobs -= unwanted
        # Whoever held an expired lease had sent the request, or not: nobody knows.
        maybe = jobs.filtered(lambda job: job.submission in ("sending", "maybe"))
        unclear = maybe.filtered(lambda job: not job._can_be_found_out(now))
        self._leave_unclear(unclear)
        jobs -= unclear
        lease = {"submit_started_at": now, "next_poll_at": now + LEASE}
        maybe &= jobs
        maybe._apply({job.id: {**lease, "submission": "maybe"} for job in maybe})
        # Views are told with the print server's answer, seconds later, or when the lease has ended without one: fifty
        # pages that read twice for each hand-over keep a processor busy.
        rest = jobs - maybe
        rest._apply({job.id: {**lease, "submission": "sending"} for job in rest}, tell_views=False)
        return jobs

    def _due_domain(self, now):
        """What can be submitted now: a server that is being probed is not asked for every job."""
        domain = [("status", "=", "pending"), ("labels_data", "!=", False), ("next_poll_at", "<=", now)]
        servers = self.env["label.print.server"].sudo().search([("next_probe_at", ">", now)])
        return [*domain, ("server_id", "not in", servers.ids)] if servers else domain
