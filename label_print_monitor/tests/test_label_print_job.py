"""A job's life inside Odoo: reports, rights, bad input, retry, cancel, history, printers and orders."""

import csv
import io
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.label_print_monitor.services.payloads import parse_job_report, parse_printers
from odoo.addons.label_print_monitor.services.print_server_client import (
    CancelAnswer,
    NotFound,
    PrintServerClient,
    Unreachable,
)
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import LabelPrintCase


class TestReports(LabelPrintCase):
    def test_a_job_from_queued_to_completed(self):
        job = self.make_job(status="sent")
        self.report(job, status="queued")
        self.assertEqual(job.status, "queued")
        self.report(job, status="printing", current_label=5, progress_percent=25)
        self.assertEqual((job.status, job.current_label, job.progress_display), ("printing", 5, "5 of 20"))
        self.report(job, status="completed", current_label=20, progress_percent=100, confirmed=True)
        self.assertEqual((job.status, job.progress_display, job.confirmed), ("completed", "20 of 20", True))
        self.assertEqual([entry["status"] for entry in job.timeline], ["sent", "queued", "printing", "completed"])
        self.assertTrue(job.started_date and job.completed_date)

    def test_older_and_equal_reports_change_nothing_and_tell_nobody(self):
        job = self.make_job(status="sent")
        self.report(job, status="completed")
        before = self.sent_toasts(self.user)
        stamp = job.write_date
        for word in ("completed", "printing", "queued", "failed"):
            self.report(job, status=word)
        self.assertEqual(job.status, "completed")
        self.assertEqual(job.write_date, stamp)
        self.assertEqual(self.sent_toasts(self.user), before)
        self.assertEqual(len(before), 1)

    def test_unknown_word_keeps_the_status_and_is_shown(self):
        job = self.make_job(status="printing")
        self.report(job, status="defrobnicating")
        self.assertEqual((job.status, job.server_warning), ("printing", "defrobnicating"))
        self.report(job, status="printing", current_label=3)
        self.assertFalse(job.server_warning)

    def test_completed_with_failed_labels(self):
        job = self.make_job(status="printing")
        self.report(
            job,
            status="completed",
            progress={"total": 20, "completed": 19, "failed": 1},
            failed_labels=[{"index": 4, "code": "paper_out", "message": "media out"}],
        )
        self.assertEqual(job.status, "completed_with_errors")
        self.assertEqual(job.failed_label_ids.mapped("label_index"), [4])
        self.assertEqual(job.failed_label_ids.lot_number, "LOT-1")
        self.assertTrue(job.can_retry)

    def test_unknown_to_the_server_fails_only_after_two_minutes(self):
        job = self.make_job(status="sent")
        poller = self.env["print.job.status.poller"]
        for _ask in range(5):
            poller.apply_reports(self.server, [], unknown=[job.flask_job_id])
        job.invalidate_recordset()
        self.assertEqual(job.status, "sent")
        job.not_found_since = fields.Datetime.now() - timedelta(minutes=3)
        poller.apply_reports(self.server, [], unknown=[job.flask_job_id])
        job.invalidate_recordset()
        self.assertEqual((job.status, job.error_code), ("failed", "job_unknown"))

    def test_found_again_starts_the_count_anew(self):
        job = self.make_job(status="sent")
        poller = self.env["print.job.status.poller"]
        poller.apply_reports(self.server, [], unknown=[job.flask_job_id])
        self.report(job, status="queued")
        self.assertEqual((job.not_found_count, job.not_found_since), (0, False))

    def test_many_failures_at_once_are_one_toast(self):
        jobs = self.env["label.print.job"].union(*(self.make_job(status="printing") for _i in range(6)))
        reports = [
            parse_job_report({"job_id": job.flask_job_id, "status": "failed", "error_code": "paper_out"})
            for job in jobs
        ]
        self.env["print.job.status.poller"].apply_reports(self.server, reports)
        toasts = self.sent_toasts(self.user)
        self.assertEqual(len(toasts), 1)
        self.assertEqual(toasts[0]["title"], "Print Jobs Failed")
        self.assertEqual(sorted(toasts[0]["job_ids"]), sorted(jobs.ids))
        self.assertTrue(toasts[0]["sticky"])

    def test_toast_of_a_failure_says_what_to_do(self):
        job = self.make_job(status="printing")
        self.report(job, status="failed", error_code="paper_out", error_message="Printer is out of paper or labels")
        (toast,) = self.sent_toasts(self.user)
        self.assertEqual((toast["type"], toast["title"], toast["sticky"]), ("danger", "Print Job Failed", True))
        self.assertIn("Load labels into printer and retry", toast["message"])

    def test_one_label_in_words(self):
        production = self.make_production()
        for quantity, words in ((1, "1 label printed"), (2, "2 labels printed")):
            for order, where in ((production, f" for {production.name}"), (production.browse(), " on Line 1")):
                job = self.make_job(quantity, status="printing", mo_id=order.id)
                self.report(job, status="completed")
                self.assertEqual(self.sent_toasts(self.user)[-1]["message"], words + where)

    def test_failed_labels_in_words(self):
        reports = (
            (1, {"failed": 1}, "its label failed."),
            (20, {"failed": 1}, "1 of 20 labels failed."),
            (20, {}, "some of its 20 labels failed."),
        )
        for quantity, progress, words in reports:
            job = self.make_job(quantity, status="printing")
            self.report(job, status="completed_with_errors", progress={"total": quantity, **progress})
            toast = self.sent_toasts(self.user)[-1]
            self.assertEqual(toast["message"], f"Job {job.id}: {words} Review the failed labels and retry them.")

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

    def test_failure_of_an_absent_user_becomes_an_activity(self):
        job = self.make_job(status="printing")
        self.report(job, status="failed", error_code="head_open")
        self.assertEqual(job.activity_ids.user_id, self.user)


class TestRights(LabelPrintCase):
    def test_engine_fields_cannot_be_written_by_hand(self):
        job = self.make_job()
        with self.assertRaises(AccessError):
            job.with_user(self.manager).write({"status": "completed"})
        with self.assertRaises(UserError):
            job.with_user(self.manager).write({"quantity": 5})
        with self.assertRaises(AccessError):
            self.env["label.print.job"].with_user(self.user).create({"quantity": 1, "status": "completed"})

    def test_nobody_deletes_history(self):
        with self.assertRaises(AccessError), mute_logger("odoo.models"):
            self.make_job().with_user(self.manager).unlink()

    def test_key_is_for_managers(self):
        self.server.api_key = "secret-key"
        with self.assertRaises(AccessError):
            self.server.with_user(self.user).read(["api_key"])

    def test_other_companies_jobs_are_invisible(self):
        other = self.env["res.company"].create({"name": "Other"})
        job = self.make_job(company_id=other.id)
        self.assertNotIn(job, self.env["label.print.job"].with_user(self.user).search([]))


class TestBadInput(LabelPrintCase):
    def test_quantities(self):
        for quantity in (0, -3, 501):
            with self.subTest(quantity=quantity), self.assertRaises(ValidationError):
                self.make_job(quantity=quantity, labels_data=self.labels(max(quantity, 1)))

    def test_labels(self):
        bad = {
            "not a list": {"zpl_code": "^XA^XZ"},
            "empty": [{"zpl_code": ""}],
            "no frame": [{"zpl_code": "hello"}],
            "too large": [{"zpl_code": "^XA" + "x" * 1_100_000 + "^XZ"}],
            "other count": self.labels(3),
        }
        for name, labels in bad.items():
            with self.subTest(name), self.assertRaises(ValidationError):
                self.make_job(quantity=1, labels_data=labels)

    def test_printer_archived_or_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        foreign = self.env["printer.configuration"].create({"name": "F", "cups_name": "f", "company_id": other.id})
        self.printer.active = False
        for printer in (self.printer, foreign):
            with self.subTest(printer.name), self.assertRaises(UserError):
                self.make_job(printer_id=printer.id, company_id=self.env.company.id)

    def test_order_without_quantity(self):
        production = self.make_production(produce=False)
        with self.assertRaisesRegex(UserError, "no lot or serial number yet"):
            production.action_print_labels()

    def test_retry_and_cancel_in_the_wrong_state(self):
        job = self.make_job(status="printing")
        with self.assertRaisesRegex(UserError, "cannot be retried"):
            job.with_user(self.user).action_retry()
        self.report(job, status="completed")
        with self.assertRaisesRegex(UserError, "nothing to cancel"):
            job.with_user(self.user).action_cancel()


class TestRetry(LabelPrintCase):
    def failed_job(self, with_labels=True):
        job = self.make_job(status="printing")
        failed = (
            [{"index": n, "code": "paper_out", "message": "media out"} for n in range(9, 21)] if with_labels else []
        )
        self.report(job, status="failed", current_label=8, error_code="paper_out", failed_labels=failed)
        return job

    def test_only_what_failed(self):
        job = self.failed_job()
        key = job.idempotency_key
        job.with_user(self.user).action_retry()
        self.assertEqual((job.status, job.attempt_number, job.attempt_quantity), ("pending", 2, 12))
        self.assertEqual(job.attempt_labels, list(range(9, 21)))
        self.assertEqual([label["box_number"] for label in job._labels_of_attempt()], list(range(9, 21)))
        self.assertEqual(job.current_label, 8)
        self.assertNotEqual(job.idempotency_key, key)
        self.assertEqual(job.attempt_ids.status, "failed")
        self.assertEqual(set(job.failed_label_ids.mapped("reprint_attempt_number")), {2})

    def test_progress_of_the_second_attempt_goes_on(self):
        job = self.failed_job()
        job.with_user(self.user).action_retry()
        job.write({"flask_job_id": "srv-second"})
        self.env["label.print.job"].browse(job.id)._apply({job.id: {"status": "sent"}})
        self.report(job, status="printing", current_label=4)
        self.assertEqual(job.current_label, 12)
        self.report(job, status="completed", current_label=12)
        self.assertEqual((job.status, job.current_label), ("completed", 20))

    def test_second_click_is_refused(self):
        job = self.failed_job()
        job.with_user(self.user).action_retry()
        with self.assertRaises(UserError):
            job.with_user(self.manager).action_retry()
        self.assertEqual(job.attempt_number, 2)

    def test_unknown_labels_open_the_dialog(self):
        job = self.failed_job(with_labels=False)
        action = job.with_user(self.user).action_retry()
        self.assertEqual(action["res_model"], "label.print.retry.wizard")
        wizard = self.env["label.print.retry.wizard"].with_user(self.user).create({"job_id": job.id})
        self.assertEqual((wizard.mode, wizard.resume_from, wizard.last_label), ("resume", 9, 8))
        wizard.resume_from = 8
        wizard.reason = "label 8 on the floor"
        wizard.action_confirm()
        self.assertEqual(job.attempt_labels, list(range(8, 21)))
        self.assertEqual(job.attempt_ids.retry_reason, "label 8 on the floor")

    def partial_retry(self):
        """Labels 3 and 7 failed; the attempt that prints them again fails after label 3."""
        job = self.make_job(status="printing")
        failed = [{"index": n, "code": "paper_out", "message": "media out"} for n in (3, 7)]
        self.report(job, status="completed", progress={"total": 20, "completed": 18, "failed": 2}, failed_labels=failed)
        job.with_user(self.user).action_retry()
        self.assertEqual(job.attempt_labels, [3, 7])
        job.write({"flask_job_id": "srv-second"})
        job._apply({job.id: {"status": "sent"}})
        self.report(job, status="failed", current_label=1)
        return job

    def test_the_dialog_after_a_partial_retry_knows_its_labels(self):
        job = self.partial_retry()
        wizard = self.env["label.print.retry.wizard"].with_user(self.user).create({"job_id": job.id})
        self.assertEqual((wizard.last_label, wizard.resume_from, wizard.labels_count), (3, 7, 1))
        wizard.action_confirm()
        self.assertEqual(job.attempt_labels, [7])

    def test_failed_labels_bring_those_that_were_never_reached(self):
        job = self.make_job(status="printing")
        failed = [{"index": 9, "code": "uncertain", "message": "cut"}]
        self.report(job, status="failed", current_label=8, failed_labels=failed)
        wizard = self.env["label.print.retry.wizard"].with_user(self.user).create({"job_id": job.id, "mode": "failed"})
        wizard.action_confirm()
        self.assertEqual(job.attempt_labels, list(range(9, 21)))

    def test_a_finished_retry_closes_the_activity(self):
        job = self.failed_job()
        self.assertTrue(job.activity_ids)
        job.with_user(self.user).action_retry()
        job.write({"flask_job_id": "srv-second"})
        job._apply({job.id: {"status": "sent"}})
        self.report(job, status="completed")
        self.assertFalse(job.activity_ids)

    def test_an_uncertain_label_asks_a_person(self):
        job = self.make_job(status="printing")
        self.report(
            job, status="failed", current_label=8, failed_labels=[{"index": 9, "code": "uncertain", "message": "cut"}]
        )
        self.assertEqual(job.action_retry()["res_model"], "label.print.retry.wizard")

    def test_old_reports_of_the_first_attempt_are_ignored(self):
        job = self.failed_job()
        first = job.flask_job_id
        job.with_user(self.user).action_retry()
        self.env["print.job.status.poller"].apply_reports(
            self.server, [parse_job_report({"job_id": first, "status": "completed"})]
        )
        job.invalidate_recordset()
        self.assertEqual(job.status, "pending")

    def test_bulk_retry_sums_up(self):
        certain, unclear = self.failed_job(), self.failed_job(with_labels=False)
        action = (certain + unclear).with_user(self.user).action_retry()
        self.assertEqual((certain.status, unclear.status), ("pending", "failed"))
        self.assertIn("1 job is printed again.", action["params"]["message"])
        self.assertIn("open it and choose", action["params"]["message"])
        jobs = self.failed_job() + self.failed_job()
        self.assertIn("2 jobs are printed again.", jobs.action_retry()["params"]["message"])

    def test_a_selection_that_was_cut_is_refused(self):
        self.env["ir.config_parameter"].set_param("web.active_ids_limit", "2")
        jobs = self.failed_job() + self.failed_job() + self.failed_job()
        selection = jobs[:2].with_user(self.user).with_context(active_domain=[("id", "in", jobs.ids)])
        for act in (selection.action_retry, selection.action_cancel):
            with self.assertRaisesRegex(UserError, "selected 3 jobs; at most 2"):
                act()
        self.assertEqual(set(jobs.mapped("status")), {"failed"})
        selection.with_context(active_domain=[("id", "in", jobs[:2].ids)]).action_retry()
        self.assertEqual(jobs.mapped("status"), ["pending", "pending", "failed"])

    def test_a_long_summary_can_be_read(self):
        jobs = self.env["label.print.job"].union(*(self.make_job() for _job in range(13)))
        message = jobs.with_user(self.user).action_retry()["params"]["message"]
        self.assertEqual(message.count("cannot be retried"), 10)
        self.assertIn("· and 3 more", message)

    def test_one_label_and_several_in_words(self):
        for failed, words in (([20], "label 20 will"), ([3, 9, 10, 11], "labels 3, 9–11 will")):
            with self.subTest(failed):
                job = self.make_job(status="printing")
                failed = [{"index": index, "code": "label_failed"} for index in failed]
                self.report(job, status="completed", failed_labels=failed)
                self.assertIn(words, job.with_user(self.user).action_retry()["params"]["message"])


class TestCancel(LabelPrintCase):
    def setUp(self):
        super().setUp()
        self.server.api_url = "http://127.0.0.1:9"

    def cancel(self, job, answer=None, error=None):
        with patch.object(PrintServerClient, "cancel", autospec=True, side_effect=error, return_value=answer):
            action = job.with_user(self.user).action_cancel()
        job.invalidate_recordset()
        return action["params"]

    def test_cancelled(self):
        job = self.make_job(status="printing")
        self.assertEqual(self.cancel(job, CancelAnswer("cancelled"))["type"], "success")
        self.assertEqual(job.status, "cancelled")
        self.assertEqual(job.timeline[-1]["user"], self.user.name)

    def test_of_a_selection_all_is_asked_before_anything_is_locked(self):
        """A print server may take seconds to answer, and who holds rows meanwhile keeps the sweeps from them."""
        jobs = self.make_job(status="printing") + self.make_job(status="printing") + self.make_job(status="printing")
        seen = []

        def ask(_client, job_id):
            jobs.invalidate_recordset()
            seen.append(set(jobs.mapped("status")))
            return CancelAnswer("finished" if job_id == jobs[0].flask_job_id else "cancelled")

        def look(_client, job_id):
            seen.append(set(jobs.mapped("status")))
            return parse_job_report({"job_id": job_id, "status": "completed"})

        with (
            patch.object(PrintServerClient, "cancel", autospec=True, side_effect=ask),
            patch.object(PrintServerClient, "job_status", autospec=True, side_effect=look),
        ):
            params = jobs.with_user(self.user).action_cancel()["params"]
        jobs.invalidate_recordset()
        self.assertEqual(seen, [{"printing"}] * 4)
        self.assertEqual(jobs.mapped("status"), ["completed", "cancelled", "cancelled"])
        self.assertIn("2 jobs are cancelled.", params["message"])
        self.assertIn("already finished", params["message"])

    def test_too_late(self):
        job = self.make_job(status="printing")
        report = parse_job_report({"job_id": job.flask_job_id, "status": "completed"})
        with patch.object(PrintServerClient, "job_status", return_value=report):
            params = self.cancel(job, CancelAnswer("finished"))
        self.assertEqual((job.status, params["type"]), ("completed", "warning"))

    def test_unknown_there(self):
        job = self.make_job(status="printing")
        with patch.object(PrintServerClient, "job_status", side_effect=NotFound("not_found", status=404)):
            params = self.cancel(job, CancelAnswer("unknown"))
        self.assertEqual((job.status, params["type"]), ("printing", "warning"))

    def test_server_away(self):
        job = self.make_job(status="printing")
        params = self.cancel(job, error=Unreachable("unreachable", server="x"))
        self.assertEqual((job.status, params["type"]), ("printing", "warning"))
        self.assertIn("not cancelled", params["message"])

    def test_before_submission(self):
        job = self.make_job()
        params = self.cancel(job)
        self.assertEqual((job.status, params["type"]), ("cancelled", "success"))

    def test_a_selection_is_summed_up(self):
        for count, words in ((1, "1 job is cancelled."), (2, "2 jobs are cancelled.")):
            ended = self.make_job(status="printing")
            self.report(ended, status="completed")
            jobs = ended.union(*(self.make_job() for _job in range(count)))
            params = jobs.with_user(self.user).action_cancel()["params"]
            self.assertEqual(params["type"], "warning")
            self.assertIn(words, params["message"])
            self.assertIn("nothing to cancel", params["message"])

    def test_while_being_submitted(self):
        job = self.make_job(submit_started_at=fields.Datetime.now())
        with self.assertRaisesRegex(UserError, "just being handed"):
            job.with_user(self.user).action_cancel()


class TestHistory(LabelPrintCase):
    def test_find_a_lot(self):
        job = self.make_job(labels_data=self.labels(20, lot="SOUP-77"))
        self.make_job()
        Job = self.env["label.print.job"].with_user(self.user)
        self.assertEqual(Job.search([("lot_number", "=", "SOUP-77")]), job)
        self.env["stock.lot"].create({"name": "SOUP-77", "product_id": self.product.id})
        self.assertEqual(Job.search([("lot_number", "ilike", "soup-7")]), job)
        self.assertFalse(Job.search([("lot_number", "=", "nothing")]))

    def test_job_outlives_its_order(self):
        production = self.make_production()
        job = self.make_job(mo_id=production.id)
        name = production.name
        production.action_cancel()
        production.unlink()
        job.invalidate_recordset()
        self.assertEqual((job.mo_id.id, job.mo_reference), (False, name))

    def test_job_outlives_its_lot(self):
        lot = self.env["stock.lot"].create({"name": "GONE-1", "product_id": self.product.id})
        job = self.make_job(labels_data=self.labels(20, lot="GONE-1"))
        lot.unlink()
        self.assertEqual(self.env["label.print.job"].search([("lot_number", "=", "GONE-1")]), job)

    def test_who_and_where_cannot_be_deleted_from_under_a_job(self):
        self.make_job()
        for record in (self.user, self.printer):
            with (
                self.subTest(record),
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.cr.savepoint(),
            ):
                record.unlink()

    def test_archived_printer_keeps_its_jobs_but_gets_no_new_attempt(self):
        job = self.make_job(status="printing")
        failed = [{"index": n, "code": "paper_out", "message": ""} for n in range(9, 21)]
        self.report(job, status="failed", current_label=8, failed_labels=failed)
        self.printer.active = False
        self.assertEqual(job.printer_id, self.printer)
        with self.assertRaisesRegex(UserError, "is archived"):
            job.with_user(self.user).action_retry()
        self.assertEqual((job.status, job.attempt_number), ("failed", 1))

    def test_archived_user_keeps_the_job_and_is_not_told(self):
        job = self.make_job(status="printing")
        self.user.active = False
        self.report(job, status="completed")
        self.assertEqual(job.submitted_by, self.user)
        self.assertFalse(self.sent_toasts(self.user))

    def test_export_cell_by_cell(self):
        job = self.make_job(status="printing")
        self.report(job, status="failed", error_message="=cmd|' /C calc'!A0")
        action = (
            self.env["label.print.job"].with_user(self.user).with_context(tz="UTC", active_domain=[("id", "=", job.id)])
        ).action_export_history()
        attachment = self.env["ir.attachment"].browse(int(action["url"].split("/")[3].split("?")[0]))
        header, cells = csv.reader(io.StringIO(attachment.raw.decode("utf-8-sig")))
        self.assertEqual(",".join(header), "Date,MO Reference,Quantity,Status,Job Type,Submitted By,Error Message")
        date = job.create_date.strftime("%Y-%m-%d %H:%M:%S")
        self.assertEqual(cells, [date, "-", "20", "failed", "manual", self.user.name, "'=cmd|' /C calc'!A0"])

    def exported(self, jobs, **context):
        """How many jobs the file has when the list's button is clicked with ``jobs`` as what the web client sent."""
        context = {"active_ids": jobs.ids, "active_model": jobs._name, **context}
        action = jobs.with_user(self.user).with_context(**context).action_export_history()
        attachment = self.env["ir.attachment"].browse(int(action["url"].split("/")[3].split("?")[0]))
        return len(attachment.raw.decode().splitlines()) - 1

    def test_export_of_more_than_the_web_client_can_send(self):
        """"Select all" sends the first ids up to a limit and, in the context, the list's domain."""
        self.env["ir.config_parameter"].set_param("web.active_ids_limit", "3")
        jobs = self.env["label.print.job"].union(*(self.make_job() for _job in range(5)))
        self.make_job()
        domain = [("id", "in", jobs.ids)]
        self.assertEqual(self.exported(jobs[:3], active_domain=domain), 5)
        self.assertEqual(self.exported(jobs[:2], active_domain=domain), 2, "two rows ticked by hand")
        self.assertEqual(self.exported(jobs.browse(), active_domain=domain), 5)
        self.assertEqual(self.exported(jobs), 5, "called with ids and no list")

    def test_export_needs_the_right(self):
        self.user.group_ids -= self.env.ref("base.group_allow_export")
        with self.assertRaises(AccessError):
            self.env["label.print.job"].with_user(self.user).action_export_history()

    def test_overview(self):
        job = self.make_job(status="printing")
        self.report(job, status="failed", error_code="paper_out", current_label=8)
        data = self.env["label.print.job"].with_user(self.user).get_overview()
        self.assertEqual(data["tiles"]["failed_today"]["value"], 1)
        self.assertEqual(data["failures"][0]["id"], job.id)
        self.assertEqual(len(data["per_hour"]), 24)
        self.assertEqual(data["success_rate"], 0.0)


class TestPrinters(LabelPrintCase):
    def apply(self, *printers, complete=True):
        self.env["printer.configuration"]._apply_reports(
            self.server, parse_printers({"printers": list(printers)}), complete=complete
        )
        self.printer.invalidate_recordset()

    def test_new_printers_appear_and_edits_stay(self):
        self.printer.location = "Hall 1"
        self.apply(
            {"name": "zebra-line-1", "model": "ZD", "status": "online", "location": "elsewhere", "jobs_in_queue": 2},
            {"name": "zebra-line-9", "model": "Z230", "status": "idle"},
        )
        self.assertEqual(
            (self.printer.status, self.printer.location, self.printer.jobs_in_queue), ("online", "Hall 1", 2)
        )
        self.assertEqual(self.env["printer.configuration"].search([("cups_name", "=", "zebra-line-9")]).model, "Z230")

    def test_reasons_in_words(self):
        self.apply({"name": "zebra-line-1", "status": "idle", "state_reasons": ["media-empty-error"]})
        self.assertEqual(self.printer.status, "attention")
        self.assertTrue(self.printer.reason_display)

    def test_missing_printers_become_unknown(self):
        self.apply({"name": "zebra-line-1", "status": "online"})
        for _sweep in range(2):
            self.apply()
            self.assertEqual(self.printer.status, "online")
        self.apply()
        self.assertEqual(self.printer.status, "unknown")

    def test_nothing_new_writes_nothing(self):
        self.apply({"name": "zebra-line-1", "status": "online"})
        stamp = self.printer.write_date
        self.apply({"name": "zebra-line-1", "status": "online"})
        self.assertEqual(self.printer.write_date, stamp)

    def test_default_printer_is_the_parameter(self):
        self.printer.is_default = True
        parameters = self.env["ir.config_parameter"].sudo()
        self.assertEqual(parameters.get_param("label_print.default_printer"), "zebra-line-1")
        self.assertEqual(self.env["printer.configuration"]._get_default_printer(), self.printer)


class TestOrders(LabelPrintCase):
    def test_labels_of_an_order(self):
        production = self.make_production(quantity=20)
        labels = production._get_label_print_data()
        self.assertEqual(len(labels), 20)
        self.assertEqual({label["lot_number"] for label in labels}, {"LOT-MO-1"})
        self.assertTrue(all(label["zpl_code"].startswith("^XA") for label in labels))

    def test_rendering_leaves_the_order_as_it_was(self):
        production = self.make_production(quantity=20)
        before = production.move_finished_ids.move_line_ids.read(["quantity", "lot_id"])
        production._get_label_print_data()
        self.assertEqual(production.move_finished_ids.move_line_ids.read(["quantity", "lot_id"]), before)

    def test_draft_order(self):
        production = self.env["mrp.production"].create({"product_id": self.product.id, "product_qty": 5})
        with self.assertRaisesRegex(UserError, "no finished quantity|no lot"):
            production.action_print_labels()

    def test_print_from_the_dialog(self):
        production = self.make_production(quantity=20)
        self.printer.is_default = True
        wizard = self.env["label.print.wizard"].with_user(self.user).create({"mo_id": production.id})
        self.assertEqual((wizard.printer_id, wizard.quantity, wizard.total), (self.printer, 20, 20))
        action = wizard.action_print()
        job = self.env["label.print.job"].browse(action["res_id"])
        self.assertEqual((job.status, job.quantity, job.mo_id), ("pending", 20, production))
        self.assertEqual((production.label_print_job_count, production.label_print_status), (1, "pending"))

    def test_more_than_there_are_serial_numbers(self):
        serial = self.env["product.product"].create(
            {"name": "Machine", "type": "consu", "is_storable": True, "tracking": "serial"}
        )
        for count, words in ((1, "has one serial number to print, not 5"), (2, "has 2 serial numbers to print, not 5")):
            production = self.env["mrp.production"].create({"product_id": serial.id, "product_qty": count})
            production.action_confirm()
            production.lot_producing_ids = self.env["stock.lot"].create(
                [{"name": f"SN-{count}-{number}", "product_id": serial.id} for number in range(count)]
            )
            production.qty_producing = count
            production.set_qty_producing()
            wizard = self.env["label.print.wizard"].create({"mo_id": production.id, "printer_id": self.printer.id})
            self.assertEqual(wizard.quantity, count)
            wizard.quantity = 5
            with self.assertRaisesRegex(UserError, words):
                wizard.action_print()

    def test_too_many(self):
        production = self.make_production(quantity=20)
        wizard = (
            self.env["label.print.wizard"]
            .with_user(self.user)
            .create({"mo_id": production.id, "printer_id": self.printer.id, "copies": 26})
        )
        with self.assertRaisesRegex(UserError, "500 at most"):
            wizard.action_print()
        wizard.copies = 0
        with self.assertRaises(UserError):
            wizard.action_print()
