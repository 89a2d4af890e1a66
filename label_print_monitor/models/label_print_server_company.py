"""Which company a print server belongs to, and what follows for its printers and jobs.

The default server is shared: the system parameters that configure it belong to the whole database. A printer of a
company's server is that company's. A printer of a shared server may be given to one company by those who manage what is
shared.
"""

from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.models import MAGIC_COLUMNS

from ..services.lifecycle import job_lifecycle
from ..services.transport.print_server_client import ConfigurationError, normalise_base_url
from .label_print_server import place_of


def _same_address(address):
    """:return: what two spellings of one address have in common; None for none and for one that cannot be used"""
    try:
        base = normalise_base_url(address)
    except ConfigurationError:
        return None
    return (*place_of(base), urlsplit(base).path)


class LabelPrintServer(models.Model):
    _inherit = "label.print.server"

    company_id = fields.Many2one(default=lambda self: self._default_company())
    events_url = fields.Char(
        "Address for Events",
        compute="_compute_events_url",
        search="_search_not_stored",
        help="Where this print server posts its events: its setting --webhook-url.",
    )

    @api.model
    def _default_company(self):
        return self.env["res.company"] if self._manages_shared() else self.env.company

    def _compute_events_url(self):
        for server in self:
            id_ = server._origin.id
            server.events_url = (
                f"{server.get_base_url().rstrip('/')}/label_print_monitor/events/{id_}" if id_ else False
            )

    @api.constrains("active", "company_id")
    def _check_only_one_at_its_address(self):
        """Two at one address would poll it twice and have each printer twice, each without the other's queue.

        Two companies may each have one there: neither sees the other's, its printers or its jobs. Each should have a
        key of its own, since a print server counts requests by key.

        :raise ValidationError: in words, when another active one that its people see is there
        """
        active = self.sudo().with_context(active_test=False).search([("active", "=", True)])
        at = active.grouped(lambda server: _same_address(server._kept_address()))
        at.pop(None, None)
        for server in self.sudo().filtered("active"):
            for other in at.get(_same_address(server._kept_address()), self.browse()) - server:
                if not server.company_id or other.company_id in (self.env["res.company"], server.company_id):
                    raise ValidationError(
                        self.env._(
                            "Print server %(other)s has this address already. Two at one address would ask it twice "
                            "and show each of its printers twice. Use %(other)s, or archive it first.",
                            other=other.name,
                        )
                    )

    @api.constrains("company_id", "is_default")
    def _check_default_is_shared(self):
        if any(server.is_default and server.company_id for server in self):
            raise ValidationError(
                self.env._(
                    "The default print server is shared by all companies. Make a print server of its own for a company."
                )
            )

    def _check_printers_can_belong_to(self, company):
        """Its printers become ``company``'s, without taking one from another company.

        :raise ValidationError: in words, when a printer or a job under way is another company's
        """
        printers = self.sudo().with_context(active_test=False).printer_ids
        if others := printers.company_id - company:
            raise ValidationError(
                self.env._(
                    "Printers of this print server belong to %(companies)s. Leave the print server shared; or share it "
                    "first, then change the company of its printers.",
                    companies=", ".join(others.mapped("name")),
                )
            )
        printers._check_open_jobs_are_of(company)

    @api.constrains("active")
    def _check_archived_without_jobs(self):
        """Nobody would follow its jobs any more."""
        archived = self.sudo().filtered(lambda server: not server.active)
        if not archived:
            return
        Job = self.env["label.print.job"].sudo()
        for server in archived:
            its = Domain("server_id", "=", server.id) | Domain("move_to_id.server_id", "=", server.id)
            count = Job.search_count(its & Domain("status", "in", job_lifecycle.OPEN))
            if count:
                raise UserError(
                    self.env._(
                        "%(server)s has print jobs that have not ended (%(count)s). Wait for them, cancel them, "
                        "or move them to another printer. Then archive it.",
                        server=server.name,
                        count=count,
                    )
                )

    def _check_kept_fields(self, names):
        """What the sweeps have found out is written by nobody else.

        :raise AccessError: when one of ``names`` is such a field
        """
        if self.env.su:
            return
        kept = sorted(
            name
            for name in names
            if (field := self._fields.get(name))
            and field.readonly
            and field.store
            and name not in (*MAGIC_COLUMNS, "is_default")
        )
        if kept:
            raise AccessError(
                self.env._("These fields are kept by the system and cannot be set: %(names)s.", names=", ".join(kept))
            )

    @api.model_create_multi
    def create(self, vals_list):
        defaults = {name.removeprefix("default_") for name in self.env.context if name.startswith("default_")}
        self._check_kept_fields(defaults.union(*vals_list))
        return super().create(vals_list)

    def write(self, vals):
        self._check_kept_fields(vals)
        if vals.get("company_id"):
            self.check_access("write")
            self._check_printers_can_belong_to(self.env["res.company"].sudo().browse(vals["company_id"]))
        result = super().write(vals)
        if vals.get("company_id"):
            self.sudo().with_context(active_test=False).printer_ids._clear_defaults()
        self.env["label.print.incident"].sudo()._follow_servers(self, vals)
        if "active" in vals:
            notifier = self.env["print.job.notifier"]
            notifier._live(servers=self)
            notifier._close_manager_toasts(self.filtered(lambda server: not server.active))
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_close_toasts(self):
        self.env["print.job.notifier"]._close_manager_toasts(self)
