"""Print servers that Odoo cannot reach: they call Odoo, fetch what they are to do, and bring the answers back.

A mode of the same contract: `_client` makes the same calls over another transport. What the routes of
controllers/print_pull.py decide about a token, a code and a print server is here.
"""

import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.http import request

from ..services.contract.event_signature import make_secret
from ..services.transport.print_server_client import ConfigurationError, Connection, PrintServerClient
from ..services.transport.pull_session import AWAY_AFTER, PullSession
from .label_print_server_call import ServerCalls
from .label_print_server_token import ASKED_NOTE_EVERY

# What requests are addressed to that never leave Odoo: the name stands in messages where an address would.
NO_ADDRESS = "http://print-server"
# A person's call waits so many seconds: it keeps one of the worker processes busy that the print server needs to fetch
# the call. The engine, which waits elsewhere, has the usual limit.
SECONDS_IN_REQUEST = 1.5
# A print server that is refused asks once a minute.
REFUSED_SHOWN = timedelta(minutes=5)
MANAGERS = "label_print_monitor.group_label_print_manager"


class LabelPrintServer(models.Model):
    _inherit = "label.print.server"

    connection_mode = fields.Selection(
        [("odoo_calls", "Odoo calls the print server"), ("server_calls", "The print server calls Odoo")],
        "How We Reach It",
        default="odoo_calls",
        required=True,
        copy=False,
        help="A print server behind a firewall calls Odoo itself: it needs no address and no open port.",
    )
    token_ids = fields.One2many("label.print.server.token", "server_id", "Tokens", readonly=True, groups=MANAGERS)
    live_token_id = fields.Many2one("label.print.server.token", compute="_compute_live_token", groups=MANAGERS)
    is_enrolled = fields.Boolean(compute="_compute_live_token", help="A computer was connected as this print server.")
    pull_host = fields.Char("Runs On", compute="_compute_live_token")
    pull_asked_at = fields.Datetime("Last Asked", compute="_compute_live_token")
    refused_at = fields.Datetime("Refused", compute="_compute_live_token", groups=MANAGERS)
    refused_host = fields.Char("Refused Computer", compute="_compute_live_token", groups=MANAGERS)

    @api.depends(
        "token_ids.asked_at",
        "token_ids.host",
        "token_ids.revoked_at",
        "token_ids.expires_at",
        "token_ids.refused_at",
        "token_ids.refused_host",
    )
    @api.depends_context("lang")
    def _compute_live_token(self):
        for server in self:
            live = server.sudo().token_ids._live().sorted(lambda token: (bool(token.asked_at), token.id))[-1:]
            server.live_token_id = live
            server.is_enrolled = bool(live)
            # What a computer is called is its own word, and may be none.
            server.pull_host = bool(live) and (live.host or self.env._("A computer without a name"))
            server.pull_asked_at = live.asked_at
            is_refused = live.refused_at and fields.Datetime.now() - live.refused_at < REFUSED_SHOWN
            server.refused_at = is_refused and live.refused_at
            server.refused_host = is_refused and (live.refused_host or self.env._("A computer without a name"))

    def _is_configured(self):
        """Whether there is anything to ask: an address, or a print server that has been connected by a code."""
        if self.connection_mode == "server_calls":
            return bool(self.sudo().token_ids._live())
        return bool(self.api_url)

    def _kept_address(self):
        return False if self.sudo().connection_mode == "server_calls" else super()._kept_address()

    def _connection(self):
        if self.sudo().connection_mode != "server_calls":
            return super()._connection()
        self.ensure_one()
        if not self._is_configured():
            raise ConfigurationError("server_not_enrolled")
        # It authenticates what it has fetched by its token, so that no key leaves Odoo.
        limit = {"timeout": SECONDS_IN_REQUEST} if request else {}
        return Connection(NO_ADDRESS, "", webhook_secret=self._secret("webhook_secret"), **limit)

    def _client(self):
        if self.sudo().connection_mode != "server_calls":
            return super()._client()
        calls = ServerCalls(self.env.cr.dbname, self.id, self._bound_instance())
        return PrintServerClient(self._connection(), PullSession(calls))

    def _bound_instance(self):
        """Which computer is this print server; after a release, which one was until then. None before there was one."""
        live = self.sudo().token_ids._live()
        return next((token.instance or token.former_instance for token in live.sorted("id", reverse=True)), None)

    @api.constrains("connection_mode")
    def _check_mode_leaves_addresses_apart(self):
        self._check_only_one_at_its_address()

    def write(self, vals):
        changed = self.browse()
        if "connection_mode" in vals:
            changed = self.filtered(lambda server: server.connection_mode != vals["connection_mode"])
        if changed:
            self.check_access("write")
            # Whoever had a token or a code for it connects it again, where it is to call Odoo again. Before a secret
            # that is saved with the new mode.
            changed._disconnect()
        result = super().write(vals)
        if changed:
            changed._reset_state()
        return result

    def unlink(self):
        self._remove_calls()
        return super().unlink()

    def _disconnect(self):
        servers = self.sudo()
        servers.token_ids._revoke()
        self.env["label.print.server.code"].sudo().search([("server_id", "in", self.ids)]).unlink()
        self._remove_calls()
        for server in servers:
            # Whoever was it reports nothing more: its secret is good for nothing from now on.
            server._store_secret("webhook_secret", "")
        servers.invalidate_recordset(["webhook_secret", "own_secrets"])
        # What was said of that computer's clock is not said of the next one.
        servers.write({"push_last_at": False, "events_refused_at": False, "clock_skew": 0})

    def _remove_calls(self):
        self.env["label.print.server.call"].sudo().search([("server_ref", "in", self.ids)]).unlink()

    def _check_connects_by_code(self):
        """:raise AccessError: for whoever may not change this print server
        :raise UserError: when it does not call Odoo itself
        """
        self.ensure_one()
        self.check_access("write")
        if self.connection_mode != "server_calls":
            raise UserError(self.env._("%(name)s is called by Odoo: it needs an address and no code.", name=self.name))
        if not self.active:
            raise UserError(self.env._("%(server)s is archived: restore it.", server=self.name))

    def _make_code(self):
        """:return: a new one-time code for the print server that is to be this one"""
        self._check_connects_by_code()
        return self.env["label.print.server.code"]._make(self)

    def action_rotate_token(self):
        """Have the print server use another token; the former one ends when it does."""
        self._check_connects_by_code()
        live = self.sudo().token_ids._live()
        if not live:
            raise UserError(self.env._("%(name)s has not been connected yet.", name=self.name))
        live.write({"is_rotated": True})
        return self._make_notice(
            type="success",
            title=self.env._("Token is being replaced"),
            message=self.env._(
                "%(name)s is given a new token when it asks next, and uses it from then on. "
                "Nothing is to be done there.",
                name=self.name,
            ),
        )

    def action_revoke_tokens(self):
        """From now on the print server gets nothing from Odoo, until somebody connects it again with a new code."""
        self._check_connects_by_code()
        self._disconnect()
        self._reset_state()
        return True

    def action_release_token(self):
        """Let the next computer that has the token be this print server."""
        self._check_connects_by_code()
        for token in self.sudo().token_ids._live().filtered("instance"):
            values = {"instance": False, "former_instance": token.instance, "run": False}
            token.write({**values, "former_run": token.run or token.former_run, "refused_at": False})
        self._remove_calls()  # the next computer must not carry out what the former one may have carried out
        return True

    def _enroll(self, enrolment):
        """A code of this print server was exchanged: whoever did so is the print server from now on.

        :param enrolment: what it says of itself
        :return: its token
        """
        self.ensure_one()
        server = self.sudo()
        former = server.token_ids.sorted("id")[-1:]
        server.token_ids._revoke()
        server._remove_calls()
        # A new one each time: the computer that was this print server until now knows the former one.
        server._store_secret("webhook_secret", make_secret(secrets.token_bytes(32)))
        server.invalidate_recordset(["webhook_secret", "own_secrets"])
        values = {"instance": enrolment.instance, "host": enrolment.host, "version": enrolment.version}
        if (former.instance or former.former_instance) == enrolment.instance:
            values |= {"taken_over_at": former.taken_over_at, "former_run": former.run or former.former_run}
        else:
            values["taken_over_at"] = server._take_over()
        _record, token = self.env["label.print.server.token"]._make(server, **values)
        server._reset_state()
        return token

    def _take_over(self):
        """Another computer is this print server from now on: of what the former one was sent it knows nothing.

        What that one may have printed must not be sent again, since the new one does not know its key: a person has to
        look.

        :return: the moment, for `label.print.server.token.taken_over_at`
        """
        self.ensure_one()
        jobs = self.env["label.print.job"].sudo().with_context(active_test=False)
        # None is skipped that somebody else holds: Odoo runs the request again where that one was faster.
        self.env["print.job.submitter"]._leave_unclear(
            jobs.search(
                [
                    ("server_id", "=", self.id),
                    ("status", "=", "pending"),
                    ("submission", "in", ("sending", "maybe")),
                ]
            )
        )
        return fields.Datetime.now()

    def _knows_submission_of(self, first_sent):
        """Whether the computer that is this print server now is the one that a job was sent to.

        :param first_sent: when it was sent for the first time
        """
        since = self.sudo().token_ids._live().filtered("taken_over_at").mapped("taken_over_at")
        return self.sudo().connection_mode != "server_calls" or not since or first_sent >= max(since)

    def _refuse_events(self, instance):
        """Why events of a computer are not wanted, in words; None where they are.

        :param instance: which print server it says that it is, None where it says nothing
        """
        server = self.sudo()
        if server.connection_mode != "server_calls":
            return None
        bound = server._bound_instance()
        if bound and bound == instance:
            return None
        if not bound:
            return f"No computer is connected as print server {server.name}: make a new code on its form in Odoo."
        if not instance:
            return (
                f"Print server {server.name} calls Odoo itself: its events say in X-Print-Server-Instance which "
                "computer they come from, and these do not. Update the print server."
            )
        return (
            f"Another computer is print server {server.name} by now. To connect this one, make a new code on its form "
            "in Odoo."
        )

    @api.model
    def _note_pull(self, row, pull):
        """Keep that a print server has asked, at most every `ASKED_NOTE_EVERY`, and what follows from its return.

        :param row: what `label.print.server.token._find` gave
        """
        now = row["now"].replace(microsecond=0)
        first, asked_at = not row["asked_at"], row["asked_at"]
        token = self.env["label.print.server.token"].browse(row["id"])
        values = {}
        if first or now - asked_at >= ASKED_NOTE_EVERY:
            values["asked_at"] = now
        if pull.version and pull.version != row["version"]:
            values["version"] = pull.version
        if pull.host and pull.host != row["host"]:
            values["host"] = pull.host
        if pull.run and pull.run != row["run"]:
            values["run"] = pull.run
        is_other = not row["instance"] and pull.instance != row["former_instance"]
        if not row["instance"]:
            values["instance"] = pull.instance
        # A copy of its data directory has the id of the former one, and does not know what that has done since.
        if is_other or (not row["run"] and not pull.goes_on_from(row["former_run"])):
            values["taken_over_at"] = self.browse(row["server_id"])._take_over()
        if values:
            token.write(values)
        if first and row["replaces_id"]:
            token._end_predecessor()
        server = self.browse(row["server_id"])
        if first:
            self.env["label.print.job"]._trigger_engine()  # its printers appear at once
        elif now - asked_at > timedelta(seconds=AWAY_AFTER):
            server._note_sign_of_life()
        return token

    @api.model
    def _note_refused(self, row, pull):
        """Keep that another print server has this one's token, for whoever looks at its form."""
        now = row["now"].replace(microsecond=0)
        if not row["refused_at"] or now - row["refused_at"] >= ASKED_NOTE_EVERY:
            token = self.env["label.print.server.token"].browse(row["id"])
            token.write({"refused_at": now, "refused_host": pull.host})

    @api.model
    def _refuse_pull(self, row, pull):
        """Why a print server with a token that Odoo knows gets nothing.

        :return: ``(HTTP status, code, words)``, None for nothing
        """
        now, name = row["now"], row["server_name"]
        if row["revoked_at"]:
            return 403, "token_revoked", (
                f"This token of print server {name} was revoked in Odoo, or another computer was connected as it. "
                "To connect this one, make a new code on the print server's form in Odoo."
            )  # fmt: skip
        if row["expires_at"] and row["expires_at"] <= now:
            return 403, "token_expired", (
                f"This token of print server {name} has been replaced by another one, which Odoo gave to whoever "
                "asked with it. If that was not this print server, make a new code on its form in Odoo."
            )  # fmt: skip
        if not row["server_active"]:
            return 410, "server_archived", f"Print server {name} is archived in Odoo: restore it there first."
        if row["connection_mode"] != "server_calls":
            return 403, "token_revoked", f"Print server {name} is called by Odoo: it is not to call Odoo itself."
        is_other = bool(row["instance"]) and row["instance"] != pull.instance
        if is_other or not pull.goes_on_from(row["run"]):
            asked = f"{row['asked_at']:%Y-%m-%d %H:%M:%S} UTC" if row["asked_at"] else "never yet"
            if not is_other:
                return 409, "copied_data", (
                    f"Another print server was started with a copy of this data directory: the one on "
                    f"{row['host'] or 'an unnamed computer'}, which asked last at {asked}. Stop one of the two. If "
                    "this one is to take over, stop the other print server first, then choose Release on the form of "
                    f"print server {name} in Odoo."
                )  # fmt: skip
            return 409, "other_instance", (
                f"Another print server uses this token: the one on {row['host'] or 'an unnamed computer'}, which asked "
                f"last at {asked}. Stop one of the two. If this one is to take over, stop the other print server "
                f"first, then choose Release on the form of print server {name} in Odoo; if both are to print, connect "
                "this one with a code of its own."
            )  # fmt: skip
        return None
