"""Who is told how a job ended."""

from odoo.tests import new_test_user

from .notifier_case import NotifierCase


class TestAudience(NotifierCase):
    def test_cron_user_is_not_told(self):
        job = self.make_job(status="printing", submitted_by=self.env.ref("base.user_root").id)
        self.report(job, status="completed")
        self.assertFalse(self.sent_toasts(self.env.ref("base.user_root")))

    def test_users_choose_what_they_hear(self):
        self.user.label_print_notify = "failures"
        self.manager.label_print_notify = "all"
        job = self.make_job(status="printing")
        self.report(job, status="completed")
        self.assertFalse(self.sent_toasts(self.user))
        self.assertEqual(len(self.sent_toasts(self.manager)), 1)

    def test_only_failures_of_all(self):
        self.manager.label_print_notify = "all_failures"
        done, failed = self.make_job(status="printing"), self.make_job(status="printing")
        self.report(done, status="completed")
        self.assertFalse(self.sent_toasts(self.manager))
        self.report(failed, status="failed", error_code="paper_out")
        self.assertEqual([toast["job_ids"] for toast in self.sent_toasts(self.manager)], [failed.ids])
        own = self.make_job(status="printing", submitted_by=self.manager.id)
        self.report(own, status="completed")
        self.assertEqual(len(self.sent_toasts(self.manager)), 1)

    def test_only_who_may_see_the_job_is_told(self):
        group = "label_print_monitor.group_label_print_user"
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        follower = new_test_user(self.env, "lpm_follower", groups=group)
        others = (
            new_test_user(self.env, "lpm_no_group", groups="base.group_user"),
            new_test_user(self.env, "lpm_portal", groups="base.group_portal"),
            new_test_user(self.env, "lpm_gone", groups=group),
            new_test_user(
                self.env, "lpm_elsewhere", groups=group, company_id=elsewhere.id, company_ids=[(6, 0, elsewhere.ids)]
            ),
        )
        people = self.env["res.users"].union(follower, *others)
        people.label_print_notify = "all"
        others[2].active = False
        for status in ("completed", "failed"):
            job = self.make_job(status="printing")
            job.message_subscribe(people.partner_id.ids)
            self.report(job, status=status)
        self.assertEqual(len(self.sent_toasts(follower)), 2)
        for user in others:
            self.assertFalse(self.sent_toasts(user), user.login)

    def test_a_submitter_who_may_not_see_the_job_any_more_is_not_told(self):
        job = self.make_job(status="printing")
        self.user.group_ids -= self.env.ref("label_print_monitor.group_label_print_user")
        self.report(job, status="failed")
        self.assertFalse(self.sent_toasts(self.user))
        self.assertFalse(job.activity_ids)
