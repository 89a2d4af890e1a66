"""Which company's jobs a printer takes, who may connect printers, and which printer is proposed."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..services.lifecycle import job_lifecycle

DEFAULT_PRINTER = "label_print.default_printer"


class PrinterConfiguration(models.Model):
    _inherit = "printer.configuration"

    company_id = fields.Many2one(
        compute="_compute_company_id",
        store=True,
        precompute=True,
        readonly=False,
        help="Empty: every company may print on it. A printer of a company's print server is that company's.",
    )
    is_default = fields.Boolean(
        "Default Printer",
        compute="_compute_is_default",
        inverse="_inverse_is_default",
        search="_search_is_default",
        help="Proposed when labels are printed: in its company, or in all companies where it is shared.",
    )

    @api.depends("server_id.company_id")
    def _compute_company_id(self):
        for printer in self:
            company = printer.server_id.sudo().company_id or printer.company_id
            if not company and not printer._origin and not self.sudo(False)._manages_shared():
                company = self.env.company
            printer.company_id = company

    @api.constrains("company_id", "server_id")
    def _check_company_of_server(self):
        for printer in self.sudo():
            owner = printer.server_id.company_id
            if owner and printer.company_id != owner:
                raise ValidationError(
                    self.env._(
                        "%(server)s belongs to %(company)s, and so does printer %(printer)s.",
                        server=printer.server_id.name,
                        company=owner.name,
                        printer=printer.name,
                    )
                )
            if printer.company_id:
                printer._check_open_jobs_are_of(printer.company_id)

    def _check_open_jobs_are_of(self, company):
        """:raise ValidationError: when a job of another company than ``company`` has not ended at one of these"""
        job = (
            self.env["label.print.job"]
            .sudo()
            .search(
                (Domain("printer_id", "in", self.ids) | Domain("move_to_id", "in", self.ids))
                & Domain("status", "in", job_lifecycle.OPEN)
                & Domain("company_id", "!=", company.id),
                limit=1,
            )
        )
        if job:
            raise ValidationError(
                self.env._(
                    "Printer %(printer)s has print jobs of another company that have not ended. "
                    "Wait for their end, or move them to another printer.",
                    printer=(self.sudo() & (job.printer_id | job.move_to_id))[:1].name,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        self._check_may_connect_to(
            vals.get("server_id") or self.env.context.get("default_server_id") for vals in vals_list
        )
        printers = super().create(vals_list)
        printers._check_may_connect()
        return printers

    def write(self, vals):
        self._check_may_connect_to([vals.get("server_id")])
        result = super().write(vals)
        if not vals.keys().isdisjoint(("server_id", "cups_name")):
            self._check_may_connect()
        return result

    def _check_may_connect_to(self, server_ids):
        """Before anything is said about a print server that the user may not see."""
        if not self.env.su:
            self.env["label.print.server"].browse({id_ for id_ in server_ids if id_}).check_access("write")

    def _check_may_connect(self):
        """A queue of a shared print server is used by all, so only those who manage it say whose it is.

        :raise AccessError: when the user may not change these printers' print server
        """
        if not self.env.su:
            self.server_id.check_access("write")

    def _check_can_print(self, company):
        """:raise UserError: when this printer must not get jobs of ``company``"""
        self.ensure_one()
        if not self.active:
            raise UserError(
                self.env._(
                    "Printer %(printer)s is archived. Choose another printer, or restore this one.", printer=self.name
                )
            )
        server = self.server_id.sudo()
        if not server.active:
            raise UserError(
                self.env._(
                    "Print server %(server)s of printer %(printer)s is archived. "
                    "Choose another printer, or restore the print server.",
                    server=server.name,
                    printer=self.name,
                )
            )
        owner = self.sudo().company_id or server.company_id
        if owner and owner != company:
            raise UserError(
                self.env._(
                    "Printer %(printer)s belongs to %(owner)s and cannot print for %(company)s. "
                    "Choose another printer.",
                    printer=self.name,
                    owner=owner.name,
                    company=company.name,
                )
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

    @api.model
    def _usable_domain(self, company):
        """Printers that take jobs of ``company``."""
        return Domain("company_id", "in", [False, company.id]) & Domain("server_id.active", "=", True)

    @api.model
    def _get_default_printer(self, company=None):
        """The printer that new jobs go to: the configured one, else the user's last one, else the only one there is."""
        company = company or self.env.company
        usable = self._usable_domain(company)
        last = (
            self.env["label.print.job"]
            .search([("submitted_by", "=", self.env.uid), ("printer_id.active", "=", True)], order="id desc", limit=1)
            .printer_id
        )
        for printer in (company.sudo().label_print_printer_id, self._shared_default(), last):
            if found := printer and self.search(usable & Domain("id", "=", printer.id)):
                return found
        printers = self.search(usable, limit=2)
        return printers if len(printers) == 1 else self.browse()
