"""An incident: what stops a printer or a print server, from when until when, who sees to it, and the jobs it stopped.

What the engine writes is in label_print_incident_engine.py, what people do in label_print_incident_actions.py.
"""

from collections import Counter

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..services.lifecycle import incidents, job_lifecycle
from ..services.lifecycle.job_lifecycle import FAILED
from ..services.wording import error_catalogue

CLOSED_BECAUSE = [
    ("cleared", "It is over"),
    ("vanished", "Print server no longer names the printer"),
    ("archived", "Archived"),
    ("moved", "Printer moved to another print server"),
    ("deleted", "Printer deleted"),
]
# What a person may write; all else is kept by the engine and by the actions.
OPEN_FIELDS = frozenset({"user_id"})


class LabelPrintIncident(models.Model):
    _name = "label.print.incident"
    _description = "Printer Incident"
    _inherit = ["mail.thread", "mail.activity.mixin", "label.print.bulk.write.mixin"]
    _order = "opened_at desc, id desc"
    _rec_names_search = ["printer_name", "server_name"]
    _mail_post_access = "read"

    printer_id = fields.Many2one("printer.configuration", index="btree_not_null", ondelete="set null", readonly=True)
    printer_name = fields.Char(readonly=True, help="As it was called; kept when the printer is deleted.")
    server_id = fields.Many2one(
        "label.print.server", "Print Server", index="btree_not_null", ondelete="set null", readonly=True
    )
    server_name = fields.Char("Print Server's Name", readonly=True)
    company_id = fields.Many2one("res.company", index="btree_not_null", ondelete="cascade", readonly=True)
    cause = fields.Char(
        required=True, readonly=True, help="A code of the error catalogue, or the printer's own keyword."
    )
    # Stored, because only what the database knows can be grouped by; a selection, so that groups have words.
    kind = fields.Selection("_selection_kind", "Problem Kind", required=True, readonly=True)
    problem = fields.Json("Stored Problem", readonly=True, help="Of a print server: what stood in the way.")
    opened_at = fields.Datetime("Since", required=True, readonly=True, help="By the print server's clock.")
    closed_at = fields.Datetime("Over Since", readonly=True, index=True)
    closed_because = fields.Selection(CLOSED_BECAUSE, "Ended Because", readonly=True)
    times = fields.Integer(default=1, readonly=True, help="How often it came; within 30 seconds it is one.")
    user_id = fields.Many2one("res.users", "Responsible", tracking=True, ondelete="set null")
    acknowledged_by = fields.Many2one("res.users", "On It", readonly=True, ondelete="set null")
    acknowledged_at = fields.Datetime("On It Since", readonly=True)

    link_ids = fields.One2many("label.print.incident.job", "incident_id", "Jobs It Concerns", readonly=True)
    job_ids = fields.Many2many(
        "label.print.job", string="Print Jobs", compute="_compute_job_ids", search="_search_job_ids"
    )

    # Of the notices: see print_job_notifier_incidents.py.
    notice_state = fields.Selection(
        [("no", "No"), ("open", "Open"), ("over", "Over")], "State of the Notice", default="no", readonly=True
    )
    notified_user_ids = fields.Many2many(
        "res.users", "label_print_incident_notified_rel", string="Notified People", groups=fields.NO_ACCESS
    )
    notified_at = fields.Datetime("Notified On", readonly=True)
    notified_stopped = fields.Integer("Stopped Jobs in the Notice", readonly=True)
    notice_number = fields.Integer("Number of the Notice", readonly=True)
    notice_due_at = fields.Datetime(readonly=True)

    state = fields.Selection([("open", "Open"), ("closed", "Over")], compute="_compute_state")
    place = fields.Char("Where", compute="_compute_words")
    title = fields.Char("Problem", compute="_compute_words")
    remedy = fields.Char("What to Do", compute="_compute_words")
    steps_html = fields.Html("Steps", compute="_compute_words", sanitize=False)
    duration = fields.Float("Duration (h)", compute="_compute_duration")
    waiting_count = fields.Integer("Jobs That Wait", compute="_compute_counts")
    stopped_count = fields.Integer("Jobs It Stopped", compute="_compute_counts")
    retry_count = fields.Integer("Jobs to Retry", compute="_compute_counts")
    can_retry = fields.Boolean(compute="_compute_counts")
    can_move = fields.Boolean(compute="_compute_counts")

    _one_open = models.UniqueIndex("(printer_id, cause) WHERE closed_at IS NULL AND printer_id IS NOT NULL")
    _one_open_of_server = models.UniqueIndex("(server_id, cause) WHERE closed_at IS NULL AND printer_id IS NULL")
    _due = models.Index("(notice_due_at) WHERE notice_due_at IS NOT NULL")

    @api.model
    def _selection_kind(self):
        return [
            *self.env["label.print.job"]._selection_error_kind(),
            (incidents.SERVER_AWAY, self.env._("Print server is away")),
            (incidents.NO_REASON, self.env._("Stopped, and nobody says why")),
        ]

    @api.model
    def _kind_of(self, cause):
        known = cause in error_catalogue.ENTRIES or cause in (incidents.SERVER_AWAY, incidents.NO_REASON)
        return cause if known else error_catalogue.OTHER

    @api.depends("closed_at")
    def _compute_state(self):
        for incident in self:
            incident.state = "closed" if incident.closed_at else "open"

    @api.depends("link_ids.job_id")
    def _compute_job_ids(self):
        for incident in self:
            incident.job_ids = incident.link_ids.job_id

    @api.model
    def _search_job_ids(self, operator, value):
        return Domain("link_ids.job_id", operator, value)

    @api.depends("printer_id", "server_id", "printer_name", "cause", "problem", "closed_at")
    @api.depends_context("lang", "uid")
    def _compute_words(self):
        manager = self.env.user._manages_label_printing()
        for incident in self:
            # It may have become another company's since.
            printer, server = incident.sudo().printer_id, incident.sudo().server_id
            if incident.cause == incidents.SERVER_AWAY:
                incident.place = server.name or incident.server_name
            else:
                incident.place = printer._place() if printer else incident.printer_name
            incident.title = incident._problem_in_words()
            advice = incident._advice()
            incident.remedy = self.env._(advice.action_for(manager))
            incident.steps_html = Markup("<ol>%s</ol>") % Markup("").join(
                Markup("<li>%s</li>") % self.env._(step) for step in incident._steps(advice, manager)
            )

    def _problem_in_words(self):
        """What is wrong, in the reader's language; a keyword that nobody knows is made readable."""
        if self.cause == incidents.SERVER_AWAY:
            words = error_catalogue.kept_sentence(self.problem)
            return self.env._(words).rstrip(" .。") if words else self.env._("The print server cannot be reached")
        if self.cause == incidents.NO_REASON:
            return self.env._("The printer has stopped, and its print server does not say why")
        advice = error_catalogue.advice(self.cause)
        return self.env._(advice.message) if advice else self.env._(error_catalogue.reason_label(self.cause))

    def _advice(self):
        """What somebody does about it: never a retry, which is offered when it is over."""
        if self.cause == incidents.SERVER_AWAY:
            code = (self.problem or {}).get("key")
            return error_catalogue.advice(code) or error_catalogue.advice("server_unavailable")
        return error_catalogue.waiting_advice(self.cause)

    def _steps(self, advice, manager):
        """Without the last one of what a job waits for, that it goes on by itself: some have failed by it."""
        steps = advice.steps_for(manager)
        return steps if self.cause == incidents.SERVER_AWAY else steps[:-1]

    @api.depends("place", "title")
    @api.depends_context("lang", "uid")
    def _compute_display_name(self):
        for incident in self:
            incident.display_name = self.env._(
                "%(place)s: %(problem)s", place=incident.place or "-", problem=incident.title
            )

    @api.depends("opened_at", "closed_at")
    def _compute_duration(self):
        now = fields.Datetime.now()
        for incident in self:
            lasted = incidents.duration(incident.opened_at or now, incident.closed_at, now)
            incident.duration = lasted.total_seconds() / 3600

    @api.depends("link_ids.effect", "link_ids.job_id.status", "link_ids.job_id.set_aside_date", "closed_at")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_counts(self):
        """Of the jobs that the reader may see."""
        stopped, waiting, left = Counter(), Counter(), Counter()
        for link in self.env["label.print.incident.job"].search([("incident_id", "in", self.ids)]):
            stopped[link.incident_id.id] += link.effect == "stopped"
            waiting[link.incident_id.id] += link._waits()
            left[link.incident_id.id] += link._is_to_retry()
        for incident in self:
            incident.stopped_count = stopped[incident.id]
            incident.waiting_count = waiting[incident.id]
            incident.retry_count = left[incident.id]
            incident.can_retry = bool(incident.closed_at and left[incident.id])
            incident.can_move = bool(not incident.closed_at and waiting[incident.id] and incident.printer_id)

    @api.model
    def _failed_domain(self):
        return [("status", "in", FAILED), ("set_aside_date", "=", False)]

    def write(self, vals):
        if not self.env.su and (kept := (vals.keys() & self._kept_fields())):
            raise AccessError(
                self.env._(
                    "These fields are kept by the system and cannot be set: %(names)s.", names=", ".join(sorted(kept))
                )
            )
        return super().write(vals)

    @api.model
    def _kept_fields(self):
        """The fields of this model itself; those of its chatter and activities have rules of their own."""
        mail = {*self.env["mail.thread"]._fields, *self.env["mail.activity.mixin"]._fields}
        return self._fields.keys() - mail - OPEN_FIELDS


class LabelPrintIncidentJob(models.Model):
    """A job that an incident concerns: it waits, or its attempt ended by it."""

    _name = "label.print.incident.job"
    _description = "Print Job of an Incident"
    _order = "id desc"
    _rec_name = "job_id"

    incident_id = fields.Many2one(
        "label.print.incident", required=True, index=True, ondelete="cascade", readonly=True
    )
    job_id = fields.Many2one(
        "label.print.job", "Print Job", required=True, index=True, ondelete="cascade", readonly=True
    )
    attempt_number = fields.Integer("Attempt", required=True, readonly=True)
    effect = fields.Selection([("waits", "Waited"), ("stopped", "Stopped")], required=True, readonly=True)
    told_before = fields.Boolean(
        "Told of Before the Incident",
        readonly=True,
        help="It failed before Odoo knew what had stopped its printer, and people were told of it alone.",
    )
    company_id = fields.Many2one(related="job_id.company_id")
    status = fields.Selection(related="job_id.status")

    _one_each = models.UniqueIndex("(incident_id, job_id)")

    def _waits(self):
        """Whether the job waits because of the incident, which is open."""
        job, incident = self.job_id, self.incident_id
        at_it = not incident.printer_id or job.printer_id == incident.printer_id
        return not incident.closed_at and job.status in job_lifecycle.OPEN and at_it

    def _is_to_retry(self):
        """Whether labels are missing by it that nobody has printed or set aside since."""
        job = self.job_id
        return (
            self.effect == "stopped"
            and job.status in FAILED
            and job.attempt_number == self.attempt_number
            and not job.set_aside_date
        )
