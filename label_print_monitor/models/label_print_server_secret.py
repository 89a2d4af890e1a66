"""The key and the webhook secret of print servers: entered, replaced and removed by people, and shown in no form.

Those of the default server are the specification's system parameters, which administrators can read; each further
server has a row of its own, which nobody can read and no sweep ever writes. They are read and written past the ORM, so
that no statement that carries one is ever logged.
"""

from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..services.contract.event_signature import PREFIX, SignatureError, key_of

MASK = "••••••••"
SECRETS = ("api_key", "webhook_secret")
PARAMETER_OF_SECRET = {"api_key": "label_print.api_key", "webhook_secret": "label_print.webhook_secret"}


class LabelPrintServerSecret(models.Model):
    """Nobody has a right on it, and nobody but Odoo itself reads its fields."""

    _name = "label.print.server.secret"
    _description = "Secrets of a Print Server"
    _log_access = False  # the statement that carries a secret touches no other row

    server_id = fields.Many2one("label.print.server", "Print Server", required=True, ondelete="cascade")
    api_key = fields.Char("API Key", groups=fields.NO_ACCESS, copy=False)
    webhook_secret = fields.Char(groups=fields.NO_ACCESS, copy=False)

    _server_unique = models.Constraint("UNIQUE(server_id)", "A print server has one row of secrets.")


class LabelPrintServer(models.Model):
    _inherit = "label.print.server"

    api_key = fields.Char(
        "API Key",
        compute="_compute_secret_masks",
        inverse="_inverse_api_key",
        search="_search_not_stored",
        groups="label_print_monitor.group_label_print_manager",
        help="Dots stand for the key that is kept, which is not shown again. "
        "Enter another one to replace it, or clear the field to remove it. "
        "Administrators find the default server's key in the System Parameters.",
    )
    webhook_secret = fields.Char(
        compute="_compute_secret_masks",
        inverse="_inverse_webhook_secret",
        search="_search_not_stored",
        groups="label_print_monitor.group_label_print_manager",
        help="Shared with the print server, which signs the events it pushes to Odoo with it. "
        "Dots stand for the one that is kept, which is not shown again. "
        "Administrators find the default server's in the System Parameters.",
    )
    own_secrets = fields.Json(compute="_compute_own_secrets", groups=fields.NO_ACCESS)

    def _compute_own_secrets(self):
        """Of all these servers at once, and kept until the transaction ends: a sweep asks the database once."""
        rows = self.env.execute_query(
            SQL(
                "SELECT server_id, api_key, webhook_secret FROM label_print_server_secret WHERE server_id = ANY(%s)",
                self._origin.ids,
            )
        )
        found = {server_id: dict(zip(SECRETS, values, strict=True)) for server_id, *values in rows}
        for server in self:
            server.own_secrets = found.get(server._origin.id, {})

    def _secret(self, name: str) -> str:
        """The value itself, for the call to the print server and for checking its signature; "" when there is none.

        :param name: one of `SECRETS`
        """
        self.ensure_one()
        server = self.sudo()
        if server.is_default:
            return server.env["ir.config_parameter"].get_param(PARAMETER_OF_SECRET[name]) or ""
        return (server.own_secrets or {}).get(name) or ""

    def _compute_secret_masks(self):
        for server in self:
            for name in SECRETS:
                server[name] = MASK if server._secret(name) else False

    def _inverse_api_key(self):
        self._replace_secret("api_key")

    def _inverse_webhook_secret(self):
        self._replace_secret("webhook_secret")

    def _replace_secret(self, name):
        changed = self.browse()
        for server in self:
            # Copied from a mail or a document, it comes with spaces and line breaks.
            value = (server[name] or "").strip()
            if value in (MASK, server._secret(name)):
                continue
            if MASK[0] in value:
                raise ValidationError(
                    self.env._("The dots only stand for what is kept. Clear the field, then enter the new value.")
                )
            if name == "webhook_secret" and value:
                server._check_secret(value)
            server._store_secret(name, value)
            changed |= server
        self.invalidate_recordset([*SECRETS, "own_secrets"])
        if changed:
            changed._reset_state()
        if name == "webhook_secret":
            changed.sudo().filtered(lambda server: not server._secret(name)).write({"push_last_at": False})

    def _remove_key_of_former_address(self):
        """A key is only ever sent to the print server that it was entered for.

        Otherwise whoever may change the address could have it sent to a machine of theirs, and read it there.
        """
        servers = self.filtered(lambda server: server._secret("api_key"))
        for server in servers:
            server._store_secret("api_key", "")
        if servers:
            servers.invalidate_recordset([*SECRETS, "own_secrets"])
            servers.sudo().write(
                {
                    "state": "misconfigured",
                    "state_since": fields.Datetime.now(),
                    "state_problem": {"key": "key_removed"},
                }
            )

    def _check_secret(self, secret):
        """Its signature tells Odoo from which print server an event comes, so that no two may have one secret.

        :raise ValidationError: when another print server has it, which is not named: it may be another company's; when
            it is no secret of Standard Webhooks, and looks like one
        """
        try:
            key_of(secret)
        except SignatureError:
            raise ValidationError(
                self.env._(
                    "A webhook secret that begins with %(prefix)s goes on with a key in base64, and this one does not. "
                    "Copy all of it again, or generate a new one in the settings.",
                    prefix=PREFIX,
                )
            ) from None
        others = self.sudo().with_context(active_test=False).search([("id", "not in", self.ids)])
        if any(server._secret("webhook_secret") == secret for server in others):
            raise ValidationError(
                self.env._(
                    "Another print server has this webhook secret already. Give each print server one of its own."
                )
            )

    def _store_secret(self, name, value):
        """Keep a secret, or remove it.

        Odoo logs a statement that fails, with its values. So what another transaction may hold is locked by statements
        without the secret; the one that carries it then has nothing to wait for.
        """
        if self.sudo().is_default:
            parameters = self.env["ir.config_parameter"].sudo()
            if value:
                self._lock_parameter(PARAMETER_OF_SECRET[name])
            parameters.set_param(PARAMETER_OF_SECRET[name], value or False)
            parameters.flush_model()
            return
        self._execute_unlogged(
            SQL(
                "INSERT INTO label_print_server_secret (server_id) VALUES (%s) ON CONFLICT (server_id) DO NOTHING",
                self.id,
            ),
            SQL("SELECT FROM label_print_server_secret WHERE server_id = %s FOR UPDATE", self.id),
            SQL(
                "UPDATE label_print_server_secret SET %s = %s WHERE server_id = %s",
                SQL.identifier(name),
                value or None,
                self.id,
            ),
        )

    def _lock_parameter(self, key):
        """Make the parameter's row where it is missing and lock it, and the user that Odoo notes with it."""
        self._execute_unlogged(
            SQL("INSERT INTO ir_config_parameter (key, value) VALUES (%s, '') ON CONFLICT (key) DO NOTHING", key),
            SQL("SELECT FROM ir_config_parameter WHERE key = %s FOR UPDATE", key),
            SQL("SELECT FROM res_users WHERE id = %s FOR KEY SHARE", self.env.uid),
        )

    def _execute_unlogged(self, *statements):
        """Odoo repeats the whole request when one of them meets another transaction: nobody need read of that."""
        for statement in statements:
            self.env.cr.execute(statement, log_exceptions=False)
