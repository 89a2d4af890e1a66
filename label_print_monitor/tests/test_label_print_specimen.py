"""What stays of labels for ever: a hash of each, the template, and one specimen of each template and product."""

import hashlib
from unittest.mock import patch

from odoo.addons.label_print_monitor.services.label_files.label_hashes import LabelTemplate
from odoo.exceptions import AccessError

from .common import ZPL, LabelPrintCase


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


class TestSpecimen(LabelPrintCase):
    def print_order(self, lot, quantity=3):
        order = self.make_production(quantity=quantity, lot=lot)
        wizard = self.env["label.print.wizard"].with_user(self.user)
        wizard.create({"mo_id": order.id, "printer_id": self.printer.id}).action_print()
        return order.label_print_job_ids

    def specimens(self, *jobs):
        return self.env["label.print.specimen"].search([("job_id", "in", [job.id for job in jobs])])

    def test_each_label_has_the_hash_of_its_bytes(self):
        job = self.make_job(3, labels_data=[*self.labels(2), *self.labels(1, lot="Käse 5 °C")])
        hashes = [sha256(label["zpl_code"]) for label in job.labels_data]
        self.assertEqual(job.label_hashes, "".join(hashes))
        self.assertEqual([job.get_label_story(number)["hash"] for number in (1, 2, 3)], hashes)
        self.assertEqual(job.get_label_story(4)["hash"], "")

    def test_hash_and_template_are_nobodys_to_write(self):
        job = self.make_job(1).with_user(self.user)
        for name in ("label_hashes", "template_xmlid", "template_hash"):
            with self.assertRaises(AccessError):
                job.write({name: "x"})
            with self.assertRaises(AccessError):
                job.create({"printer_id": self.printer.id, "labels_data": self.labels(1), "quantity": 1, name: "x"})
        forged = job.with_context(label_print_template={"xmlid": "x", "hash": "y"})
        made = forged.create({"printer_id": self.printer.id, "labels_data": self.labels(1), "quantity": 1})
        self.assertEqual((made.template_xmlid, made.template_hash), (False, False))

    def test_a_job_knows_its_template_as_it_was(self):
        first = self.print_order("LOT-T1")
        self.assertEqual(first.template_xmlid, "mrp.label_manufacture_template")
        self.assertRegex(first.template_hash, "^[0-9a-f]{64}$")
        self.assertEqual(self.print_order("LOT-T2").template_hash, first.template_hash)
        base = self.env.ref("mrp.label_production_view")
        extension = self.env["ir.ui.view"].create(
            {
                "name": "extension", "type": "qweb", "mode": "extension", "inherit_id": base.id,
                "arch": "<xpath expr='//t[@t-foreach]' position='after'><t t-if='0'>nothing</t></xpath>",
            }
        )  # fmt: skip
        second = self.print_order("LOT-T3")
        self.assertNotEqual(second.template_hash, first.template_hash)
        extension.unlink()
        self.assertEqual(self.print_order("LOT-T4").template_hash, first.template_hash)

    def test_a_called_view_is_part_of_the_template(self):
        called = self.env["ir.ui.view"].create(
            {"name": "part", "type": "qweb", "key": "label_print_monitor.test_part", "arch": "<t t-name='part'>^FX1^FS</t>"}
        )
        base = self.env.ref("mrp.label_production_view")
        self.env["ir.ui.view"].create(
            {
                "name": "calls", "type": "qweb", "mode": "extension", "inherit_id": base.id,
                "arch": "<xpath expr='//t[@t-foreach]' position='after'>"
                "<t t-if='0' t-call='label_print_monitor.test_part'/></xpath>",
            }
        )  # fmt: skip
        order = self.make_production(lot="LOT-C")
        before = order._label_template()
        called.arch = "<t t-name='part'>^FX2^FS</t>"
        self.assertIsInstance(before, LabelTemplate)
        self.assertNotEqual(order._label_template().hash, before.hash)

    def test_one_specimen_of_each_template_and_product(self):
        first, second = self.print_order("LOT-S1"), self.print_order("LOT-S2")
        [specimen] = self.specimens(first, second)
        self.assertEqual((specimen.job_id, specimen.label_index, specimen.product_id), (first, 1, self.product))
        self.assertEqual(specimen.zpl, first.labels_data[0]["zpl_code"])
        self.assertEqual(specimen.label_hash, first.label_hashes[:64])
        self.assertEqual(specimen.template_hash, first.template_hash)
        stew = self.env["product.product"].create(
            {"name": "Stew", "type": "consu", "is_storable": True, "tracking": "lot"}
        )
        with patch.object(TestSpecimen, "product", stew):
            third = self.print_order("LOT-S3")
        self.assertEqual(self.specimens(third).product_name, "Stew")
        self.assertEqual(second.action_view_specimens()["res_id"], specimen.id)

    def test_a_copy_keeps_the_template(self):
        job = self.print_order("LOT-A")
        job.sudo().write({"status": "printing", "flask_job_id": "srv-specimen"})
        self.report(job, status="completed")
        copy = job.with_user(self.manager)._print_again([2], "lost")
        self.assertEqual(copy.template_hash, job.template_hash)
        self.assertEqual(copy.label_hashes, job.label_hashes[64:128])
        self.assertFalse(self.specimens(copy))

    def test_labels_of_a_program_and_test_labels_have_theirs(self):
        job = self.make_job(2, labels_data=[{"zpl_code": ZPL.format(lot=lot)} for lot in "AB"])
        test = self.env["label.print.job"].browse(self.printer.action_test_print()["res_id"])
        self.assertEqual((job.template_xmlid, test.template_xmlid), (False, "label_print_monitor.test_label"))
        self.assertEqual(self.specimens(job).zpl, ZPL.format(lot="A"))
        self.assertEqual(len(self.specimens(test)), 1)

    def test_by_products_have_specimens_of_their_own(self):
        other = self.env["product.product"].create({"name": "Broth"})
        gone = other.copy()
        gone.unlink()
        labels = [{**label, "product_id": id_} for label, id_ in zip(
            self.labels(3), (self.product.id, other.id, gone.id), strict=True
        )]  # fmt: skip
        specimens = self.specimens(self.make_job(3, labels_data=labels))
        self.assertEqual(specimens.product_id, self.product | other)
        self.assertEqual(len(specimens), 3)
