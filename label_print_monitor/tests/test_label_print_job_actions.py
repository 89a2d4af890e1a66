"""What the buttons on jobs have in common: states in which they do nothing, and selections."""

from odoo.exceptions import UserError

from .common import LabelPrintCase


class TestActions(LabelPrintCase):
    def test_retry_and_cancel_in_the_wrong_state(self):
        job = self.make_job(status="printing")
        with self.assertRaisesRegex(UserError, "cannot be retried"):
            job.with_user(self.user).action_retry()
        self.report(job, status="completed")
        with self.assertRaisesRegex(UserError, "nothing to cancel"):
            job.with_user(self.user).action_cancel()

    def test_a_selection_that_was_cut_is_refused(self):
        self.env["ir.config_parameter"].set_param("web.active_ids_limit", "2")
        jobs = self.failed_job() + self.failed_job() + self.failed_job()
        selection = jobs[:2].with_user(self.user).with_context(active_domain=[("id", "in", jobs.ids)])
        for act in (selection.action_retry, selection.action_cancel):
            with self.assertRaisesRegex(UserError, "selected 3 jobs; at most 2"):
                act()
        self.assertEqual(set(jobs.mapped("status")), {"failed"})
        selection.with_context(active_domain=[("id", "in", jobs[:2].ids)]).action_retry()
        self.assertEqual(jobs.mapped("status"), ["pending", "pending", "failed"])

    def test_a_long_summary_can_be_read(self):
        jobs = self.env["label.print.job"].union(*(self.make_job() for _job in range(13)))
        message = jobs.with_user(self.user).action_retry()["params"]["message"]
        self.assertEqual(message.count("cannot be retried"), 10)
        self.assertIn("· and 3 more", message)
