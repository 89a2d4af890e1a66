"""What the print dialog says of the order: what it needs, what is on paper, and what will come of *Print*."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import formatLang

from ..services.contract.label_runs import LabelRunsError, format_runs, parse_runs
from ..services.lifecycle.order_labels import lot_of

MOST_LOTS = 4  # named one by one, with the numbers of their labels


class LabelPrintWizard(models.TransientModel):
    _inherit = "label.print.wizard"

    left_out_display = fields.Char(compute="_compute_left_out_display")
    earlier_display = fields.Char(compute="_compute_earlier_display")
    needed_display = fields.Char(compute="_compute_earlier_display")
    produced_display = fields.Char(compute="_compute_produced_display")
    chosen_display = fields.Char("Of Lots", compute="_compute_chosen_display")
    further_display = fields.Char(compute="_compute_further_display")
    jobs_display = fields.Char(compute="_compute_jobs_display")
    wish_warning = fields.Char(compute="_compute_jobs_display")

    @api.depends("mo_id")
    @api.depends_context("lang")
    def _compute_left_out_display(self):
        for wizard in self:
            products = wizard.mo_id._label_products_without_lot().mapped("display_name")
            wizard.left_out_display = bool(products) and self.env._(
                "Left out, because they have no lot or serial number yet: %(products)s.", products=", ".join(products)
            )

    @api.depends("mo_id")
    @api.depends_context("lang", "uid")
    def _compute_earlier_display(self):
        """Of an order of which nothing has been asked for: what it needs. Later: what has become of its labels."""
        for wizard in self:
            left = len(wizard._labels_left()[2])
            totals = wizard.mo_id.sudo()._label_print_totals().get(wizard.mo_id.id) if wizard.mo_id else None
            asked = bool(totals and totals["asked"])
            wizard.earlier_display = wizard._words_of_earlier(totals, left) if asked else False
            wizard.needed_display = not asked and wizard._words_of_need(left)

    def _words_of_need(self, left):
        if not left:  # those that were asked for have been set aside
            return self.env._("No label of this order is left to print.")
        if left == 1:
            return self.env._("This order needs 1 label. It has not been printed yet.")
        return self.env._("This order needs %(count)s labels. None of them has been printed yet.", count=left)

    def _words_of_earlier(self, totals, left):
        """What has become of the labels that have been asked for, and where those that are missing are printed."""
        printed, uncertain = totals["printed"], totals["uncertain"]
        total = totals["asked"] + left
        if printed < total:
            words = self.env._(
                "%(printed)s of %(asked)s labels of this order are on paper.", printed=printed, asked=total
            )
        elif total == 1:
            words = self.env._("The label of this order is on paper.")
        else:
            words = self.env._("All %(asked)s labels of this order are on paper.", asked=total)
        sentences = [words]
        if uncertain == 1:
            sentences.append(self.env._("1 is uncertain: somebody has to look."))
        elif uncertain:
            sentences.append(self.env._("%(count)s are uncertain: somebody has to look.", count=uncertain))
        if self.has_missing:
            sentences.append(
                self.env._(
                    "To print what is missing, choose Retry: %(jobs)s.",
                    jobs=", ".join(job.display_name for job in self._jobs_to_retry()[-3:]),
                )
            )
        if left == 1:
            sentences.append(self.env._("1 label has not been printed yet: it is proposed here."))
        elif left:
            sentences.append(
                self.env._("%(count)s labels have not been printed yet: they are proposed here.", count=left)
            )
        else:
            sentences.append(self.env._("What you print here is for further boxes."))
        return " ".join(sentences)

    @api.depends("mo_id")
    @api.depends_context("lang")
    def _compute_produced_display(self):
        """A quantity produced that is not the one ordered may be a slip of the finger: both are told."""
        for wizard in self:
            order = wizard.mo_id
            planned, produced = order.product_qty, order.qty_producing
            more = bool(order) and order.product_uom_id.compare(produced, planned) > 0
            wizard.produced_display = more and self.env._(
                "The order is for %(planned)s %(unit)s, and the quantity produced is %(produced)s: "
                "labels are proposed for that.",
                planned=formatLang(self.env, planned, dp="Product Unit"),
                produced=formatLang(self.env, produced, dp="Product Unit"),
                unit=order.product_uom_id.name,
            )

    @api.depends("mo_id", "choose", "labels_text")
    @api.depends_context("lang")
    def _compute_chosen_display(self):
        """The lots of the labels whose numbers somebody has entered: “LOT-A 101–120, LOT-B 121–150”."""
        for wizard in self:
            wizard.chosen_display = False
            labels = wizard._labels_left()[0] if wizard.choose else []
            try:
                numbers = parse_runs(wizard.labels_text, len(labels)) if labels else []
            except LabelRunsError:
                continue
            lots = {}
            for number in numbers:
                if lot := lot_of(labels[number - 1]):
                    lots.setdefault(lot, []).append(number)
            if 0 < len(lots) <= MOST_LOTS:
                wizard.chosen_display = ", ".join(f"{lot} {format_runs(of_lot)}" for lot, of_lot in lots.items())
            elif lots:
                wizard.chosen_display = self.env._(
                    "%(first)s to %(last)s (%(count)s lots or serial numbers)",
                    first=next(iter(lots)),
                    last=next(reversed(lots)),
                    count=len(lots),
                )

    @api.depends("further_count", "quantity", "mo_id")
    @api.depends_context("lang")
    def _compute_further_display(self):
        for wizard in self:
            wizard.further_display = wizard.further_count > 0 and self.env._(
                "%(further)s of these %(quantity)s labels are more than this order has left to print (%(left)s). "
                "Print them only if there are further boxes.",
                further=wizard.further_count,
                quantity=wizard.quantity,
                left=wizard.quantity - wizard.further_count,
            )

    @api.depends("printer_id", "quantity", "copies", "choose", "labels_text", "lot_ids.selected")
    @api.depends_context("lang")
    def _compute_jobs_display(self):
        """How many jobs it will be, or why it cannot be printed: said before *Print*, not after it."""
        for wizard in self:
            wizard.jobs_display = wizard.wish_warning = False
            try:
                lengths = [len(labels) for labels in wizard._split_labels()] if wizard.mo_id else []
            except UserError as error:
                wizard.wish_warning = str(error)
                continue
            if len(lengths) > 1:
                wizard.jobs_display = self.env._(
                    "%(total)s labels are more than one job holds: they are printed in %(count)s jobs (%(labels)s).",
                    total=sum(lengths),
                    count=len(lengths),
                    labels=", ".join(map(str, lengths))
                    if len(lengths) < 8
                    else self.env._("%(most)s at most in each", most=max(lengths)),
                )
