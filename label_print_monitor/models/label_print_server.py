"""A print server: its address, and a client for it. Whether it answers is in label_print_server_health.py, its key and
webhook secret are in label_print_server_secret.py.

The system parameters of the specification (`label_print.api_url`, `label_print.api_key`) stay the one place where the
default server is configured; every further server keeps its own values in its record.
"""

from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..services.transport.print_server_client import (
    ConfigurationError,
    Connection,
    PrintServerClient,
    PrintServerError,
    Unreachable,
    normalise_base_url,
)
from ..services.wording import error_catalogue

PARAMETER_OF = {
    "api_url": "label_print.api_url",
    "ca_bundle": "label_print.ca_bundle",
}
USUAL_PORTS = {"http": 80, "https": 443}


def _place_of(address):
    """Scheme, host and port: whoever answers there is the same print server, whatever path the address has."""
    try:
        parts = urlsplit(normalise_base_url(address))
    except ConfigurationError:
        return address
    return parts.scheme, parts.hostname, parts.port or USUAL_PORTS[parts.scheme]


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
        help="For example http://192.168.10.20:5000 (with or without /api). "
        "With another host, port or scheme the API key is removed: enter it again.",
    )
    ca_bundle = fields.Char(
        "CA Bundle",
        compute="_compute_connection",
        inverse="_inverse_ca_bundle",
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
            if name == "api_url" and before and _place_of(value) != _place_of(before):
                moved |= server
        if changed:
            changed.invalidate_recordset(list(PARAMETER_OF))
            changed._reset_state()
        if not self.env.su:
            moved._remove_key_of_former_address()

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

    def action_test_connection(self):
        """Ask the server for its health with the configured key, and say in words what came of it."""
        self.ensure_one()
        self.check_access("write")
        try:
            with self._client() as client:
                health = client.health()
                client.printers()  # health may be open to all; this one needs the key
        except (ConfigurationError, PrintServerError) as error:
            raise UserError(self._problem_for_manager(error)) from None
        server = self.sudo()
        server._note_health(health)
        server._note_answer(fields.Datetime.now())  # not only with the next sweep, which may be a minute away
        self.env["label.print.job"]._trigger_engine()
        message = self.env._("%(name)s answers (version %(version)s).", name=self.name, version=health.version or "?")
        if health.capabilities:
            message += " " + self.env._(
                "It offers: %(capabilities)s.", capabilities=", ".join(sorted(health.capabilities))
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "title": self.env._("Connection works"), "message": message},
        }

    def _problem_for_manager(self, error):
        """An error of the client, for whoever has just entered the settings: nobody else is to be asked about those."""
        if isinstance(error, Unreachable) and not error.connected:
            return self.env._(
                "%(problem)s Check address and port, and that the print server runs.", problem=self.env._(error.text)
            )
        return self._problem_in_words(error)

    def _problem_in_words(self, error):
        """An error of the client as a sentence with what to do next, in the user's language."""
        advice = error_catalogue.advice(error.code)
        words = self.env._(error.text)
        if not advice:
            return words
        action = advice.action_for(self.env.user._manages_label_printing())
        return f"{words} {self.env._(action)}."
