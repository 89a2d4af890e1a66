"""*Verify* names what somebody has changed by SQL: labels, attempts, jobs, marks, and the record itself."""

import hashlib
from unittest.mock import patch

from odoo.addons.label_print_monitor.models import label_print_job_verify
from odoo.addons.label_print_monitor.models.label_print_record_rows import SEAL_OLD
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .record_case import RecordCase


@tagged("post_install", "-at_install")
class TestLabelPrintJobVerify(RecordCase):
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

    # What is kept of attempts, jobs, and of the record itself

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
        # It takes no toast about how these jobs ended away, and stays when they are retried.
        self.assertEqual(toast["topic"], f"verification-{one.id}")

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

    def test_what_differs_is_told_only_of_jobs_that_the_reader_may_read(self):
        jobs = self.tampered()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.manager.write({"company_ids": [(4, company.id)]})
        both = jobs.with_user(self.manager).with_context(allowed_company_ids=[company.id, jobs.company_id.id])
        one = self.verification(both.action_verify_record())
        self.assertEqual(one.different_count, 1)
        self.assertIn(f"Print Job {jobs[1].id}: ", one.with_env(both.env).result)
        reader = new_test_user(
            self.env, "lpm_elsewhere", "label_print_monitor.group_label_print_manager",
            company_id=company.id, company_ids=[(6, 0, company.ids)],
        )  # fmt: skip
        theirs = one.with_user(reader).with_context(allowed_company_ids=company.ids)
        self.assertNotIn("Print Job", theirs.result)
        self.assertIn("not named here", theirs.result)
        with self.assertRaises(AccessError):
            theirs.read(["findings"])

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
