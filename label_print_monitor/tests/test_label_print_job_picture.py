"""What the picture of a label is drawn from: which ZPL, of which size, with which words, and who may read it."""

import json

from odoo.addons.label_print_monitor.services.label_files.label_hashes import hash_of
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user
from odoo.tools import SQL

from .common import ZPL, LabelPrintCase
from .companies_case import CompaniesCase

USER = "label_print_monitor.group_label_print_user"
DISPLAY = "label_print_monitor.group_label_display"


class TestLabelPicture(LabelPrintCase):
    def reduce(self, job):
        """As the settings have it done some day: names and hashes stay, the ZPL goes."""
        job.flush_recordset()
        self.env.cr.execute(
            """UPDATE label_print_job
                  SET zpl_removed_date = now() AT TIME ZONE 'UTC',
                      labels_data = (SELECT jsonb_agg(label - 'zpl_code') FROM jsonb_array_elements(labels_data) label)
                WHERE id = %s""",
            [job.id],
        )
        job.invalidate_recordset()

    def store(self, job, labels):
        """Put anything in place of a job's labels, past what accepts them."""
        job.flush_recordset()
        self.env.cr.execute("UPDATE label_print_job SET labels_data = %s WHERE id = %s", [json.dumps(labels), job.id])
        job.invalidate_recordset()

    def test_one_label_as_it_was_sent(self):
        zpl = "^XA^PW1200^LL900^FO5,5^FDSoup^FS^FO5,9^BCN,90^FDLOT-1^FS^XZ"
        job = self.make_job(2, labels_data=[*self.labels(1), {"zpl_code": zpl, "box_number": 2, "lot_number": "LOT-1"}])
        read = job.with_user(self.user).get_label_picture(2)
        self.assertEqual(read["zpl"], zpl)
        self.assertEqual((read["width"], read["length"], read["dots"]), (100, 75, 12))
        self.assertEqual((read["cuts_width"], read["cuts_length"]), (False, False))
        self.assertEqual(read["name"], "Box 2 · Lot LOT-1")
        self.assertEqual(read["says"], "Soup\nLOT-1")
        self.assertEqual((read["note"], read["problem"]), ("", ""))
        self.assertIn("Approximation", read["words"]["approximation"])
        self.assertEqual(job.get_label_picture("2")["zpl"], zpl)

    def test_the_resolution_is_the_printers(self):
        self.printer.dpi = "203"
        read = self.make_job(1).with_user(self.user).get_label_picture(1)
        self.assertEqual(read["dots"], 8)
        self.assertTrue(read["cuts_width"] and read["cuts_length"])
        self.assertIn("does not say how large", read["size"])

    def test_no_such_label_and_no_labels(self):
        job = self.make_job(2)
        for number in (0, -1, 3, 10**9):
            read = job.get_label_picture(number)
            self.assertEqual((read["zpl"], bool(read["problem"])), ("", True))
        # As very old jobs have it: no labels, or anything in their place.
        for stored in (None, {}, [], [7, None], [{"zpl_code": 5}, {"zpl_code": ""}]):
            self.store(job, stored)
            for number in (1, 2):
                read = job.with_user(self.user).get_label_picture(number)
                self.assertIn("No ZPL is kept", read["problem"])
                self.assertEqual(read["zpl"], "")

    def test_rubbish_and_long_texts_are_handed_on(self):
        rubbish = ["no ZPL", "^", "^XA", "\U000f0041^PW\U000f005e", "^XA^FD" + "W" * 4000 + "^FS^XZ"]
        job = self.make_job(len(rubbish))
        labels = [{**label, "zpl_code": zpl} for label, zpl in zip(job.labels_data, rubbish, strict=True)]
        self.store(job, labels)
        for number, zpl in enumerate(rubbish, start=1):
            read = job.with_user(self.user).get_label_picture(number)
            self.assertEqual(read["zpl"], zpl)
            self.assertGreater(read["width"] * read["length"], 0)
            self.assertLessEqual(len(read["says"]), 500)

    def test_other_zpl_than_was_sent_is_told(self):
        job = self.make_job(2)
        labels = [dict(label, zpl_code=ZPL.format(lot="FORGED")) for label in job.labels_data]
        self.assertEqual(job.get_label_picture(1)["note"], "")
        self.store(job, labels)
        self.assertIn("its hash differs", job.get_label_picture(1)["note"])

    def test_a_specimen_that_was_changed_is_told(self):
        job = self.make_job(2, status="printing")
        self.report(job, status="completed", current_label=2)
        specimen = self.env["label.print.specimen"].search([("job_id", "=", job.id)])
        self.assertEqual((specimen.get_label_picture()["note"], job._verify()[job.id].findings), ("", []))
        self.reduce(job)
        self.assertIn("they are alike", job.get_label_picture(1)["note"])
        forged = ZPL.format(lot="FORGED")
        changes = {"zpl = %s": [forged], "zpl = %s, label_hash = %s": [forged, hash_of(forged)]}
        for change, values in changes.items():
            self.env.cr.execute(SQL("UPDATE label_print_specimen SET %s WHERE id = %s", SQL(change, *values), specimen.id))
            self.env.invalidate_all()
            with self.subTest(change):
                self.assertIn("its hash differs", job.get_label_picture(1)["note"])
                self.assertIn("its hash differs", specimen.get_label_picture()["note"])
                (finding,) = job._verify()[job.id].findings
                self.assertEqual((finding.key, finding.params), ("zpl_changed", {"labels": [1]}))
        for act in (specimen.unlink, lambda: specimen.write({"zpl": forged})):
            with self.assertRaises(UserError):
                act()

    def test_the_specimen_stands_for_what_is_no_longer_kept(self):
        job = self.make_job(3, labels_data=[*self.labels(2), *self.labels(1, lot="LOT-2")])
        first, last = job.labels_data[0]["zpl_code"], job.labels_data[2]["zpl_code"]
        self.reduce(job)
        read = job.with_user(self.user).get_label_picture(2)
        self.assertEqual(read["zpl"], first)
        self.assertIn("has the hash of this label", read["note"])
        read = job.with_user(self.user).get_label_picture(3)
        self.assertEqual((read["zpl"], read["name"]), (first, "Box 1 · Lot LOT-2"))
        self.assertIn("label 1 of Print Job", read["note"])
        self.assertNotEqual(hash_of(last), hash_of(first))
        self.remove_specimens(job)
        self.assertIn("there is no specimen", job.get_label_picture(1)["problem"])

    def test_a_specimen_has_a_picture_of_its_own(self):
        job = self.make_job(1)
        specimen = self.env["label.print.specimen"].search([("job_id", "=", job.id)])
        self.printer.dpi = "203"
        read = specimen.with_user(self.user).get_label_picture()
        self.assertEqual((read["zpl"], read["dots"]), (job.labels_data[0]["zpl_code"], 8))
        self.remove_job_of(specimen)
        self.assertEqual(specimen.get_label_picture()["dots"], 12)

    def remove_job_of(self, specimen):
        self.env.cr.execute("UPDATE label_print_specimen SET job_id = NULL WHERE id = %s", [specimen.id])
        specimen.invalidate_recordset()

    def test_who_may_see_it(self):
        job = self.make_job(2)
        specimen = self.env["label.print.specimen"].search([("job_id", "=", job.id)])
        display = new_test_user(self.env, "lpm_picture_display", groups=DISPLAY)
        self.assertTrue(job.with_user(display).get_label_picture(1)["zpl"])
        with self.assertRaises(AccessError):
            specimen.with_user(display).get_label_picture()
        stranger = new_test_user(self.env, "lpm_picture_nobody")
        for record, arguments in ((job, [1]), (specimen, [])):
            with self.assertRaises(AccessError):
                record.with_user(stranger).get_label_picture(*arguments)
        # A display may read jobs and no specimens: it is told, and no error opens.
        self.reduce(job)
        read = job.with_user(display).get_label_picture(1)
        self.assertEqual(read["zpl"], "")
        self.assertIn("Label Print Users see a specimen", read["problem"])

    def test_it_tells_no_secrets(self):
        self.server.api_key = "the-secret-key"
        read = self.make_job(1).with_user(self.user).get_label_picture(1)
        self.assertNotIn("the-secret-key", str(read))
        self.assertEqual(
            set(read),
            {
                "zpl", "width", "length", "dots", "cuts_width", "cuts_length", "size", "name", "says", "note", "problem",
                "words",
            },
        )  # fmt: skip

    def test_one_label_costs_a_few_statements(self):
        job = self.make_job(20).with_user(self.user)
        job.get_label_picture(1)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        job.get_label_picture(7)
        self.assertLessEqual(self.env.cr.sql_log_count - before, 8)

    def test_the_evidence_page_offers_pictures_of_what_is_kept(self):
        job = self.make_job(2)
        without = self.make_job(2)
        self.store(without, None)
        report = self.env["ir.actions.report"].with_user(self.user)
        for record, count in ((job, 2), (without, 0)):
            html, _kind = report._render_qweb_html("label_print_monitor.report_evidence_job", record.ids)
            self.assertEqual(html.decode().count('id="picture_'), count)
            self.assertIn("label_print_monitor.assets_evidence", html.decode())
        self.reduce(job)
        html, _kind = report._render_qweb_html("label_print_monitor.report_evidence_job", job.ids)
        self.assertEqual(html.decode().count('id="picture_'), 2)

    def test_a_pdf_has_neither_pictures_nor_scripts(self):
        report = self.env["ir.actions.report"].with_user(self.user)
        data = {"report_type": "pdf"}
        html, _kind = report._render_qweb_html("label_print_monitor.report_evidence_job", self.make_job(2).ids, data)
        self.assertNotIn("o_label_print_evidence_picture", html.decode())
        self.assertNotIn("assets_evidence", html.decode())

    def test_the_renderer_is_in_no_bundle(self):
        bundles = ("web.assets_backend", "label_print_monitor.assets_evidence", "web.assets_unit_tests")
        for bundle in bundles:
            paths = [path for path, *_rest in self.env["ir.asset"]._get_asset_paths(bundle, {})]
            self.assertTrue(paths)
            self.assertFalse([path for path in paths if "static/lib/zpl" in path or "static/worker" in path], bundle)


class TestPicturesOfTwoCompanies(CompaniesCase):
    def test_other_companies_labels_are_hidden(self):
        job = self.env["label.print.job"].create({**self.job_values(self.printer_b), "company_id": self.company_b.id})
        own = self.as_user(self.user_b, job)
        self.assertTrue(own.get_label_picture(1)["zpl"])
        with self.assertRaises(AccessError):
            self.as_user(self.manager_a, job).get_label_picture(1)
        specimen = self.env["label.print.specimen"].search([("job_id", "=", job.id)])
        self.assertEqual(specimen.company_id, self.company_b)
        self.assertTrue(self.as_user(self.user_b, specimen).get_label_picture()["zpl"])
        with self.assertRaises(AccessError):
            self.as_user(self.manager_a, specimen).get_label_picture()

    def test_a_specimen_of_another_company_stands_for_nothing(self):
        theirs = self.env["label.print.job"].create({**self.job_values(self.printer_b), "company_id": self.company_b.id})
        own = self.make_job(2)
        self.remove_specimens(own)
        self.assertTrue(self.env["label.print.specimen"].search([("job_id", "=", theirs.id)]))
        own.flush_recordset()
        self.env.cr.execute(
            """UPDATE label_print_job SET zpl_removed_date = now() AT TIME ZONE 'UTC',
                      labels_data = '[{"box_number": 1}, {"box_number": 2}]' WHERE id = %s""",
            [own.id],
        )
        own.invalidate_recordset()
        read = self.as_user(self.manager_all, own).get_label_picture(1)
        self.assertEqual(read["zpl"], "")
