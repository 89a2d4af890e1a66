"""Everybody reads their own language, whichever the cron's is: what is stored is a code, or somebody else's words."""

import csv
import io
from unittest.mock import patch

from odoo import fields
from odoo.addons.label_print_monitor.services.contract.payloads import parse_job_report, parse_printers
from odoo.addons.label_print_monitor.services.contract.reports import SubmitAnswer
from odoo.addons.label_print_monitor.services.transport.print_server_client import Rejected, Unreachable
from odoo.addons.label_print_monitor.services.transport.submissions import Submission
from odoo.tests import new_test_user
from odoo.tools.translate import code_translations

from .common import LabelPrintCase


class Marked(dict):
    """A translation of everything: the sentence with a mark before it."""

    def get(self, source, _default=None):
        return f"[fr] {source}"


class TestLanguages(LabelPrintCase):
    def setUp(self):
        super().setUp()
        self.env["res.lang"]._activate_lang("fr_FR")
        translations = code_translations.get_python_translations
        self.startPatcher(
            patch.object(
                code_translations,
                "get_python_translations",
                lambda module, lang: Marked() if lang == "fr_FR" else translations(module, lang),
            )
        )
        self.french = new_test_user(
            self.env,
            "lpm_french",
            lang="fr_FR",
            groups="label_print_monitor.group_label_print_manager,base.group_allow_export",
        )
        # Reports, sweeps and submissions run in whatever language their user has.
        self.cron = self.env["label.print.job"].with_context(lang="fr_FR").env
        self.away = Unreachable("unreachable", server="http://print.example")

    def read(self, record, field, user):
        return record.with_user(user).with_context(lang=user.lang)[field]

    def test_managers_read_about_a_server_each_in_their_own_language(self):
        server = self.server.with_env(self.cron)
        server._note_failure(self.away, "unreachable", fields.Datetime.now())
        server._note_answer(fields.Datetime.now())
        titles = ["Print server cannot be reached", "Print server is back"]
        # Without those that take a toast back, which say nothing.
        english, french = ([t for t in self.sent_toasts(user) if "title" in t] for user in (self.manager, self.french))
        self.assertEqual([toast["title"] for toast in english], titles)
        self.assertEqual([toast["title"] for toast in french], [f"[fr] {title}" for title in titles])
        for toast in english:
            self.assertNotIn("[fr]", toast["message"])
        self.assertIn("[fr] The print server cannot be reached: nothing answers at http://print.example.", french[0]["message"])

    def test_why_a_server_is_away_and_its_jobs_are_unverified(self):
        job = self.make_job(status="printing")
        self.server.with_env(self.cron)._note_failure(self.away, "unreachable", fields.Datetime.now())
        words = "The print server cannot be reached: nothing answers at http://print.example."
        for user, expected in ((self.manager, words), (self.french, f"[fr] {words}")):
            self.assertEqual(self.read(self.server, "state_message", user), expected)
            self.assertEqual(self.read(job, "unverified_reason", user), expected)
            (freshness,) = self.env["label.print.server"].with_user(user).with_context(lang=user.lang).get_freshness()
            self.assertEqual(freshness["state_message"], expected)

    def test_toasts_join_their_sentences_in_the_readers_language(self):
        """A full stop is not the same everywhere, so it is part of a sentence that is translated."""
        poller = self.cron["print.job.status.poller"]
        for count, outcome in (
            (1, {"status": "failed", "error_code": "paper_out"}),
            (3, {"status": "failed", "error_code": "paper_out"}),
            (1, {"status": "completed_with_errors", "progress": {"total": 20, "completed": 19, "failed": 1}}),
            (3, {"status": "completed_with_errors", "progress": {"total": 20, "completed": 19, "failed": 1}}),
        ):
            jobs = [self.make_job(status="printing", submitted_by=self.french.id) for _i in range(count)]
            poller.apply_reports(
                self.server, [parse_job_report({"job_id": job.flask_job_id, **outcome}) for job in jobs]
            )
            message = self.sent_toasts(self.french)[-1]["message"]
            one = count == 1  # a single one says where, too
            self.assertEqual(message.count("[fr] "), (4 if outcome["status"] == "failed" else 3) + one, message)
            self.assertTrue(message.startswith("[fr] [fr] "), message)
        job = self.env["label.print.job"].with_context(lang="fr_FR")
        self.assertTrue(job._format_error_message("paper_out").startswith("[fr] [fr] Printer is out"))

    def unknown_job(self):
        job = self.make_job(status="sent", not_found_count=5, not_found_since="2020-01-01 00:00:00")
        poller = self.cron["print.job.status.poller"]
        poller.apply_reports(self.server, [], unknown=[job.flask_job_id])
        job.invalidate_recordset()
        self.assertEqual((job.status, job.error_code, job.error_message), ("failed", "job_unknown", False))
        return job

    def test_a_job_that_its_server_does_not_know(self):
        job = self.unknown_job()
        words = "The print server no longer knows this job"
        (toast,) = self.sent_toasts(self.user)
        self.assertTrue(toast["message"].startswith(f"Job {job.id} failed: {words}. Line 1. "), toast["message"])
        for user, expected in ((self.user, words), (self.french, f"[fr] {words}")):
            self.assertEqual(self.read(job, "error_title", user), expected)
            action = job.with_user(user).with_context(lang=user.lang).action_export_history()
            attachment = self.env["ir.attachment"].browse(int(action["url"].split("/")[3].split("?")[0]))
            _header, cells = csv.reader(io.StringIO(attachment.raw.decode("utf-8-sig")))
            self.assertEqual(cells[-1], expected)
        self.look_and_retry(job.with_user(self.french).with_context(lang="fr_FR"), [1])
        self.assertEqual(self.read(job.attempt_ids[-1], "error_title", self.user), words)

    def test_a_code_that_only_the_server_knows_is_exported_as_it_is(self):
        job = self.make_job(status="printing")
        self.report(job, status="failed", error_code="E-4711")
        action = job.with_user(self.user).action_export_history()
        attachment = self.env["ir.attachment"].browse(int(action["url"].split("/")[3].split("?")[0]))
        _header, cells = csv.reader(io.StringIO(attachment.raw.decode("utf-8-sig")))
        self.assertEqual(cells[-1], "E-4711")

    def test_the_activity_of_a_failure_is_its_readers(self):
        job = self.unknown_job()
        self.assertEqual(job.activity_ids.user_id, self.user)
        self.assertEqual(job.activity_ids.summary, "Print job failed: The print server no longer knows this job")
        self.assertNotIn("[fr]", job.activity_ids.note)

    def test_a_refused_submission_keeps_the_servers_words_only(self):
        submitter = self.cron["print.job.submitter"]
        for error, kept in (
            (Rejected("rejected_said", status=400, answer="bad label", in_envelope=True), "bad label"),
            (Rejected("rejected", status=400, in_envelope=True), False),
        ):
            job = self.make_job().with_env(self.cron)
            submission = Submission(
                job.id, None, job.idempotency_key, {}, True, False, maybe=False, cancel=False, until=0
            )
            submitter._not_accepted(job, error, submission)
            self.assertEqual((job.status, job.error_code, job.error_message), ("failed", "bad_request", kept))
            self.assertEqual(self.read(job, "error_title", self.user), "The print server refused the print request")

    def test_notes_in_the_timeline_are_their_readers(self):
        one, several, given_up, cancelled = self.failed_job(), self.failed_job(), self.make_job(), self.make_job()
        given_up._apply(
            {given_up.id: {"status": "sent", "attention_code": "submission_uncertain", "submission": "maybe"}}
        )
        actor = {"lang": "fr_FR"}
        self.look_and_retry(one.with_user(self.french).with_context(**actor), [9])
        self.look_and_retry(several.with_user(self.french).with_context(**actor), [9, 11, 12], "dirty 100%")
        given_up = given_up.with_user(self.french).with_context(**actor)
        given_up._settle(on_paper=range(1, 20), not_on_paper=[20])
        given_up._retry([20])
        cancelled.with_user(self.french).with_context(**actor).action_cancel()
        for job, expected in (
            (one, ["Retry: label 9"]),
            (several, ["Retry: labels 9, 11–12. dirty 100%"]),
            (given_up, ["Submission given up", "Labels 1–19 are on paper", "Label 20 is not on paper", "Retry: label 20"]),
            (cancelled, ["Cancellation requested"]),
        ):
            for user, mark in ((self.user, ""), (self.french, "[fr] ")):
                timeline = self.read(job, "timeline_display", user)
                notes = [entry["note"] for entry in timeline if "note" in entry]
                self.assertEqual(notes, [mark + words for words in expected])
                self.assertFalse([entry for entry in timeline if "said" in entry])
            kept = ("status", "at", "attempt", "user")
            self.assertEqual(
                [[entry.get(name) for name in kept] for entry in timeline],
                [[entry.get(name) for name in kept] for entry in job.timeline],
            )

    def test_notes_from_before_are_shown_as_they_were_written(self):
        old = {"status": "pending", "at": "2026-01-02 03:04:05", "attempt": 2, "user": "Ann", "note": "Retry: label 3"}
        unknown = {"status": "failed", "at": "2026-01-02 03:05:05", "attempt": 2, "said": {"key": "of_a_newer_version"}}
        job = self.make_job()
        job.timeline = [old, unknown]
        unknown = {name: unknown[name] for name in ("status", "at", "attempt")}
        self.assertEqual(self.read(job, "timeline_display", self.french), [old, unknown])
        job.timeline = False
        self.assertFalse(job.timeline_display)

    def test_a_list_does_not_read_timelines(self):
        jobs = self.make_job() + self.make_job()
        self.env.flush_all()
        self.env.invalidate_all()
        jobs.web_search_read([("id", "in", jobs.ids)], {"status": {}, "error_title": {}, "can_retry": {}})
        for name, read in (("status", True), ("timeline", False), ("timeline_display", False)):
            self.assertEqual(set(jobs.ids) <= set(jobs._fields[name]._get_cache(self.env)), read, name)

    def test_an_accepted_job_says_nothing_at_all(self):
        job = self.make_job().with_env(self.cron)
        self.cron["print.job.submitter"]._accepted(job, SubmitAnswer("srv-1"))
        self.assertFalse(any({"note", "said"} & entry.keys() for entry in job.timeline))

    def test_the_same_reasons_in_another_language_are_no_news(self):
        reports = parse_printers(
            {"printers": [{"name": "zebra-line-1", "status": "idle", "state_reasons": ["media-empty-error"]}]}
        )
        self.cron["printer.configuration"]._apply_reports(self.server, reports)
        stamp = self.printer.write_date
        self.env["printer.configuration"]._apply_reports(self.server, reports)
        self.assertEqual(self.printer.write_date, stamp)
        self.assertNotIn("[fr]", str(self.printer.state_reasons))
