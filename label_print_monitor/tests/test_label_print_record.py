"""The record of a job grows with what happens to it, cannot be changed, and shows what somebody has changed by SQL."""

import hashlib
import json
from unittest.mock import patch

from odoo.addons.label_print_monitor.models import label_print_job_verify
from odoo.addons.label_print_monitor.models.label_print_record_rows import SEAL_OLD
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import LabelPrintCase


@tagged("post_install", "-at_install")
class TestLabelPrintRecord(LabelPrintCase):
    def entries(self, job):
        return self.env["label.print.record"].search([("job_id", "=", job.id)], order="sequence")

    def contents(self, job):
        return [json.loads(entry.content) for entry in self.entries(job)]

    def kinds(self, job):
        return [content["kind"] for content in self.contents(job)]

    def findings(self, job):
        self.env.invalidate_all()
        return job._verdict_in_words(job._verify()[job.id])

    def assert_finds(self, job, words, query, *values):
        """A change by SQL is found, and said with these words; without it all is well."""
        self.assertEqual(self.findings(job), [])
        with self.env.cr.savepoint(flush=False) as savepoint:
            self.env.cr.execute(query, values)
            self.assertTrue(self.env.cr.rowcount)
            found = self.findings(job)
            savepoint.rollback()
        self.env.invalidate_all()
        self.assertTrue(any(words in text for text in found), found)

    def finished_job(self):
        job = self.make_job(3, status="printing")
        self.report(job, status="completed", current_label=3)
        return job

    # What is kept of the labels

    def test_a_changed_label_is_named(self):
        job = self.finished_job()
        change = """UPDATE label_print_job SET labels_data = jsonb_set(labels_data, '{1,zpl_code}', '"^XA^FDother^FS^XZ"')
                     WHERE id = %s"""
        self.assert_finds(job, "The ZPL of the labels 2 was changed", change, job.id)
        lost = "UPDATE label_print_job SET labels_data = labels_data - 2 WHERE id = %s"
        self.assert_finds(job, "The ZPL of the labels 3 was changed", lost, job.id)
        gone = "UPDATE label_print_job SET labels_data = NULL WHERE id = %s"
        self.assert_finds(job, "The ZPL of the labels 1–3 was changed", gone, job.id)

    def test_a_changed_label_with_its_hash_is_found_by_the_record(self):
        job = self.finished_job()
        zpl = "^XA^FDother^FS^XZ"
        hash_ = hashlib.sha256(zpl.encode()).hexdigest()
        change = """UPDATE label_print_job SET labels_data = jsonb_set(labels_data, '{1,zpl_code}', to_jsonb(%s::text)),
                           label_hashes = overlay(label_hashes placing %s from 65 for 64) WHERE id = %s"""
        self.assertEqual(self.findings(job), [])
        self.env.cr.execute(change, [zpl, hash_, job.id])
        found = " ".join(self.findings(job))
        self.assertNotIn("The ZPL of", found)
        self.assertIn("Entry 1", found)

    def test_labels_are_hashed_a_few_jobs_at_a_time(self):
        """Umlauts, many jobs, jobs of a release without hashes and jobs whose ZPL is no longer kept."""
        labels = [{"zpl_code": f"^XA^CI28^FDGröße {n}^FS^XZ", "box_number": n} for n in (1, 2)]
        jobs = self.env["label.print.job"].union(*(self.make_job(2, labels_data=labels) for _job in range(5)))
        self.env.flush_all()
        with patch.object(label_print_job_verify, "JOBS_HASHED_AT_ONCE", 2):
            self.assertEqual([verdict.findings for verdict in jobs._verify().values()], [[]] * 5)
        change = """UPDATE label_print_job
                       SET labels_data = jsonb_set(labels_data, '{0,zpl_code}', '"^XA^XZ"') WHERE id = ANY(%s)"""
        self.env.cr.execute(change, [jobs.ids])
        self.env.cr.execute("UPDATE label_print_job SET label_hashes = NULL WHERE id = %s", [jobs[0].id])
        self.env["print.job.retention"]._remove_zpl(jobs[1])
        self.env.invalidate_all()
        with patch.object(label_print_job_verify, "JOBS_HASHED_AT_ONCE", 2):
            self.assertEqual(jobs._labels_with_other_zpl(), {job.id: [1] for job in jobs[2:]})

    def test_nothing_else_may_stand_where_zpl_was_removed(self):
        job = self.finished_job()
        self.env["print.job.retention"]._remove_zpl(job)
        self.assertEqual(self.findings(job), [])
        change = """UPDATE label_print_job SET labels_data = jsonb_set(labels_data, '{1,zpl_code}', '"^XA^FDother^FS^XZ"')
                     WHERE id = %s"""
        self.assert_finds(job, "The ZPL of the labels 2 was changed", change, job.id)

    # What is recorded

    def test_a_job_is_recorded_when_it_is_made(self):
        job = self.make_job(2)
        [made] = self.contents(job)
        self.assertEqual((made["kind"], made["v"], made["job"], made["entry"]), ("made", 1, job.id, 1))
        self.assertEqual(made["job_facts"]["labels"], [[1, "LOT-1"], [2, "LOT-1"]])
        self.assertEqual(made["job_facts"]["submitted_by_name"], self.user.name)
        self.assertEqual([line["status"] for line in made["timeline"]], ["pending"])
        self.assertNotIn("zpl", self.entries(job).content)
        self.assertEqual(self.findings(job), [])

    def test_an_attempt_is_recorded_when_it_ends_and_not_while_it_runs(self):
        job = self.make_job(3, status="sent")
        self.report(job, status="queued")
        self.report(job, status="printing", current_label=1)
        self.report(job, status="printing", current_label=2)
        self.assertEqual(self.kinds(job), ["made"])
        self.assertEqual(self.findings(job), [])
        self.report(job, status="completed", current_label=3)
        self.assertEqual(self.kinds(job), ["made", "attempt"])
        ended = self.contents(job)[-1]
        self.assertEqual(ended["attempts"][0]["outcome"], "completed")
        self.assertEqual(ended["attempts"][0]["printer_name"], "Line 1")
        self.assertEqual([line["status"] for line in ended["timeline"]], ["queued", "printing", "completed"])
        self.assertEqual(ended["state"]["current_label"], 3)
        self.assertEqual(self.findings(job), [])

    def test_each_entry_carries_the_hash_of_the_one_before_it(self):
        job = self.failed_job()
        job._retry(list(range(9, 21)), reason="ä “new” roll")
        previous = ""
        for entry in self.entries(job):
            self.assertEqual(entry.previous_hash or "", previous)
            previous = hashlib.sha256((previous + entry.content).encode()).hexdigest()
            self.assertEqual(entry.hash, previous)
        self.assertEqual((job.record_hash, job.record_count), (previous, 3))

    def test_an_account_that_comes_after_the_end_is_another_entry(self):
        self.server.capabilities = [*self.server.capabilities, "label_account"]
        job = self.make_job(3, status="printing")
        self.report(job, status="failed", current_label=1, error_code="paper_out")
        self.assertEqual(self.kinds(job), ["made", "attempt"])
        labels = [{"index": 1, "count": 2, "state": "confirmed"}, {"index": 3, "state": "failed", "code": "paper_out"}]
        self.report(job, status="failed", current_label=2, error_code="paper_out", labels=labels)
        self.assertEqual(self.kinds(job), ["made", "attempt", "attempt"])
        first, second = (content["attempts"][0]["account"]["s"] for content in self.contents(job)[1:])
        self.assertNotEqual(first, second)
        self.report(job, status="failed", current_label=2, error_code="paper_out", labels=labels)
        self.assertEqual(len(self.entries(job)), 3, "a repetition says nothing new")
        self.assertEqual(self.findings(job), [])

    def test_what_a_person_sees_is_recorded_with_the_name(self):
        job = self.failed_job()
        job.with_user(self.manager)._settle(on_paper=[9], not_on_paper=[10], reason="looked")
        marks = [mark for content in self.contents(job) for mark in content.get("marks", ())]
        self.assertEqual(
            [(mark["kind"], mark["label_indexes"]) for mark in marks], [("checked", [9]), ("missing", [10])]
        )
        self.assertEqual({mark["user_name"] for mark in marks}, {self.manager.name})
        self.assertEqual(self.entries(job)[-1].user_name, self.manager.name)
        self.assertEqual(self.findings(job), [])

    def test_what_people_do_to_a_job_is_recorded(self):
        job = self.failed_job()
        job.with_user(self.user)._set_aside("not_needed")
        job.with_user(self.user).action_undo_set_aside()
        job._retry(list(range(9, 21)))
        job.with_user(self.user)._note_cancel_request(job.with_user(self.user)._cancellation("duplicate"))
        self.assertEqual(self.kinds(job), ["made", "attempt", "step", "step", "step", "step"])
        self.assertEqual(self.contents(job)[2]["state"]["set_aside_reason"], "not_needed")
        self.assertEqual(self.contents(job)[5]["state"]["cancel_reason"], "duplicate")
        said = [line for content in self.contents(job) for line in content.get("timeline", ())]
        self.assertEqual(said, job.timeline)
        self.assertEqual(self.findings(job), [])

    def test_a_copy_has_a_record_of_its_own(self):
        job = self.finished_job()
        copy = job._print_again([2], "damaged")
        [made] = self.contents(copy)
        self.assertEqual(made["job_facts"]["copy_of_id"], job.id)
        self.assertEqual((made["job_facts"]["copy_labels"], made["job_facts"]["copy_reason"]), ([2], "damaged"))
        self.assertEqual(self.findings(copy) + self.findings(job), [])

    def test_a_job_that_is_entered_as_ended(self):
        job = self.make_job(status="completed_with_errors", current_label=19, failed_count=1)
        self.assertEqual(self.kinds(job), ["made"])
        self.assertEqual(self.contents(job)[0]["attempts"][0]["outcome"], "completed_with_errors")
        self.assertEqual(self.findings(job), [])

    def test_a_late_answer_to_a_submission_is_recorded(self):
        job = self.finished_job()
        job.attempt_ids.write({"flask_job_id": "late-1"})
        self.assertEqual(self.contents(job)[-1]["attempts"][0]["flask_job_id"], "late-1")
        job.attempt_ids.write({"account_due": True})
        self.assertEqual(len(self.entries(job)), 3)
        self.assertEqual(self.findings(job), [])

    def test_a_job_without_a_record_gets_all_at_once(self):
        job = self.failed_job()
        job._settle(on_paper=[9])
        self.env.cr.execute("DELETE FROM label_print_record WHERE job_id = %s", [job.id])
        no_end = (
            "UPDATE label_print_job SET record_count = NULL, record_hash = NULL, record_timeline = NULL WHERE id = %s"
        )
        self.env.cr.execute(no_end, [job.id])
        self.assertIn("no record", self.findings(job)[0])
        job._seal()
        self.assertEqual(self.kinds(job), ["sealed"])
        self.assertEqual(self.findings(job), [])

    def test_the_entry_that_the_update_makes(self):
        job = self.failed_job()
        job._settle(on_paper=[9])
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM label_print_record WHERE job_id = %s", [job.id])
        no_end = (
            "UPDATE label_print_job SET record_count = NULL, record_hash = NULL, record_timeline = NULL WHERE id = %s"
        )
        self.env.cr.execute(no_end, [job.id])
        values = {"first": job.id, "last": job.id, "date": "2026-01-01 00:00:00", "name": "OdooBot"}
        self.env.cr.execute(SEAL_OLD, values)
        self.assertEqual(self.findings(job), [])
        self.assertEqual(self.contents(job)[0]["note"], "sealed at the upgrade")
        self.assert_finds(
            job, "“Labels Printed” was “9”", "UPDATE label_print_job SET current_label = 8 WHERE id = %s", job.id
        )
        self.assert_finds(job, "no record", "DELETE FROM label_print_record WHERE job_id = %s", job.id)
        job.with_user(self.user)._set_aside("not_needed")
        self.assertEqual((self.kinds(job), job.record_count), (["sealed", "step"], 2))
        self.assertEqual(len(self.contents(job)[1]["timeline"]), 1)
        self.assertEqual(self.findings(job), [])

    # Nobody changes it

    def test_nobody_changes_or_deletes_an_entry(self):
        entry = self.entries(self.finished_job())[:1]
        for record in (entry, entry.sudo()):
            with self.assertRaisesRegex(UserError, "only grows"):
                record.write({"content": "{}"})
            with self.assertRaisesRegex(UserError, "only grows"):
                record.unlink()
        for do in (
            lambda record: record.write({"content": "{}"}),
            lambda record: record.unlink(),
            lambda record: record.create({"job_id": record.job_id.id, "sequence": 9, "content": "{}", "hash": "x"}),
        ):
            with self.assertRaises(AccessError):
                do(entry.with_user(self.manager))

    def test_a_job_with_a_record_is_not_deleted(self):
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            self.finished_job().sudo().unlink()

    # What Verify finds

    def test_a_changed_attempt_is_found(self):
        job = self.finished_job()
        for words, change in (
            ("labels of attempt 1", "account = jsonb_build_object('v', 1, 's', 'f3')"),
            ("“Ended” was", "ended_date = ended_date - interval '1 hour'"),
            ("“Started By” was", "submitted_by = 1"),
            ("“Printer's Name Then” was “Line 1”. Now it is “Line 2”", "printer_name = 'Line 2'"),
            ("“Labels Printed” was “3”. Now it is “2”", "printed_count = 2"),
            ("“Outcome” was “completed”. Now it is “failed”", "outcome = 'failed'"),
        ):
            self.assert_finds(job, words, f"UPDATE label_print_attempt SET {change} WHERE job_id = %s", job.id)
        self.assert_finds(job, "Attempt 1 of entry 2", "DELETE FROM label_print_attempt WHERE job_id = %s", job.id)

    def test_a_changed_job_is_found(self):
        job = self.finished_job()
        job._settle(destroyed=[2])
        for words, change in (
            ("“Labels Printed” was “3”", "current_label = 2"),
            ("“Status” was “completed”", "status = 'queued'"),
            ("“Ended” was", "completed_date = completed_date - interval '1 day'"),
            ("“Quantity” was “3”. Now it is “4”", "quantity = 4"),
            (
                "other boxes or lots for the labels 2",
                "labels_data = jsonb_set(labels_data, '{1,lot_number}', '\"LOT-2\"')",
            ),
            ("Line 2 of the timeline", "timeline = jsonb_set(timeline, '{1,at}', '\"2020-01-01 00:00:00\"')"),
            ("of the timeline, in entry", "timeline = timeline - -1"),
            ("Of the timeline from line", "timeline = timeline || timeline"),
            ("“Note on Setting Aside” was “nothing”. Now it is “x”", "set_aside_note = 'x'"),
        ):
            self.assert_finds(job, words, f"UPDATE label_print_job SET {change} WHERE id = %s", job.id)

    def test_a_changed_or_deleted_mark_is_found(self):
        job = self.failed_job()
        job.with_user(self.user)._settle(on_paper=[9])
        name = self.user.name
        update = "UPDATE label_print_mark SET {} WHERE job_id = %s"
        self.assert_finds(job, f"was “{name}”. Now it is “Somebody”", update.format("user_name = 'Somebody'"), job.id)
        self.assert_finds(job, "says of what", update.format("label_indexes = '[9, 10]'"), job.id)
        self.assert_finds(job, f"What {name} saw", "DELETE FROM label_print_mark WHERE job_id = %s", job.id)
        self.assert_finds(
            job, f"Of what {name} saw",
            """INSERT INTO label_print_mark (job_id, attempt_number, kind, label_indexes, user_id, user_name, date)
               SELECT job_id, attempt_number, kind, '[10]', user_id, user_name, date FROM label_print_mark WHERE job_id = %s""",
            job.id,
        )  # fmt: skip

    def test_a_changed_record_is_found(self):
        job = self.failed_job()
        job._settle(on_paper=[9])
        count = job.record_count
        delete = "DELETE FROM label_print_record WHERE job_id = %s AND sequence = %s"
        self.assert_finds(job, "Entry 2 is missing", delete, job.id, 2)
        self.assert_finds(job, f"Entry {count} is missing", delete, job.id, count)
        update = "UPDATE label_print_record SET {} WHERE job_id = %s AND sequence = 2"
        self.assert_finds(
            job, "Entry 2 was changed", update.format("content = replace(content, 'failed', 'passed')"), job.id
        )
        self.assert_finds(job, "Entry 2: “user_name” is “Bob”", update.format("user_name = 'Bob'"), job.id)
        self.assert_finds(job, "does not follow", update.format("previous_hash = 'x', hash = 'y'"), job.id)
        self.assert_finds(
            job, "cannot have happened", "UPDATE label_print_attempt SET account = NULL WHERE job_id = %s", job.id
        )
        self.assert_finds(
            job, "hash that the job keeps", "UPDATE label_print_job SET record_hash = 'x' WHERE id = %s", job.id
        )

    # Verify, as people use it

    def tampered(self):
        jobs = self.finished_job() + self.finished_job() + self.finished_job()
        self.env.flush_all()
        self.env.cr.execute("UPDATE label_print_attempt SET printed_count = 2 WHERE job_id = %s", [jobs[1].id])
        self.env.invalidate_all()
        return jobs

    def verification(self, action):
        return self.env["label.print.verification"].browse(action["res_id"])

    def test_verify_one_job(self):
        jobs = self.tampered().with_user(self.user)
        good = self.verification(jobs[0].action_verify_record())
        self.assertEqual((good.state, good.checked_count, good.different_count), ("done", 1, 0))
        self.assertEqual(
            good.result, "Nothing was changed since it was recorded. Jobs verified: 1, entries of their records: 2."
        )
        bad = self.verification(jobs[1].action_verify_record())
        self.assertIn(f"Print Job {jobs[1].id}: Entry 2 says of attempt 1: “Labels Printed” was “3”.", bad.result)
        self.assertEqual(bad.user_name, self.user.name)

    def test_verify_a_selection_or_a_filter(self):
        jobs = self.tampered().with_user(self.user)
        selected = jobs.browse().with_context(active_model=jobs._name, active_ids=jobs[:2].ids)
        self.assertEqual(self.verification(selected.action_verify_record()).checked_count, 2)
        filtered = jobs.browse().with_context(active_domain=[("id", "in", jobs.ids)])
        one = self.verification(filtered.action_verify_record())
        self.assertEqual((one.checked_count, one.entry_count, one.different_count), (3, 6, 1))
        self.assertEqual(one.action_view_different()["domain"], [("id", "in", [jobs[1].id])])
        nothing = jobs.browse().with_context(active_domain=[("id", "=", 0)])
        self.assertIn("no job", self.verification(nothing.action_verify_record()).result)

    def test_verify_all_in_the_background(self):
        jobs = self.tampered()
        module = "odoo.addons.label_print_monitor.models.label_print_verification"
        Verification = self.env["label.print.verification"]
        step = type(Verification)._verify_step
        self.patch(type(Verification), "_verify_step", lambda one: step(one, 2))
        with patch(f"{module}.MOST_AT_ONCE", 1):
            one = self.verification(Verification.with_user(self.manager).action_verify_all())
        self.assertEqual(one.state, "waiting")
        with self.enter_registry_test_mode():
            self.env.ref("label_print_monitor.cron_verify_records").method_direct_trigger()
        one.invalidate_recordset()
        self.assertEqual(one.state, "done")
        self.assertEqual(one.checked_count, self.env["label.print.job"].search_count([]))
        self.assertEqual((one.different_count, list(one.findings)), (1, [str(jobs[1].id)]))
        [toast] = self.sent_toasts(self.manager)[-1:]
        self.assertEqual((toast["type"], toast["job_ids"]), ("danger", [jobs[1].id]))

    def test_one_that_breaks_off_is_marked_and_told(self):
        one = self.verification(self.env["label.print.verification"].with_user(self.manager)._make([]))
        one.write({"state": "running", "domain": "nonsense"})
        with self.enter_registry_test_mode(), self.assertLogs(level="ERROR"):
            self.env.ref("label_print_monitor.cron_verify_records").method_direct_trigger()
        one.invalidate_recordset()
        self.assertEqual(one.state, "failed")
        self.assertIn("broken off", one.result)

    def test_verify_sees_only_the_companies_of_its_reader(self):
        jobs = self.tampered()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.user.write({"company_ids": [(4, company.id)]})
        elsewhere = jobs.with_user(self.user).with_context(allowed_company_ids=company.ids)
        one = self.verification(elsewhere.browse().with_context(active_domain=[]).action_verify_record())
        self.assertEqual(one.checked_count, 0)
        self.assertFalse(self.env["label.print.record"].with_user(self.user).with_context(
            allowed_company_ids=company.ids).search_count([]))  # fmt: skip

    # The evidence page

    def page_of(self, job):
        report = self.env["report.label_print_monitor.report_evidence_job"].with_user(self.user)
        return report._get_report_values(job.ids)["pages"][0]

    def test_the_evidence_page_says_whether_anything_was_changed(self):
        job = self.finished_job()
        job.with_user(self.user)._settle(on_paper=[1, 2, 3])
        page = self.page_of(job)
        self.assertTrue(page["is_complete"], page["open_points"])
        self.assertIn(f"verified just now: {job.record_count}.", page["record"])
        self.assertIn(job.record_hash[:16], page["jobs"][0]["record"])
        self.env.cr.execute("UPDATE label_print_mark SET user_name = 'Somebody' WHERE job_id = %s", [job.id])
        self.env.invalidate_all()
        page = self.page_of(job)
        self.assertFalse(page["is_complete"])
        self.assertFalse(page["record"])
        self.assertIn(job.display_name, page["open_points"][-1])
        self.assertIn("Now it is “Somebody”", page["jobs"][0]["differences"][0])
