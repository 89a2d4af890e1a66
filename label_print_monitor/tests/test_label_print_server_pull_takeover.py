"""Another computer becomes a print server that calls Odoo: what the former one may have done is not done again."""

import json
import time
from datetime import timedelta

from odoo.addons.label_print_monitor.services.contract.event_signature import sign
from odoo.addons.label_print_monitor.services.contract.pull_messages import Enrolment, Pull
from odoo.addons.label_print_monitor.services.transport.pull_session import Call
from odoo.exceptions import AccessError
from odoo.tools import file_open

from .common import LabelPrintCase
from .pull_case import INSTANCE, OTHER, PullCase
from .pulled_jobs_case import PulledJobsCase


class TestTakeOver(PulledJobsCase):
    def lose_an_answer(self):
        """A job that the print server has printed without Odoo's knowing."""
        job = self.make_job(2)
        self.lost_answers = 99
        self.submit()
        self.lost_answers = 0
        self.assertEqual((job.status, job.submission, len(self.remote.printed)), ("pending", "maybe", 1))
        # Another moment than that of the take-over, which is known to the second.
        job._current_attempt().first_sent_date -= timedelta(seconds=2)
        return job

    def be(self, instance):
        """A print server asks with the token."""
        self.env.flush_all()
        row = self.env["label.print.server.token"]._find(self.given)
        self.env["label.print.server"]._note_pull(row, Pull(1, instance))
        self.instance = instance
        self.remote.printed.clear()  # another one has another memory

    def assert_a_person_has_to_look(self, job):
        self.submit(later=60)
        self.assertEqual(self.remote.printed, [])
        self.assertEqual((job.status, job.submission, job.attention_code), ("sent", "maybe", "submission_uncertain"))
        self.assertTrue(job._has_to_ask_a_person())

    def test_after_a_release(self):
        job = self.lose_an_answer()
        self.server.action_release_token()
        self.be(OTHER)
        self.assert_a_person_has_to_look(job)

    def test_after_an_enrolment(self):
        job = self.lose_an_answer()
        self.server._enroll(Enrolment(1, OTHER, "other-pc", "2.1.0"))
        self.server.token_ids.sudo().asked_at = self.token.asked_at
        self.instance = OTHER
        self.remote.printed.clear()
        self.assert_a_person_has_to_look(job)

    def test_the_same_computer_again(self):
        """It knows what it has printed, so that the job is found by its key."""
        for release in (True, False):
            job = self.lose_an_answer()
            printed = list(self.remote.printed)
            if release:
                self.server.action_release_token()
                self.be(INSTANCE)
                self.remote.printed.extend(printed)
            else:
                self.server._enroll(Enrolment(1, INSTANCE, "line-pc", "2.1.0"))
                self.server.token_ids.sudo().asked_at = self.token.asked_at
            self.submit(later=60)
            self.assertEqual((job.status, len(self.remote.printed)), ("queued", 1))
            self.remote.printed.clear()

    def test_a_call_is_for_the_computer_that_it_was_made_for(self):
        """Whoever comes in its place between two tries does not get the second one."""
        client = self.server._client()
        self.server.action_release_token()
        self.be(OTHER)
        name = client._http._session._calls.put(Call("POST", "/api/print", {}, "", 5.0))
        calls = self.env["label.print.server.call"]
        self.assertEqual(calls._hand_over(self.server.id, OTHER), ([], False))
        self.assertEqual([call["call"] for call in calls._hand_over(self.server.id, INSTANCE)[0]], [name])


class TestEvents(PullCase):
    def report(self, secret, instance=None):
        body = json.dumps({"events": []}).encode()
        headers = {"Content-Type": "application/json", **sign(secret, "msg_1", int(time.time()), body)}
        if instance:
            headers["X-Print-Server-Instance"] = instance
        return self.url_open(f"/label_print_monitor/events/{self.pulling.id}", data=body, headers=headers)

    def assert_report_refused(self, answer, words):
        self.assertEqual(answer.status_code, 403, answer.text)
        self.assertRegex(answer.json()["error"], words)

    def test_only_the_computer_that_is_it_reports(self):
        token = self.connect()
        secret = self.pulling._secret("webhook_secret")
        self.assertEqual(self.report(secret, INSTANCE).status_code, 204)
        self.assert_report_refused(self.report(secret, OTHER), "Another computer is print server Factory")
        self.assert_report_refused(self.report(secret), "do not. Update the print server")
        self.pulling.action_release_token()
        self.assertEqual(self.report(secret, INSTANCE).status_code, 204, "until another one has come")
        self.fetch(token, instance=OTHER)
        self.assert_report_refused(self.report(secret, INSTANCE), "Another computer")
        self.assertEqual(self.report(secret, OTHER).status_code, 204)

    def test_a_former_secret(self):
        self.connect()
        former = self.pulling._secret("webhook_secret")
        self.connect()
        self.assertEqual(self.report(former, INSTANCE).status_code, 401)
        former = self.pulling._secret("webhook_secret")
        self.pulling.action_revoke_tokens()
        self.assertEqual(self.report(former, INSTANCE).status_code, 401)
        self.pulling.webhook_secret = former
        self.assert_report_refused(self.report(former, INSTANCE), "No computer is connected")

    def test_one_that_odoo_calls_says_nothing_of_itself(self):
        self.pulling.write({"connection_mode": "odoo_calls", "webhook_secret": "of-the-address"})
        self.assertEqual(self.report("of-the-address").status_code, 204)


class TestNeutralisation(LabelPrintCase):
    def test_a_database_that_has_not_been_updated(self):
        """Tables of this version are missing there."""
        self.server.webhook_secret = "a-secret"
        self.env.flush_all()
        for table in ("call", "code", "token"):
            self.env.cr.execute(f"ALTER TABLE label_print_server_{table} RENAME TO former_{table}")  # pylint: disable=sql-injection  # names of our own tables
        with file_open("label_print_monitor/data/neutralize.sql") as script:
            self.env.cr.execute(script.read())
        self.env.cr.execute("SELECT count(*) FROM ir_config_parameter WHERE key = 'label_print.webhook_secret'")
        self.assertEqual(self.env.cr.fetchone(), (0,))


class TestCopies(PullCase):
    """A copy of the data directory has the same token and the same instance: each start of it has a name of its own."""

    RUNS = [f"{number:032x}" for number in range(1, 6)]

    def setUp(self):
        super().setUp()
        self.first, self.second, self.third, self.fourth, self.fifth = self.RUNS
        self.token = self.connect()

    def begin(self, run, *former, **values):
        return self.ask(self.token, run=run, former_runs=list(former), **values)

    def assert_goes_on(self, run, *former, **values):
        answer = self.begin(run, *former, **values)
        self.assertEqual(answer.status_code, 200, answer.text)

    def assert_is_a_copy(self, run, *former, **values):
        words = "started with a copy of this data directory: the one on line-pc, .* stop the other print server first, then choose Release"
        self.assert_refused(self.begin(run, *former, **values), 409, "copied_data", words)

    def test_copied_while_the_first_was_stopped(self):
        self.assert_goes_on(self.first)
        self.assert_goes_on(self.second, self.first)
        self.assertFalse(self.pulling.refused_at)
        self.assert_is_a_copy(self.third, self.first, host="copy-pc")
        self.assertEqual(self.pulling.refused_host, "copy-pc")
        self.assertTrue(self.pulling.refused_at)
        self.assert_goes_on(self.second)
        self.assert_goes_on(self.fourth, self.second)
        self.assert_is_a_copy(self.third, self.first, host="copy-pc")

    def test_copied_while_the_first_ran(self):
        """Nobody can tell that from a restart: the one that was started last goes on, and stays it."""
        self.assert_goes_on(self.first)
        self.assert_goes_on(self.second, self.first)
        self.assert_is_a_copy(self.first)
        self.assert_is_a_copy(self.third, self.first)
        self.assert_goes_on(self.second)

    def test_answers_that_were_lost_and_starts_without_a_way_to_odoo(self):
        self.assert_goes_on(self.first)
        self.assert_goes_on(self.second, self.first)
        self.assert_goes_on(self.fourth, self.first, self.second, self.third)
        self.assert_goes_on(self.fifth, self.second, self.third, self.fourth)

    def test_an_odoo_that_was_restored_to_an_older_state(self):
        """It knows one of the former starts."""
        self.assert_goes_on(self.second, self.first)
        self.assert_goes_on(self.fifth, self.fourth, self.first, self.second, self.third)

    def test_a_question_of_a_start_that_is_being_stopped(self):
        """It may come after the first one of the next start: no other computer is refused."""
        self.assert_goes_on(self.first)
        self.assert_goes_on(self.second, self.first)
        self.assert_is_a_copy(self.first, stopping=True)
        self.assertFalse(self.pulling.refused_at)

    def test_a_copy_after_a_new_code_and_a_release(self):
        """The token of the new code has not been used yet: what the former one had seen counts."""
        self.assert_goes_on(self.first)
        self.assert_goes_on(self.second, self.first)
        self.token = self.connect()
        live = self.pulling.live_token_id.sudo()
        live.taken_over_at = False
        self.pulling.action_release_token()
        self.assert_goes_on(self.third, self.first)
        self.assertTrue(live.taken_over_at)

    def test_a_print_server_that_does_not_say_it(self):
        self.fetch(self.token)
        self.assert_goes_on(self.first)
        self.fetch(self.token)
        for run, former in ((7, []), ("x", []), (self.first, "none"), (self.first, [None, 7, "?"])):
            self.fetch(self.token, run=run, former_runs=former)
        self.assert_goes_on(self.second, self.first)

    def test_a_token_that_was_renewed(self):
        self.assert_goes_on(self.first)
        self.pulling.action_rotate_token()
        self.token = self.begin(self.first).json()["token"]
        self.assert_is_a_copy(self.third)
        self.assert_goes_on(self.second, self.first)

    def test_a_copy_takes_over_after_a_release(self):
        """It does not know what the other one has done since."""
        live = self.pulling.token_ids
        self.assert_goes_on(self.first)
        self.assert_goes_on(self.second, self.first)
        live.taken_over_at = False
        self.pulling.action_release_token()
        self.assert_goes_on(self.third, self.first, host="copy-pc")
        self.assertTrue(live.taken_over_at)
        self.assertEqual(self.pulling.pull_host, "copy-pc")
        self.assertFalse(self.pulling.refused_at)

    def test_the_same_one_after_a_release(self):
        live = self.pulling.token_ids
        self.assert_goes_on(self.first)
        live.taken_over_at = False
        self.pulling.action_release_token()
        self.assert_goes_on(self.second, self.first)
        self.assertFalse(live.taken_over_at)

    def test_a_copy_takes_over_by_a_new_code(self):
        for former, is_taken_over in ((self.second, False), (self.first, True)):
            with self.subTest(former):
                self.token = self.connect()
                self.assert_goes_on(self.first)
                self.assert_goes_on(self.second, self.first)
                self.pulling.token_ids.taken_over_at = False
                self.token = self.connect()
                self.assert_goes_on(self.third, former)
                self.assertEqual(bool(self.pulling.live_token_id.taken_over_at), is_taken_over)

    def test_another_computer_is_named_on_the_form(self):
        self.assert_goes_on(self.first)
        answer = self.ask(self.token, instance=OTHER, host="second-pc")
        self.assert_refused(answer, 409, "other_instance", "Another print server uses this token")
        self.assertEqual(self.pulling.refused_host, "second-pc")
        form = self.pulling.with_user(self.manager).get_view(view_type="form")["arch"]
        self.assertIn('confirm="Stop the other print server first: ', form)
        self.assertIn("If it is to take over, stop the other print server first", form)
        for_users = self.pulling.with_user(self.user)
        self.assertNotIn("refused_host", for_users.get_view(view_type="form")["arch"])
        self.assertEqual((for_users.pull_host, for_users.is_enrolled), ("line-pc", True))
        for name in ("refused_host", "refused_at"):
            with self.assertRaises(AccessError):
                for_users.read([name])
        self.pulling.token_ids.refused_at -= timedelta(minutes=6)
        self.assertFalse(self.pulling.refused_at, "it has stopped asking")
