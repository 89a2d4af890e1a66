"""The dialog that prints labels of a manufacturing order that have not been asked for yet."""

from collections import Counter

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..services.contract.label_runs import LabelRunsError, format_runs, parse_runs
from ..services.contract.print_request import LabelError
from ..services.contract.sizes import split_jobs
from ..services.lifecycle.order_labels import is_of_lot, item_of, not_asked_for, with_boxes

MOST_AT_ONCE = 10_000  # labels, in as many jobs as they take


class LabelPrintWizard(models.TransientModel):
    """Print labels of a manufacturing order: how many or which, on which printer, of which lots.

    Labels that have been asked for are not printed here a second time: those that are missing are printed by Retry,
    copies of those that are on paper by Print Again. What is asked for beyond the order's labels is for further boxes.
    """

    _name = "label.print.wizard"
    _description = "Print Labels"

    mo_id = fields.Many2one("mrp.production", "Manufacturing Order", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="mo_id.company_id", related_sudo=False)
    newest_job = fields.Integer(
        compute="_compute_newest_job",
        store=True,
        readonly=False,
        help="The order's newest print job when the dialog was opened.",
    )
    printer_id = fields.Many2one(
        "printer.configuration",
        compute="_compute_printer_id",
        store=True,
        readonly=False,
        domain="[('company_id', 'in', [False, company_id]), ('server_id.active', '=', True)]",
    )
    printer_warning = fields.Char(compute="_compute_printer_warning")
    choose = fields.Boolean("Choose Labels")
    labels_text = fields.Char(
        "Labels to Print",
        compute="_compute_labels_text",
        store=True,
        readonly=False,
        help="Numbers of the order's labels, for example 101-150.",
    )
    quantity = fields.Integer(
        "Labels", compute="_compute_quantity", store=True, readonly=False, help="How many labels, before copies."
    )
    copies = fields.Integer("Copies of Each", default=1)
    only_lot_id = fields.Many2one("stock.lot", ondelete="cascade")
    lot_ids = fields.One2many(
        "label.print.wizard.lot", "wizard_id", "Lots", compute="_compute_lot_ids", store=True, readonly=False
    )
    has_lots = fields.Boolean(compute="_compute_has_lots")
    total = fields.Integer("Total Labels", compute="_compute_total")
    left_out_display = fields.Char(compute="_compute_left_out_display")
    earlier_display = fields.Char(compute="_compute_earlier_display")
    can_print_again = fields.Boolean(compute="_compute_earlier_display")
    has_missing = fields.Boolean(compute="_compute_earlier_display")

    @api.depends("mo_id")
    def _compute_newest_job(self):
        for wizard in self:
            wizard.mo_id.sudo(False).check_access("read")
            wizard.newest_job = wizard._newest_job_id()

    def _newest_job_id(self):
        jobs = self.env["label.print.job"].sudo()
        return jobs.search([("mo_id", "=", self.mo_id.id), ("copy_of_id", "=", False)], order="id desc", limit=1).id

    @api.depends("mo_id")
    def _compute_printer_id(self):
        for wizard in self:
            wizard.printer_id = self.env["printer.configuration"]._get_default_printer(wizard.mo_id.company_id)

    @api.depends("printer_id.status")
    @api.depends_context("lang")
    def _compute_printer_warning(self):
        for wizard in self:
            wizard.printer_warning = wizard.printer_id._not_ready_warning(wizard.company_id)

    def _labels_left(self):
        """:return: all labels of the order, those that have been asked for, and those of the first that have not"""
        self.mo_id.sudo(False).check_access("read")  # what is computed of it needs more rights than its reader has
        labels = self.mo_id._get_label_print_data() if self.mo_id else []
        asked = self.mo_id._labels_asked_for() if self.mo_id else []
        return labels, asked, not_asked_for(labels, asked)

    @api.depends("mo_id", "choose")
    def _compute_labels_text(self):
        for wizard in self:
            left = wizard._labels_left()[2] if wizard.choose else []
            wizard.labels_text = format_runs([label["box_number"] for label in left])

    @api.depends("mo_id", "lot_ids.selected", "lot_ids.quantity", "choose", "labels_text")
    def _compute_quantity(self):
        for wizard in self:
            if wizard.choose:
                try:
                    wizard.quantity = len(parse_runs(wizard.labels_text, len(wizard._labels_left()[0])))
                except LabelRunsError:
                    wizard.quantity = 0
            elif wizard.lot_ids:
                wizard.quantity = sum(lot.quantity for lot in wizard.lot_ids if lot.selected)
            else:
                wizard.quantity = len(wizard._labels_left()[2])

    @api.depends("mo_id")
    def _compute_lot_ids(self):
        """The order's lots, and its products without, each with how many labels have not been asked for.

        Of serial numbers only those of which there are.
        """
        for wizard in self:
            labels, _asked, left = wizard._labels_left()
            open_ = Counter(item_of(label) for label in left)
            serial = {product.id for product in wizard._products(labels) if product.tracking == "serial"}
            items = {}
            for label in labels:
                if open_[item_of(label)] or label.get("product_id") not in serial:
                    items.setdefault(item_of(label), label)
            if not any(label.get("lot_number") for label in labels) and len(items) < 2:
                items = {}  # nothing to choose among
            only = wizard.only_lot_id
            wizard.lot_ids = [Command.clear()] + [
                Command.create(
                    {
                        "name": label.get("lot_number"),
                        "lot_id": label.get("lot_id"),
                        "product_id": label.get("product_id"),
                        "quantity": open_[item],
                        "selected": is_of_lot(label, only.id, only.name)
                        if only
                        else bool(open_[item]) or len(items) == 1,
                    }
                )
                for item, label in items.items()
            ]

    def _products(self, labels):
        """The products that these labels are for."""
        return self.env["product.product"].browse({label["product_id"] for label in labels if label.get("product_id")})

    @api.depends("lot_ids")
    def _compute_has_lots(self):
        for wizard in self:
            wizard.has_lots = len(wizard.lot_ids) > 1

    @api.depends("quantity", "copies")
    def _compute_total(self):
        for wizard in self:
            wizard.total = wizard.quantity * wizard.copies

    @api.depends("mo_id")
    @api.depends_context("lang")
    def _compute_left_out_display(self):
        for wizard in self:
            products = wizard.mo_id._label_products_without_lot().mapped("display_name")
            wizard.left_out_display = bool(products) and self.env._(
                "Left out, because they have no lot or serial number yet: %(products)s.", products=", ".join(products)
            )

    def _jobs_to_retry(self):
        """The order's jobs that have ended without all of their labels on paper."""
        jobs = self.mo_id._label_print_originals()
        return jobs.filtered(
            lambda job: (
                job.can_print_missing
                and not job.set_aside_date
                and job.current_label < job.quantity
                and (job.status != "cancelled" or job == jobs[-1:])
            )
        )

    def _jobs_to_copy(self):
        """The order's jobs of which labels are on paper."""
        return self.mo_id._label_print_originals().filtered("can_print_again")

    @api.depends("mo_id")
    @api.depends_context("lang", "uid")
    def _compute_earlier_display(self):
        for wizard in self:
            wizard.mo_id.sudo(False).check_access("read")
            totals = wizard.mo_id.sudo()._label_print_totals().get(wizard.mo_id.id) if wizard.mo_id else None
            retry = wizard._jobs_to_retry() if totals else self.env["label.print.job"]
            wizard.has_missing = bool(retry)
            wizard.can_print_again = bool(totals and wizard._jobs_to_copy())
            wizard.earlier_display = wizard._words_of_earlier(totals, retry) if totals and totals["asked"] else False

    def _words_of_earlier(self, totals, retry):
        """What has become of the labels that have been asked for, and where those that are missing are printed."""
        asked, printed, uncertain = totals["asked"], totals["printed"], totals["uncertain"]
        if printed < asked:
            words = self.env._(
                "%(printed)s of %(asked)s labels of this order are on paper.", printed=printed, asked=asked
            )
        elif asked == 1:
            words = self.env._("The label of this order is on paper.")
        else:
            words = self.env._("All %(asked)s labels of this order are on paper.", asked=asked)
        sentences = [words]
        if uncertain == 1:
            sentences.append(self.env._("1 is uncertain: somebody has to look."))
        elif uncertain:
            sentences.append(self.env._("%(count)s are uncertain: somebody has to look.", count=uncertain))
        if retry:
            sentences.append(
                self.env._(
                    "To print what is missing, choose Retry: %(jobs)s.",
                    jobs=", ".join(job.display_name for job in retry[-3:]),
                )
            )
        sentences.append(self.env._("What you print here is printed in addition."))
        return " ".join(sentences)

    def _numbers(self, most):
        """:raise UserError: in words, for what are no numbers of this order's labels"""
        try:
            return parse_runs(self.labels_text, most)
        except LabelRunsError as error:
            raise UserError(self.env._(error.message, **error.params)) from None

    def _chosen_labels(self):
        """The labels to print, in order, each with its box; copies of a label have the same box."""
        labels, asked, left = self._labels_left()
        chosen = self._labels_of_numbers(labels, left) if self.choose else self._labels_of_lots(labels, left)
        boxed = with_boxes(chosen, asked, len(labels))
        return [label for label in boxed for _copy in range(self.copies)]

    def _labels_of_numbers(self, labels, left):
        """The labels that the person has named; none that has been asked for before."""
        numbers = self._numbers(len(labels))
        open_ = {label["box_number"] for label in left}
        if again := [number for number in numbers if number not in open_]:
            raise UserError(
                self.env._(
                    "Labels %(runs)s of %(order)s have been asked for before. "
                    "What is missing is printed with Retry, copies with Print Again.",
                    runs=format_runs(again),
                    order=self.mo_id.name,
                )
            )
        return [labels[number - 1] for number in numbers]

    def _labels_of_lots(self, labels, left):
        """As many labels of the chosen lots as the person wishes.

        More of them than the order has left is a wish for further boxes of the same lots: the last label is repeated.

        :raise UserError: in words, for further boxes where serial numbers are among what is chosen
        """
        if self.lot_ids:
            wanted = {lot._item() for lot in self.lot_ids if lot.selected}
            labels = [label for label in labels if item_of(label) in wanted]
            left = [label for label in left if item_of(label) in wanted]
            if not labels:
                raise UserError(self.env._("Choose at least one lot to print labels for."))
        if self.quantity > len(left):
            serial = [self._is_of_serial_number(label) for label in labels]
            if any(serial):
                self._refuse_serial_numbers(len(left), all(serial))
        return left[: self.quantity] + [labels[-1]] * max(self.quantity - len(left), 0)

    def _is_of_serial_number(self, label):
        """Whether a label is for one serial number. One that does not say its product is for the order's own."""
        products = self._products([label])
        return (products.tracking if products else self.mo_id.product_tracking) == "serial"

    def _refuse_serial_numbers(self, count, alone):
        """A serial number has one label: there are no further boxes of it.

        :param count: how many labels of what is chosen are left
        :param alone: whether nothing but serial numbers is chosen; beside them may be by-products, which have boxes
        """
        order, quantity = self.mo_id.name, self.quantity
        if not count:
            raise UserError(
                self.env._(
                    "All serial numbers of %(order)s have been printed or are being printed. "
                    "To print one again, choose Print Again.",
                    order=order,
                )
            )
        if not alone:
            raise UserError(
                self.env._(
                    "%(quantity)s labels are more than are left to print of %(order)s (%(count)s), and a serial number "
                    "has one label only. To print further labels of another product, choose that product alone.",
                    order=order,
                    count=count,
                    quantity=quantity,
                )
            )
        if count == 1:
            raise UserError(
                self.env._(
                    "%(order)s has one serial number to print, not %(quantity)s. Use copies to print it more often.",
                    order=order,
                    quantity=quantity,
                )
            )
        raise UserError(
            self.env._(
                "%(order)s has %(count)s serial numbers to print, not %(quantity)s. "
                "Use copies to print each more often.",
                order=order,
                count=count,
                quantity=quantity,
            )
        )

    def _claim_order(self):
        """Let one transaction at a time print labels of the order.

        A lock alone would not do: whoever has waited for it goes on with a view of the database from before, without
        the other's job. After an update of the row it gets a serialization failure instead, Odoo runs its request
        again, and then it finds the job.
        """
        query = "UPDATE mrp_production SET write_date = write_date WHERE id = %s"
        self.env.cr.execute(query, [self.mo_id.id], log_exceptions=False)

    def _check_wish(self):
        """:raise UserError: in words, for what cannot be printed as it is entered"""
        if not self.printer_id:
            raise UserError(self.env._("Choose a printer."))
        self._claim_order()
        if self.newest_job != self._newest_job_id():
            raise UserError(
                self.env._(
                    "Labels of %(order)s have been printed since this dialog was opened. "
                    "Close it and open it again: other labels may be left now.",
                    order=self.mo_id.name,
                )
            )
        if self.choose:
            self._numbers(len(self._labels_left()[0]))
        if self.quantity < 1 or self.copies < 1:
            raise UserError(self.env._("Enter at least one label and one copy."))
        if self.quantity * self.copies > MOST_AT_ONCE:
            raise UserError(
                self.env._(
                    "%(total)s labels are too many to print at once: %(most)s at most. Print fewer at a time.",
                    total=self.quantity * self.copies,
                    most=MOST_AT_ONCE,
                )
            )

    def action_print(self):
        """Make the print job; its form shows at once and follows it. More than one job holds is several, in a list."""
        self.ensure_one()
        self.check_access("write")
        self.mo_id.check_access("read")
        self._check_wish()
        server = self.printer_id.server_id or self.env["label.print.server"]._get_default()
        try:
            parts = split_jobs(self._chosen_labels(), server._get_limits())
        except LabelError as error:
            raise UserError(self.env._(error.message, **error.params)) from None
        jobs = self.env["label.print.job"].create(
            [
                {
                    "mo_id": self.mo_id.id,
                    "printer_id": self.printer_id.id,
                    "quantity": len(labels),
                    "labels_data": labels,
                    "job_type": "manual",
                }
                for labels in parts
            ]
        )
        return jobs._get_form_action() if len(jobs) == 1 else jobs._get_list_action(self.env._("Print Jobs"))

    def action_print_again(self):
        """Copies of labels that are on paper: the dialog of the job that printed them, or the list of those jobs."""
        self.ensure_one()
        self.check_access("write")
        self.env["label.print.job"]._check_right_to_print_again()
        jobs = self._jobs_to_copy()
        if len(jobs) != 1:
            return jobs._get_list_action(self.env._("Print Again: Choose the Job"))
        if self.only_lot_id:
            return jobs._get_print_lot_again_action(self.only_lot_id)
        return jobs.action_print_again()

    def action_retry(self):
        """What is missing: the dialog of the job that lacks it, or the list of those jobs."""
        self.ensure_one()
        self.check_access("write")
        jobs = self._jobs_to_retry()
        if len(jobs) != 1:
            return jobs._get_list_action(self.env._("Retry: Choose the Job"))
        return jobs.action_retry_choose()


class LabelPrintWizardLot(models.TransientModel):
    _name = "label.print.wizard.lot"
    _description = "Lot to Print Labels For"

    wizard_id = fields.Many2one("label.print.wizard", required=True, ondelete="cascade")
    product_id = fields.Many2one("product.product", ondelete="cascade")
    lot_id = fields.Many2one("stock.lot", "Lot/Serial Number", ondelete="cascade")
    name = fields.Char("Lot/Serial")
    quantity = fields.Integer("Labels Left", help="Labels of this lot that no print job has asked for yet.")
    selected = fields.Boolean("Print", default=True)

    def _item(self):
        """Which labels this line is for."""
        self.ensure_one()
        return item_of({"product_id": self.product_id.id, "lot_id": self.lot_id.id, "lot_number": self.name})
