"""Labels checked by scanning: what counts, what is refused and why, and that nothing counts twice."""

import json
from datetime import timedelta
from pathlib import Path

from odoo import fields
from odoo.addons.label_print_monitor.services.contract.payloads import parse_job_report
from odoo.addons.label_print_monitor.services.label_files import scan_check
from odoo.exceptions import UserError
from odoo.tests import HttpCase, new_test_user, tagged

from .common import ZPL, LabelPrintCase

GTIN = "04012345123456"


class ScanCase(LabelPrintCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = new_test_user(
            cls.env, "lpm_colleague", groups="label_print_monitor.group_label_print_user", name="Colleague"
        )
        cls.count = 0

    @classmethod
    def serials(cls, quantity, prefix="SN"):
        """Labels of one serial number each."""
        names = [f"{prefix}-{number:03}" for number in range(1, quantity + 1)]
        return [
            {"zpl_code": ZPL.format(lot=name), "box_number": number, "lot_number": name, "product_id": cls.product.id}
            for number, name in enumerate(names, start=1)
        ]

    @classmethod
    def order_named(cls, name):
        return cls.env["mrp.production"].create({"name": name, "product_id": cls.product.id, "product_qty": 4})

    @classmethod
    def ended(cls, labels, runs=None, status="completed", **values):
        """A job of these labels that has ended, as its print server said of each."""
        job = cls.make_job(len(labels), labels_data=labels, status="printing", **values)
        runs = runs or [{"index": 1, "count": len(labels), "state": "confirmed"}]
        report = parse_job_report({"job_id": job.flask_job_id, "status": status, "labels": runs})
        cls.env["print.job.status.poller"].apply_reports(job.server_id, [report])
        return job

    def scan(self, *codes, user=None, age=0, order=None, job=None, key=None):
        """What the server answers to these codes, sent in one batch."""
        scans = []
        for code in codes:
            type(self).count += 1
            subject = {"order_id": order.id if order else False, "job_id": job.id if job else False}
            scans.append({"key": key or f"k{self.count}", "code": code, "age": age, **subject})
        self.env.flush_all()
        self.env.invalidate_all()
        answers = self.env["label.print.scan"].with_user(user or self.user).check(scans)
        self.env.invalidate_all()
        return answers

    def verdicts(self, *codes, **options):
        return [answer["verdict"] for answer in self.scan(*codes, **options)]

    def labels_to_check(self, **subject):
        self.env.invalidate_all()
        return self.env["label.print.scan"].with_user(self.user).get_labels(**subject)


class TestScan(ScanCase):
    def test_a_serial_number_is_checked_once(self):
        order = self.order_named("LPM/SCAN")
        job = self.ended(self.serials(4), mo_id=order.id)
        (answer,) = self.scan("SN-002", order=order, age=90)
        self.assertEqual((answer["verdict"], answer["label"], answer["who"]), ("checked", 1, self.user.name))
        mark = job.mark_ids
        self.assertEqual((mark.kind, mark.label_indexes, mark.code, mark.user_id), ("checked", [2], "SN-002", self.user))
        self.assertAlmostEqual(mark.date, fields.Datetime.now() - timedelta(seconds=90), delta=timedelta(seconds=5))
        self.assertEqual((job.checked_count, job.confirmed_count, job.evidence), (1, 4, "confirmed"))
        self.assertIn("Labels are checked by scanning", str(job.with_user(self.user).timeline_display))
        (answer,) = self.scan("SN-002", order=order, user=self.colleague)
        self.assertEqual((answer["verdict"], answer["who"]), ("twice", self.user.name))
        self.assertEqual(self.verdicts("SN-001", "SN-003", "SN-004", order=order), ["checked"] * 3)
        self.assertEqual((job.checked_count, job.evidence), (4, "checked"))
        self.assertIn("All labels are checked", str(job.with_user(self.user).timeline_display))
        self.assertEqual([row[3] for row in self.labels_to_check(order_id=order.id)["labels"]], ["checked"] * 4)

    def test_what_is_sent_again_counts_once(self):
        order = self.order_named("LPM/AGAIN")
        job = self.ended(self.labels(4), mo_id=order.id)
        first = self.scan("LOT-1", order=order, key="device-1")
        self.assertEqual(self.scan("LOT-1", order=order, key="device-1")[0]["verdict"], "checked")
        self.assertEqual(first[0]["label"], 0)
        self.assertEqual((job.checked_count, len(job.mark_ids)), (1, 1))
        # Within one batch, too; and another person's device may have made the same number.
        self.scan("LOT-1", "LOT-1", order=order, key="device-2")
        self.assertEqual(job.checked_count, 2)
        self.scan("LOT-1", order=order, key="device-2", user=self.colleague)
        self.assertEqual(job.checked_count, 3)
        self.assertEqual(self.env["label.print.scan"].search_count([("order_reference", "=", "LPM/AGAIN")]), 3)

    def test_a_lot_counts_up_to_its_labels(self):
        order = self.order_named("LPM/LOT")
        job = self.ended(self.labels(3), mo_id=order.id)
        self.assertEqual(self.verdicts(*["LOT-1"] * 4, order=order), ["checked"] * 3 + ["too_many"])
        self.assertEqual(job.checked_count, 3)

    def test_two_people_see_each_other(self):
        order = self.order_named("LPM/TWO")
        self.ended(self.serials(4), mo_id=order.id)
        self.assertEqual(self.verdicts("SN-001", order=order), ["checked"])
        self.assertEqual(self.verdicts("SN-001", "SN-002", order=order, user=self.colleague), ["twice", "checked"])
        page = self.labels_to_check(order_id=order.id)
        self.assertEqual([row[4] for row in page["labels"]], [self.user.name, "Colleague", "", ""])

    def test_people_who_are_called_alike_are_told_apart(self):
        order = self.order_named("LPM/ALIKE")
        self.ended(self.serials(2), mo_id=order.id)
        self.colleague.name = self.user.name
        self.scan("SN-001", order=order)
        (answer,) = self.scan("SN-001", order=order, user=self.colleague)
        self.assertEqual((answer["verdict"], answer["who"], answer["is_own"]), ("twice", self.user.name, False))
        (answer,) = self.scan("SN-002", order=order, user=self.colleague)
        self.assertTrue(answer["is_own"])
        page = self.labels_to_check(order_id=order.id)
        self.assertEqual([row[6] for row in page["labels"]], [True, False])

    def test_a_foreign_label_names_its_order(self):
        order, other = self.order_named("LPM/MINE"), self.order_named("LPM/OTHER")
        self.ended(self.serials(2), mo_id=order.id)
        self.ended(self.serials(2, "XX"), mo_id=other.id)
        (answer,) = self.scan("XX-001", order=order)
        self.assertEqual((answer["verdict"], answer["of"]), ("foreign", "LPM/OTHER"))
        (answer,) = self.scan("NOBODY-KNOWS", order=order)
        self.assertEqual((answer["verdict"], answer["of"]), ("foreign", ""))
        scan = self.env["label.print.scan"].search([("code", "=", "XX-001")])
        self.assertEqual((scan.verdict, scan.order_reference, scan.user_id), ("foreign", "LPM/MINE", self.user))

    def test_gs1_codes(self):
        self.product.barcode = GTIN
        order = self.order_named("LPM/GS1")
        self.ended(self.serials(4), mo_id=order.id)
        codes = [
            f"01{GTIN}21SN-001",
            f"]C101{GTIN}10SN-002",
            f"(01){GTIN}(21)SN-003",
            f"\x1d01{GTIN}17290101\x1d21SN-004\x1d",
            "0104012345678901\x1d21SN-001",
            GTIN,
            f"01{GTIN}",
        ]
        expected = [*["checked"] * 4, "foreign", "product_code", "product_code"]
        self.assertEqual(self.verdicts(*codes, order=order), expected)

    def test_the_code_of_another_product_with_the_same_lot(self):
        self.product.barcode = GTIN
        order = self.order_named("LPM/PRODUCT")
        self.ended(self.serials(1), mo_id=order.id)
        self.assertEqual(self.verdicts("010401234512399310SN-001", order=order), ["foreign"])

    def test_a_product_without_lots_is_counted_by_its_barcode(self):
        plain = self.env["product.product"].create({"name": "Box", "type": "consu", "barcode": "4006381333931"})
        labels = [{"zpl_code": ZPL, "box_number": number, "product_id": plain.id} for number in (1, 2)]
        job = self.ended(labels)
        codes = ["4006381333931", "0104006381333931", "4006381333931"]
        self.assertEqual(self.verdicts(*codes, job=job), ["checked", "checked", "too_many"])

    def test_rubbish(self):
        order = self.order_named("LPM/RUBBISH")
        job = self.ended(self.serials(2), mo_id=order.id)
        codes = ["", "  ", "x", "7" * 4000, "\x00\x00", "\ud800", "%%%", "']--\\", None, 12, ["SN-001"], "☃" * 30]
        verdicts = self.verdicts(*codes, order=order)
        self.assertEqual(verdicts[:6], ["unreadable"] * 6)
        self.assertLessEqual(set(verdicts[6:]), {"foreign", "unreadable"})
        self.assertFalse(job.checked_count)
        self.assertEqual(self.env["label.print.scan"].search_count([("order_reference", "=", "LPM/RUBBISH")]), 12)

    def test_what_was_destroyed_or_never_printed(self):
        order = self.order_named("LPM/STATES")
        runs = [
            {"index": 1, "state": "confirmed"},
            {"index": 2, "state": "uncertain", "code": "uncertain"},
            {"index": 3, "state": "failed", "code": "paper_out"},
            {"index": 4, "state": "taken_back"},
        ]
        job = self.ended(self.serials(4), runs, "failed", mo_id=order.id)
        job.with_user(self.user)._settle(destroyed=[1])
        codes = ["SN-001", "SN-002", "SN-003", "SN-004"]
        self.assertEqual(self.verdicts(*codes, order=order), ["destroyed", "checked", "checked", "not_printed"])
        # Whoever holds the label is right: what was in doubt is settled, with the person's name.
        self.assertEqual((job.uncertain_count, job.failed_count, job.current_label), (0, 0, 3))
        self.assertFalse(job.failed_label_ids.filtered("needs_somebody").filtered(lambda row: row.label_index in (2, 3)))
        self.assertEqual([row[3] for row in self.labels_to_check(order_id=order.id)["labels"]],
                         ["destroyed", "checked", "checked", "not_printed"])

    def test_a_scan_completes_a_job_that_had_failed(self):
        runs = [{"index": 1, "count": 2, "state": "confirmed"}, {"index": 3, "state": "failed", "code": "paper_out"}]
        job = self.ended(self.serials(3), runs, "completed_with_errors")
        self.assertEqual(self.verdicts("SN-003", job=job), ["checked"])
        self.assertEqual(job.status, "completed")
        self.assertEqual(job.timeline[-1]["user"], self.user.name)

    def test_while_it_is_printed(self):
        order = self.order_named("LPM/RUNNING")
        job = self.make_job(3, labels_data=self.serials(3), status="printing", mo_id=order.id)
        self.assertEqual(self.verdicts("SN-001", order=order), ["checked"])
        self.assertEqual((job.status, job.checked_count), ("printing", 1))
        self.report(job, status="completed", labels=[{"index": 1, "count": 3, "state": "confirmed"}])
        self.assertEqual((job.status, job.checked_count, job.current_label), ("completed", 1, 3))
        pending = self.make_job(1, labels_data=self.serials(1, "PP"), mo_id=order.id)
        self.assertEqual(self.verdicts("PP-001", order=order), ["not_printed"])
        self.assertFalse(pending.mark_ids)

    def test_a_copy_stands_for_its_original(self):
        order = self.order_named("LPM/COPY")
        job = self.ended(self.serials(2), mo_id=order.id)
        job.with_user(self.manager)._print_again([2], "damaged")
        copy = job.copy_ids
        copy._apply({copy.id: {"status": "printing", "flask_job_id": "srv-copy"}})
        self.report(copy, status="completed", labels=[{"index": 1, "state": "confirmed"}])
        job.with_user(self.user)._settle(destroyed=[2])
        self.assertEqual(len(self.labels_to_check(order_id=order.id)["labels"]), 2)
        self.assertEqual(self.verdicts("SN-002", "SN-002", order=order), ["checked", "twice"])
        self.assertEqual((copy.checked_count, job.checked_count), (1, 0))

    def test_labels_that_another_job_has_printed(self):
        """A box that two jobs were made for is one box."""
        order = self.order_named("LPM/ELSEWHERE")
        first = self.ended(self.serials(2), [{"index": 1, "count": 2, "state": "failed"}], "failed", mo_id=order.id)
        second = self.ended(self.serials(2), mo_id=order.id)
        self.assertEqual(self.verdicts("SN-001", "SN-001", order=order), ["checked", "twice"])
        self.assertEqual((first.checked_count, second.checked_count), (0, 1))

    def test_a_renamed_lot_and_order(self):
        lot = self.env["stock.lot"].create({"name": "OLD-1", "product_id": self.product.id})
        order = self.order_named("LPM/OLD")
        labels = [{**label, "lot_id": lot.id, "lot_number": "OLD-1"} for label in self.labels(2)]
        self.ended(labels, mo_id=order.id)
        lot.name, order.name = "NEW-1", "LPM/NEW"
        self.assertEqual(self.verdicts("OLD-1", "NEW-1", order=order), ["checked", "checked"])
        found = self.env["label.print.scan"].with_user(self.user)
        for text in ("LPM/NEW", "LPM/OLD", "NEW-1", "OLD-1"):
            self.assertEqual([one["order"] for one in found.find_orders(text)], ["LPM/NEW"], text)

    def test_an_order_that_is_deleted(self):
        order = self.order_named("LPM/DELETED")
        job = self.ended(self.serials(2), mo_id=order.id)
        number = order.id
        order.unlink()
        self.assertEqual(self.scan("SN-001", order=self.env["mrp.production"].browse(number))[0]["verdict"], "gone")
        with self.assertRaisesRegex(UserError, "Choose another order"):
            self.labels_to_check(order_id=number)
        (found,) = self.env["label.print.scan"].with_user(self.user).find_orders("LPM/DELETED")
        self.assertEqual((found["order_id"], found["job_id"]), (False, job.id))
        self.assertEqual(self.verdicts("SN-001", job=job), ["checked"])

    def test_an_order_of_another_company(self):
        order = self.order_named("LPM/THERE")
        job = self.ended(self.serials(2), mo_id=order.id)
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.env.cr.execute("UPDATE label_print_job SET company_id = %s WHERE id = %s", [elsewhere.id, job.id])
        self.assertEqual(self.verdicts("SN-001", order=order), ["gone"])
        with self.assertRaises(UserError):
            self.labels_to_check(order_id=order.id)
        with self.assertRaises(UserError):
            self.env["label.print.scan"].with_user(self.user).find_orders("LPM/THERE")
        self.assertFalse(job.mark_ids)

    def test_an_order_without_labels(self):
        order = self.order_named("LPM/NONE")
        with self.assertRaisesRegex(UserError, "No labels have been printed for LPM/NONE"):
            self.env["label.print.scan"].with_user(self.user).find_orders("LPM/NONE")
        with self.assertRaises(UserError):
            self.labels_to_check(order_id=order.id)
        for text in ("", None, "NO-SUCH-LOT", "%%", "x" * 5000):
            with self.subTest(text=text), self.assertRaises(UserError):
                self.env["label.print.scan"].with_user(self.user).find_orders(text)

    def test_ages_that_cannot_be(self):
        order = self.order_named("LPM/CLOCK")
        job = self.ended(self.serials(4), mo_id=order.id)
        for code, age in (("SN-001", -50), ("SN-002", 10**12), ("SN-003", "x"), ("SN-004", float("nan"))):
            self.assertEqual(self.verdicts(code, order=order, age=age), ["checked"])
        now = fields.Datetime.now()
        self.assertTrue(all(now - mark.date < timedelta(minutes=1) for mark in job.mark_ids))

    def test_nonsense_in_place_of_scans(self):
        Scan = self.env["label.print.scan"].with_user(self.user)
        self.assertEqual(Scan.check([1, None, {}, {"key": ""}]), [])
        (answer,) = Scan.check([{"key": "n1", "order_id": "x", "job_id": 2**40, "code": {}}])
        self.assertEqual(answer["verdict"], "gone")
        with self.assertRaises(UserError):
            Scan.check("x")
        with self.assertRaises(UserError):
            Scan.check([{"key": str(number)} for number in range(201)])

    def test_the_record_says_how_it_is_known(self):
        order = self.order_named("LPM/RECORD")
        job = self.ended(self.serials(2), mo_id=order.id)
        self.scan("SN-002", order=order)
        story = job.with_user(self.user).get_label_story(2)
        self.assertEqual(story["state"], "checked")
        (entry,) = [entry for entry in story["entries"] if "Checked by scanning" in entry["text"]]
        self.assertIn(self.user.name, entry["text"])
        self.assertEqual(entry["detail"], "Code SN-002")
        page = self.env["report.label_print_monitor.report_evidence_order"].with_user(self.user)._page(order)
        self.assertIn(("Seen on paper, of those", 1), page["sums"])
        (mark,) = page["jobs"][0]["marks"]
        self.assertEqual((mark["seen"], mark["reason"], mark["labels"]), ("Checked by scanning", "Code SN-002", "2"))

    def test_five_thousand_labels(self):
        order = self.order_named("LPM/LARGE")
        for number in range(10):
            labels = [{**one, "box_number": number * 500 + index} for index, one in enumerate(self.serials(500, f"L{number}"), 1)]
            self.ended(labels, mo_id=order.id)
        page = self.labels_to_check(order_id=order.id)
        self.assertEqual(len(page["labels"]), 5000)
        self.assertLess(len(json.dumps(page)), 700_000)
        self.assertEqual(self.verdicts("L9-500", *(f"L3-{number:03}" for number in range(1, 151)), order=order), ["checked"] * 151)

    def test_it_costs_a_few_statements(self):
        order = self.order_named("LPM/COST")
        self.ended(self.serials(200), mo_id=order.id)
        before = self.env.cr.sql_log_count
        self.scan(*(f"SN-{number:03}" for number in range(1, 101)), order=order)
        self.assertLess(self.env.cr.sql_log_count - before, 60)


class TestScanCases(ScanCase):
    def test_server_and_device_judge_alike(self):
        """The cases of static/tests/scan_cases.js, which the page's own test goes through, too."""
        source = (Path(__file__).parents[1] / "static/tests/scan_cases.js").read_text(encoding="utf-8")
        cases = json.loads(source.partition("String.raw`")[2].partition("`")[0])
        for case in cases:
            labels = [scan_check.BoxLabel(*label) for label in case["labels"]]
            text = scan_check.clean_code(case["code"])
            code = scan_check.ScannedCode(text, self.env["label.print.scan"]._parts_of(text))
            verdict = scan_check.judge(labels, code)
            with self.subTest(case=case["what"]):
                self.assertEqual([verdict.kind, verdict.place], case["verdict"])


@tagged("post_install", "-at_install")
class TestScanTour(ScanCase, HttpCase):
    def test_forty_boxes_of_which_one_is_missing(self):
        """Beside them one box is scanned twice, and one is of another order."""
        order, other = self.order_named("LPM/BOXES"), self.order_named("LPM/FOREIGN")
        job = self.ended(self.serials(40, "BOX"), mo_id=order.id)
        self.ended(self.serials(2, "FOREIGN"), mo_id=other.id)
        path = f"/odoo/action-mrp.mrp_production_action/{order.id}"
        self.start_tour(path, "label_print_check_by_scanning", login=self.user.login)
        self.assertEqual(job.checked_count, 39)
        checked = {index for mark in job.mark_ids for index in mark.label_indexes}
        self.assertEqual(set(range(1, 41)) - checked, {17})
        scans = self.env["label.print.scan"].search([("order_reference", "=", "LPM/BOXES")])
        self.assertEqual(sorted(scans.mapped("verdict")), ["checked"] * 39 + ["foreign", "twice"])
        self.assertEqual(scans.user_id, self.user)
