"""The dialog that asks of which shift of which day a report is wanted."""

from datetime import timedelta, timezone

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..models.deletable_records import need_record

# Shortly before the end of a shift its own report is wanted.
ENDS_SOON = timedelta(minutes=30)


class LabelPrintShiftWizard(models.TransientModel):
    """Which page to show or print."""

    _name = "label.print.shift.wizard"
    _description = "Shift Report"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, domain=lambda self: self._my_companies()
    )
    possible_shift_ids = fields.Many2many("label.print.shift", compute="_compute_possible_shift_ids")
    shift_id = fields.Many2one(
        "label.print.shift", required=True, compute="_compute_last", store=True, readonly=False, precompute=True,
        domain="[('id', 'in', possible_shift_ids)]", ondelete="cascade",
    )  # fmt: skip
    day = fields.Date(
        required=True, compute="_compute_last", store=True, readonly=False, precompute=True,
        help="A shift over midnight is of the day on which it begins.",
    )  # fmt: skip

    @api.model
    def _my_companies(self):
        return [("id", "in", self.env.companies.ids)]

    @api.depends("company_id")
    def _compute_possible_shift_ids(self):
        for wizard in self:
            wizard.possible_shift_ids = self.env["label.print.shift"]._of_company(wizard.company_id)

    @api.depends("company_id")
    def _compute_last(self):
        """The shift that has ended last, or is about to end."""
        now = fields.Datetime.now()
        for wizard in self:
            company = wizard.company_id or self.env.company
            zone = self.env["label.print.printer.day"]._zone_of(company.id)
            today = now.replace(tzinfo=timezone.utc).astimezone(zone).date()
            ended = [
                (until, shift, day)
                for shift in self.env["label.print.shift"]._of_company(company)
                for day in (today, today - timedelta(days=1), today - timedelta(days=2))
                if (until := shift._bounds(company, day)[1]) <= now + ENDS_SOON
            ]
            none = (None, self.env["label.print.shift"], today)
            _until, wizard.shift_id, wizard.day = max(ended, key=lambda found: found[0], default=none)

    @api.constrains("company_id", "shift_id")
    def _check_shift(self):
        for wizard in self:
            if wizard.shift_id not in wizard.possible_shift_ids:
                raise ValidationError(
                    self.env._(
                        "%(shift)s is no shift of %(company)s.",
                        shift=wizard.shift_id.sudo().name,
                        company=wizard.company_id.sudo().name,
                    )
                )

    def _name_of_file(self):
        """Without a dot: Odoo appends what kind of file it is."""
        return self.env._("Shift Report %(day)s %(shift)s", day=self.day, shift=self.shift_id.sudo().name)

    def action_show(self):
        """The page on the screen, which can be printed there."""
        self.ensure_one()
        self.check_access("write")
        # The page has no header of the company's: an administrator is not asked for its layout first.
        return need_record(self.env, "label_print_monitor.action_report_shift").report_action(self, config=False)

    def action_pdf(self):
        """The page as a PDF; where Odoo has no wkhtmltopdf, its web client says so and shows the page."""
        return {**self.action_show(), "report_type": "qweb-pdf"}
