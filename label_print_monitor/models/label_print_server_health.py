"""Whether a print server answers, what it can do, and what follows from that for its open jobs and its printers."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..services.contract.sizes import parse_limits
from ..services.lifecycle import job_lifecycle
from ..services.lifecycle.poll_schedule import SWEEPS_UNTIL_UNREACHABLE, probe_pause
from ..services.lifecycle.server_clock import WARN_ABOVE
from ..services.transport.print_server_client import ConfigurationError, OtherProgram, RateLimited, Refused
from ..services.wording import error_catalogue
from .label_print_job_state import FOLLOWED_WITHIN
from .label_print_printer_interval import SERVER_AWAY

# An answer is noted at most this often: a note is a write, and a sweep that finds nothing new shall write nothing.
CONTACT_NOTE_EVERY = timedelta(seconds=30)
# Push counts as live while the server has pushed something, or has answered, within this time.
PUSH_LIVE_FOR = timedelta(seconds=90)
SKEW_NOISE = 3.0  # seconds: a `Date` header is exact to one, and an answer is on its way


class LabelPrintServer(models.Model):
    _inherit = "label.print.server"

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
        copy=False,
    )
    state_since = fields.Datetime("Since", readonly=True, copy=False)
    state_problem = fields.Json(readonly=True, copy=False)
    state_message = fields.Char("Last Problem", compute="_compute_state_message")
    failure_count = fields.Integer("Failed Sweeps in a Row", readonly=True, copy=False)
    capabilities = fields.Json("Stored Capabilities", readonly=True, copy=False)
    clock_skew = fields.Float(
        "Clock Ahead By (s)", readonly=True, copy=False, help="By how much the print server's clock is ahead of Odoo's."
    )
    clock_warning = fields.Char("Clock", compute="_compute_clock_warning")
    events_refused_at = fields.Datetime("Last Refused Events", readonly=True, copy=False)
    # Not the measured clock: whoever repeats an old event must not change the times of what is printed now.
    events_refused_skew = fields.Float(readonly=True, copy=False)
    idempotency_hours = fields.Float(
        "Keys Kept (h)", default=24.0, readonly=True, copy=False,
        help="So long the server knows a repeated submission by its key.",
    )  # fmt: skip
    limits = fields.Json(
        readonly=True, copy=False, help="How much the server takes in one request; empty where it says nothing."
    )
    warnings = fields.Json(
        "Stored Warnings", readonly=True, copy=False, help="What the print server says is wrong with it."
    )
    warnings_display = fields.Text("Warnings", compute="_compute_warnings_display")
    capabilities_display = fields.Char("Capabilities", compute="_compute_capabilities_display")
    version = fields.Char("Server Version", readonly=True, copy=False)
    last_contact = fields.Datetime("Last Answer", readonly=True, copy=False)
    sweep_seconds = fields.Float(
        "Last Sweep Took (s)", readonly=True, copy=False, help="Noted together with the time of the last answer."
    )
    last_health = fields.Datetime("Last Health Check", readonly=True, copy=False)
    push_last_at = fields.Datetime("Last Pushed Event", readonly=True, copy=False)
    next_probe_at = fields.Datetime("Next Try", readonly=True, copy=False)

    @api.depends("capabilities")
    def _compute_capabilities_display(self):
        for server in self:
            server.capabilities_display = ", ".join(server.capabilities or [])

    @api.depends("warnings")
    def _compute_warnings_display(self):
        for server in self:
            server.warnings_display = "\n".join(server.warnings or [])

    @api.depends("state_problem")
    @api.depends_context("lang")
    def _compute_state_message(self):
        for server in self:
            words = error_catalogue.kept_sentence(server.state_problem)
            server.state_message = self.env._(words) if words else False

    @api.depends("clock_skew", "events_refused_at", "events_refused_skew", "push_last_at")
    @api.depends_context("lang")
    def _compute_clock_warning(self):
        for server in self:
            skew = round(server.clock_skew)
            key = "clock_ahead" if skew > 0 else "clock_behind"
            words = error_catalogue.sentence(key, seconds=abs(skew)) if abs(skew) >= WARN_ABOVE else ""
            refused = server.events_refused_at
            if refused and (not server.push_last_at or server.push_last_at <= refused):
                words = error_catalogue.sentence("events_refused", seconds=abs(round(server.events_refused_skew)))
            server.clock_warning = self.env._(words) if words else False

    def _note_clock(self, skew):
        """Keep how far the print server's clock is off; what only varies with the network is not written.

        :param float skew: seconds by which it is ahead of Odoo's, None where it was not measured
        """
        self.ensure_one()
        if skew is not None and abs(skew - self.clock_skew) > SKEW_NOISE:
            self.write({"clock_skew": skew if abs(skew) > SKEW_NOISE else 0.0})

    def _note_refused_events(self, skew):
        """Keep that events were refused because of their time, at most twice a minute.

        :param float skew: seconds by which the time in their signature was ahead of Odoo's
        """
        now = fields.Datetime.now()
        if self.events_refused_at and now - self.events_refused_at < CONTACT_NOTE_EVERY:
            return
        self.try_lock_for_update(allow_referencing=True).write(
            {"events_refused_at": now, "events_refused_skew": skew}
        )

    def _reset_state(self):
        """With new settings the server is asked again at once."""
        self.sudo().write(
            {
                "state": "unknown",
                "state_problem": False,
                "failure_count": 0,
                "next_probe_at": False,
                "last_health": False,
            }
        )
        for server in self:
            self.env["label.print.incident"].sudo()._apply_server(server.sudo())
        self.env["label.print.job"]._trigger_engine()

    def _has_capability(self, name: str) -> bool:
        self.ensure_one()
        # Old jobs stay their company's when the print server becomes another's.
        return name in (self.sudo().capabilities or [])

    def _get_limits(self):
        """How much this server takes in one request; of one that has not said it, or of no server, the contract's."""
        return parse_limits(self.sudo().limits)

    def _push_is_live(self, now=None) -> bool:
        """Whether this server pushes events, so that polling may slow down to its longest interval."""
        self.ensure_one()
        now = now or fields.Datetime.now()
        return bool(
            self._has_capability("events")
            and self.push_last_at
            and self.push_last_at > now - PUSH_LIVE_FOR
        )

    @api.model
    def get_freshness(self):
        """What a view must say about how fresh its data are.

        :return: a list of ``{id, name, active, state, state_since, state_message, last_contact, failure_count,
            is_followed}``; the last is false when a server that answered has not been asked for minutes although Odoo
            had time for it: then no scheduled action runs. An archived server is among them while it has printers that
            people still see.
        """
        servers = self.with_context(active_test=False).search_read(
            Domain("active", "=", True) | Domain("printer_ids", "any", [("active", "=", True)]),
            ["name", "active", "state", "state_since", "state_message", "last_contact", "failure_count"],
            load=False,
        )
        self.env["label.print.job"]._wake_engine_if_late()
        long_ago = fields.Datetime.now() - FOLLOWED_WITHIN
        for server in servers:
            last = server["last_contact"]
            is_connected = server["active"] and server["state"] == "ok"
            is_recent = not is_connected or not last or last >= long_ago
            server["is_followed"] = is_recent or not self.env["label.print.job"]._engine_stands_still(last)
        return servers

    def _note_health(self, health):
        """Keep what `GET /api/health` said; only what changed is written, apart from the time once in a while."""
        self.ensure_one()
        values = {"last_health": fields.Datetime.now()}
        capabilities = sorted(health.capabilities)
        if capabilities != (self.capabilities or []):
            values["capabilities"] = capabilities
        if (health.version or False) != self.version:
            values["version"] = health.version
        if health.idempotency_hours != self.idempotency_hours:
            values["idempotency_hours"] = health.idempotency_hours
        if health.limits != self._get_limits():
            values["limits"] = health.limits.as_json()
        if list(health.warnings) != (self.warnings or []):
            values["warnings"] = list(health.warnings)
        self.write(values)

    def _is_silent(self):
        """Whether nothing has been heard of this server since it last did not answer."""
        return bool(self.failure_count) or self.state == "unreachable"

    def _note_visit(self, result):
        """Keep what a visit says about this server's health, and tell managers when it stops or resumes answering."""
        self.ensure_one()
        now = fields.Datetime.now()
        if result.health:
            self._note_health(result.health)
        self._note_clock(result.clock_skew)
        error = result.error
        if error is None or (isinstance(error, RateLimited) and self.state in ("ok", "unknown")):
            # Being asked to wait is an answer too: the request budget sees to it.
            self._note_answer(now, result.seconds)
        else:
            state = "misconfigured" if self._is_misconfiguration(error) else "unreachable"
            # A key is refused for good; all else may be over in a moment.
            for_good = isinstance(error, Refused | ConfigurationError)
            is_sure = for_good or self.failure_count + 1 >= SWEEPS_UNTIL_UNREACHABLE
            self._note_failure(error, state if is_sure else self.state, now)

    @api.model
    def _is_misconfiguration(self, error):
        """Whether somebody has to change address or key, rather than see to the print server."""
        return isinstance(error, Refused | ConfigurationError | OtherProgram)

    def _note_answer(self, now, seconds=None):
        """:param float seconds: how long the sweep took that it answered, where it was one"""
        values = {}
        if not self.last_contact or now - self.last_contact >= CONTACT_NOTE_EVERY:
            values["last_contact"] = now
            if seconds is not None:
                values["sweep_seconds"] = seconds
        was_unavailable = self.state in ("unreachable", "misconfigured")
        if self.state != "ok":
            values.update(state="ok", state_since=now, last_contact=now)
        if self.failure_count or self.state_problem:
            values.update(failure_count=0, state_problem=False, next_probe_at=False)
        shown = bool({"state", "failure_count"} & values.keys())
        if values:
            self.write(values)
        notifier = self.env["print.job.notifier"]
        if shown:
            notifier._live(servers=self)
        if "state" in values:
            self.env["label.print.incident"]._apply_server(self)
            notifier._close_manager_toasts(self)
            if was_unavailable:
                notifier._notify_managers(self, "success", lambda server: server._recovery_notice())
                self._poll_open_jobs_now(now)

    def _recovery_notice(self):
        """:return: title and message, in the language of this record's environment"""
        return (
            self.env._("Print server is back"),
            self.env._("%(name)s answers again. All jobs are being brought up to date.", name=self.name),
        )

    def _poll_open_jobs_now(self, now):
        """After an outage every open job is due at once, and is verified again."""
        jobs = self._search_open_jobs()
        jobs = jobs.try_lock_for_update(allow_referencing=True)
        jobs._apply(
            {job.id: {"next_poll_at": now, "unverified_since": False, "unverified_problem": False} for job in jobs}
        )
        if any(job.status == "pending" for job in jobs):
            self.env["label.print.job"]._trigger_submission()

    def _search_open_jobs(self, domain=(), limit=None):
        """This server's jobs that have not ended, whoever may see them."""
        domain = [("server_id", "=", self.id), ("status", "in", job_lifecycle.OPEN), *domain]
        return self.env["label.print.job"].sudo().search(domain, limit=limit)

    def _note_failure(self, error, state, now):
        failures = self.failure_count + 1
        changed = state != self.state
        pause = probe_pause(failures, jobs_wait=bool(self._search_open_jobs(limit=1)))
        values = {
            "failure_count": failures,
            "state_problem": self.state_problem if self._lacks_removed_key() else error.problem,
            "next_probe_at": now + timedelta(seconds=max(pause, error.retry_after or 0)),
        }
        if changed:
            values.update(state=state, state_since=now)
        self.write(values)
        if state not in ("unreachable", "misconfigured"):
            if failures == 1:
                self.env["print.job.notifier"]._live(servers=self)  # pages say that it does not answer just now
            return
        # Also jobs made since then: they have not been verified either.
        jobs = self._search_open_jobs([("unverified_since", "=", False)])
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
        self.env["printer.configuration"].sudo().search([("server_id", "=", self.id)])._set_unknown(SERVER_AWAY)
        self.env["label.print.incident"]._apply_server(self)
        notifier = self.env["print.job.notifier"]
        notifier._live(servers=self)
        notifier._notify_managers(self, "danger", lambda server: server._outage_notice(error))

    def _lacks_removed_key(self):
        """Whether the key was removed with the former address: said until one is entered, whatever else is wrong."""
        removed = (self.state_problem or {}).get("key") == "key_removed"
        return removed and not self._secret("api_key")

    def _outage_notice(self, error):
        """:return: title and message, in the language of this record's environment"""
        if isinstance(error, OtherProgram):
            title = self.env._("No print server at this address")
        elif self.state == "misconfigured":
            title = self.env._("Print server refuses Odoo")
        else:
            title = self.env._("Print server cannot be reached")
        return (
            title,
            self.env._(
                "%(name)s: %(problem)s Jobs are kept as they are and shown as unverified until it answers again.",
                name=self.name,
                problem=self._problem_for_manager(error),
            ),
        )

    def _note_sign_of_life(self):
        """An event came from a server that does not answer: it is asked again at once."""
        self.ensure_one()
        if not self.failure_count:
            return
        if not self.next_probe_at or self.next_probe_at > fields.Datetime.now():
            server = self.try_lock_for_update(allow_referencing=True)
            server.next_probe_at = fields.Datetime.now()
            if server:
                self.env["label.print.job"]._trigger_engine()

    def _note_failure_of_submission(self, error):
        """A submission that could not reach the server counts like a sweep that could not."""
        self.ensure_one()
        if self.state == "ok":
            self.write({"failure_count": self.failure_count + 1, "state_problem": error.problem})
