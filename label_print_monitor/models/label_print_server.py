"""A print server: where it is, what it can do, and whether it is well.

The system parameters of the specification (`label_print.api_url`, `label_print.api_key`) stay the one place where the
default server is configured; every further server keeps its own values in its record.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..services.lifecycle import job_lifecycle
from ..services.lifecycle.poll_schedule import SWEEPS_UNTIL_UNREACHABLE, probe_pause
from ..services.transport.print_server_client import (
    ConfigurationError,
    Connection,
    PrintServerClient,
    PrintServerError,
    RateLimited,
    Refused,
    normalise_base_url,
)
from ..services.wording import error_catalogue

# An answer is noted at most this often: a note is a write, and a sweep that finds nothing new shall write nothing.
CONTACT_NOTE_EVERY = timedelta(seconds=30)
# A server that is well is asked at least once a minute; this allows for a late scheduled action and the pause above.
FOLLOWED_WITHIN = timedelta(minutes=5)
# Push counts as live while the server has pushed something, or was seen well, within this time.
PUSH_LIVE_FOR = timedelta(seconds=90)
PARAMETER_OF = {
    "api_url": "label_print.api_url",
    "api_key": "label_print.api_key",
    "ca_bundle": "label_print.ca_bundle",
    "webhook_secret": "label_print.webhook_secret",
}


class LabelPrintServer(models.Model):
    _name = "label.print.server"
    _description = "Print Server"
    _order = "is_default desc, name"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    is_default = fields.Boolean(
        "Default Server",
        readonly=True,
        help="The server that the system parameters label_print.api_url and label_print.api_key configure.",
    )
    api_url = fields.Char(
        "Address",
        compute="_compute_connection",
        inverse="_inverse_api_url",
        help="For example http://192.168.10.20:5000 (with or without /api).",
    )
    api_key = fields.Char(
        "API Key",
        compute="_compute_connection",
        inverse="_inverse_api_key",
        groups="label_print_monitor.group_label_print_manager",
    )
    ca_bundle = fields.Char(
        "CA Bundle",
        compute="_compute_connection",
        inverse="_inverse_ca_bundle",
        groups="label_print_monitor.group_label_print_manager",
        help="Path, on the Odoo server, of the certificate authority that signed the print server's own certificate.",
    )
    webhook_secret = fields.Char(
        "Webhook Secret",
        compute="_compute_connection",
        inverse="_inverse_webhook_secret",
        groups="label_print_monitor.group_label_print_manager",
        help="Shared with the print server, which signs the events it pushes to Odoo with it.",
    )
    own_api_url = fields.Char(groups="base.group_system")
    own_api_key = fields.Char(groups="base.group_system")
    own_ca_bundle = fields.Char(groups="base.group_system")
    own_webhook_secret = fields.Char(groups="base.group_system")

    state = fields.Selection(
        [
            ("unknown", "Not contacted yet"),
            ("ok", "Connected"),
            ("unreachable", "Unreachable"),
            ("misconfigured", "Key or address refused"),
        ],
        default="unknown",
        required=True,
        readonly=True,
    )
    state_since = fields.Datetime("Since", readonly=True)
    state_problem = fields.Json(readonly=True, copy=False)
    state_message = fields.Char("Last Problem", compute="_compute_state_message")
    failure_count = fields.Integer("Failed Sweeps in a Row", readonly=True)
    capabilities = fields.Json(readonly=True)
    capabilities_display = fields.Char("Capabilities", compute="_compute_capabilities_display")
    version = fields.Char("Server Version", readonly=True)
    last_contact = fields.Datetime("Last Answer", readonly=True)
    last_health = fields.Datetime("Last Health Check", readonly=True)
    push_last_at = fields.Datetime("Last Pushed Event", readonly=True)
    next_probe_at = fields.Datetime("Next Try", readonly=True)
    rate_limit = fields.Integer(
        "Requests a Minute",
        default=100,
        help="What the print server grants one key. 0: no limit.",
    )
    printer_ids = fields.One2many("printer.configuration", "server_id", "Printers")

    _single_default = models.UniqueIndex("(is_default) WHERE is_default", "There is already a default print server.")

    @api.depends("is_default", "own_api_url", "own_api_key", "own_ca_bundle", "own_webhook_secret")
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
        for server in self:
            value = (server[name] or "").strip()
            if name == "api_url" and value:
                self._check_address(value)
            if server.is_default:
                self.env["ir.config_parameter"].sudo().set_param(PARAMETER_OF[name], value)
            else:
                server.sudo()[f"own_{name}"] = value
        self._forget_state()

    def _inverse_api_url(self):
        self._set_connection_value("api_url")

    def _inverse_api_key(self):
        self._set_connection_value("api_key")

    def _inverse_ca_bundle(self):
        self._set_connection_value("ca_bundle")

    def _inverse_webhook_secret(self):
        self._set_connection_value("webhook_secret")

    @api.depends("capabilities")
    def _compute_capabilities_display(self):
        for server in self:
            server.capabilities_display = ", ".join(server.capabilities or [])

    @api.depends("state_problem")
    @api.depends_context("lang")
    def _compute_state_message(self):
        for server in self:
            words = error_catalogue.kept_sentence(server.state_problem)
            server.state_message = self.env._(words) if words else False

    def _forget_state(self):
        """New settings deserve a new judgement, at once."""
        self.sudo().write({"state": "unknown", "failure_count": 0, "next_probe_at": False, "last_health": False})
        self.env["label.print.job"]._trigger_engine()

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
            api_key=server.api_key or "",
            ca_bundle=server.ca_bundle or None,
        )

    def _client(self) -> PrintServerClient:
        """A client for this server; other modules may hand in another transport by overriding this."""
        return PrintServerClient(self._connection())

    def _has_capability(self, name: str) -> bool:
        self.ensure_one()
        return name in (self.capabilities or [])

    def _push_is_live(self, now=None) -> bool:
        """Whether this server tells us by itself, so that polling may rest at its safety net."""
        self.ensure_one()
        now = now or fields.Datetime.now()
        return bool(
            self._has_capability("events")
            and self.sudo().webhook_secret
            and self.push_last_at
            and self.push_last_at > now - PUSH_LIVE_FOR
        )

    @api.model
    def get_freshness(self):
        """What a view must say about how fresh its data are.

        :return: a list of ``{id, name, state, state_since, state_message, last_contact, is_followed}``; the last is
            false when a server that answered has not been asked for minutes: then no scheduled action runs
        """
        servers = self.search_read(
            [("active", "=", True)], ["name", "state", "state_since", "state_message", "last_contact"], load=False
        )
        long_ago = fields.Datetime.now() - FOLLOWED_WITHIN
        for server in servers:
            last = server["last_contact"]
            server["is_followed"] = server["state"] != "ok" or not last or last >= long_ago
        return servers

    def action_test_connection(self):
        """Ask the server for its health with the configured key, and say in words what came of it."""
        self.ensure_one()
        self.check_access("write")
        try:
            with self._client() as client:
                health = client.health()
                client.printers()  # health may be open to all; this one needs the key
        except (ConfigurationError, PrintServerError) as error:
            raise UserError(self._problem_in_words(error)) from None
        self.sudo()._note_health(health)
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

    def _problem_in_words(self, error):
        """An error of the client as a sentence with what to do next, in the user's language."""
        advice = error_catalogue.advice(error.code)
        words = self.env._(error.text)
        return f"{words} {self.env._(advice.action)}." if advice else words

    def _note_health(self, health):
        """Keep what `GET /api/health` said; only what changed is written, apart from the time once in a while."""
        self.ensure_one()
        values = {"last_health": fields.Datetime.now()}
        capabilities = sorted(health.capabilities)
        if capabilities != (self.capabilities or []):
            values["capabilities"] = capabilities
        if (health.version or False) != self.version:
            values["version"] = health.version
        self.write(values)

    def _note_visit(self, result):
        """Keep what a visit says about this server's own health, and tell managers when it goes or comes back."""
        self.ensure_one()
        now = fields.Datetime.now()
        if result.health:
            self._note_health(result.health)
        error = result.error
        if error is None or (isinstance(error, RateLimited) and self.state in ("ok", "unknown")):
            # Being asked to wait is an answer too: the request budget sees to it.
            self._note_answer(now)
        elif isinstance(error, Refused | ConfigurationError):
            self._note_failure(error, "misconfigured", now)
        else:
            failures = self.failure_count + 1
            state = "unreachable" if failures >= SWEEPS_UNTIL_UNREACHABLE else self.state
            self._note_failure(error, state, now)

    def _note_answer(self, now):
        values = {}
        if not self.last_contact or now - self.last_contact >= CONTACT_NOTE_EVERY:
            values["last_contact"] = now
        was_away = self.state in ("unreachable", "misconfigured")
        if self.state != "ok":
            values.update(state="ok", state_since=now, last_contact=now)
        if self.failure_count or self.state_problem:
            values.update(failure_count=0, state_problem=False, next_probe_at=False)
        if values:
            self.write(values)
        if "state" in values:
            notifier = self.env["print.job.notifier"]
            notifier._live(servers=self)
            if was_away:
                notifier._notify_managers(self, "success", lambda server: server._words_of_return())
                self._catch_up(now)

    def _words_of_return(self):
        """:return: title and message, in the language of this record's environment"""
        return (
            self.env._("Print server is back"),
            self.env._("%(name)s answers again. All jobs are being brought up to date.", name=self.name),
        )

    def _catch_up(self, now):
        """After an absence nothing is taken for granted: every open job is due at once, and is verified again."""
        jobs = (
            self.env["label.print.job"]
            .sudo()
            .search([("server_id", "=", self.id), ("status", "in", job_lifecycle.OPEN)])
        )
        jobs = jobs.try_lock_for_update(allow_referencing=True)
        jobs._apply(
            {job.id: {"next_poll_at": now, "unverified_since": False, "unverified_problem": False} for job in jobs}
        )
        if any(job.status == "pending" for job in jobs):
            self.env["label.print.job"]._trigger_submission()

    def _note_failure(self, error, state, now):
        failures = self.failure_count + 1
        changed = state != self.state
        values = {
            "failure_count": failures,
            "state_problem": error.problem,
            "next_probe_at": now + timedelta(seconds=max(probe_pause(failures), error.retry_after or 0)),
        }
        if changed:
            values.update(state=state, state_since=now)
        self.write(values)
        if state not in ("unreachable", "misconfigured"):
            return
        # Also those that came since: a job must not look verified because the server went before it did.
        jobs = (
            self.env["label.print.job"]
            .sudo()
            .search(
                [("server_id", "=", self.id), ("status", "in", job_lifecycle.OPEN), ("unverified_since", "=", False)]
            )
        )
        jobs = jobs.try_lock_for_update(allow_referencing=True)
        since = self.last_contact or now
        jobs._apply(
            {
                job.id: {"unverified_since": max(since, job.create_date), "unverified_problem": error.problem}
                for job in jobs
            }
        )
        if not changed:
            return
        self.env["printer.configuration"].sudo().search([("server_id", "=", self.id)])._set_unknown()
        notifier = self.env["print.job.notifier"]
        notifier._live(servers=self)
        notifier._notify_managers(self, "danger", lambda server: server._words_of_absence(error))

    def _words_of_absence(self, error):
        """:return: title and message, in the language of this record's environment"""
        return (
            self.env._("Print server refuses Odoo")
            if self.state == "misconfigured"
            else self.env._("Print server cannot be reached"),
            self.env._(
                "%(name)s: %(problem)s Jobs are kept as they are and shown as unverified until it answers again.",
                name=self.name,
                problem=self._problem_in_words(error),
            ),
        )

    def _note_failure_of_submission(self, error):
        """A submission that found the server away counts like a sweep that did."""
        self.ensure_one()
        if self.state == "ok":
            self.write({"failure_count": self.failure_count + 1, "state_problem": error.problem})
            self.env["label.print.job"]._trigger_engine()
