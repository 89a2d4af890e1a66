"""What belongs to a company or is shared by all: who may change it.

Odoo's record rules let whoever sees a shared record change it. A print server and its printers are used by all
companies, so what is shared is changed only by those who answer for all of them.
"""

from functools import partial

from odoo import api, fields, models
from odoo.exceptions import AccessError


class LabelPrintCompanyMixin(models.AbstractModel):
    _name = "label.print.company.mixin"
    _description = "Belongs to a Company or Is Shared"

    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        ondelete="restrict",  # otherwise the print servers of a company that is deleted would be everybody's
        help="Empty: shared by all companies. Who may work in all of them, and administrators, change what is shared.",
    )

    can_change = fields.Boolean(
        compute="_compute_can_change", help="Whether the reader may change it; of a new one, whether they may make it."
    )

    @api.depends("company_id")
    @api.depends_context("uid")
    def _compute_can_change(self):
        mine = self.sudo(False)._filtered_access("write")
        for record in self:
            record.can_change = record in mine or not record._origin

    @api.model
    def _manages_shared(self):
        """Whether the user may change what is shared: an administrator, or somebody who may work in every company.

        In a database with one company that is everybody who may change such a record at all.
        """
        if self.env.su or self.env.user.has_group("base.group_system"):
            return True
        others = [("id", "not in", self.env.user.company_ids.ids)]
        # Some callers, such as the settings page, have switched `active_test` off: archived companies do not count.
        companies = self.env["res.company"].sudo().with_context(active_test=True)
        return not companies.search_count(others, limit=1)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if operation == "read":
            return result
        forbidden, make_error = result or (self.browse(), None)
        others = self.browse([id_ for id_ in self._ids if id_]) - forbidden
        shared = others.sudo().filtered(lambda record: not record.company_id)
        if shared and not self._manages_shared():
            make_error = make_error or partial(self._make_shared_error, shared.mapped("display_name"))
            return forbidden | shared.sudo(False), make_error
        return result

    def _make_shared_error(self, names):
        return AccessError(
            self.env._(
                "%(names)s: shared by all companies. Only people who may work in all companies, and administrators, "
                "can change what is shared. Ask one of them, or choose your company's print server.",
                names=", ".join(names),
            )
        )

    def write(self, vals):
        result = super().write(vals)
        if "company_id" in vals:
            # Who shares it, or gives it to a company, must still be allowed to change it when that is done.
            self.check_access("write")
        return result
