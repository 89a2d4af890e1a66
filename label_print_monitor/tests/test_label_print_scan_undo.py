"""Scans that were a mistake are taken back, and old ones removed; what they were is not lost."""

from datetime import timedelta
from unittest.mock import patch

from odoo.addons.label_print_monitor.models import print_job_retention_scans
from odoo.exceptions import AccessError
from odoo.fields import Datetime
from odoo.tests import new_test_user

from .test_label_print_scan import ScanCase


class TestUndo(ScanCase):
    def undo(self, key, job, user=None, **values):
        self.env.flush_all()
        self.env.invalidate_all()
        type(self).count += 1
        entry = {"key": f"u{self.count}", "undo": key, "job_id": job.id, "age": 0, **values}
        (answer,) = self.env["label.print.scan"].with_user(user or self.user).check([entry])
        self.env.invalidate_all()
        return answer

    def states(self, job):
        return [label.state for label in job._job_account().labels]

    def test_a_label_is_again_what_it_was(self):
        job = self.ended(self.serials(3))
        (answer,) = self.scan("SN-002", job=job)
        self.assertEqual((self.states(job)[1], job.checked_count), ("checked", 1))
        undone = self.undo(answer["key"], job)
        self.assertEqual((undone["verdict"], undone["label"], undone["state"]), ("undone", 1, "printed"))
        self.assertEqual((self.states(job), job.checked_count), (["confirmed"] * 3, 0))
        self.assertEqual(job._checked_by(), {})
        self.assertEqual(self.scan("SN-002", job=job)[0]["verdict"], "checked", "it can be scanned again")
        self.assertEqual(self.scan("SN-002", job=job)[0]["verdict"], "twice")

    def test_nothing_is_erased(self):
        job = self.ended(self.serials(2))
        (answer,) = self.scan("SN-001", job=job)
        self.undo(answer["key"], job)
        self.assertEqual(job.mark_ids.mapped("kind"), ["checked", "unchecked"])
        self.assertEqual(job.mark_ids.mapped("code"), ["SN-001", "SN-001"])
        scans = self.env["label.print.scan"].search([("job_id", "=", job.id)], order="id")
        self.assertEqual(scans.mapped("verdict"), ["checked", "undone"])
        texts = [entry["text"] for entry in job.get_label_story(1)["entries"]]
        self.assertEqual([text for text in texts if "istake" in text], [f"{self.user.name}: Scanned by Mistake"])
        note = job.timeline_display[-1]["note"]
        self.assertEqual(note, "Scanned by mistake, and not checked any more: label 1")
        self.assertEqual(job._verify()[job.id].findings, [])
        entry = self.env["label.print.record"].search([("job_id", "=", job.id)], order="sequence desc", limit=2)
        self.assertIn('"unchecked"', "".join(entry.mapped("content")))

    def test_a_label_that_failed_needs_somebody_again(self):
        runs = [{"index": 1, "count": 1, "state": "confirmed"}, {"index": 2, "count": 1, "state": "failed"}]
        job = self.ended(self.serials(2), runs, "completed_with_errors")
        row = self.env["label.print.failed.label"].search([("job_id", "=", job.id)])
        self.assertTrue(row.needs_somebody)
        (answer,) = self.scan("SN-002", job=job)
        self.assertEqual((job.status, row.needs_somebody), ("completed", False))
        self.undo(answer["key"], job)
        self.assertEqual((job.status, row.needs_somebody), ("completed_with_errors", True))

    def test_what_the_scan_had_settled_is_open_again(self):
        runs = [{"index": 1, "count": 1, "state": "confirmed"}, {"index": 2, "count": 1, "state": "uncertain"}]
        job = self.ended(self.serials(2), runs, "completed_with_errors")
        before = (job.status, job.uncertain_count)
        self.assertEqual(before[1], 1)
        (answer,) = self.scan("SN-002", job=job)
        self.assertEqual((job.status, job.uncertain_count), ("completed", 0))
        self.undo(answer["key"], job)
        self.assertEqual((job.status, job.uncertain_count), before)
        self.assertEqual(job._verify()[job.id].findings, [])

    def test_only_ones_own_and_only_what_still_counts(self):
        job = self.ended(self.serials(3))
        first, second, third = self.scan("SN-001", "SN-002", "SN-003", job=job)
        self.assertEqual(self.undo(first["key"], job, user=self.colleague)["verdict"], "not_undone")
        self.assertEqual(self.undo("no-such-scan", job)["verdict"], "not_undone")
        job.with_user(self.user)._settle(destroyed=[2])
        self.assertEqual(self.undo(second["key"], job)["verdict"], "not_undone")
        self.assertEqual(self.undo(third["key"], job)["verdict"], "undone")
        self.assertEqual(self.undo(third["key"], job)["verdict"], "not_undone", "it is taken back already")
        self.assertEqual(self.states(job), ["checked", "void", "confirmed"])
        self.assertEqual(self.scan("SN-003", job=job, age=90)[0]["verdict"], "checked")
        self.assertEqual(self.undo(third["key"], job)["verdict"], "not_undone", "the later scan is another one")
        self.assertEqual(self.states(job), ["checked", "void", "checked"])
        (wrong,) = self.scan("SN-999", job=job)
        self.assertEqual(self.undo(wrong["key"], job)["verdict"], "not_undone", "nothing was counted")
        reader = new_test_user(self.env, "lpm_nobody", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.undo(first["key"], job, user=reader)

    def test_without_a_connection_all_is_sent_in_one_go(self):
        """Scanned, taken back, scanned right, sent an hour later; and sent again, since the answer was lost."""
        job = self.ended(self.serials(2))
        entries = [
            {"key": "a", "code": "SN-001", "job_id": job.id, "age": 3600},
            {"key": "b", "undo": "a", "code": "SN-001", "job_id": job.id, "age": 3590},
            {"key": "c", "code": "SN-001", "job_id": job.id, "age": 3580},
            {"key": "d", "code": "SN-002", "job_id": job.id, "age": 3570},
        ]
        Scan = self.env["label.print.scan"].with_user(self.user)
        for _time in range(2):
            self.env.invalidate_all()
            answers = Scan.check(entries)
            self.assertEqual([answer["verdict"] for answer in answers], ["checked", "undone", "checked", "checked"])
            self.assertEqual([answer["label"] for answer in answers], [0, 0, 0, 1])
        self.assertEqual(self.states(job), ["checked", "checked"])
        self.assertEqual(job.mark_ids.mapped("kind"), ["checked", "unchecked", "checked", "checked"])
        self.assertEqual(job._verify()[job.id].findings, [])

    def test_a_lost_separator_counts_nothing_and_says_so(self):
        """A lot of another order that is called so is another order's, whatever the page had thought."""
        job = self.ended(self.serials(1))
        self.product.barcode = False
        (answer,) = self.scan("010401234512345610SN-00121X7", job=job)
        self.assertEqual((answer["verdict"], answer["label"]), ("no_separator", False))
        self.assertEqual((self.states(job), job.checked_count), (["confirmed"], 0))
        labels = [{**self.serials(1)[0], "lot_number": "SN-00121X7"}]
        self.ended(labels, mo_id=self.order_named("LPM/OTHER").id)
        (answer,) = self.scan("010401234512345610SN-00121X7", job=job)
        self.assertEqual((answer["verdict"], answer["of"]), ("foreign", "LPM/OTHER"))


class TestRetentionOfScans(ScanCase):
    def test_old_scans_go_and_what_was_checked_stays(self):
        job = self.ended(self.serials(4))
        self.scan("SN-001", "SN-002", "SN-404", job=job)
        self.scan("SN-003", job=job)
        scans = self.env["label.print.scan"].search([("company_id", "=", job.company_id.id)], order="id")
        scans[:3].date = Datetime.now() - timedelta(days=40)
        retention = self.env["print.job.retention"]
        self.assertEqual(retention._gc_scans(), (0, False), "never, unless the settings say so")
        self.env["ir.config_parameter"].set_param("label_print.keep_scans_days", "39")
        effect = retention._effect(retention._rules())
        self.assertEqual((effect["kept_scans"], effect["removed_scans"]), (4, 3))
        with patch.object(print_job_retention_scans, "SCANS_A_CALL", 2):
            self.assertEqual(retention._gc_scans(), (2, True))
            self.assertEqual(retention._gc_scans(), (1, False))
        self.assertEqual(scans.exists(), scans[3])
        self.env.invalidate_all()
        self.assertEqual(job.checked_count, 3)
        self.assertEqual(job.mark_ids.mapped("code"), ["SN-001", "SN-002", "SN-003"])
        self.assertEqual(job._verify()[job.id].findings, [])
        self.assertEqual(self.scan("SN-001", job=job)[0]["verdict"], "twice")

    def test_a_device_may_send_its_scans_again_for_a_month(self):
        job = self.ended(self.serials(1))
        self.scan("SN-001", job=job)
        scan = self.env["label.print.scan"].search([("job_id", "=", job.id)])
        scan.date = Datetime.now() - timedelta(days=20)
        self.env["ir.config_parameter"].set_param("label_print.keep_scans_days", "5")
        self.assertEqual(self.env["print.job.retention"]._gc_scans(), (0, False))
