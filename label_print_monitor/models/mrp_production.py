"""Print labels from a manufacturing order, and see from it how its newest label job is doing."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services.contract.zpl import split_labels


class _Shown:
    """A record as a report shall see it: some values replaced, everything else as it is, nothing written."""

    def __init__(self, record, **values):
        self.__record = record
        self.__dict__.update(values)

    def __getattr__(self, name):
        return getattr(self.__record, name)


class MrpProduction(models.Model):
    _inherit = "mrp.production"

    label_print_job_ids = fields.One2many("label.print.job", "mo_id", "Label Print Jobs")
    label_print_job_count = fields.Integer("Label Print Job Count", compute="_compute_label_print_jobs")
    label_print_status = fields.Selection(
        selection=lambda self: self.env["label.print.job"]._fields["status"]._description_selection(self.env),
        string="Labels",
        compute="_compute_label_print_jobs",
        help="Status of the newest label print job of this order.",
    )

    @api.depends("label_print_job_ids.status")
    def _compute_label_print_jobs(self):
        count, newest = defaultdict(int), {}
        if self.env["label.print.job"].has_access("read"):
            groups = self.env["label.print.job"]._read_group(
                [("mo_id", "in", self.ids)], ["mo_id"], ["__count", "id:max"]
            )
            count = defaultdict(int, {production.id: number for production, number, _newest in groups})
            jobs = self.env["label.print.job"].browse(job_id for _production, _number, job_id in groups)
            newest = {job.mo_id.id: job.status for job in jobs}
        for production in self:
            production.label_print_job_count = count[production.id]
            production.label_print_status = newest.get(production.id, False)

    def _get_label_print_data(self):
        """The order's labels as the print server takes them, made by Odoo's own "Finished Product Label (ZPL)" report.

        :return: a list of ``{zpl_code, box_number, lot_number?}`` with one entry for each unit produced
        :raise UserError: in words, when the order has nothing to print labels for
        """
        self.ensure_one()
        if self.state == "cancel":
            raise UserError(
                self.env._("%(order)s is cancelled: there is nothing to print labels for.", order=self.name)
            )
        labels = split_labels(self._render_labels())
        if not labels:
            raise UserError(
                self.env._(
                    "%(order)s has no finished quantity yet, so there are no labels to print. "
                    "Confirm the order and set the quantity produced, then print again.",
                    order=self.name,
                )
            )
        lots = self.lot_producing_ids | self.move_finished_ids.move_line_ids.lot_id
        if self.product_tracking != "none" and not lots:
            raise UserError(
                self.env._(
                    "%(order)s has no lot or serial number yet, so its labels would be blank. "
                    "Set one on the order, save it, then print again.",
                    order=self.name,
                )
            )
        lots = sorted(lots.mapped("name"), key=len, reverse=True)
        data = []
        for number, zpl in enumerate(labels, start=1):
            label = {"zpl_code": zpl, "box_number": number}
            # Longest first: a lot's name may be the beginning of another's.
            lot = next((name for name in lots if f"^FD{name}^FS" in zpl or f": {name}^FS" in zpl), None)
            if lot:
                label["lot_number"] = lot
            data.append(label)
        return data

    def _render_labels(self):
        """The text of Odoo's own report, with the lots of an order that is still being produced.

        Odoo puts the order's lots on the finished moves only when the order is done, but labels are stuck on the boxes
        before. So the report is shown the lines as they will be; the order itself stays as it is.
        """
        report = self.env.ref("mrp.label_manufacture_template")
        if self.state == "done" or not self.lot_producing_ids:
            return self.env["ir.actions.report"]._render_qweb_text(report, self.ids)[0].decode()
        moves = [
            _Shown(move, move_line_ids=self._lines_to_be(move)) if move.product_id == self.product_id else move
            for move in self.move_finished_ids
        ]
        values = {"docs": [_Shown(self, move_finished_ids=moves)], "doc_ids": self.ids, "doc_model": self._name}
        return str(self.env["ir.actions.report"]._render_template(report.report_name, values), "utf-8")

    def _lines_to_be(self, move):
        """The finished lines as they will be when the order is done: one for each lot or serial number."""
        quantity = self.qty_producing - self.qty_produced or move.product_uom_qty
        each = 1 if self.product_tracking == "serial" else quantity / len(self.lot_producing_ids)
        return [
            _Shown(move.move_line_ids[:1], product_id=self.product_id, lot_id=lot, quantity=each)
            for lot in self.lot_producing_ids
        ]

    def action_print_labels(self):
        """Open the dialog that prints this order's labels."""
        self.ensure_one()
        self._get_label_print_data()  # says at once, in words, when there is nothing to print
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Print Labels"),
            "res_model": "label.print.wizard",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_mo_id": self.id},
        }

    def action_view_label_print_jobs(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("label_print_monitor.action_label_print_job")
        return {**action, "domain": [("mo_id", "=", self.id)], "context": {"default_mo_id": self.id}}
