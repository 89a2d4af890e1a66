"""One toast and one activity a person for an incident, whatever it does to how many jobs."""

from datetime import timedelta
from unittest.mock import patch

from odoo.tests import new_test_user

from .incident_case import NO_LABELS, READY, IncidentCase
from .test_label_print_incident import STOPPED

GROUP = "label_print_monitor.group_label_print_user"
FAILED = [{"index": n, "code": "paper_out"} for n in range(9, 21)]


class TestIncidentToasts(IncidentCase):
    def toasts_on_screen(self, user):
        """What a browser shows that has followed all that was sent: by topic or key."""
        shown = {}
        for sent in self.sent_payloads(user):
            if "closes" in sent:
                shown.pop(sent["closes"], None)
            elif sent.get("updates"):
                if sent["topic"] in shown:
                    shown[sent["topic"]] = sent
            elif sent.get("key"):
                shown[sent.get("topic") or sent["key"]] = sent
        return list(shown.values())

    def test_labels_out_during_three_jobs_with_ten_waiting(self):
        jobs = self.make_jobs(13)
        self.printer_says(NO_LABELS)
        self.end(jobs[:3], **STOPPED, failed_labels=FAILED)
        self.assertEqual(self.sent_toasts(self.user), [])
        self.tell()
        (incident,) = self.incidents()
        (toast,) = self.sent_toasts(self.user)
        self.assertEqual((toast["type"], toast["sticky"], toast["incident_id"]), ("danger", True, incident.id))
        self.assertEqual(toast["job_ids"], jobs[:3].ids)
        self.assertIn("3 jobs on Line 1 failed: Printer is out of paper or labels", toast["message"])
        self.assertIn("Load labels into the printer", toast["message"])
        self.assertIn("10 more jobs wait for it.", toast["message"])
        self.assertFalse(toast["retryable"])
        self.printer_says(READY)
        self.tell()
        (shown,) = self.toasts_on_screen(self.user)
        self.assertTrue(shown["retryable"])
        self.assertIn("3 jobs that it stopped still lack labels", shown["message"])
        incident.with_user(self.user).action_retry_stopped()
        self.env.cr.precommit.run()
        self.tell()
        self.assertEqual(self.toasts_on_screen(self.user), [])

    def test_one_job_has_the_specifications_words(self):
        (job,) = self.make_jobs(1)
        self.printer_says(NO_LABELS)
        self.end(job, **STOPPED, failed_labels=FAILED)
        self.tell()
        (toast,) = self.sent_toasts(self.user)
        self.assertEqual((toast["type"], toast["title"]), ("danger", "Print Job Failed"))
        self.assertTrue(toast["message"].startswith(f"Job {job.id} failed: Printer is out of paper or labels"))
        self.assertIn("Load labels into printer and retry", toast["message"])

    def test_forty_failures_in_one_second(self):
        """Each comes by an event of its own."""
        jobs = self.make_jobs(40)
        self.printer_says(NO_LABELS)
        for job in jobs:
            self.end(job, **STOPPED)
        self.tell()
        self.assertEqual(len(self.sent_payloads(self.user)), 1)

    def test_coming_and_going_is_told_once(self):
        self.make_jobs(2)
        for _time in range(20):
            self.printer_says(NO_LABELS)
            self.tell()
            self.printer_says(READY)
            self.tell()
        (incident,) = self.incidents()
        sent = [toast for toast in self.sent_payloads(self.user) if "closes" not in toast]
        self.assertEqual([toast["incident_id"] for toast in sent], incident.ids)

    def test_one_that_stays_after_it_was_told_to_be_over_is_told_again(self):
        incident, _jobs = self.stop(1)
        self.printer_says(READY)
        self.tell()
        self.assertEqual((incident.notice_state, self.toasts_on_screen(self.user)), ("over", []))
        self.printer_says(NO_LABELS)
        self.tell()
        self.assertEqual(self.toasts_on_screen(self.user), [], "not before it stays")
        self.tell(timedelta(seconds=31))
        first, again = self.toasts_of(self.user, incident)
        self.assertNotEqual(first["key"], again["key"])

    def test_while_it_comes_and_goes_its_toast_stays(self):
        """It is not taken back at a moment at which the printer can print, and so not sent anew at the next."""
        incident, _jobs = self.stop(1)
        for _time in range(3):
            self.printer_says(READY)
            self.printer_says(NO_LABELS)
            self.printer_says(READY)
            self.tell()
            self.assertEqual(len(self.toasts_on_screen(self.user)), 1)
            self.printer_says(NO_LABELS)
            self.tell()
        self.assertEqual(len(self.toasts_of(self.user, incident)), 1)

    def test_nobody_is_told_of_a_printer_at_which_nothing_waits(self):
        self.printer.user_ids = self.manager
        incident, _jobs = self.stop()
        self.assertEqual((self.sent_payloads(self.manager), incident.notice_state), ([], "no"))
        self.assertFalse(incident.notice_due_at)
        self.printer_says(READY)
        self.tell()
        self.assertEqual(self.sent_payloads(self.manager), [])

    def test_who_watches_the_printer_is_told_once(self):
        self.printer.user_ids = self.manager
        incident, _jobs = self.stop(1)
        (toast,) = self.toasts_of(self.manager, incident)
        self.assertEqual((toast["type"], toast["title"]), ("warning", "Line 1 needs somebody"))
        self.assertIn("Load labels into the printer", toast["message"])
        more = self.make_jobs(3)
        self.tell()
        self.assertEqual(len(self.toasts_of(self.manager, incident)), 1, "waiting jobs send none")
        self.end(more[:1], **STOPPED)
        self.tell(timedelta(seconds=20))
        self.assertEqual([toast["updates"] for toast in self.toasts_of(self.user, incident)], [False, True])

    def test_somebody_whose_job_fails_later_is_told(self):
        self.stop(1)
        other = new_test_user(self.env, "lpm_other", groups=GROUP)
        (job,) = self.make_jobs(1, submitted_by=other.id)
        self.tell()
        self.assertEqual(self.sent_payloads(other), [])
        self.end(job, **STOPPED)
        self.tell(timedelta(seconds=20))
        (toast,) = self.sent_payloads(other)
        self.assertEqual((toast["job_ids"], toast["updates"]), (job.ids, False))

    def test_a_waiting_job_sends_none_of_its_own(self):
        _incident, (job,) = self.stop(1)
        before = len(self.sent_payloads(self.user))
        self.report(job, status="printing", waiting_for="paper_out")
        self.assertEqual(len(self.sent_payloads(self.user)), before)

    def test_the_notice_goes_when_the_only_job_that_waited_is_cancelled(self):
        incident, (job,) = self.stop(1)
        self.report(job, status="printing", waiting_for="paper_out")
        self.assertEqual(len(self.toasts_on_screen(self.user)), 1)
        self.report(job, status="cancelled")
        self.tell()
        self.assertEqual(self.toasts_on_screen(self.user), [])
        self.assertFalse(incident.closed_at, "the printer still lacks labels")

    def test_a_job_that_was_told_of_before_its_incident_is_not_told_again(self):
        """A print server without events says of its printers only every ten seconds what has stopped them."""
        (job,) = self.make_jobs(1)
        self.end(job, **STOPPED, failed_labels=FAILED)
        (toast,) = self.sent_toasts(self.user)
        self.assertEqual(toast["job_ids"], job.ids)
        self.printer_says(NO_LABELS)
        self.tell()
        (incident,) = self.incidents()
        self.assertEqual(incident.link_ids.job_id, job)
        self.assertEqual(len(self.sent_payloads(self.user)), 1)
        self.printer_says(READY)
        self.tell()
        _failed, over = self.sent_toasts(self.user)
        self.assertEqual((over["type"], over["retryable"], over["job_ids"]), ("info", True, job.ids))

    def test_of_the_others_it_stops_people_are_told(self):
        told, later = self.make_jobs(2)
        self.end(told, **STOPPED, failed_labels=FAILED)
        self.printer_says(NO_LABELS)
        self.end(later, **STOPPED, failed_labels=FAILED)
        self.tell()
        self.assertEqual([toast["job_ids"] for toast in self.sent_toasts(self.user)], [told.ids, later.ids])

    def test_a_failure_that_is_over_before_anybody_was_told_is_told(self):
        (job,) = self.make_jobs(1)
        self.printer_says(NO_LABELS)
        self.end(job, **STOPPED, failed_labels=FAILED)
        self.printer_says(READY)
        self.tell()
        (toast,) = self.sent_payloads(self.user)
        self.assertEqual((toast["retryable"], toast["updates"]), (True, False))

    def test_a_second_cause_at_the_same_printer_is_no_news(self):
        self.stop(1)
        self.printer_says({"status": "error", "state_reasons": ["media-empty-error", "marker-supply-empty-error"]})
        self.tell()
        self.assertEqual(len(self.incidents(closed_at=False)), 2)
        self.assertEqual(len(self.sent_payloads(self.user)), 1)

    def test_each_reads_it_in_their_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.user.lang = "de_DE"
        incident, _jobs = self.stop(1)
        (toast,) = self.toasts_of(self.user, incident)
        self.assertNotIn("needs somebody", toast["title"])

    def test_one_activity_for_who_is_absent(self):
        jobs = self.make_jobs(13)
        self.printer_says(NO_LABELS)
        notifier = type(self.env["print.job.notifier"])
        with patch.object(notifier, "_is_absent", lambda _self, user: user == self.user):
            self.end(jobs[:3], **STOPPED, failed_labels=FAILED)
            self.tell()
            self.end(jobs[3:5], **STOPPED, failed_labels=FAILED)
            self.tell(timedelta(seconds=20))
        (incident,) = self.incidents()
        activity = self.env["mail.activity"].search([("user_id", "=", self.user.id)])
        self.assertEqual((activity.res_model, activity.res_id), ("label.print.incident", incident.id))
        self.assertIn("Line 1", activity.summary)
        self.assertIn("load a new roll", activity.note)
        self.printer_says(READY)
        self.tell()
        self.assertTrue(activity.exists(), "labels are still missing")
        incident.with_user(self.user).action_retry_stopped()
        self.env.cr.precommit.run()
        self.assertFalse(activity.exists())
