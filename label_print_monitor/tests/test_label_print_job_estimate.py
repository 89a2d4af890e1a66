"""When a job should end: its own pace, and behind what its printer does before it."""

from datetime import timedelta

from odoo import fields

from .common import LabelPrintCase


class TestTimeLeft(LabelPrintCase):
    def printing_job(self, quantity=100, done=10, **values):
        """A job that printed ``done`` labels so far."""
        job = self.make_job(quantity, status="queued", **values)
        self.report(job, status="printing", current_label=done)
        return job

    def seconds_left(self, job):
        self.env.flush_all()
        self.env.invalidate_all()
        return round((job.expected_at - fields.Datetime.now()).total_seconds())

    def test_a_queued_job_waits_for_the_one_that_prints(self):
        """The print server's own estimate of a job that waits may leave out what is before it."""
        now = fields.Datetime.now()
        printing = self.printing_job()
        printing.estimated_completion = now + timedelta(seconds=180)
        soon = now + timedelta(seconds=6)
        first = self.make_job(6, status="queued", priority="normal", estimated_completion=soon)
        second = self.make_job(6, status="sent", priority="low")
        self.printer.seconds_per_label = 1.0
        self.assertEqual((printing.eta_source, printing.eta_display), ("server", "about 3 min"))
        self.assertAlmostEqual(self.seconds_left(first), 186, delta=2)
        self.assertAlmostEqual(self.seconds_left(second), 192, delta=2)
        self.assertEqual((first.eta_source, first.eta_display), ("measured", "about 3 min"))
        first.estimated_completion = now + timedelta(minutes=30)
        self.assertEqual((first.eta_source, first.eta_display), ("server", "about 30 min"))
        urgent = self.make_job(6, status="queued", priority="high")
        self.assertAlmostEqual(self.seconds_left(urgent), 186, delta=2)

    def test_a_job_prints_at_its_own_pace(self):
        job = self.printing_job(quantity=40, done=10)
        self.printer.seconds_per_label = 1.0
        self.assertAlmostEqual(self.seconds_left(job), 30, delta=2)
        job.started_date = fields.Datetime.now() - timedelta(seconds=50)
        self.assertAlmostEqual(self.seconds_left(job), 150, delta=2)
        self.assertEqual(job.eta_source, "measured")
        job.attempt_base = 8  # two labels of this attempt are no measure of it
        self.assertAlmostEqual(self.seconds_left(job), 30, delta=2)

    def test_another_printers_jobs_and_another_companys(self):
        elsewhere = self.env["printer.configuration"].create({"name": "Line 2", "cups_name": "zebra-line-2"})
        other = self.env["res.company"].create({"name": "Other"})
        self.printing_job(printer_id=elsewhere.id)
        job = self.make_job(6, status="queued")
        self.assertAlmostEqual(self.seconds_left(job), 6, delta=2)
        self.printing_job(company_id=other.id)
        self.assertAlmostEqual(self.seconds_left(job.with_user(self.user)), 96, delta=2)

    def test_none_for_what_has_ended_or_is_not_known(self):
        ended, away, pending = self.printing_job(), self.printing_job(), self.make_job()
        self.report(ended, status="completed")
        away.unverified_since = fields.Datetime.now()
        for job in (ended, away, pending):
            self.assertFalse(job.expected_at or job.eta_source or job.eta_display)

    def test_none_at_a_printer_that_waits_for_somebody(self):
        job, behind = self.printing_job(), self.make_job(status="queued")
        other = self.env["printer.configuration"].create({"name": "Other", "cups_name": "other"})
        elsewhere = self.make_job(status="queued", printer_id=other.id)
        self.report(job, status="printing", waiting_for="paper_out")
        for waiting in (job, behind):
            self.assertEqual((waiting.eta_display, waiting.expected_at, waiting.eta_source), ("Waiting", False, False))
        self.assertTrue(elsewhere.expected_at)
        self.report(job, status="printing")
        self.env.invalidate_all()
        self.assertTrue(behind.expected_at)

    def test_as_many_queries_for_80_jobs_as_for_4(self):
        printers = self.env["printer.configuration"].create(
            [{"name": f"P{number}", "cups_name": f"p{number}"} for number in range(4)]
        )
        jobs = self.env["label.print.job"].union(
            *(
                self.make_job(20, status="queued", printer_id=printer.id, labels_data=False)
                for printer in printers
                for _job in range(20)
            )
        )
        for some in (jobs[::20], jobs):
            self.env.flush_all()
            self.env.invalidate_all()
            # The jobs themselves, their printers, and what is in the printers' queues.
            with self.subTest(len(some)), self.assertQueryCount(3):
                some.mapped("eta_display")


class TestPaceOfPrinters(LabelPrintCase):
    def finish(self, started=None, completed=None, skew=0.0, submitted=10.0):
        """A job of ten labels ends, begun and ended so many seconds ago by its print server's own clock."""
        now = fields.Datetime.now()
        self.printer.seconds_per_label = 0
        self.server.clock_skew = skew
        job = self.make_job(10, status="sent", submitted_date=now - timedelta(seconds=submitted))
        job.attempt_ids.submitted_date = job.submitted_date
        times = {"started_at": started, "completed_at": completed}
        times = {name: f"{now - timedelta(seconds=ago)}Z" for name, ago in times.items() if ago is not None}
        self.report(job, status="printing", current_label=1)
        job.started_date = now - timedelta(seconds=submitted / 2)
        self.report(job, status="completed", current_label=10, **times)
        self.env.flush_all()
        return round(self.printer.seconds_per_label, 3)

    def test_by_the_print_servers_own_two_times(self):
        self.assertEqual(self.finish(started=6, completed=2), 0.4)

    def test_the_skew_of_its_clock_does_not_matter(self):
        """Seen: a time before the submission or after now was taken for these, and the difference with it."""
        for wrong in (-9, 4, 3600):
            with self.subTest(wrong):
                self.assertEqual(self.finish(started=6 + wrong, completed=2 + wrong, skew=1.5), 0.4)

    def test_odoos_times_stand_in_for_both(self):
        self.assertAlmostEqual(self.finish(), 0.5, delta=0.1)

    def test_nothing_is_learnt_of_what_cannot_be_true(self):
        self.assertEqual(self.finish(started=2, completed=6), 0)
        self.assertEqual(self.finish(started=3600, completed=2), 0)
        self.assertEqual(self.finish(started=6), 0)
