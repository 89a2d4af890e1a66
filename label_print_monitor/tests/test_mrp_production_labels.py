"""Labels of an order, read as a printer reads them: every product, by-product, lot and serial number, whatever its name."""

import unicodedata

from odoo import Command
from odoo.exceptions import UserError

from .common import LabelPrintCase
from .zpl_reader import read_label

NAMES = [
    'Mac & Cheese 12"',
    "R^2 Cola",
    "A~JA7",
    "O'Neill <small>",
    "Set: S1",
    "Crème brûlée",
    "שוקולד",
    "\u200bzero width",
]


class LabelFileCase(LabelPrintCase):
    def make_product(self, name, tracking="none", **values):
        return self.env["product.product"].create(
            {"name": name, "type": "consu", "is_storable": True, "tracking": tracking, **values}
        )

    def make_lots(self, product, *names):
        return self.env["stock.lot"].create([{"name": name, "product_id": product.id} for name in names])

    def make_order(self, product, quantity=2, lots=(), byproducts=()):
        """An order in progress with its quantity and lots entered."""
        production = self.env["mrp.production"].create({"product_id": product.id, "product_qty": quantity})
        for byproduct, count in byproducts:
            production.move_byproduct_ids = [
                Command.create({"product_id": byproduct.id, "product_uom_qty": count, "product_uom": byproduct.uom_id.id})
            ]
        production.action_confirm()
        if lots:
            production.lot_producing_ids = self.make_lots(product, *lots)
        production.qty_producing = quantity
        production.set_qty_producing()
        return production

    def template(self, arch):
        """Odoo's template as an administrator has changed it."""
        view = self.env.ref("mrp.label_production_view")
        view.arch_db = f'<t t-name="mrp.label_production_view">{arch}</t>'

    def wizard(self, production, **values):
        wizard = self.env["label.print.wizard"].with_user(self.user)
        return wizard.create({"mo_id": production.id, "printer_id": self.printer.id, **values})

    def jobs(self, action):
        if action.get("res_id"):
            return self.env["label.print.job"].browse(action["res_id"])
        return self.env["label.print.job"].search(action["domain"], order="id")


class TestNames(LabelFileCase):
    def test_each_name_on_paper_in_the_barcode_and_in_the_record(self):
        for name in NAMES:
            with self.subTest(name):
                product = self.make_product(name, "lot")
                production = self.make_order(product, 2, [name])
                job = self.jobs(self.wizard(production).action_print())
                self.assertEqual(len(job.labels_data), 2)
                for label in job.labels_data:
                    read = read_label(label["zpl_code"])
                    self.assertEqual(read.texts, [name, f"LN/SN: {name}"])
                    self.assertEqual(read.barcodes, [name])
                    self.assertFalse([command for command in read.commands if command.startswith("~")])
                    self.assertEqual(label["lot_number"], name)
                self.assertEqual(job.lot_ids, production.lot_producing_ids)
                self.assertEqual(production.lot_producing_ids.label_print_job_count, 1)

    def test_every_character_of_the_first_plane(self):
        """What cannot be printed is refused; everything else is on the label and in the barcode, 200 a name."""
        printable = [
            char for char in map(chr, range(0x10000))
            if unicodedata.category(char) not in ("Cc", "Cs") and ord(char) & 0xFFFE != 0xFFFE
        ]  # fmt: skip
        names = [f"{start}: {''.join(printable[start : start + 200])}." for start in range(0, len(printable), 200)]
        production = self.make_order(self.make_product("Machine", "serial"), len(names), names)
        labels = production._get_label_print_data()
        self.assertEqual([label["lot_number"] for label in labels], names)
        for label, name in zip(labels, names, strict=True):
            read = read_label(label["zpl_code"])
            self.assertEqual((read.texts[1], read.barcodes), (f"LN/SN: {name}", [name]))

    def test_the_product_s_own_barcode(self):
        product = self.make_product("Soup <hot>", barcode="A&B>1")
        (label, *_others) = self.make_order(product)._get_label_print_data()
        self.assertEqual(read_label(label["zpl_code"]).barcodes, ["A&B>1"])

    def test_a_name_that_no_label_can_show(self):
        production = self.make_order(self.make_product("Soup\nhot", "lot"), 2, ["L-1"])
        with self.assertRaisesRegex(UserError, r"character that no label can show \(U\+000A\)"):
            production.action_print_labels()

    def test_the_same_text_as_odoo_prints_for_plain_names(self):
        """The report is Odoo's, so nothing but names is written differently."""
        production = self.make_order(self.product, 2, ["LOT-PLAIN"])
        labels = production._get_label_print_data()
        production.button_mark_done()
        own = self.env["ir.actions.report"]._render_qweb_text("mrp.label_manufacture_template", production.ids)[0]
        self.assertEqual("\n".join(label["zpl_code"] for label in labels).split(), own.decode().split())

    def test_other_reports_are_as_they_were(self):
        product = self.make_product("Mac & Cheese")
        production = self.make_order(product)
        production.button_mark_done()
        production._get_label_print_data()
        own = self.env["ir.actions.report"]._render_qweb_text("mrp.label_manufacture_template", production.ids)[0]
        self.assertIn("Mac &amp; Cheese", own.decode())

    def test_the_test_label_of_a_printer(self):
        printer = self.env["printer.configuration"].create({"name": "Côté ~JA ^2", "cups_name": "odd"})
        job = self.env["label.print.job"].browse(printer.action_test_print()["res_id"])
        self.assertEqual(read_label(job.labels_data[0]["zpl_code"]).texts[1], "Côté ~JA ^2 (odd)")


class TestFinishedLines(LabelFileCase):
    def items(self, labels):
        return [(label.get("product_id"), label.get("lot_id"), label.get("lot_number")) for label in labels]

    def test_a_product_without_lots_before_the_order_is_done(self):
        product = self.make_product("Bread", barcode="4006381333931")
        production = self.make_order(product, 3)
        labels = production._get_label_print_data()
        self.assertEqual(self.items(labels), [(product.id, None, None)] * 3)
        self.assertEqual(read_label(labels[0]["zpl_code"]).barcodes, ["4006381333931"])
        production.button_mark_done()
        self.assertEqual(production._get_label_print_data(), labels)

    def test_by_products_with_and_without_lots(self):
        cheese, whey, rind = self.make_product("Cheese", "lot"), self.make_product("Whey", "lot"), self.make_product("Rind")
        production = self.make_order(cheese, 2, ["L-1"], [(whey, 1), (rind, 2)])
        lot = production.lot_producing_ids
        self.assertEqual(self.items(production._get_label_print_data()), [
            (cheese.id, lot.id, "L-1"), (cheese.id, lot.id, "L-1"), (rind.id, None, None), (rind.id, None, None),
        ])  # fmt: skip
        wizard = self.wizard(production)
        self.assertIn("Left out, because they have no lot or serial number yet: Whey", wizard.left_out_display)
        # The same name on two products.
        namesake = self.make_lots(whey, "L-1")
        production.move_byproduct_ids.filtered(lambda move: move.product_id == whey).move_line_ids.lot_id = namesake
        wizard = self.wizard(production)
        self.assertFalse(wizard.left_out_display)
        self.assertEqual(
            [(line.product_id, line.lot_id, line.quantity) for line in wizard.lot_ids],
            [(cheese, lot, 2), (whey, namesake, 1), (rind, self.env["stock.lot"], 2)],
        )
        wizard.lot_ids[0].selected = False
        job = self.jobs(wizard.action_print())
        self.assertEqual(self.items(job.labels_data)[0], (whey.id, namesake.id, "L-1"))
        self.assertEqual((job.quantity, job.lot_ids), (3, namesake))
        self.assertEqual((lot.label_print_job_count, namesake.label_print_job_count), (0, 1))
        rest = self.wizard(production)
        self.assertEqual(rest.quantity, 2)
        self.assertEqual(self.jobs(rest.action_print()).lot_ids, lot)

    def test_only_one_lot_of_two_with_the_same_name(self):
        cheese, whey = self.make_product("Cheese", "lot"), self.make_product("Whey", "lot")
        production = self.make_order(cheese, 2, ["L-1"], [(whey, 1)])
        namesake = self.make_lots(whey, "L-1")
        production.move_byproduct_ids.move_line_ids.lot_id = namesake
        production.move_byproduct_ids.picked = True
        production.button_mark_done()
        for lot, quantity in ((production.lot_producing_ids, 2), (namesake, 1)):
            action = lot.action_print_labels()
            wizard = self.env["label.print.wizard"].with_context(**action["context"]).create({"printer_id": self.printer.id})
            self.assertEqual(wizard.lot_ids.filtered("selected").lot_id, lot)
            self.assertEqual(wizard.quantity, quantity)

    def test_serial_numbers_whose_names_begin_alike(self):
        product = self.make_product("Machine", "serial")
        production = self.make_order(product, 3, ["S1", "S10", "S1: S10"])
        labels = production._get_label_print_data()
        for label, lot in zip(labels, production.lot_producing_ids, strict=True):
            self.assertEqual((label["lot_id"], label["lot_number"]), (lot.id, lot.name))
            self.assertEqual(read_label(label["zpl_code"]).barcodes, [lot.name])
        production.button_mark_done()
        self.assertEqual(
            [label["lot_number"] for label in production._get_label_print_data()], ["S1", "S10", "S1: S10"]
        )

    def test_a_renamed_lot_keeps_its_labels(self):
        production = self.make_order(self.product, 2, ["L-OLD"])
        job = self.jobs(self.wizard(production).action_print())
        production.lot_producing_ids.name = "L-NEW"
        self.assertEqual(self.wizard(production).quantity, 0)
        self.assertEqual(production.lot_producing_ids.label_print_job_count, 1)
        self.assertEqual(job.lot_ids, production.lot_producing_ids)


class TestTemplates(LabelFileCase):
    LINE = """<t t-foreach="docs" t-as="production"><t t-foreach="production.move_finished_ids" t-as="move">
        <t t-foreach="move.move_line_ids" t-as="line">%s</t></t></t>"""

    def test_graphics_comments_and_copies(self):
        self.template(
            self.LINE
            % """~DGR:LOGO.GRF,2,1,FFFF
^XA^FX <t t-out="line.product_id.name"/> ^PQ100^FS^XGR:LOGO.GRF^FS^FDSalt &amp; Pepper^FS^FD<t t-esc="line.lot_id.name"/>^FS
^PQ<t t-out="int(line.quantity)"/>^XZ^XA^IDR:LOGO.GRF^FS^XZ"""
        )
        production = self.make_order(self.make_product("A^PQ9~JA", "lot"), 5, ["L <&> 1"])
        labels = production._get_label_print_data()
        self.assertEqual(len(labels), 5)
        for label in labels:
            read = read_label(label["zpl_code"])
            self.assertEqual(read.texts, ["Salt & Pepper", "L <&> 1"])
            self.assertEqual([c for c in read.commands if c in ("~DG", "^XG", "^PQ", "^ID")], ["~DG", "^XG", "^PQ", "^ID"])
        self.assertEqual([label["box_number"] for label in labels], [1, 2, 3, 4, 5])

    def test_a_declared_character_set(self):
        self.template(self.LINE % '^XA^CI27^FDCaf<t t-out="line.lot_id.name"/>^FS^XZ')
        (label,) = self.make_order(self.make_product("x", "lot"), 1, ["é"])._get_label_print_data()
        self.assertIn("_E9", label["zpl_code"])
        self.assertEqual(read_label(label["zpl_code"]).texts, ["Café"])

    def test_expressions_and_widgets(self):
        self.template(
            self.LINE
            % """^XA^FD<t t-out="line.lot_id.name[:4].upper()"/>^FS^FD<t t-out="line.quantity"
            t-options="{'widget': 'float', 'precision': 1}"/>^FS<t t-set="text">^FD<t t-out="line.lot_id.name"/>^FS</t>
            <t t-out="text"/><t t-out="line.product_id.description_picking"/>^XZ"""
        )
        product = self.make_product("x", "lot", description_picking="^GB10,10,2^FS")
        (label,) = self.make_order(product, 1, ["é^~ab"])._get_label_print_data()
        read = read_label(label["zpl_code"])
        self.assertEqual(read.texts, ["É^~A", "1.0", "é^~ab"])
        self.assertIn("^GB", read.commands)

    def test_a_template_that_is_not_by_line(self):
        self.template('<t t-foreach="range(int(docs[0].qty_producing))" t-as="box">^XA^FD<t t-out="box"/>^FS^XZ</t>')
        production = self.make_order(self.make_product("Machine", "serial"), 3, ["S1", "S2", "S3"])
        labels = production._get_label_print_data()
        self.assertEqual([read_label(label["zpl_code"]).texts for label in labels], [["0"], ["1"], ["2"]])

    def test_templates_that_treat_lines_as_records(self):
        """However a template comes to the lines, each label is printed and knows its lot."""
        label = '^XA^FD<t t-out="line.lot_id.name"/>^FS^XZ'
        lines = "docs.move_finished_ids.move_line_ids"
        moves = '<t t-foreach="docs" t-as="o"><t t-foreach="o.move_finished_ids" t-as="move">%s</t></t>'
        first = '<t t-set="line" t-value="move.move_line_ids%s"/>' + label
        each = f'<t t-foreach="%s" t-as="line">{label}</t>'
        for arch in (
            each % f"{lines}.filtered(lambda line: line.quantity)",
            each % f"{lines}.filtered('lot_id').sorted('quantity')",
            each % f"{lines}.sorted(lambda line: line.lot_id.name, reverse=True)",
            each % "docs[:1].move_finished_ids.filtered(lambda move: move.product_id).mapped('move_line_ids')",
            each % "docs.mapped('move_finished_ids.move_line_ids')",
            each % "docs[0].mapped('finished_move_line_ids')",
            f'<t t-foreach="{lines}.lot_id" t-as="lot">^XA^FD<t t-out="lot.name"/>^FS^XZ</t>',
            f'<t t-foreach="{lines}.mapped(\'lot_id.name\')" t-as="name">^XA^FD<t t-out="name"/>^FS^XZ</t>',
            f'<t t-set="line" t-value="{lines}"/>' + label,
            moves % (first % "[0]"),
            moves % (first % "[:1]"),
            moves % ('<t t-if="move.move_line_ids">' + first % "[-1]" + "</t>"),
        ):
            with self.subTest(arch):
                self.template(arch)
                production = self.make_order(self.make_product("Machine", "serial"), 3, ["S1", "S2", "S3"])
                labels = production._get_label_print_data()
                self.assertEqual([read_label(one["zpl_code"]).texts for one in labels], [["S1"], ["S2"], ["S3"]])
                self.assertEqual([one.get("lot_number") for one in labels], ["S1", "S2", "S3"])

    def test_a_template_that_passes_over_a_product(self):
        """Labels of the other product are not lost, and still know what they are for."""
        for sign, texts in (("==", ["S1", "S2", "S3"]), ("!=", ["Scrap"])):
            with self.subTest(sign):
                self.template(
                    f"""<t t-foreach="docs" t-as="o"><t t-foreach="o.move_finished_ids" t-as="move">
                    <t t-if="move.product_id {sign} o.product_id"><t t-foreach="move.move_line_ids" t-as="line">
                    ^XA^FD<t t-out="line.lot_id.name or line.product_id.name"/>^FS^XZ</t></t></t></t>"""
                )
                machine, scrap = self.make_product("Machine", "serial"), self.make_product("Scrap")
                production = self.make_order(machine, 3, ["S1", "S2", "S3"], [(scrap, 2)])
                labels = production._get_label_print_data()
                self.assertEqual([read_label(label["zpl_code"]).texts for label in labels], [[text] for text in texts])
                self.assertTrue(all(label.get("product_id") for label in labels))

    def test_a_template_that_only_counts_lines_or_goes_by_moves(self):
        """Then it is rendered once, with all lines: what it says of the second move is not lost."""
        scrap = self.make_product("Scrap")
        for arch, texts in (
            ('<t t-foreach="docs[0].move_finished_ids" t-as="move">^XA^FD<t t-out="move.product_id.name"/>^FS^XZ</t>',
             ["Machine", "Scrap"]),
            ('<t t-set="count" t-value="len(docs.move_finished_ids.move_line_ids)"/>'
             '<t t-foreach="range(count)" t-as="box">^XA^FD<t t-out="box + 1"/> of <t t-out="count"/>^FS^XZ</t>',
             ["1 of 4", "2 of 4", "3 of 4", "4 of 4"]),
        ):  # fmt: skip
            with self.subTest(arch):
                self.template(arch)
                machine = self.make_product("Machine", "serial")
                production = self.make_order(machine, 3, ["S1", "S2", "S3"], [(scrap, 2)])
                labels = production._get_label_print_data()
                self.assertEqual([read_label(label["zpl_code"]).texts for label in labels], [[text] for text in texts])
                self.assertFalse([label for label in labels if label.get("product_id")])

    def test_serial_numbers_beside_a_by_product_are_printed_once(self):
        """The by-product, which is the last, may have further boxes; but it is not printed in place of the others."""
        scrap = self.make_product("Scrap")
        production = self.make_order(self.make_product("Machine", "serial"), 3, ["S1", "S2", "S3"], [(scrap, 2)])
        wizard = self.wizard(production)
        self.assertEqual(wizard.quantity, 5)
        wizard.quantity = 7
        with self.assertRaisesRegex(UserError, r"7 labels are more than are left to print of .* \(5\)"):
            wizard.action_print()
        wizard.lot_ids.filtered("lot_id").selected = False
        wizard.quantity = 4
        job = self.jobs(wizard.action_print())
        self.assertEqual({label["product_id"] for label in job.labels_data}, {scrap.id})
        rest = self.wizard(production)
        rest.lot_ids.filtered(lambda lot: not lot.lot_id).selected = False
        rest.quantity = 4
        with self.assertRaisesRegex(UserError, "has 3 serial numbers to print, not 4"):
            rest.action_print()

    def test_serial_numbers_of_a_template_that_is_not_by_line_are_printed_once(self):
        self.template('<t t-foreach="range(int(docs[0].qty_producing))" t-as="box">^XA^FD<t t-out="box"/>^FS^XZ</t>')
        production = self.make_order(self.make_product("Machine", "serial"), 3, ["S1", "S2", "S3"])
        wizard = self.wizard(production)
        wizard.quantity = 5
        with self.assertRaisesRegex(UserError, "has 3 serial numbers to print, not 5"):
            wizard.action_print()
        wizard.quantity = 3
        self.jobs(wizard.action_print())
        again = self.wizard(production)
        again.quantity = 1
        with self.assertRaisesRegex(UserError, "choose Print Again"):
            again.action_print()

    def test_labels_too_large_for_one_request(self):
        """200 labels of 110 kB are several jobs; one that is too large is refused before anything is sent."""
        self.template(self.LINE % f'<t t-foreach="range(200)" t-as="n">^XA^GFA,1,1,1,{"F" * 110_000}^FS^XZ</t>')
        production = self.make_order(self.product, 1, ["L-BIG"])
        jobs = self.jobs(self.wizard(production).action_print())
        self.assertEqual((len(jobs), sum(jobs.mapped("quantity"))), (2, 200))
        self.template(self.LINE % f'^XA^GFA,1,1,1,{"F" * 540_000}^FS^XZ')
        production = self.make_order(self.product, 1, ["L-HUGE"])
        with self.assertRaisesRegex(UserError, "541 kB large, and its print server takes 262 kB"):
            self.wizard(production).action_print()
        self.printer.server_id = self.env["label.print.server"]._get_default()
        self.printer.server_id.limits = {"zpl_characters": 4_194_304}
        self.assertEqual(len(self.jobs(self.wizard(production).action_print())), 1)
