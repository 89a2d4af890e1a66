"""Handing jobs over: never lost, never printed twice, whatever breaks between Odoo and the print server."""

import threading
from datetime import timedelta
from unittest.mock import patch

from odoo import api, fields
from odoo.addons.label_print_monitor.models import print_job_submitter as submitter_module
from odoo.addons.label_print_monitor.models.label_print_attempt_account import AttemptUpdate
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tests import TransactionCase
from odoo.tools import mute_logger

from .submission_case import SubmissionCase


class TestSubmission(SubmissionCase):
    def test_a_job_is_handed_over_once(self):
        job = self.make_job()
        self.submit()
        self.assertEqual((job.status, job.flask_job_id), ("queued", "made-1"))
        self.assertEqual([entry["status"] for entry in job.timeline], ["pending", "sent", "queued"])
        self.submit(later=300)
        ((key, payload),) = self.remote.printed
        self.assertEqual(key, job.idempotency_key)
        self.assertEqual((payload["printer"], payload["quantity"], len(payload["labels"])), ("zebra-line-1", 20, 20))

    def test_an_answer_that_was_lost_is_asked_for_again_and_prints_once(self):
        lost = []

        def lose_first(handler):
            if lost:
                return False
            lost.append(True)
            return self.die_after_sending(handler)

        self.remote.faulty_paths = ("/api/print",)
        self.remote.fault = lose_first
        job = self.make_job()
        self.submit()
        self.assertEqual(len(self.remote.printed), 1)
        self.assertEqual((job.status, job.flask_job_id), ("queued", "made-1"))

    def test_down_holds_the_job_and_it_is_submitted_later(self):
        self.remote.stop()
        job = self.make_job()
        self.submit()
        self.assertEqual(job.status, "pending")
        self.assertTrue(job.unverified_since and job.unverified_reason)
        self.assertFalse(job.submit_started_at)
        self.assertFalse(self.sent_toasts(self.user))
        self.remote.start()
        self.submit(later=60)
        self.assertEqual(job.status, "queued")
        self.assertFalse(job.unverified_since)
        self.assertEqual(len(self.remote.printed), 1)

    def test_503_and_429_hold_the_job(self):
        for status in (503, 429):
            with self.subTest(status):
                self.remote.fault = lambda handler, status=status: handler.send_json({"error": "later"}, status)
                job = self.make_job()
                self.submit()
                self.assertEqual(job.status, "pending")
                self.remote.fault = None
                self.submit(later=60)
                self.assertEqual(job.status, "queued")

    def test_a_refusal_fails_the_job_and_tells_its_owner_once(self):
        self.remote.fault = lambda handler: handler.send_json({"error": "no", "message": "bad label"}, 400)
        job = self.make_job()
        self.submit()
        self.assertEqual(job.status, "failed")
        self.assertIn("bad label", job.error_message)
        self.assertEqual(len(self.sent_toasts(self.user)), 1)
        self.assertTrue(job.can_retry)

    def test_an_unknown_printer_fails_the_job(self):
        self.remote.fault = "404"
        job = self.make_job()
        self.submit()
        self.assertEqual((job.status, job.error_code), ("failed", "printer_not_found"))

    def test_a_refused_key_holds_the_job_until_it_is_mended(self):
        self.remote.fault = "401"
        job = self.make_job()
        self.submit()
        self.assertEqual((job.status, job.submission, job.error_code), ("pending", "not_sent", False))
        self.assertIn("key", job.unverified_reason)
        self.sweep()
        self.assertEqual(self.server.state, "misconfigured", "the print server says what is wrong")
        self.assertFalse(self.sent_toasts(self.user))
        self.remote.fault = None
        self.submit(later=60)
        self.assertEqual(job.status, "queued")
        self.assertEqual(len(self.remote.printed), 1)

    def test_answers_that_are_none_hold_the_job_and_print_once(self):
        """A redirect, a web page, a proxy's refusal: also where the server behind them has taken the job in."""
        page = b"<html><body>maintenance</body></html>"
        for accepted in (False, True):
            for status, body, kind in (
                (302, b"", "text/html"), (200, page, "text/html"), (403, page, "text/html"),
                (404, page, "text/html"), (503, page, "text/html"),
            ):  # fmt: skip
                with self.subTest(status=status, accepted=accepted):
                    before = len(self.remote.printed)

                    def spoil(handler, status=status, body=body, kind=kind, accepted=accepted):
                        if accepted:
                            handler.accept()
                        handler.send_raw(body, status, kind)
                        return True

                    self.remote.faulty_paths = ("/api/print",)
                    self.remote.fault = spoil
                    job = self.make_job()
                    self.submit()
                    self.assertEqual((job.status, job.submission), ("pending", "maybe"))
                    self.assertTrue(job.unverified_reason)
                    self.remote.fault = None
                    self.submit(later=60)
                    self.assertIn(job.status, ("sent", "queued"))
                    self.assertEqual(len(self.remote.printed), before + 1)
                    self.assertFalse(self.sent_toasts(self.user))

    def test_no_address_holds_the_job(self):
        self.env["ir.config_parameter"].set_param("label_print.api_url", False)
        job = self.make_job()
        self.submit()
        self.assertEqual(job.status, "pending")
        self.assertTrue(job.unverified_reason)

    def leave_leased(self):
        """A job whose submission Odoo did not live to note."""
        job = self.make_job()
        with patch.object(type(self.env["print.job.submitter"]), "_finish", lambda *_args: None):
            self.submit()
        self.assertEqual(job.status, "pending")
        self.assertTrue(job.submit_started_at)
        return job

    def test_after_a_crash_the_next_run_takes_the_job_over_and_it_is_printed_once(self):
        job = self.leave_leased()
        self.submit()
        self.assertEqual((job.status, job.flask_job_id), ("queued", "made-1"))
        self.assertEqual(len(self.remote.printed), 1)

    def test_the_lease_holds_against_whoever_is_not_the_scheduled_action(self):
        job = self.leave_leased()
        self.env["print.job.submitter"]._release_leases()
        self.assertFalse(self.env["print.job.submitter"]._lease())
        job.next_poll_at -= timedelta(seconds=61)
        self.assertEqual(self.env["print.job.submitter"]._lease(), job)

    @mute_logger("odoo.addons.label_print_monitor.models.print_job_submitter")
    def test_one_answer_that_cannot_be_noted_undoes_no_other(self):
        jobs = self.make_job() | self.make_job()
        accepted = type(self.env["print.job.submitter"])._accepted

        def fail_for_first(submitter, job, answer, note=None):
            if job == jobs[0]:
                raise ZeroDivisionError
            return accepted(submitter, job, answer, note)

        self.patch(type(self.env["print.job.submitter"]), "_accepted", fail_for_first)
        self.submit()
        self.assertEqual(jobs.mapped("status"), ["pending", "queued"])
        self.patch(type(self.env["print.job.submitter"]), "_accepted", accepted)
        self.submit(later=61)
        self.assertEqual(jobs.mapped("status"), ["queued", "queued"])
        self.assertEqual(len(self.remote.printed), 2)

    def test_urgent_jobs_go_first(self):
        large, small = self.make_job(quantity=300), self.make_job(quantity=3)
        self.startPatcher(patch.object(submitter_module, "WORKERS", 1))
        self.submit()
        self.assertEqual([payload["quantity"] for _key, payload in self.remote.printed], [3, 300])
        self.assertTrue(large.flask_job_id and small.flask_job_id)

    def test_while_a_server_is_probed_its_jobs_wait_and_others_do_not(self):
        other = self.env["label.print.server"].create({"name": "Other"})
        remote = self.start_remote()
        self.use(other, remote)
        waiting, going = self.make_job(), self.make_job(server_id=other.id)
        self.server.next_probe_at = fields.Datetime.now() + timedelta(seconds=30)
        self.submit()
        self.assertEqual((waiting.status, going.status), ("pending", "queued"))
        self.assertFalse(self.remote.requests)


class TestTwoPeople(TransactionCase):
    """Two real transactions at once: the row lock decides, and nobody prints twice."""

    def setUp(self):
        super().setUp()
        self.registry_ = Registry(self.env.cr.dbname)
        with self.registry_.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            printer = env["printer.configuration"].create({"name": "Two", "cups_name": "two-people"})
            users = env["res.users"].create(
                [
                    {"name": login, "login": login, "group_ids": [(4, env.ref("label_print_monitor.group_label_print_user").id)]}
                    for login in ("two_a", "two_b")
                ]
            )
            job = env["label.print.job"].create(
                {
                    "printer_id": printer.id, "quantity": 3, "status": "printing", "flask_job_id": "two",
                    "labels_data": [{"zpl_code": "^XA^FDx^FS^XZ"}] * 3,
                }
            )  # fmt: skip
            job._record({job.id: AttemptUpdate(1, outcome="failed", code="paper_out")})
            self.ids = printer.id, users.ids, job.id
        self.addCleanup(self.remove)

    def remove(self):
        printer, users, job = self.ids
        with self.registry_.cursor() as cr:
            for query, id_ in (
                ("DELETE FROM label_print_failed_label WHERE job_id = %s", job),
                ("DELETE FROM label_print_attempt WHERE job_id = %s", job),
                ("DELETE FROM label_print_record WHERE job_id = %s", job),
                ("DELETE FROM label_print_specimen WHERE job_id = %s", job),
                ("DELETE FROM label_print_job WHERE id = %s", job),
                ("DELETE FROM printer_configuration WHERE id = %s", printer),
            ):
                cr.execute(query, [id_])
            cr.execute("DELETE FROM bus_bus")
            cr.execute("DELETE FROM ir_cron_trigger")
            api.Environment(cr, api.SUPERUSER_ID, {})["res.users"].browse(users).write({"active": False})

    def test_both_press_retry_and_one_attempt_is_opened(self):
        _printer, users, job_id = self.ids
        meet = threading.Barrier(2, timeout=20)
        outcomes = []

        def press(uid):
            try:
                with self.registry_.cursor() as cr:
                    job = api.Environment(cr, uid, {})["label.print.job"].browse(job_id)
                    self.assertTrue(job.can_retry)  # both have seen the button
                    meet.wait()
                    job._retry([2, 3])
                    # Not before both have tried: whoever was later must find the row locked.
                    cr.execute("SELECT pg_sleep(0.3)")
                outcomes.append("retried")
            except UserError:
                outcomes.append("refused")

        threads = [threading.Thread(target=press, args=(uid,)) for uid in users]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        self.assertEqual(sorted(outcomes), ["refused", "retried"])
        with self.registry_.cursor() as cr:
            job = api.Environment(cr, api.SUPERUSER_ID, {})["label.print.job"].browse(job_id)
            self.assertEqual((job.status, job.attempt_number, len(job.attempt_ids)), ("pending", 2, 2))
