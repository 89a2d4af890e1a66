"""Each print server has a lane for its submissions: one that does not answer costs the others nothing."""

import time
from concurrent.futures import ThreadPoolExecutor

from odoo.addons.label_print_monitor.models import print_job_submitter as submitter_module
from odoo.addons.label_print_monitor.models import print_job_sweeps as sweeps_module
from odoo.addons.label_print_monitor.services.transport import submissions as submissions_module

from .submission_case import SubmissionCase


class TestSubmissionLanes(SubmissionCase):
    def make_other(self, **options):
        """A second print server: its record, and the loopback server."""
        other = self.env["label.print.server"].create({"name": "Other"})
        remote = self.start_remote(**options)
        self.use(other, remote)
        return other

    def test_a_server_that_never_answers_costs_one_time_limit_and_no_other_server_anything(self):
        other = self.make_other()
        self.remote.fault = "hang"
        mine = self.env["label.print.job"].concat(*(self.make_job() for _number in range(40)))
        theirs = self.make_job(server_id=other.id)
        begun = time.monotonic()
        order = []
        Submitter = type(self.env["print.job.submitter"])
        accepted, hold = Submitter._accepted, Submitter._hold

        def note_accepted(submitter, job, answer, note=None):
            order.append(job.server_id)
            return accepted(submitter, job, answer, note)

        def note_held(submitter, job, error, maybe=False):
            order.append(job.server_id)
            return hold(submitter, job, error, maybe)

        self.patch(Submitter, "_accepted", note_accepted)
        self.patch(Submitter, "_hold", note_held)
        self.timeout = 2
        self.submit()
        self.assertLess(time.monotonic() - begun, 10, "40 time limits, or the tries of one job, would take longer")
        self.assertEqual(theirs.status, "queued")
        self.assertEqual(order[0], other, "while the other server is still waited for")
        self.assertEqual(set(mine.mapped("status")), {"pending"})
        self.assertEqual(self.server.failure_count, 1, "one failure a run")
        self.assertLessEqual(self.remote.calls("/api/print"), submissions_module.WORKERS)
        self.assertFalse(mine.filtered("submit_started_at"), "nothing stays leased")
        # Those that were never sent are not in doubt, also where the server knows no keys.
        self.assertEqual(len(mine.filtered(lambda job: job.submission == "not_sent")), 40 - submissions_module.WORKERS)
        self.remote.fault = None
        self.submit(later=60)
        self.assertEqual(set(mine.mapped("status")), {"queued"})
        self.assertEqual(len(self.remote.printed), 40)

    def test_a_job_made_while_a_server_is_waited_for_is_handed_over_at_once(self):
        other = self.make_other()
        self.remote.fault = "hang"
        self.make_job()
        late = []

        def make_late(_submitter, until, busy):
            if busy and not late:
                late.append(self.make_job(server_id=other.id))
                self.env.flush_all()
            return lease(_submitter, until, busy)

        Submitter = type(self.env["print.job.submitter"])
        lease = Submitter._lease_submissions
        self.patch(Submitter, "_lease_submissions", make_late)
        self.timeout = 2
        self.submit()
        self.assertEqual(late[0].status, "queued")

    def test_one_job_on_which_the_server_chokes_keeps_no_other_from_being_handed_over(self):
        jobs = self.env["label.print.job"].concat(*(self.make_job() for _number in range(12)))
        chosen = jobs[5].idempotency_key

        def choke(handler):
            if handler.headers.get("Idempotency-Key") != chosen:
                return False
            handler.close_connection = True
            handler.connection.close()
            return True

        self.remote.fault = choke
        self.submit()
        self.assertEqual(jobs.filtered(lambda job: job.status == "pending"), jobs[5])


class StoppedPool:
    """A pool of threads in a process that is being stopped."""

    def __init__(self, *_arguments, **_options):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        return None

    def submit(self, *_call):
        raise RuntimeError("cannot schedule new futures after interpreter shutdown")


class TestOdooIsBeingStopped(SubmissionCase):
    """Seen at an ordinary restart: a traceback of the scheduled action, and a person was asked what had become of jobs that
    had never been sent."""

    capabilities = ()  # the server knows no keys

    def test_what_has_not_been_sent_is_not_in_doubt(self):
        job = self.make_job()
        self.patch(submitter_module, "ThreadPoolExecutor", StoppedPool)
        with self.assertNoLogs(level="ERROR"):
            self.submit()
        self.assertEqual((job.status, job.submission, job.submit_started_at), ("pending", "not_sent", False))
        self.assertFalse(job.attention_code)
        self.patch(submitter_module, "ThreadPoolExecutor", ThreadPoolExecutor)
        self.submit()
        self.assertEqual(self.remote.calls("/api/print"), 1)
        self.assertEqual(job.submission, "accepted")

    def test_a_sweep_ends_quietly(self):
        jobs = self.make_remote_jobs(2)
        self.end_all()
        self.patch(sweeps_module, "ThreadPoolExecutor", StoppedPool)
        with self.assertNoLogs(level="ERROR"):
            self.sweep()
        self.assertEqual(set(jobs.mapped("status")), {"sent"})
