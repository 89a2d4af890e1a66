"""Which printer is proposed: of a company, of all companies, or of a person."""

from odoo import api, fields, models
from odoo.fields import Domain

from .archived_jobs import ALL_JOBS

DEFAULT_PRINTER = "label_print.default_printer"


class PrinterConfiguration(models.Model):
    _inherit = "printer.configuration"

    is_default = fields.Boolean(
        "Default Printer",
        compute="_compute_is_default",
        inverse="_inverse_is_default",
        search="_search_is_default",
        help="Proposed when labels are printed: in its company, or in all companies where it is shared.",
    )

    @api.model
    def _shared_default(self):
        """The printer that the system parameter names, for companies without a default of their own."""
        name = self.env["ir.config_parameter"].sudo().get_param(DEFAULT_PRINTER)
        printers = self.sudo().with_context(active_test=False)
        return printers.search([("cups_name", "=", name or False), ("server_id.is_default", "=", True)], limit=1)

    @api.depends_context("company")
    @api.depends("cups_name", "server_id", "company_id")
    def _compute_is_default(self):
        shared = self._shared_default()
        for printer in self:
            company = (printer.company_id or self.env.company).sudo()
            printer.is_default = bool(printer._origin & (company.label_print_printer_id or shared))

    def _inverse_is_default(self):
        parameters = self.env["ir.config_parameter"].sudo()
        shared = self._shared_default()
        for printer in self:
            company = (printer.company_id or self.env.company).sudo()
            own = company.label_print_printer_id
            if printer.is_default and (printer.company_id or not printer.server_id.is_default):
                company.label_print_printer_id = printer
            elif printer.is_default:
                parameters.set_param(DEFAULT_PRINTER, printer.cups_name)
                company.label_print_printer_id = False
            else:
                if own == printer:
                    company.label_print_printer_id = False
                if printer.id == shared.id and self._manages_shared():
                    parameters.set_param(DEFAULT_PRINTER, False)
        self.env["printer.configuration"].invalidate_model(["is_default"])

    def _search_is_default(self, operator, value):
        if operator != "in":
            return NotImplemented
        shared = self._shared_default()
        found = set()
        for company in self.env.companies.sudo():
            printer = company.label_print_printer_id or shared
            if printer.company_id == company or (not printer.company_id and company == self.env.company):
                found.add(printer.id)
        domain = Domain("id", "in", list(found))
        return domain if True in value else ~domain

    def _clear_defaults(self):
        """Companies that cannot print on these printers any more do not propose them.

        The system parameter, which names a queue for all companies, is the administrators' and stays.
        """
        companies = self.env["res.company"].sudo().with_context(active_test=False)
        for company in companies.search([("label_print_printer_id", "in", self.ids)]):
            printer = company.label_print_printer_id
            if not printer.active or printer.company_id not in (company, self.env["res.company"]):
                company.label_print_printer_id = False

    @api.model
    def _usable_domain(self, company):
        """Printers that take jobs of ``company``."""
        return Domain("company_id", "in", [False, company.id]) & Domain("server_id.active", "=", True)

    @api.model
    def _no_printer_warning(self, company):
        """Why there is no printer to choose, in words; False when there is one."""
        if self.search_count(self._usable_domain(company), limit=1):
            return False
        servers = self.env["label.print.server"].with_context(active_test=False)
        archived = servers.search([("active", "=", False), ("printer_ids", "any", [("active", "=", True)])])
        if archived:
            return self.env._(
                "No printer can be chosen: print server %(servers)s is archived. Restore it, or connect another one.",
                servers=", ".join(archived.mapped("name")),
            )
        return self.env._(
            "No printer is known yet. Under Configuration, connect a print server: "
            "its printers then appear by themselves."
        )

    @api.model
    def _get_default_printer(self, company=None):
        """The printer of jobs for which nobody chooses one: the configured one, the user's last, or the only one."""
        company = company or self.env.company
        return self._configured_printer(company) or self._last_printer(company) or self._only_printer(company)

    @api.model
    def _get_proposed_printer(self, company):
        """The printer that a dialog proposes: the one its user has printed on last, who stands beside it."""
        return self._last_printer(company) or self._configured_printer(company) or self._only_printer(company)

    def _configured_printer(self, company):
        usable = self._usable_domain(company)
        for printer in (company.sudo().label_print_printer_id, self._shared_default()):
            if found := printer and self.search(usable & Domain("id", "=", printer.id)):
                return found
        return self.browse()

    def _last_printer(self, company):
        """Where the user has printed last for this company; test labels are printed anywhere."""
        mine = Domain("submitted_by", "=", self.env.uid) & Domain("company_id", "=", company.id)
        mine &= Domain("job_type", "!=", "test") & Domain("printer_id.active", "=", True)
        last = self.env["label.print.job"].search(ALL_JOBS & mine, order="id desc", limit=1).printer_id
        return self.search(self._usable_domain(company) & Domain("id", "=", last.id)) if last else last

    def _only_printer(self, company):
        printers = self.search(self._usable_domain(company), limit=2)
        return printers if len(printers) == 1 else self.browse()
