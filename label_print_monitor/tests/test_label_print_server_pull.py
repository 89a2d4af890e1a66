"""A print server that calls Odoo, from Odoo's side: calls, time limits, away and back, and what becomes of jobs."""

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.http_routing.tests.common import MockRequest
from odoo.addons.label_print_monitor.models import label_print_server_call as call_module
from odoo.addons.label_print_monitor.services.transport import pull_session
from odoo.addons.label_print_monitor.services.transport.print_server_client import ConfigurationError, Unreachable
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from .pull_case import INSTANCE, PullCase
from .pulled_jobs_case import PulledJobsCase

HEALTH = {"status": "ok", "version": "2.1.0", "capabilities": ["idempotency"]}


class TestCalls(PullCase):
    def setUp(self):
        super().setUp()
        self.token = self.connect()
        self.fetch(self.token)
        self.timeout = 3.0
        connection = type(self.pulling)._connection

        def limited(server):
            return replace(connection(server), timeout=self.timeout) if self.timeout else connection(server)

        self.patch(
            type(self.pulling), "_connection", limited
        )

    def serve(self, data=HEALTH, status=200, **headers):
        """Fetch the calls that wait, and answer each."""
        calls = self.fetch(self.token)["calls"]
        self.assertTrue(calls)
        self.fetch(self.token, [self.answer_to(call, data, status, **headers) for call in calls])
        return calls

    def go_away(self):
        self.pulling.token_ids.sudo().asked_at -= timedelta(seconds=61)
        self.env.flush_all()

    def calls(self):
        return self.env["label.print.server.call"].search([])

    def test_a_call_waits_for_its_answer(self):
        with self.calling([lambda: None, self.serve]) as client:
            health = client.health()
        self.assertEqual((health.version, health.capabilities), ("2.1.0", frozenset({"idempotency"})))
        self.assertFalse(self.calls())

    def test_what_is_sent(self):
        sent = []
        with self.calling([lambda: sent.extend(self.serve({"success": True, "job_id": "srv-1"}, 201))]) as client:
            client.submit({"printer": "z"}, idempotency_key="key-1")
        (call,) = sent
        self.assertEqual((call["method"], call["path"]), ("POST", "/api/print"))
        self.assertEqual(
            call["headers"],
            {"Accept": "application/json", "Content-Type": "application/json", "Idempotency-Key": "key-1"},
        )

    def test_what_the_print_server_refuses(self):
        problem = {"error": "printer_not_found", "message": "No such printer.", "code": "printer_not_found"}
        with self.calling([lambda: self.serve(problem, 404)]) as client, self.assertRaises(Exception) as caught:
            client.submit({"printer": "z"}, idempotency_key="key-1")
        self.assertTrue(caught.exception.refuses_submission)

    def test_a_limit_of_requests(self):
        with self.calling([lambda: self.serve(HEALTH, **{"X-RateLimit-Remaining": "7"})]) as client:
            client.health()
            self.assertEqual(client.rate.remaining, 7)

    def test_a_call_that_is_not_fetched_was_not_delivered(self):
        self.timeout = 0.1
        with self.pulling._client() as client, self.assertRaises(Unreachable) as caught:
            client.submit({"printer": "z"}, idempotency_key="key-1")
        self.assertEqual((caught.exception.key, caught.exception.maybe_delivered), ("not_fetched", False))
        self.assertEqual(self.fetch(self.token)["calls"], [])

    def test_a_call_that_is_not_answered_may_have_been_delivered(self):
        self.timeout = 1.0
        fetched = []
        client = self.calling([lambda: fetched.extend(self.fetch(self.token)["calls"])])
        with client, self.assertRaises(Unreachable) as caught:
            client.submit({"printer": "z"}, idempotency_key="key-1")
        error = caught.exception
        self.assertEqual((error.key, error.code, error.maybe_delivered), ("timed_out", "network_timeout", True))
        data = self.fetch(self.token, [self.answer_to(fetched[0], {"job_id": "late"})])
        self.assertEqual((data["unwanted"], data["calls"]), ([fetched[0]["call"]], []))

    def test_an_answer_in_the_last_moment(self):
        with self.calling([self.serve]) as client, patch.object(
            call_module.ServerCalls, "take", lambda calls, name: None
        ):
            self.assertEqual(client.health().version, "2.1.0")

    def test_an_answer_that_is_too_large(self):
        def serve():
            (call,) = self.fetch(self.token)["calls"]
            answer = {"call": call["call"], "status": 200, "headers": {"content-length": "9000000"}, "body": ""}
            self.fetch(self.token, [answer])

        with self.calling([serve]) as client, self.assertRaises(Exception) as caught:
            client.health()
        self.assertEqual(caught.exception.key, "answer_too_large")

    def test_away_is_known_at_once(self):
        self.go_away()
        begun = time.monotonic()
        with self.calling([]) as client, self.assertRaises(Unreachable) as caught:
            client.health()
        self.assertLess(time.monotonic() - begun, 0.2)
        error = caught.exception
        self.assertEqual((error.key, error.connected, error.maybe_delivered), ("server_away", False, False))
        self.assertFalse(self.calls())

    def test_it_is_woken_by_its_own_channel(self):
        self.env["bus.bus"].search([]).unlink()
        with self.calling([self.serve]) as client:
            client.health()
        (message,) = self.env["bus.bus"].search([("message", "like", "label_print_call")])
        self.assertEqual(json.loads(message.message), {"type": "label_print_call", "payload": {}})
        token = self.pulling.token_ids
        self.assertEqual(
            json.loads(message.channel),
            [self.env.cr.dbname, "label.print.server.token", token.id, "label_print_call"],
        )

    def test_the_database_does_not_answer(self):
        def broken(calls):
            raise OSError("the database did not answer")

        self.startPatcher(patch.object(call_module.ServerCalls, "_transaction", broken))
        with self.pulling._client() as client, self.assertRaises(Unreachable) as caught:
            client.submit({"printer": "z"}, idempotency_key="key-1")
        error = caught.exception
        self.assertEqual((error.key, error.connected, error.maybe_delivered), ("not_kept", False, False))

    def test_a_committed_call_whose_notification_failed(self):
        """It is fetched with the next poll, so that its caller waits for it."""
        whole = call_module.ServerCalls._transaction

        @contextmanager
        def transaction(calls):
            with whole(calls) as env:
                yield env
            raise OSError("the notification failed")

        calls = call_module.ServerCalls(self.env.cr.dbname, self.pulling.id, INSTANCE)
        with patch.object(call_module.ServerCalls, "_transaction", transaction):
            name = calls.put(pull_session.Call("GET", "/api/health", {}, "", 5.0))
        self.assertEqual([call["call"] for call in self.fetch(self.token)["calls"]], [name])

    def test_few_connections_at_once(self):
        """With all of them in use a call is refused before anything was sent; each is given back, whatever happens."""
        calls = call_module.ServerCalls("no_such_database", self.pulling.id)
        self.patch(call_module, "LONGEST_TURN", 0.01)
        self.patch(call_module, "_connections", threading.BoundedSemaphore(1))
        with mute_logger("odoo.sql_db", call_module.__name__):
            for _time in range(2):
                with self.assertRaisesRegex(OSError, "did not answer"):
                    calls.take("x")
        with call_module._connections, self.assertRaisesRegex(OSError, "no connection"):
            calls.take("x")

    def test_people_wait_a_short_time(self):
        """Their calls keep workers busy that the print server needs, and say nothing against it when they are late."""
        self.timeout = None
        self.assertEqual(self.pulling._connection().timeout, 5.0)
        with MockRequest(self.env):
            self.assertEqual(self.pulling._connection().timeout, 1.5)
        self.timeout = 0.1
        self.pulling.sudo().state = "ok"
        answer = self.pulling.with_user(self.manager).action_test_connection()["params"]
        self.assertEqual((answer["title"], answer["type"]), ("No answer yet", "warning"))
        self.assertRegex(answer["message"], "did not fetch.*at least two")
        self.assertEqual(self.pulling.state, "ok")

    def test_test_connection(self):
        steps = [self.serve, None, lambda: self.serve({"printers": []})]
        with self.calling(steps):
            answer = self.pulling.with_user(self.manager).action_test_connection()["params"]
        self.assertEqual(answer["title"], "Connection works")
        self.assertEqual(self.pulling.state, "ok")
        self.go_away()
        answer = self.pulling.with_user(self.manager).action_test_connection()["params"]
        self.assertRegex(answer["message"], "has not asked for work for more than 60 s.*print server runs")
        self.assertNotRegex(answer["message"], "address")
        self.assertEqual(self.pulling.state, "unreachable")


class TestSubscriptions(PullCase):
    def channels(self, *given):
        found = self.env["ir.websocket"].with_user(self.env.ref("base.public_user"))
        request = type("Request", (), {"session": type("Session", (), {"uid": None})()})()
        with patch("odoo.addons.bus.models.ir_websocket.request", request):
            return list(found._build_bus_channel_list(list(given)))

    def test_a_print_server_subscribes_with_what_it_was_given(self):
        token = self.fetch(self.connect())["websocket"]["channel"]
        record = self.pulling.token_ids
        self.assertIn((record, "label_print_call"), self.channels(token))
        self.assertNotIn(token, self.channels(token))
        self.pulling.action_revoke_tokens()
        self.assertNotIn((record, "label_print_call"), self.channels(token))

    def test_what_nobody_was_given(self):
        self.connect()
        record = self.pulling.token_ids
        for given in ("label_print_call/", "label_print_call/x", f"label.print.server.token/{record.id}", "label_print_call"):
            channels = self.channels(given)
            self.assertFalse([c for c in channels if isinstance(c, tuple)], given)


class TestModes(PullCase):
    def test_one_without_a_computer_is_not_asked(self):
        self.assertFalse(self.pulling._is_configured())
        with self.assertRaises(ConfigurationError) as caught:
            self.pulling._client()
        self.assertEqual(caught.exception.key, "server_not_enrolled")
        poller = self.env["print.job.status.poller"]
        self.assertIsNone(poller._plan(self.pulling))
        self.connect()
        self.assertTrue(poller._plan(self.pulling))

    def test_a_print_server_that_comes_back_is_asked_at_once(self):
        token = self.connect()
        self.fetch(token)
        self.pulling.sudo().write(
            {"failure_count": 9, "state": "unreachable", "next_probe_at": fields.Datetime.now() + timedelta(minutes=1)}
        )
        self.pulling.token_ids.sudo().asked_at -= timedelta(seconds=90)
        self.fetch(token)
        self.assertLessEqual(self.pulling.next_probe_at, fields.Datetime.now())

    def test_its_former_address_is_free(self):
        self.server.api_url = "http://192.0.2.9:5000"
        other = self.env["label.print.server"].create({"name": "Other", "connection_mode": "server_calls"})
        other.api_url = "http://192.0.2.9:5000"
        with self.assertRaises(ValidationError):
            other.connection_mode = "odoo_calls"

    def test_only_those_that_call_odoo_have_codes(self):
        for act in ("_make_code", "action_rotate_token", "action_revoke_tokens", "action_release_token"):
            with self.assertRaisesRegex(UserError, "called by Odoo"):
                getattr(self.server, act)()
        with self.assertRaisesRegex(UserError, "not been connected yet"):
            self.pulling.action_rotate_token()

    def test_rights(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        theirs = self.make_pulling("Theirs", company_id=company.id)
        self.connect(theirs)
        manager = new_test_user(self.env, "lpm_here", groups="label_print_monitor.group_label_print_manager")
        self.assertFalse(self.env["label.print.server.token"].with_user(manager).search([("server_id", "=", theirs.id)]))
        for act in ("_make_code", "action_rotate_token", "action_revoke_tokens", "action_release_token"):
            for user, server in ((manager, theirs), (self.user, self.pulling)):
                with self.assertRaises(AccessError):
                    getattr(server.with_user(user), act)()
        with self.assertRaises(AccessError):
            self.env["label.print.server.token"].with_user(self.user).search([])

    def test_deleted(self):
        token = self.connect()
        self.env["label.print.server.call"]._put(self.pulling.id, pull_session.Call("GET", "/api/health", {}, "", 5.0))
        self.pulling.unlink()
        self.assert_refused(self.ask(token), 401, "token_unknown")
        self.assertFalse(self.env["label.print.server.call"].search([]))


class TestPulledJobs(PulledJobsCase):
    """The engine as it is."""

    def test_a_job_is_printed_and_followed(self):
        job = self.make_job(2)
        self.submit()
        self.assertEqual((job.status, len(self.remote.printed)), ("queued", 1))
        self.sweep()
        self.end_all()
        self.sweep()
        self.assert_matches_server()
        self.assertEqual(self.server.state, "ok")

    def test_a_lost_answer_prints_once(self):
        job = self.make_job(2)
        self.lost_answers = 1
        self.submit()
        self.submit(later=60)
        self.assertEqual(job.status, "queued")
        self.assertEqual(len({key for key, _payload in self.remote.printed}), 1)
        self.assertEqual(len(self.remote.printed), 1)

    def test_jobs_wait_while_it_is_away(self):
        self.token.asked_at = fields.Datetime.now() - timedelta(seconds=61)
        job = self.make_job(2)
        self.submit()
        self.sweep(3)
        self.assertEqual((job.status, self.server.state, len(self.remote.printed)), ("pending", "unreachable", 0))
        self.assertEqual(self.server.state_problem["key"], "server_away")
        self.assertIn("Print server cannot be reached", self.notices())
        self.token.asked_at = fields.Datetime.now()
        self.sweep()
        self.assertEqual(self.server.state, "ok")
        self.submit(later=60)
        self.assertEqual((job.status, len(self.remote.printed)), ("queued", 1))

    def test_a_print_server_that_stops_fetching_has_nothing_in_doubt(self):
        self.fetches = False
        job = self.make_job(2)
        self.submit()
        self.assertEqual((job.status, job.submission), ("pending", "not_sent"))
