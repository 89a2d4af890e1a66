"""The shifts of a plant: by which the figures are grouped, and at the end of which people get a page by mail."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..services.lifecycle import shifts
from .deletable_records import trigger_cron

# A transaction that has begun before a change of shifts, and stores by the earlier ones, has ended by then.
STORE_AGAIN_SECONDS = 30


class LabelPrintShift(models.Model):
    _name = "label.print.shift"
    _description = "Shift"
    _inherit = ["label.print.company.mixin"]
    _order = "company_id, from_hour, id"

    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        default=lambda self: self.env.company,
        help="Empty: for all companies without shifts of their own. Who may work in all of them, and administrators, "
        "change what is shared.",
    )
    name = fields.Char("Shift", required=True, translate=True)
    from_hour = fields.Float("From", required=True, default=6.0, aggregator=None)
    to_hour = fields.Float(
        "To", required=True, default=14.0, aggregator=None, help="A time before the beginning is one of the next day."
    )

    _hours_possible = models.Constraint(
        "CHECK(from_hour >= 0 AND from_hour < 24 AND to_hour >= 0 AND to_hour <= 24)",
        "A shift begins and ends at a time of day, between 00:00 and 24:00.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        created = super().create(vals_list)
        self._store_figures_again()
        return created

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(("active", "company_id", "from_hour", "to_hour")):
            self._store_figures_again()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_figures(self):
        """PostgreSQL would write all its rows of figures again while whoever deletes it, and printing, waits.

        Once it is archived they are stored by the other shifts, in small batches.
        """
        if not self.ids:
            return
        found = self.env.execute_query(
            SQL("SELECT shift_id FROM label_print_attempt_figure WHERE shift_id = ANY(%s) LIMIT 1", self.ids)
        )
        if found:
            raise UserError(
                self.env._(
                    "%(shift)s has figures of printed labels. Archive it: its labels are then counted by the other "
                    "shifts, within some minutes, and after that it can be deleted.",
                    shift=self.browse(found[0]).name,
                )
            )

    def unlink(self):
        result = super().unlink()
        self._store_figures_again()
        return result

    def _store_figures_again(self):
        """Figures that are stored by these shifts are due to be stored by others."""
        at = fields.Datetime.add(fields.Datetime.now(), seconds=STORE_AGAIN_SECONDS)
        trigger_cron(self.env, "label_print_monitor.cron_store_figures", at)

    def _minutes(self):
        """:return: beginning and end in minutes after midnight"""
        self.ensure_one()
        return shifts.minutes(self.from_hour), shifts.minutes(self.to_hour)

    @api.constrains("from_hour", "to_hour", "company_id", "active")
    def _check_overlap(self):
        """Each label belongs to one shift."""
        for shift in self.filtered("active"):
            others = self.sudo().search([("company_id", "=", shift.company_id.id), ("id", "!=", shift.id)])
            for other in others:
                if shifts.overlap(shift._minutes(), other._minutes()):
                    raise ValidationError(
                        self.env._(
                            "%(shift)s and %(other)s overlap. Each label belongs to one shift.",
                            shift=shift.name,
                            other=other.name,
                        )
                    )

    @api.model
    def _of_company(self, company):
        """The shifts by which a company works: its own, or those that are shared where it has none."""
        found = self.sudo().search([("company_id", "in", [company.id, False])])
        return found.filtered("company_id") or found

    def _bounds(self, company, day):
        """:return: from when until when it lasts on this day of a company, in naive UTC"""
        zone = self.env["label.print.printer.day"]._zone_of(company.id)
        since, until = shifts.bounds(day, *self._minutes(), zone)
        begins = [
            shifts.bounds(day_, *shift._minutes(), zone)[0]
            for shift in self._of_company(company)
            for day_ in (day, day + timedelta(days=1))
        ]
        # Where the clock goes forward it ends when the next one begins.
        return since, min([until, *(begin for begin in begins if begin > since)])
