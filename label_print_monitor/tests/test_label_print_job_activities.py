"""Activities about print jobs, as the menu in the top bar opens them."""

from datetime import timedelta

from lxml import etree
from odoo import fields
from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

from .common import LabelPrintCase


class TestActivityFilters(LabelPrintCase):
    def test_the_activities_in_the_top_bar_open_their_jobs_alone(self):
        """By the names that core's menu of activities asks for; without them it opened all jobs."""
        Job = self.env["label.print.job"].with_user(self.user)
        arch = etree.fromstring(Job.get_view(view_type="search")["arch"])
        late, now, later, other = jobs = [self.make_job() for _job in range(4)]
        today = fields.Date.context_today(Job)
        for job, days in ((late, -1), (now, 0), (later, 1)):
            job.activity_schedule(
                "mail.mail_activity_data_todo", today + timedelta(days=days), user_id=self.user.id, summary="Look"
            )
        other.activity_schedule("mail.mail_activity_data_todo", today, user_id=self.manager.id)

        def found(*names):
            filters = [arch.xpath(f"//filter[@name='{name}']/@domain")[0] for name in names]
            domain = Domain.OR(Domain(safe_eval(text, {"uid": self.user.id})) for text in filters)
            return Job.search(domain & Domain("id", "in", [job.id for job in jobs]), order="id")

        self.assertEqual(found("filter_activities_my"), late + now + later)
        self.assertEqual(found("activities_overdue", "activities_today"), late + now)
        self.assertEqual(found("activities_upcoming_all"), later)
