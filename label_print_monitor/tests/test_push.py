"""The signed events route: what is accepted and refused, and that push and polling have the same result."""

import json
import logging
import time
from datetime import timedelta

from odoo import fields
from odoo.addons.label_print_monitor.models import printer_reports
from odoo.addons.label_print_monitor.services.contract.event_signature import (
    FORMER_HEADER,
    SIGNATURE_HEADER,
    make_secret,
    sign,
    sign_as_before,
)
from odoo.addons.label_print_monitor.services.contract.payloads import parse_job_report
from odoo.api import Environment
from odoo.exceptions import ValidationError
from odoo.tests import HttpCase
from odoo.tools import mute_logger
from psycopg2.errors import SerializationFailure

from .common import LabelPrintCase

SECRET = "push-secret"
ROUTE = "/label_print_monitor/events"


class Conflict(SerializationFailure):
    pgcode = "40001"  # which only the driver can set otherwise


class TestPush(LabelPrintCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.webhook_secret = SECRET

    def post(self, events, secret=SECRET, at=None, body=None, route=ROUTE, **headers):
        if body is None:
            body = json.dumps({"events": events}).encode()
        at = int(time.time()) if at is None else at
        headers = {"Content-Type": "application/json", **sign(secret, "msg_1", at, body), **headers}
        return self.url_open(route, data=body, headers=headers)

    def event(self, job, **data):
        return {"id": f"event-{time.monotonic_ns()}", "type": "job", "job_id": job.flask_job_id, **data}

    def test_signed_events_are_applied(self):
        job = self.make_job(status="sent")
        answer = self.post([self.event(job, status="printing", current_label=4)])
        self.assertEqual(answer.status_code, 204)
        self.assertEqual((job.status, job.current_label), ("printing", 4))
        self.assertTrue(self.server.push_last_at)

    def test_printer_events_are_applied(self):
        event = {
            "id": "1", "type": "printer", "name": "zebra-line-1", "status": "attention",
            "state_reasons": ["media-empty-error"], "occurred_at": "2020-01-01T00:00:00Z",
        }  # fmt: skip
        self.assertEqual(self.post([event]).status_code, 204)
        self.assertEqual(self.printer.status, "attention")
        self.assertEqual(self.printer.state_reasons[0]["keyword"], "media-empty")

    def test_wrong_signature(self):
        job = self.make_job(status="sent")
        events = [self.event(job, status="completed")]
        self.assertEqual(self.post(events, secret="another").status_code, 401)
        self.assertEqual(self.post(events, **{SIGNATURE_HEADER: "v1,zz"}).status_code, 401)
        self.assertEqual(self.post(events, **{SIGNATURE_HEADER: ""}).status_code, 401)
        self.assertEqual(job.status, "sent")

    def test_a_print_server_of_before(self):
        """It sends the former header alone."""
        job = self.make_job(status="sent")
        body = json.dumps({"events": [self.event(job, status="printing", current_label=4)]}).encode()
        for secret, code in (("another", 401), (SECRET, 204)):
            header = sign_as_before(secret, int(time.time()), body)
            headers = {"Content-Type": "application/json", FORMER_HEADER: header}
            self.assertEqual(self.url_open(ROUTE, data=body, headers=headers).status_code, code)
        self.assertEqual(job.current_label, 4)

    def test_a_secret_of_standard_webhooks(self):
        self.server.webhook_secret = secret = make_secret(b"0123456789abcdef01234567")
        job = self.make_job(status="sent")
        self.assertEqual(self.post([self.event(job, status="printing")], secret=secret).status_code, 204)
        for malformed in ("whsec_", "whsec_not base64", "whsec_abc"):
            with self.assertRaisesRegex(ValidationError, "begins with whsec_"):
                self.server.webhook_secret = malformed
        self.assertEqual(self.server._secret("webhook_secret"), secret)

    def test_an_archived_print_server_is_told_to_stop(self):
        """Whoever has not its secret learns nothing of it, and where it is not archived any more it goes on."""
        job = self.make_job(status="completed")
        server = self.env["label.print.server"].create({"name": "Hall 2", "api_url": "http://hall-2.example.com"})
        server.webhook_secret = "of hall 2"
        event = self.event(job, status="failed")
        server.active = False
        self.assertEqual(self.post([event], secret="of hall 2").status_code, 410)
        self.assertEqual(self.post([event], secret="of hall 2", route=f"{ROUTE}/{server.id}").status_code, 410)
        self.assertEqual(self.post([event], secret="of hall 3").status_code, 401)
        self.assertEqual(self.post([event], secret="of hall 2", route=f"{ROUTE}/{self.server.id}").status_code, 403)
        server.active = True
        self.assertEqual(self.post([event], secret="of hall 2").status_code, 204)

    def test_a_modified_body(self):
        job = self.make_job(status="sent")
        body = json.dumps({"events": [self.event(job, status="queued")]}).encode()
        headers = sign(SECRET, "msg_1", int(time.time()), body)
        answer = self.post(None, body=body.replace(b"queued", b"failed"), **headers)
        self.assertEqual(answer.status_code, 401)
        self.assertEqual(job.status, "sent")

    def test_old_timestamp(self):
        job = self.make_job(status="sent")
        events = [self.event(job, status="completed")]
        self.assertEqual(self.post(events, at=int(time.time()) - 301).status_code, 401)
        self.assertEqual(self.post(events, at=int(time.time()) + 400).status_code, 401)
        self.assertEqual(job.status, "sent")

    def test_a_clock_that_is_off_is_told_apart(self):
        job = self.make_job(status="sent")
        answer = self.post([self.event(job, status="completed")], at=int(time.time()) - 600)
        self.assertEqual(answer.status_code, 401)
        self.assertIn("clock", answer.json()["error"])
        self.assertEqual(round(self.server.events_refused_skew, -1), -600)
        self.assertIn("refused", self.server.clock_warning)
        self.assertFalse(self.server.clock_skew, "an old event that is repeated must not change the times of new labels")
        self.post([self.event(job, status="printing")])
        self.server.push_last_at = fields.Datetime.now() + timedelta(seconds=1)
        self.assertFalse(self.server.clock_warning)
        self.assertNotIn("clock", self.post([], secret="another", at=int(time.time()) - 600).json()["error"])

    def test_events_that_were_recorded_say_nothing_of_the_clock(self):
        job = self.make_job(status="sent")
        self.patch(type(self.server), "_push_is_live", lambda *_args: True)
        answer = self.post([self.event(job, status="completed")], at=int(time.time()) - 86400)
        self.assertEqual(answer.status_code, 401)
        self.assertFalse(self.server.events_refused_skew)

    def test_a_request_that_runs_twice(self):
        """Seen: after a serialization failure Odoo ran it again, the body was gone, and the answer 401."""
        job = self.make_job(status="sent")
        Poller = type(self.env["print.job.status.poller"])
        apply_reports, calls = Poller.apply_reports, []

        def fail_once(poller, *args, **options):
            calls.append(args)
            if len(calls) == 1:
                raise Conflict("could not serialize access due to concurrent update")
            return apply_reports(poller, *args, **options)

        self.patch(Poller, "apply_reports", fail_once)
        with mute_logger("odoo.service.model"):
            answer = self.post([self.event(job, status="printing", current_label=4)])
        self.assertEqual((answer.status_code, len(calls)), (204, 2))
        self.assertEqual(job.status, "printing")

    def test_a_conflict_is_no_error_in_the_log(self):
        """Odoo runs the request again: nobody has to do anything about a statement that was refused meanwhile."""
        job = self.make_job(status="sent")
        Printer, flush_all = type(self.env["printer.configuration"]), Environment.flush_all
        apply_reports, conflicts = Printer._apply_reports, ["applying", "writing at the end"]

        def refuse(where):
            if conflicts and conflicts[0] == where:
                conflicts.pop(0)
                error = Conflict("could not serialize access due to concurrent update")
                logging.getLogger("odoo.sql_db").error("bad query: %s\nERROR: %s", "UPDATE", error)
                raise error

        def apply_printers(printers, *args, **options):
            refuse("applying")
            result = apply_reports(printers, *args, **options)
            self.patch(Environment, "flush_all", flush)
            return result

        def flush(env):
            refuse("writing at the end")
            return flush_all(env)

        self.patch(Printer, "_apply_reports", apply_printers)
        with mute_logger("odoo.service.model"), self.assertNoLogs("odoo.sql_db", "ERROR"):
            answer = self.post([self.event(job, status="printing", current_label=4)])
        self.assertEqual((answer.status_code, conflicts), (204, []))

    def test_a_secret_that_is_repeated_is_kept_nowhere(self):
        job = self.make_job(status="sent")
        self.server.api_key = "the-api-key"
        words = f"refused the-api-key signed by {SECRET}"
        self.post([self.event(job, status="failed", error_message=words)])
        self.assertEqual(job.error_message, "refused *** signed by ***")

    def test_printers_without_end(self):
        self.patch(printer_reports, "MAX_PRINTERS", 3)
        events = [{"id": str(n), "type": "printer", "name": f"P{n}", "status": "online"} for n in range(8)]
        with self.assertLogs("odoo.addons.label_print_monitor.models.printer_reports", "WARNING"):
            self.assertEqual(self.post(events).status_code, 204)
        printers = self.env["printer.configuration"].search([("server_id", "=", self.server.id)])
        self.assertEqual(len(printers), 3)
        self.assertFalse((printers - self.printer).message_ids)

    def test_without_a_secret_every_event_is_refused(self):
        job = self.make_job(status="sent")
        self.server.webhook_secret = ""
        self.assertEqual(self.post([self.event(job, status="completed")], secret="").status_code, 401)
        self.assertEqual(job.status, "sent")

    def test_oversized_body_is_refused_before_it_is_looked_at(self):
        self.assertEqual(self.post(None, body=b" " * (1024 * 1024 + 1)).status_code, 413)

    def test_wrong_content_type(self):
        for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
            with self.subTest(kind):
                self.assertEqual(self.post([], **{"Content-Type": kind}).status_code, 415)

    def test_get_is_not_offered(self):
        self.assertIn(self.url_open(ROUTE).status_code, (404, 405))

    def test_a_body_that_is_no_list_of_events(self):
        for body in (b"{", b"[]", b'{"events": 5}', b"null", b'"' + b"[" * 5000):
            with self.subTest(body[:10]):
                self.assertEqual(self.post(None, body=body).status_code, 400)

    def test_unknown_jobs_and_invalid_events_are_ignored_and_the_rest_applied(self):
        job = self.make_job(status="sent")
        events = [
            {"id": "a", "type": "job", "job_id": "nobody-knows", "status": "completed"},
            {"id": "b", "type": "weather"},
            {"id": "c", "type": "job"},
            None,
            self.event(job, status="printing", current_label=10**400, progress_percent=-3),
        ]
        answer = self.post(events)
        self.assertEqual(answer.status_code, 204)
        self.assertEqual(job.status, "printing")

    def test_the_same_event_twice_is_one_toast(self):
        job = self.make_job(status="printing")
        events = [self.event(job, status="completed")]
        for _time in range(2):
            self.assertEqual(self.post(events * 2).status_code, 204)
        self.assertEqual(job.status, "completed")
        self.assertEqual(len(self.sent_toasts(self.user)), 1)

    def test_push_and_polling_of_one_outcome_are_one_toast(self):
        job = self.make_job(status="printing")
        self.post([self.event(job, status="failed", error_code="paper_out")])
        report = parse_job_report({"job_id": job.flask_job_id, "status": "failed", "error_code": "paper_out"})
        self.env["print.job.status.poller"].apply_reports(self.server, [report])
        self.assertEqual(len(self.sent_toasts(self.user)), 1)

    def test_out_of_order_never_goes_backwards(self):
        job = self.make_job(status="sent")
        self.post([self.event(job, status="printing", current_label=9)])
        self.post([self.event(job, status="queued"), self.event(job, status="printing", current_label=5)])
        self.assertEqual((job.status, job.current_label), ("printing", 9))
        self.post([self.event(job, status="completed"), self.event(job, status="printing", current_label=19)])
        self.assertEqual((job.status, job.current_label), ("completed", 20))
        self.assertEqual(len(self.sent_toasts(self.user)), 1)

    def test_one_server_cannot_change_anothers_jobs(self):
        other = self.env["label.print.server"].create({"name": "Other", "webhook_secret": "other-secret"})
        job = self.make_job(status="sent")
        self.assertEqual(self.post([self.event(job, status="completed")], secret="other-secret").status_code, 204)
        self.assertEqual(job.status, "sent")
        self.assertTrue(other.push_last_at)

    def test_each_server_has_an_address_of_its_own(self):
        other = self.env["label.print.server"].create({"name": "Other", "webhook_secret": "other-secret"})
        job = self.make_job(status="sent")
        events = [self.event(job, status="printing", current_label=4)]
        self.assertTrue(self.server.events_url.endswith(f"{ROUTE}/{self.server.id}"))
        answer = self.post(events, route=f"{ROUTE}/{other.id}")
        self.assertEqual(answer.status_code, 403)
        self.assertIn("address of another print server", answer.json()["error"])
        self.assertEqual((job.status, other.push_last_at, self.server.push_last_at), ("sent", False, False))
        for route, secret in (
            (f"{ROUTE}/{self.server.id}", "another"), (f"{ROUTE}/{other.id}", "another"), (f"{ROUTE}/0", "another"),
            (ROUTE, "another"),
        ):  # fmt: skip
            answer = self.post(events, route=route, secret=secret)
            self.assertEqual((answer.status_code, job.status), (401, "sent"), "a stranger learns no numbers")
        self.assertEqual(self.post(events, route=f"{ROUTE}/0").status_code, 403)
        self.assertEqual(self.post(events, route=f"{ROUTE}/{self.server.id}").status_code, 204)
        self.assertEqual((job.status, job.current_label), ("printing", 4))

    def test_the_address_decides_between_servers_with_one_secret(self):
        """As a database of the first release may hold them."""
        other = self.env["label.print.server"].create({"name": "Other", "webhook_secret": "other-secret"})
        third = self.env["label.print.server"].create({"name": "Third", "webhook_secret": "third-secret"})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE label_print_server_secret SET webhook_secret = 'other-secret' WHERE server_id = %s", [third.id]
        )
        self.env.invalidate_all()
        for server in other, third:
            answer = self.post([], route=f"{ROUTE}/{server.id}", secret="other-secret")
            self.assertEqual((answer.status_code, bool(server.push_last_at)), (204, True))

    def test_a_query_is_no_address(self):
        self.assertEqual(self.post([], route=f"{ROUTE}?server_id=0").status_code, 204)

    def test_after_a_retry_events_of_the_first_attempt_are_ignored(self):
        job = self.make_job(status="printing")
        late = self.event(job, status="completed")
        self.post([self.event(job, status="failed", current_label=8, error_code="paper_out")])
        self.look_and_retry(job.with_user(self.user), [9, 10])
        self.assertEqual(self.post([late]).status_code, 204)
        self.assertEqual(job.status, "pending")

    def test_events_that_say_nothing_new_write_nothing(self):
        job = self.make_job(status="sent")
        events = [self.event(job, status="printing", current_label=4)]
        self.post(events)
        stamp, messages = job.write_date, self.env["bus.bus"].search_count([])
        self.post(events)
        self.assertEqual(job.write_date, stamp)
        self.assertEqual(self.env["bus.bus"].search_count([]), messages)
