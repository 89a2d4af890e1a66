"""The route by which print servers fetch calls and answer them, and what is refused in which words."""

import logging
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.label_print_monitor.models import label_print_server_token as token_module
from odoo.addons.label_print_monitor.services.contract import pull_messages
from odoo.addons.label_print_monitor.services.transport.pull_session import Call
from odoo.tools import SQL

from .pull_case import INSTANCE, OTHER, PULL, PullCase

CALL = Call("GET", "/api/health", {"Accept": "application/json"}, "", 5.0)


class TestPulls(PullCase):
    def setUp(self):
        super().setUp()
        self.token = self.connect()

    def put(self, server=None, call=CALL):
        return self.env["label.print.server.call"]._put((server or self.pulling).id, call)

    def state_of(self, name):
        call = self.env["label.print.server.call"].search([("name", "=", name)])
        call.invalidate_recordset()
        return call.state

    def test_a_call_and_its_answer(self):
        self.assertEqual(self.fetch(self.token)["calls"], [])
        name = self.put(call=Call("POST", "/api/print", {"Idempotency-Key": "k1"}, "e30=", 5.0))
        data = self.fetch(self.token)
        (call,) = data["calls"]
        self.assertTrue(0 < call.pop("expires_in") <= 5)
        self.assertEqual(
            call,
            {"call": name, "method": "POST", "path": "/api/print", "headers": {"Idempotency-Key": "k1"}, "body": "e30="},
        )
        self.assertEqual(self.fetch(self.token)["calls"], [])  # it is being carried out
        self.assertEqual(self.fetch(self.token, [self.answer_to(call | {"call": name}, {"ok": 1})])["unwanted"], [])
        state, answer = self.env["label.print.server.call"]._take(name)
        self.assertEqual((state, answer.status), ("answered", 200))
        self.assertEqual(dict(answer.headers), {"Content-Type": "application/json"})

    def test_what_the_print_server_is_told(self):
        data = self.fetch(self.token)
        self.assertEqual((data["protocol"], data["again_in"], data["more"]), (1, 25, False))
        self.assertRegex(data["websocket"]["path"], r"\A/websocket\?version=\S+\Z")
        self.assertEqual(data["websocket"]["notification"], "label_print_call")
        self.assertEqual(data["websocket"]["channel"], self.pulling.token_ids.sudo().channel)
        self.assertNotIn("cookie", data["websocket"])

    def test_a_call_is_handed_over_again_after_a_second(self):
        name = self.put()
        for _time in range(2):
            self.assertEqual([call["call"] for call in self.fetch(self.token)["calls"]], [name])
            self.env.cr.execute(
                "UPDATE label_print_server_call SET handed_over_at = handed_over_at - interval '2 s' WHERE name = %s",
                [name],
            )

    def test_a_call_whose_caller_has_gone_is_handed_over_no_more(self):
        self.put(call=Call("GET", "/api/health", {}, "", -1.0))
        self.assertEqual(self.fetch(self.token)["calls"], [])
        self.assertTrue(type(self.env["label.print.server.call"])._remove_expired._autovacuum, "Odoo calls it once a day")
        self.env["label.print.server.call"]._remove_expired()
        self.assertFalse(self.env["label.print.server.call"].search([]))

    def test_answers_that_nobody_wants(self):
        other = self.make_pulling("Other")
        other_token = self.connect(other, instance=OTHER)
        of_other, mine, late = self.put(other), self.put(), self.put()
        calls = {call["call"]: call for call in self.fetch(self.token)["calls"]}
        self.assertEqual(set(calls), {mine, late})
        self.fetch(other_token, instance=OTHER)
        self.env.cr.execute(
            "UPDATE label_print_server_call SET expires_at = expires_at - interval '10 s' WHERE name = %s", [late]
        )
        answers = [self.answer_to({"call": name}, {}) for name in (of_other, "unknown", late, mine, mine)]
        self.assertEqual(self.fetch(self.token, answers)["unwanted"], [of_other, "unknown", late, mine])
        self.assertEqual((self.state_of(of_other), self.state_of(mine)), ("handed_over", "answered"))
        # Once answered, it stays so.
        self.assertEqual(self.fetch(self.token, answers[3:4])["unwanted"], [mine])

    def test_an_answer_before_the_call_was_handed_over(self):
        name = self.put()
        data = self.fetch(self.token, [self.answer_to({"call": name}, {})])
        self.assertEqual(data["unwanted"], [name])
        self.assertEqual([call["call"] for call in data["calls"]], [name])

    def test_answers_out_of_order(self):
        names = [self.put() for _number in range(3)]
        calls = self.fetch(self.token)["calls"]
        self.assertEqual([call["call"] for call in calls], names)
        for number, call in reversed(list(enumerate(calls))):
            self.assertEqual(self.fetch(self.token, [self.answer_to(call, {"number": number})])["unwanted"], [])
        for number, name in enumerate(names):
            answer = self.env["label.print.server.call"]._take(name)[1]
            self.assertEqual(answer, self.kept(self.answer_to({"call": name}, {"number": number})))

    def kept(self, answer):
        from odoo.addons.label_print_monitor.services.transport.pull_session import Answer

        return Answer(answer["status"], answer["headers"], answer["body"])

    def test_answers_that_cannot_be_used_spoil_no_other(self):
        good, *bad = [self.put() for _number in range(6)]
        self.fetch(self.token)
        answers = [
            {"call": bad[0], "status": "200"},
            {"call": bad[1], "status": 200, "body": "no base64!"},
            {"call": bad[2], "status": 99},
            {"call": bad[3], "status": 200, "body": ["x"]},
            {"call": bad[4], "status": 200, "headers": ["x"]},
            self.answer_to({"call": good}, {"ok": 1}),
        ]
        self.assertEqual(sorted(self.fetch(self.token, answers)["unwanted"]), sorted(bad))
        self.assertEqual(self.state_of(good), "answered")

    def test_an_answer_that_is_too_large(self):
        self.patch(pull_messages, "MAX_ANSWER", 10)
        name = self.put()
        (call,) = self.fetch(self.token)["calls"]
        self.assertEqual(self.fetch(self.token, [self.answer_to(call, {"text": "x" * 100})])["unwanted"], [])
        answer = self.env["label.print.server.call"]._take(name)[1]
        self.assertEqual((answer.body, answer.headers["Content-Length"]), ("", "112"))

    def test_what_is_no_question(self):
        good = {"protocol": 1, "instance": INSTANCE, "version": "1", "answers": []}
        authorized = {"Authorization": f"Bearer {self.token}"}
        for bad in (
            b" ", b"{", b"[]", b"\xff", {**good, "answers": {}}, {**good, "answers": [1]}, {**good, "answers": [{}]},
            {**good, "answers": [{"call": "a b"}]}, {**good, "answers": [{"call": 1}]}, {**good, "instance": 1},
            {**good, "answers": [{"call": "x"}] * 101}, {**good, "protocol": None},
        ):  # fmt: skip
            with self.subTest(str(bad)[:80]):
                self.assert_refused(self.post(PULL, bad, **authorized), 400, "bad_request")
        self.assert_refused(self.post(PULL, good, **{**authorized, "Content-Type": "text/xml"}), 415, "bad_request")

    def test_a_request_that_is_too_large(self):
        from odoo.addons.label_print_monitor.controllers import print_pull

        self.patch(print_pull, "MAX_REQUEST", 200)
        self.assert_refused(self.ask(self.token, version="x" * 300), 413, "too_large")

    def test_many_calls_come_in_parts(self):
        names = [self.put() for _number in range(51)]
        data = self.fetch(self.token)
        self.assertEqual(([call["call"] for call in data["calls"]], data["more"]), (names[:50], True))
        data = self.fetch(self.token)
        self.assertEqual(([call["call"] for call in data["calls"]], data["more"]), (names[50:], False))

    def test_strangers_learn_nothing(self):
        name = self.put()
        said = set()
        for given in ("", "Bearer", "Bearer ", f"Basic {self.token}", "Bearer lpt_x", f"Bearer {self.token}x", "Bearer ä"):
            for body in ({"protocol": 9}, b"{", {"protocol": 1, "instance": INSTANCE}):
                answer = self.post(PULL, body, Authorization=given.encode())
                self.assert_refused(answer, 401, "token_unknown")
                said.add(answer.text)
        self.assertEqual(len(said), 1)
        self.assertEqual(self.state_of(name), "waiting")

    def test_a_protocol_of_another_version(self):
        self.assert_refused(self.ask(self.token, protocol=2), 426, "protocol_unsupported", "update Odoo's module")

    def test_a_second_print_server_with_one_token(self):
        self.fetch(self.token)
        name = self.put()
        answer = self.ask(self.token, instance=OTHER)
        self.assert_refused(answer, 409, "other_instance", r"the one on line-pc, which asked last at \d{4}-.* UTC.*stop the other print server first, then choose Release")
        self.assertEqual(self.state_of(name), "waiting")
        self.pulling.action_release_token()
        # The former one may have carried it out.
        self.assertEqual(self.fetch(self.token, instance=OTHER)["calls"], [])
        self.assert_refused(self.ask(self.token), 409, "other_instance")

    def test_what_a_manager_has_ended(self):
        self.fetch(self.token)
        self.put()
        self.pulling.active = False
        self.assert_refused(self.ask(self.token), 410, "server_archived")
        self.pulling.active = True
        self.fetch(self.token)
        self.pulling.action_revoke_tokens()
        self.assert_refused(self.ask(self.token), 403, "token_revoked", "make a new code")
        token = self.connect()
        self.pulling.write({"connection_mode": "odoo_calls"})
        self.assert_refused(self.ask(token), 403, "token_revoked")
        self.assertFalse(self.env["label.print.server.call"].search([]))

    def test_rotation_with_overlap(self):
        self.fetch(self.token)
        self.pulling.action_rotate_token()
        self.assertEqual(self.pulling.live_token_id.state, "rotated")
        new = self.fetch(self.token)["token"]
        self.assertNotIn("token", self.fetch(self.token))  # not two within a minute
        name = self.put()
        self.assertEqual([call["call"] for call in self.fetch(new)["calls"]], [name])
        self.assert_refused(self.ask(self.token), 403, "token_expired", "has been replaced")
        self.assertNotIn("token", self.fetch(new))
        self.assertEqual(self.pulling.token_ids.mapped("state"), ["used", "replaced"])

    def test_a_new_token_that_was_lost_on_the_way(self):
        self.fetch(self.token)
        self.pulling.action_rotate_token()
        lost = self.fetch(self.token)["token"]
        self.pulling.token_ids.sudo().filtered("successor_at").successor_at -= timedelta(minutes=2)
        new = self.fetch(self.token)["token"]
        self.assertNotEqual(new, lost)
        self.fetch(new)
        self.assert_refused(self.ask(lost), 401, "token_unknown")
        self.assert_refused(self.ask(self.token), 403, "token_expired")

    def test_a_new_token_that_is_never_used(self):
        self.fetch(self.token)
        self.pulling.action_rotate_token()
        self.fetch(self.token)
        former = self.pulling.token_ids.sudo().filtered("successor_at")
        self.assertFalse(former.expires_at, "the answer that carried the new one may have been lost")
        for _time in range(5):
            former.successor_at -= timedelta(minutes=2)
            self.assertIn("token", self.fetch(self.token))
        self.assertEqual(len(self.pulling.token_ids._live()), 4, "the former one, and the last three")

    def test_one_that_stops(self):
        """It gets no calls, which it would throw away; its answers are taken, and a new token is given."""
        answered, left = self.put(), None
        (call,) = self.fetch(self.token)["calls"]
        left = self.put()
        self.pulling.action_rotate_token()
        data = self.fetch(self.token, [self.answer_to(call, {})], stopping=True)
        self.assertEqual((data["calls"], data["more"], data["unwanted"]), ([], False, []))
        self.assertIn("token", data)
        self.assertEqual((self.state_of(answered), self.state_of(left)), ("answered", "waiting"))

    def test_the_clock_of_the_database(self):
        """Odoo may run on several hosts, whose clocks differ: a print server is not away by that."""
        self.fetch(self.token)
        token = self.env["label.print.server.token"]
        for minutes in (-10, 10):
            with patch.object(
                fields.Datetime, "now", lambda minutes=minutes: datetime.now() + timedelta(minutes=minutes)
            ):
                self.fetch(self.token)
                self.assertTrue(token._awake(self.pulling.id))
        (now,) = self.env.execute_query(SQL("SELECT clock_timestamp() AT TIME ZONE 'UTC'"))[0]
        self.assertLess(abs(now - self.pulling.token_ids.asked_at), timedelta(seconds=30))

    def test_tokens_and_codes_are_kept_as_hashes(self):
        code = self.pulling._make_code()
        self.env.flush_all()
        for table in ("label_print_server_token", "label_print_server_code"):
            self.env.cr.execute(f"SELECT t::text FROM {table} t")  # pylint: disable=sql-injection  # names of our own tables
            kept = str(self.env.cr.fetchall())
            self.assertNotIn(self.token, kept)
            self.assertNotIn(self.token.removeprefix(token_module.PREFIX), kept)
            self.assertNotIn(code, kept)
            self.assertNotIn(code.replace("-", ""), kept)

    def test_no_token_and_no_code_in_a_log(self):
        code = self.pulling._make_code()
        with self.assertLogs(level=logging.DEBUG) as logs:
            logging.getLogger().debug("begin")
            self.exchange(code)
            self.exchange(code)
            self.ask(self.token)
            self.ask(self.token + "x")
            token = self.connect()
            self.pulling.action_rotate_token()
            new = self.fetch(token)["token"]
        everything = "\n".join(logs.output)
        self.assertTrue(logs.output[1:])
        for secret in (code, code.replace("-", ""), self.token, token, new):
            self.assertNotIn(secret, everything)

    def test_asking_is_noted_every_20_seconds(self):
        self.fetch(self.token)
        token = self.pulling.token_ids
        first = token.asked_at
        self.assertTrue(first)
        token.sudo().asked_at = first - timedelta(seconds=10)
        self.fetch(self.token)
        self.assertEqual(token.asked_at, first - timedelta(seconds=10))
        token.sudo().asked_at = first - timedelta(seconds=21)
        self.fetch(self.token)
        self.assertGreaterEqual(token.asked_at, first)

    def test_a_question_without_calls_costs_three_queries(self):
        """Its token, its calls, and every 20 s the note that it has asked."""
        self.fetch(self.token)
        with self.assertLogs("odoo.sql_db", logging.DEBUG) as logs:
            self.fetch(self.token)
        queries = [line for line in logs.output if "label_print" in line]
        self.assertLessEqual(len(queries), 2, queries)

    def test_the_websockets_session_where_the_database_is_named(self):
        headers = {"X-Odoo-Database": self.env.cr.dbname}
        data = self.ask(self.token, headers=headers, websocket="open").json()
        self.assertRegex(data["websocket"]["cookie"], r"\Asession_id=[\w-]{20,}\Z")
        data = self.ask(self.token, headers=headers).json()
        self.assertNotIn("cookie", data["websocket"])
