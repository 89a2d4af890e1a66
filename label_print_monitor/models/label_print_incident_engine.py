"""How incidents open, go on and end: from what print servers say of their printers, in few statements and only when
something has changed. What it means is decided in services/lifecycle/incidents.py.
"""

import logging

from odoo import api, fields, models
from odoo.tools import SQL
from psycopg2.errors import SerializationFailure

from ..services.lifecycle import incidents
from ..services.lifecycle.job_lifecycle import FAILED
from .expected_conflicts import expected_conflicts

_logger = logging.getLogger(__name__)

# So long ago one may have ended that is still the same when it comes again: events may be late.
RECENT = 4 * incidents.FLAPPING


class LabelPrintIncident(models.Model):
    _inherit = "label.print.incident"

    @api.model
    def _apply_printers(self, observed):
        """Bring the incidents of these printers to what their print server has just said.

        :param dict observed: by printer, ``(causes, moment)``: what keeps it from printing, and since when that is so
        """
        if not observed:
            return
        printers = self.env["printer.configuration"].union(*observed)
        known = incidents.by_printer(self._rows_of(printers.ids))
        new, again, over = [], {}, {}
        for printer, (causes, at) in observed.items():
            if not causes and printer.id not in known:
                continue
            changes = incidents.compare(known.get(printer.id, ()), causes, at)
            new += [self._values_of_new(printer, cause, at) for cause in changes.opened]
            again.update(dict.fromkeys(changes.reopened, at))
            over.update(dict.fromkeys(changes.closed, at))
        if new:
            self._open(new)
        if again:
            self.browse(again)._reopen()
        if over:
            self.browse(over)._close("cleared", over)

    @api.model
    def _rows_of(self, printer_ids):
        """The printers' incidents that are open or were so a moment ago, without loading records."""
        self.flush_model()
        return self.env.execute_query_dict(
            SQL(
                """SELECT id, printer_id, cause, opened_at, closed_at FROM label_print_incident
                    WHERE printer_id = ANY(%s) AND (closed_at IS NULL OR closed_at >= %s)
                 ORDER BY opened_at, id""",
                list(printer_ids),
                fields.Datetime.now() - RECENT,
            )
        )

    @api.model
    def _values_of_new(self, printer, cause, at):
        return {
            "printer_id": printer.id,
            "printer_name": printer.name,
            "server_id": printer.server_id.id,
            "server_name": printer.server_id.name,
            "company_id": printer.company_id.id or None,
            "cause": cause,
            "kind": self._kind_of(cause),
            "opened_at": at,
        }

    @api.model
    def _open(self, values_list):
        """Make incidents, past `create`: a sweep and an event may open the same one at the same moment.

        :return: those that have been made
        """
        self.env.flush_all()
        now, uid = self.env.cr.now(), self.env.uid
        same = {
            "times": 1, "notice_state": "no", "notified_stopped": 0, "notice_number": 0,
            "create_uid": uid, "create_date": now, "write_uid": uid, "write_date": now,
        }  # fmt: skip
        names = (*values_list[0], *same)
        rows = SQL(", ").join(SQL("%s", (*values.values(), *same.values())) for values in values_list)
        try:
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(
                    SQL(
                        "INSERT INTO label_print_incident (%s) VALUES %s ON CONFLICT DO NOTHING RETURNING id",
                        SQL(", ").join(map(SQL.identifier, names)),
                        rows,
                    ),
                    log_exceptions=False,
                )
                made = self.browse(row[0] for row in self.env.cr.fetchall())
        except SerializationFailure:
            _logger.info("An incident is just being opened by another transaction")
            return self.browse()
        made._take_recent_failures()
        made._note("opened")
        return made

    def _locked(self):
        """Those of these that nobody else is changing at this moment, for a write.

        Sweeps, events and people's acts change the same incidents. Who comes after another transaction that has been
        committed meanwhile is run again: sweeps and events by themselves, a call of the web client by Odoo. What
        another one is still changing is left out: for what the next sweep looks at again.
        """
        with expected_conflicts():
            return self.try_lock_for_update(allow_referencing=True)

    def _close(self, because, moments=None):
        """These are over.

        :param str because: one of `CLOSED_BECAUSE`
        :param dict moments: when, by id; now when not given
        """
        incidents_ = self.sudo()._locked().filtered(lambda one: not one.closed_at)
        if not incidents_:
            return
        now = fields.Datetime.now()
        incidents_._write_columns(
            [
                {"closed_at": max((moments or {}).get(one.id, now), one.opened_at), "closed_because": because}
                for one in incidents_
            ]
        )
        incidents_._note("closed")

    def _reopen(self):
        """These have come again within a moment: they have not been over."""
        again = self.sudo()._locked().filtered("closed_at")
        if not again:
            return
        again._write_columns(
            [{"closed_at": False, "closed_because": False, "times": one.times + 1} for one in again]
        )
        again._note("reopened")

    def _note(self, event):
        """Have people told in due time of what has just happened to these, and live views at once."""
        if not self:
            return
        now = fields.Datetime.now()
        # Of a print server that is away its managers are told by a notice of its own.
        told_here = self.filtered(lambda one: one.cause != incidents.SERVER_AWAY)
        values = []
        for one in told_here:
            due = one.notice_due_at or None
            due = incidents.when_to_tell(event, one.notice_state, now, one.times, one.notified_at or None, due)
            values.append({"notice_due_at": due})
        # Written also where it stays the same when jobs fail by it or leave it: whoever tells people at this moment
        # does not see these jobs, must conflict with this write, and is run again. Else nobody would be told of them.
        always = event in ("stopped", "left")
        changed = [
            (one.id, vals)
            for one, vals in zip(told_here, values, strict=True)
            if always or vals["notice_due_at"] != one.notice_due_at
        ]
        if changed:
            self.browse(id_ for id_, _vals in changed)._write_columns([vals for _id, vals in changed])
            self.env["label.print.job"]._trigger_engine()
        if event in ("opened", "reopened", "closed"):
            self._plan_escalation()
        elif event == "stopped":
            # Perhaps the first job that needs the printer.
            self.filtered(lambda one: not one.escalation_due_at)._plan_escalation()
        self.env["print.job.notifier"]._live(printers=self.printer_id, servers=self.server_id, incidents=self)
        if event in ("opened", "reopened"):
            self.sudo()._on_opened()
        elif event == "closed":
            self.sudo()._on_closed()

    def _on_opened(self):
        """For other modules: these incidents have begun, or have come again within a moment (`times` above 1).

        It runs as superuser in the transaction of a sweep, of an event or of somebody's act, with the rows locked, and
        must be quick, as `label.print.job._on_status_changed`.
        """

    def _on_closed(self):
        """For other modules: these incidents are over (`closed_at`, `closed_because`). It runs as `_on_opened` does."""

    @api.model
    def _note_left(self, jobs):
        """These jobs do not wait any more: cancelled, or moved, their notice is true no longer."""
        if jobs:
            is_open = jobs.printer_id._open_incidents()
            notified = is_open.filtered(lambda one: one.notice_state == "open")
            notified._locked()._note("left")

    # Print servers

    @api.model
    def _apply_server(self, server):
        """A print server has stopped answering, or answers again: one incident, whatever printers it has."""
        away = server.state in ("unreachable", "misconfigured") and server.active
        self.flush_model()
        known = self.sudo().search(
            [
                ("server_id", "=", server.id),
                ("printer_id", "=", False),
                ("cause", "=", incidents.SERVER_AWAY),
                "|", ("closed_at", "=", False), ("closed_at", ">=", fields.Datetime.now() - incidents.FLAPPING),
            ],
            order="closed_at desc nulls first",
            limit=1,
        )  # fmt: skip
        if not away:
            if known and not known.closed_at:
                known._close("cleared" if server.active else "archived")
        elif not known:
            self._open(
                [
                    {
                        "server_id": server.id,
                        "server_name": server.name,
                        "company_id": server.company_id.id or None,
                        "cause": incidents.SERVER_AWAY,
                        "kind": incidents.SERVER_AWAY,
                        "opened_at": server.state_since or fields.Datetime.now(),
                        "problem": self._fields["problem"].convert_to_column_insert(server.state_problem or None, self),
                    }
                ]
            )
        elif known.closed_at:
            known._reopen()

    # Their jobs

    def _take_recent_failures(self):
        """Jobs that failed by what has just been said: their own reports were faster."""
        at_printers = self.filtered("printer_id")
        if not at_printers:
            return
        since = min(at_printers.mapped("opened_at")) - incidents.FLAPPING
        jobs = self.env["label.print.job"].sudo().search(
            [
                ("printer_id", "in", at_printers.printer_id.ids),
                ("status", "in", FAILED),
                ("completed_date", ">=", since),
                ("error_code", "!=", False),
                ("set_aside_date", "=", False),
                ("incident_link_ids", "=", False),
            ]
        )
        if jobs:
            self._stop(jobs, told_before=True)

    @api.model
    def _stop(self, jobs, told_before=False):
        """Link jobs that have just failed to the incident that is the reason.

        :param told_before: people have been told of them already
        :return: those that are linked to one; the rest has failed for reasons of its own
        """
        jobs = jobs.sudo().filtered("printer_id")
        if not jobs:
            return jobs
        found = incidents.by_printer(self._rows_of(jobs.printer_id.ids))
        links, stopped = [], jobs.browse()
        for job in jobs:
            since = (job.completed_date or fields.Datetime.now()) - incidents.FLAPPING
            at_it = [one for one in found.get(job.printer_id.id, ()) if one.closed_at is None or one.closed_at >= since]
            is_open = {one.cause: one.id for one in at_it if one.closed_at is None}
            # Of one that is over only its very own code tells that it was the cause.
            over = {one.cause: one.id for one in at_it if one.closed_at}
            cause = incidents.is_stopped_by(job.error_code or "", is_open)
            incident_id = is_open.get(cause) or over.get(job.error_code)
            if incident_id:
                links.append((incident_id, job.id, job.attempt_number))
                stopped += job
        if links:
            self.env["label.print.incident.job"]._link(links, "stopped", told_before)
            self.browse({incident_id for incident_id, *_rest in links}).sudo()._note("stopped")
        return stopped


class LabelPrintIncidentJob(models.Model):
    _inherit = "label.print.incident.job"

    @api.model
    def _link(self, links, effect, told_before=False):
        """:param links: ``(incident id, job id, attempt number)``"""
        now, uid = self.env.cr.now(), self.env.uid
        rows = SQL(", ").join(SQL("%s", (*link, effect, told_before, uid, now, uid, now)) for link in links)
        self.env.cr.execute(
            SQL(
                """INSERT INTO label_print_incident_job
                      (incident_id, job_id, attempt_number, effect, told_before,
                       create_uid, create_date, write_uid, write_date)
                   VALUES %s ON CONFLICT (incident_id, job_id) DO UPDATE
                      SET attempt_number = excluded.attempt_number, effect = excluded.effect,
                          told_before = excluded.told_before, write_date = excluded.write_date""",
                rows,
            )
        )
        self.invalidate_model()
        self.env["label.print.incident"].invalidate_model(["link_ids", "job_ids"])
        self.env["label.print.job"].invalidate_model(["incident_link_ids", "incident_ids"])
