"""Which company's jobs a printer takes, and who may connect printers."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..services.lifecycle import job_lifecycle


class PrinterConfiguration(models.Model):
    _inherit = "printer.configuration"

    company_id = fields.Many2one(
        compute="_compute_company_id",
        store=True,
        precompute=True,
        readonly=False,
        help="Empty: every company may print on it. A printer of a company's print server is that company's.",
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
        self.env["label.print.printer.interval"].sudo()._note(printers)
        return printers

    def write(self, vals):
        self._check_may_connect_to([vals.get("server_id")])
        connects = not vals.keys().isdisjoint(("server_id", "cups_name"))
        if connects:
            # The queue that this printer leaves is made again by the next sweep, and would be everybody's.
            self._check_may_connect()
        former = {printer.id: printer.server_id for printer in self} if "server_id" in vals else {}
        result = super().write(vals)
        if connects:
            self._check_may_connect()
        moved = self.filtered(lambda printer: former.get(printer.id, printer.server_id) != printer.server_id)
        self._follow_in_incidents(vals, moved)
        self._follow_in_intervals(vals)
        if not vals.keys().isdisjoint(("company_id", "server_id", "active")):
            self._clear_defaults()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_reserved(self):
        """Deleting is no way to share: the next sweep would make the printer again, for all companies."""
        reserved = self.sudo().filtered(lambda printer: printer.company_id and not printer.server_id.company_id)
        if reserved:
            raise UserError(
                self.env._(
                    "%(printers)s: reserved for a company at a print server that all companies share. "
                    "Deleted, it would come back as everybody's. Archive it instead. "
                    "Who manages what is shared can clear its company first.",
                    printers=", ".join(reserved.mapped("name")),
                )
            )

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
        if problem := self._problem_to_print(company):
            raise UserError(problem)

    def _problem_to_print(self, company):
        """Why this printer must not get jobs of ``company``, and what to do; False when it may.

        Also of a printer that the user must not read any more: a job that was printed there still names it, but not
        the company whose it is now.
        """
        self.ensure_one()
        printer = self.sudo()
        server = printer.server_id
        if printer.company_id and printer.company_id != company:
            return self.env._(
                "Printer %(printer)s belongs to another company and cannot print for %(company)s. "
                "Choose another printer.",
                printer=printer.name,
                company=company.sudo().name,
            )
        if not printer.active:
            return self.env._(
                "Printer %(printer)s is archived. Choose another printer, or restore this one.", printer=printer.name
            )
        if not server.active:
            return self.env._(
                "Print server %(server)s of printer %(printer)s is archived. "
                "Choose another printer, or restore the print server.",
                server=server.name,
                printer=printer.name,
            )
        return False
