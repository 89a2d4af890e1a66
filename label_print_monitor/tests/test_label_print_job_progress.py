"""What open views are sent of labels that come out one by one, and who gets it."""

import json
from unittest.mock import MagicMock, patch

from odoo.addons.label_print_monitor.models import print_job_notifier
from odoo.addons.label_print_monitor.services.contract.payloads import parse_job_report
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import LabelPrintCase

CHANGED, PROGRESS = "label_print_monitor/changed", "label_print_monitor/progress"


@tagged("post_install", "-at_install")
class TestLabelPrintJobProgress(LabelPrintCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.job = cls.make_job(20, status="printing", started_date="2026-03-04 09:15:00", current_label=3)
        cls.env.flush_all()

    def setUp(self):
        super().setUp()
        self.env.cr.precommit.run()
        self.env["bus.bus"].sudo().search([]).unlink()

    def messages(self):
        """Type, channel and payload of all messages to open views that have been sent in this test."""
        self.env.cr.precommit.run()
        rows = self.env["bus.bus"].sudo().search([], order="id")
        found = [(json.loads(row.message), json.loads(row.channel)) for row in rows]
        return {message["type"]: (channel[1:], message["payload"]) for message, channel in found if message["type"] in (CHANGED, PROGRESS)}

    def company_channel(self, company):
        return ["res.company", company.id, "label_print_monitor"]

    def test_a_label_that_comes_out_is_sent_with_its_number(self):
        self.report(self.job, status="printing", current_label=4, progress_percent=20.0)
        found = self.messages()
        self.assertEqual(found[CHANGED][1]["progressed"], self.job.ids)
        self.assertEqual(found[CHANGED][1]["jobs"], self.job.ids)  # forms and walls read them
        self.assertEqual(found[PROGRESS], (self.company_channel(self.job.company_id), {"company": self.env.company.id, "jobs": [[self.job.id, 4, 20, 20.0]]}))

    def test_with_the_labels_account_too(self):
        """As the reference print server tells of it: each label with its state."""
        self.report(
            self.job, status="printing", current_label=4, progress_percent=20.0,
            labels=[{"index": 1, "count": 4, "state": "printed"}, {"index": 5, "count": 16, "state": "waiting"}],
        )  # fmt: skip
        self.messages()
        self.env["bus.bus"].sudo().search([]).unlink()
        self.report(
            self.job, status="printing", current_label=5, progress_percent=25.0,
            labels=[{"index": 1, "count": 5, "state": "printed"}, {"index": 6, "count": 15, "state": "waiting"}],
        )  # fmt: skip
        self.assertEqual(self.messages()[PROGRESS][1]["jobs"], [[self.job.id, 5, 20, 25.0]])

    def test_whatever_else_changes_is_to_be_read(self):
        """A new status, what it waits for, its end: of these pages show more than a number.

        That it prints on, or is complete, they are also told: it shows before they have read.
        """
        job, printer = self.job, self.job.printer_id
        self.job.sudo().mo_reference = "WH/MO/00042"
        for changes, sent in (
            ({"status": "printing", "current_label": 4, "waiting_for": "media-empty"}, None),
            ({"status": "printing", "current_label": 5, "waiting_for": False}, [job.id, 5, 20, 25.0, "printing", printer.id, "WH/MO/00042", False]),
            ({"status": "completed"}, [job.id, 20, 20, 100.0, "completed", printer.id, "WH/MO/00042", "reported"]),
        ):
            with self.subTest(changes=changes):
                self.report(self.job, progress_percent=100.0 * (changes.get("current_label") or 20) / 20, **changes)
                found = self.messages()
                self.assertEqual(found[CHANGED][1]["jobs"], self.job.ids)
                self.assertEqual(found[CHANGED][1]["progressed"], [])
                self.assertEqual(found.get(PROGRESS, (None, {}))[1].get("statuses"), sent and [sent])
                self.env["bus.bus"].sudo().search([]).unlink()

    def test_by_which_name_a_printers_card_shows_it(self):
        """Without an order by its number; a test print is read."""
        for job_type, reference, sent in (("manual", "WH/MO/00042", "WH/MO/00042"), ("manual", False, ""), ("test", False, False)):
            job = self.make_job(20, status="queued", job_type=job_type)
            job.sudo().mo_reference = reference
            self.messages()
            self.env["bus.bus"].sudo().search([]).unlink()
            self.report(job, status="printing", current_label=1)
            self.assertEqual([values[6] for values in self.messages()[PROGRESS][1]["statuses"]], [sent])

    def test_that_it_begins_is_sent_before_its_first_label(self):
        queued = self.make_job(20, status="queued")
        self.messages()
        self.env["bus.bus"].sudo().search([]).unlink()
        self.report(queued, status="printing", current_label=0)
        self.assertEqual([values[:5] for values in self.messages()[PROGRESS][1]["statuses"]], [[queued.id, 0, 20, 0.0, "printing"]])

    def test_what_somebody_has_to_look_at_is_read(self):
        """Of it the row shows more than its status."""
        notifier = self.env["print.job.notifier"]
        (row,) = notifier._progress_of(self.job.ids)
        self.assertEqual(notifier._expected_statuses([row]), [row])
        for name in ("waiting_for", "attention_code", "cancel_requested_at", "unverified_since"):
            with self.subTest(name):
                self.assertFalse(notifier._expected_statuses([{**row, name: "2026-03-04 09:16:00"}]))

    def test_many_other_changes_leave_progress(self):
        """Each of the two has its own limit."""
        self.startPatcher(patch.object(print_job_notifier, "MOST_PROGRESS", 1))
        others = self.make_job(20, status="queued") | self.make_job(20, status="queued")
        self.messages()
        self.env["bus.bus"].sudo().search([]).unlink()
        self.report(self.job, status="printing", current_label=4)
        self.env["print.job.notifier"]._live(jobs=others)
        found = self.messages()
        self.assertEqual(found[CHANGED][1]["progressed"], self.job.ids)
        self.assertEqual(found[PROGRESS][1]["jobs"][0][:2], [self.job.id, 4])

    def test_of_a_weak_proof_the_end_is_read(self):
        """It must not be green for a moment."""
        self.env["ir.config_parameter"].set_param("label_print.good_evidence", "confirmed")
        self.messages()
        self.env["bus.bus"].sudo().search([]).unlink()
        self.report(self.job, status="completed")
        self.assertTrue(self.job.evidence)
        self.assertFalse(self.job.evidence_suffices)
        self.assertNotIn(PROGRESS, self.messages())

    def test_what_has_failed_is_read(self):
        """With the reason, and what to do."""
        for status in ("failed", "cancelled", "completed_with_errors"):
            job = self.make_job(20, status="printing", started_date="2026-03-04 09:15:00", current_label=3)
            self.messages()
            self.env["bus.bus"].sudo().search([]).unlink()
            self.report(job, status=status, current_label=4)
            self.assertNotIn(PROGRESS, self.messages())

    def test_an_estimate_that_moves_with_the_clock_is_no_news(self):
        """The reference print server says of each job that waits when it should end: now and so many seconds."""
        queued = self.make_job(20, status="queued")
        self.messages()
        self.env["bus.bus"].sudo().search([]).unlink()
        self.report(queued, status="queued", estimated_completion="2030-03-04T09:30:00Z")
        found = self.messages()
        self.assertEqual((found[CHANGED][1]["jobs"], found[CHANGED][1]["progressed"]), (queued.ids, queued.ids))
        self.assertNotIn(PROGRESS, found)

    def test_a_number_that_is_learnt_after_the_end_is_read(self):
        self.report(self.job, status="cancelled", current_label=4)
        self.messages()
        self.env["bus.bus"].sudo().search([]).unlink()
        self.job._apply({self.job.id: {"current_label": 5, "progress_percent": 25.0}})
        found = self.messages()
        self.assertEqual((found[CHANGED][1]["jobs"], found[CHANGED][1]["progressed"]), (self.job.ids, []))
        self.assertNotIn(PROGRESS, found)

    def test_a_share_that_was_never_written(self):
        self.env.cr.execute("UPDATE label_print_job SET progress_percent = NULL WHERE id = %s", [self.job.id])
        self.env.invalidate_all()
        self.job._apply({self.job.id: {"current_label": 4}})
        self.assertEqual(self.messages()[PROGRESS][1]["jobs"], [[self.job.id, 4, 20, 0.0]])

    def test_progress_and_its_end_in_one_transaction(self):
        self.report(self.job, status="printing", current_label=4)
        self.report(self.job, status="completed")
        found = self.messages()
        self.assertEqual((found[CHANGED][1]["jobs"], found[CHANGED][1]["progressed"]), (self.job.ids, []))
        self.assertFalse(found[PROGRESS][1]["jobs"])
        self.assertEqual([values[:5] for values in found[PROGRESS][1]["statuses"]], [[self.job.id, 20, 20, 100.0, "completed"]])

    def test_each_company_is_told_of_its_own(self):
        other = self.env["res.company"].create({"name": "Another plant"})
        self.job.flush_recordset()
        theirs = self.make_job(10, status="printing", current_label=1, company_id=other.id)
        self.messages()
        self.env["bus.bus"].sudo().search([]).unlink()
        reports = [
            parse_job_report({"job_id": job.flask_job_id, "status": "printing", "current_label": 5})
            for job in (self.job, theirs)
        ]
        self.env["print.job.status.poller"].apply_reports(self.server, reports)
        self.env.cr.precommit.run()
        rows = self.env["bus.bus"].sudo().search([], order="id")
        sent = {}
        for row in rows:
            message = json.loads(row.message)
            if message["type"] == PROGRESS:
                sent[tuple(json.loads(row.channel)[1:])] = [values[0] for values in message["payload"]["jobs"]]
        self.assertEqual(
            sent,
            {
                tuple(self.company_channel(self.job.company_id)): self.job.ids,
                tuple(self.company_channel(other)): theirs.ids,
            },
        )

    def test_who_listens(self):
        """Those who may see jobs, at the channels of their companies: displays, too, and nobody else."""
        self.startPatcher(patch("odoo.addons.bus.models.ir_websocket.wsrequest", MagicMock()))
        other = self.env["res.company"].create({"name": "Another plant"})
        both = new_test_user(
            self.env, "lpm_both", groups="label_print_monitor.group_label_print_user",
            company_ids=[Command.set([self.env.company.id, other.id])], company_id=self.env.company.id,
        )  # fmt: skip
        display = new_test_user(self.env, "lpm_display", groups="label_print_monitor.group_label_display")
        stranger = new_test_user(self.env, "lpm_stranger")
        for user, companies in (
            (self.user, self.user.company_id),
            (display, display.company_id),
            (both, self.env.company | other),
            (stranger, other.browse()),
        ):
            channels = self.env["ir.websocket"].with_user(user)._build_bus_channel_list(["label_print_monitor"])
            plain = [channel for channel in channels if isinstance(channel, str)]
            self.assertNotIn("label_print_monitor", plain, "a channel that is a plain name is open to anybody")
            heard = [channel[0] for channel in channels if isinstance(channel, tuple) and channel[1:] == ("label_print_monitor",)]
            heard = [record for record in heard if record._name == "res.company"]
            self.assertEqual(sorted(record.id for record in heard), sorted(companies.ids))

    def test_so_many_that_reading_them_is_less(self):
        more = self.make_job(20, status="printing", current_label=3)
        self.messages()
        self.env["bus.bus"].sudo().search([]).unlink()
        self.startPatcher(patch.object(print_job_notifier, "MOST_PROGRESS", 1))
        reports = [
            parse_job_report({"job_id": job.flask_job_id, "status": "printing", "current_label": 5}) for job in (self.job, more)
        ]
        self.env["print.job.status.poller"].apply_reports(self.server, reports)
        found = self.messages()
        self.assertEqual((found[CHANGED][1]["jobs"], found[CHANGED][1]["progressed"]), ((self.job | more).ids, []))
        self.assertNotIn(PROGRESS, found)
