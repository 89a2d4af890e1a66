"""A print server: its address, and a client for it. Whether it answers is in label_print_server_health.py, its key and
webhook secret are in label_print_server_secret.py.

The system parameters of the specification (`label_print.api_url`, `label_print.api_key`) stay the one place where the
default server is configured; every further server keeps its own values in its record.
"""

from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..services.transport.print_server_client import (
    ConfigurationError,
    Connection,
    PrintServerClient,
    normalise_base_url,
)

PARAMETER_OF = {
    "api_url": "label_print.api_url",
    "ca_bundle": "label_print.ca_bundle",
}
USUAL_PORTS = {"http": 80, "https": 443}


def place_of(address):
    """Scheme, host and port: whoever answers there is the same print server, whatever path the address has."""
    try:
        parts = urlsplit(normalise_base_url(address))
    except ConfigurationError:
        return address
    return parts.scheme, parts.hostname, parts.port or USUAL_PORTS[parts.scheme]

# Computed from parameters, or from rows that nobody reads: nothing is grouped, sorted or searched by them.
NOT_STORED = ("api_url", "ca_bundle", "api_key", "webhook_secret")


class LabelPrintServer(models.Model):
    _name = "label.print.server"
    _description = "Print Server"
    _inherit = ["label.print.company.mixin"]
    _order = "is_default desc, name"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    is_default = fields.Boolean(
        "Default Server",
        readonly=True,
        copy=False,
        help="The server that the system parameters label_print.api_url and label_print.api_key configure.",
    )
    api_url = fields.Char(
        "Address",
        compute="_compute_connection",
        inverse="_inverse_api_url",
        search="_search_not_stored",
        help="For example http://192.168.10.20:5000 (with or without /api). "
        "With another host, port or scheme the API key is removed: enter it again.",
    )
    ca_bundle = fields.Char(
        "CA Bundle",
        compute="_compute_connection",
        inverse="_inverse_ca_bundle",
        search="_search_not_stored",
        groups="label_print_monitor.group_label_print_manager",
        help="Path, on the Odoo server, of the certificate authority that signed the print server's own certificate.",
    )
    own_api_url = fields.Char(groups=fields.NO_ACCESS, copy=False)  # set through `api_url`, which removes the key
    own_ca_bundle = fields.Char(groups="base.group_system", copy=False)
    rate_limit = fields.Integer(
        "Requests a Minute",
        default=100,
        help="What the print server grants one key. 0: no limit.",
    )
    printer_ids = fields.One2many("printer.configuration", "server_id", "Printers")

    _single_default = models.UniqueIndex("(is_default) WHERE is_default", "There is already a default print server.")

    @api.depends("is_default", "own_api_url", "own_ca_bundle")
    def _compute_connection(self):
        parameters = self.env["ir.config_parameter"].sudo()
        for server in self.sudo():
            for name, parameter in PARAMETER_OF.items():
                server[name] = parameters.get_param(parameter) if server.is_default else server[f"own_{name}"]

    def _kept_address(self):
        """The address as it is stored: while it is being written, `api_url` itself cannot be read."""
        server = self.sudo()
        if server.is_default:
            return server.env["ir.config_parameter"].get_param(PARAMETER_OF["api_url"])
        return server.own_api_url

    def _search_not_stored(self, operator, value):
        """Odoo's own answer would be a ValueError, which a browser shows as a fault of the program."""
        raise UserError(
            self.env._("Print servers cannot be searched by address, key, secret or certificate: search by name.")
        )

    def _field_to_sql(self, alias, field_expr, query=None):
        """As Odoo's, and in words where something is grouped, sorted or added up by what no column holds.

        Also on the way from another model, such as a printer's `server_id.api_key`. Odoo asks for an error of this
        kind, or a ValueError, to tell by what can be grouped and sorted.
        """
        if field_expr in NOT_STORED:
            raise AccessError(
                self.env._(
                    "Print servers cannot be grouped or sorted by “%(field)s”. Choose another field.",
                    field=self._fields[field_expr]._description_string(self.env),
                )
            )
        return super()._field_to_sql(alias, field_expr, query)

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """As Odoo's, without offering to search by what cannot be searched."""
        found = super().fields_get(allfields, attributes)
        for name, description in found.items():
            if "searchable" in description and self._fields[name].search == "_search_not_stored":
                description["searchable"] = False
        return found

    @api.model
    def _check_address(self, address):
        """:raise ValidationError: in words, when ``address`` cannot be a print server's"""
        try:
            normalise_base_url(address)
        except ConfigurationError as error:
            raise ValidationError(self.env._(error.text)) from None

    def _set_connection_value(self, name):
        parameters = self.env["ir.config_parameter"].sudo()
        changed, moved = self.browse(), self.browse()
        for server in self:
            # Copied from a mail or a document, it comes with spaces and line breaks.
            value = (server[name] or "").strip()
            own = server.sudo()
            before = parameters.get_param(PARAMETER_OF[name]) if server.is_default else own[f"own_{name}"]
            if value == (before or ""):
                continue
            if name == "api_url" and value:
                self._check_address(value)
            if server.is_default:
                parameters.set_param(PARAMETER_OF[name], value)
            else:
                own[f"own_{name}"] = value
            changed |= server
            if name == "api_url" and before and place_of(value) != place_of(before):
                moved |= server
        if changed:
            changed.invalidate_recordset(list(PARAMETER_OF))
            changed._reset_state()
        if not self.env.su:
            moved._remove_key_of_former_address()
        if name == "api_url":
            changed._check_only_one_at_its_address()

    @api.model
    def _address_first(self, vals, address="api_url"):
        """``vals`` in the order in which they are to be applied: a new address removes the key that was kept, and a
        key that is saved together with it is the new one.
        """
        return {address: vals[address], **vals} if address in vals else vals

    def write(self, vals):
        return super().write(self._address_first(vals))

    def _inverse_api_url(self):
        self._set_connection_value("api_url")

    def _inverse_ca_bundle(self):
        self._set_connection_value("ca_bundle")

    @api.model
    def _get_default(self):
        """The server that the system parameters configure; made when somebody deleted it."""
        server = self.sudo().with_context(active_test=False).search([("is_default", "=", True)], limit=1)
        return server or self.sudo().create({"name": self.env._("Print Server"), "is_default": True})

    @api.ondelete(at_uninstall=False)
    def _unlink_except_default(self):
        if any(server.is_default for server in self):
            raise UserError(
                self.env._("The default print server cannot be deleted. Change its address in the settings instead.")
            )

    def _connection(self) -> Connection:
        """Address and key of this server.

        :raise ConfigurationError: in words, when the address is missing or is none
        """
        self.ensure_one()
        server = self.sudo()
        return Connection(
            base_url=server.api_url or "",
            api_key=server._secret("api_key"),
            ca_bundle=server.ca_bundle or None,
            webhook_secret=server._secret("webhook_secret"),
        )

    def _client(self) -> PrintServerClient:
        """A client for this server; other modules may hand in another transport by overriding this."""
        return PrintServerClient(self._connection())
