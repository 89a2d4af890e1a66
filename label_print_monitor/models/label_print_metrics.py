"""What a monitoring system is told of print servers, printers, jobs and incidents. docs/monitoring.md explains each.

All of it is read by a fixed number of statements, each within a second, and nothing is written. Most metrics are
gauges: what a label has come to may be corrected later, so that a count of them can become less, which Prometheus would
take for a restart. Only what was handed over stays so (label_print_metrics_total.py).
"""

from collections import Counter, defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.modules.module import Manifest
from odoo.tools import SQL

from ..services.export.exposition import Exposition, names_of
from ..services.lifecycle import incidents, job_lifecycle
from ..services.transport.pull_session import AWAY_AFTER
from ..services.wording import error_catalogue
from .label_print_server_call import NOW
from .printer_configuration import STATUS

DAY = timedelta(days=1)
CAN_PRINT = ("online", "busy")
OUTCOMES = ("confirmed", "unconfirmed", "uncertain", "failed", "taken_back")
# For one statement: all of them together are then within the ten seconds that Prometheus waits, and answers that come
# too late do not pile up in Odoo's workers.
MOST_MILLISECONDS = 1000
ACTIONS = {"cron_poll_print_job_status": "poll", "cron_submit_print_jobs": "submit"}


class LabelPrintMetricsToken(models.Model):
    _inherit = "label.print.metrics.token"

    @api.model
    def _exposition(self, company_id):
        """The metrics in Prometheus' text format.

        :param company_id: whose: what is this company's or shared by all; None for everything
        :raise QueryCanceled: when a statement takes too long, or waits for a lock; the transaction must be rolled back
        """
        self.env.cr.execute(SQL("SET LOCAL statement_timeout = %s", MOST_MILLISECONDS))
        now = fields.Datetime.now()
        out = Exposition()
        servers = self._rows_of_servers(company_id)
        names = names_of((row["id"], row["name"]) for row in servers)
        printers = self._rows_of_printers(company_id)
        places = {row["id"]: {"server": names[row["server_id"]], "printer": row["cups_name"]} for row in printers}
        version = Manifest.for_addon("label_print_monitor")["version"]
        out.gauge("label_print_info", "The addon's version; always 1.", [({"version": version}, 1)])
        self._tell_engine(out)
        self._tell_servers(out, servers, names)
        self._tell_printers(out, printers, places)
        self._tell_jobs(out, places, company_id, now)
        self._tell_last_day(out, places, company_id, now)
        self._tell_totals(out, places, company_id)
        self._tell_incidents(out, names, company_id)
        return out.text

    def _read(self, query):
        # One that was cancelled is for whoever asked to report: Odoo's log would have it as an error, with its SQL.
        self.env.cr.execute(query, log_exceptions=False)
        return self.env.cr.fetchall()

    def _read_dicts(self, query):
        self.env.cr.execute(query, log_exceptions=False)
        return self.env.cr.dictfetchall()

    def _of_company(self, company_id, column, shared=True):
        """The condition that a row is the company's, or shared; with no company it is always true."""
        if company_id is None:
            return SQL("TRUE")
        column = SQL(column)
        return SQL("(%s = %s OR (%s AND %s IS NULL))", column, company_id, shared, column)

    def _rows_of_servers(self, company_id):
        return self._read_dicts(
            SQL(
                """SELECT s.id, s.name, s.state, COALESCE(s.failure_count, 0) AS failures, s.sweep_seconds,
                          s.clock_skew,
                          EXTRACT(EPOCH FROM s.last_contact) AS answered, EXTRACT(EPOCH FROM s.push_last_at) AS pushed,
                          CASE WHEN jsonb_typeof(s.warnings) = 'array' THEN jsonb_array_length(s.warnings) ELSE 0 END
                              AS warnings,
                          EXTRACT(EPOCH FROM pull.asked_at) AS asked, pull.is_connected, pull.calls
                     FROM label_print_server s
                LEFT JOIN LATERAL (
                          SELECT MAX(t.asked_at) AS asked_at,
                                 COALESCE(MAX(t.asked_at) > %(now)s - %(away)s * interval '1 s', FALSE) AS is_connected,
                                 (SELECT COUNT(*) FROM label_print_server_call c
                                   WHERE c.server_ref = s.id AND c.state = 'waiting' AND c.expires_at > %(now)s)
                                     AS calls
                            FROM label_print_server_token t
                           WHERE t.server_id = s.id AND s.connection_mode = 'server_calls' AND t.revoked_at IS NULL
                             AND (t.expires_at IS NULL OR t.expires_at > %(now)s)
                          HAVING COUNT(*) > 0) pull ON TRUE
                    WHERE s.active AND %(own)s ORDER BY s.id""",
                now=NOW,
                away=AWAY_AFTER,
                own=self._of_company(company_id, "s.company_id"),
            )
        )

    def _rows_of_printers(self, company_id):
        return self._read_dicts(
            SQL(
                """SELECT p.id, p.server_id, p.cups_name, p.status
                     FROM printer_configuration p JOIN label_print_server s ON s.id = p.server_id
                    WHERE p.active AND s.active AND %s AND %s ORDER BY p.id""",
                self._of_company(company_id, "p.company_id"),
                self._of_company(company_id, "s.company_id"),
            )
        )

    def _tell_engine(self, out):
        rows = self._read(
            SQL(
                """SELECT d.name, c.active, EXTRACT(EPOCH FROM c.lastcall)
                     FROM ir_cron c JOIN ir_model_data d ON d.res_id = c.id
                    WHERE d.module = 'label_print_monitor' AND d.model = 'ir.cron' AND d.name = ANY(%s)""",
                list(ACTIONS),
            )
        )
        out.gauge(
            "label_print_action_active",
            "Whether the scheduled action is switched on.",
            [({"action": ACTIONS[name]}, active) for name, active, _last in rows],
        )
        out.gauge(
            "label_print_action_last_run_timestamp_seconds",
            "When the scheduled action last ran.",
            [({"action": ACTIONS[name]}, last) for name, _active, last in rows],
        )

    def _tell_servers(self, out, servers, names):
        def tell(name, words, value):
            samples = [({"server": names[row["id"]]}, value(row)) for row in servers]
            out.gauge(f"label_print_server_{name}", words, samples)

        is_known = {"ok": 1, "unreachable": 0, "misconfigured": 0}
        tell(
            "up",
            "Whether the print server answers; none for one that has not been asked yet.",
            lambda row: is_known.get(row["state"]),
        )
        tell("failed_sweeps", "Sweeps in a row that it did not answer.", lambda row: row["failures"])
        tell("sweep_duration_seconds", "How long the last noted sweep of it took.", lambda row: row["sweep_seconds"])
        tell(
            "last_answer_timestamp_seconds",
            "When it last answered a sweep, exact to half a minute.",
            lambda row: row["answered"],
        )
        tell(
            "last_push_timestamp_seconds",
            "When it last pushed an event, exact to half a minute.",
            lambda row: row["pushed"],
        )
        tell("clock_ahead_seconds", "By how much its clock is ahead of Odoo's.", lambda row: row["clock_skew"] or 0)
        # None for one that Odoo calls, and where no computer is connected.
        tell(
            "connected",
            "Whether a print server that calls Odoo has asked within a minute.",
            lambda row: row["is_connected"],
        )
        tell(
            "last_question_timestamp_seconds",
            "When a print server that calls Odoo last asked, exact to half a minute.",
            lambda row: row["asked"],
        )
        tell("calls_waiting", "Calls that it has not fetched yet.", lambda row: row["calls"])
        tell("warnings", "What it says is wrong with itself.", lambda row: row["warnings"])

    def _tell_printers(self, out, printers, places):
        known = [row for row in printers if row["status"] != "unknown"]
        out.gauge(
            "label_print_printer_up",
            "Whether the printer can print; none where nothing is known of it.",
            [(places[row["id"]], row["status"] in CAN_PRINT) for row in known],
        )
        out.gauge(
            "label_print_printer_status",
            "1 for the status that the printer has.",
            [
                ({**places[row["id"]], "status": status}, row["status"] == status)
                for row in printers
                for status, _words in STATUS
            ],
        )

    def _tell_jobs(self, out, places, company_id, now):
        rows = self._read(
            SQL(
                """SELECT printer_id, status, COUNT(*), COUNT(*) FILTER (WHERE submission = 'maybe'),
                          MIN(create_date) FILTER (WHERE status <> 'printing' OR waiting_for IS NOT NULL)
                     FROM label_print_job WHERE status IN %s AND %s GROUP BY printer_id, status""",
                tuple(job_lifecycle.OPEN),
                self._of_company(company_id, "company_id", shared=False),
            )
        )
        jobs, unclear, oldest = Counter(), Counter(), {}
        for printer_id, status, count, maybe, first in rows:
            printer_id = printer_id if printer_id in places else None
            jobs[printer_id, status] += count
            unclear[printer_id] += maybe
            if first:
                oldest[printer_id] = min(first, oldest.get(printer_id, first))
        # Jobs whose printer is archived, or no longer this company's, have neither label.
        elsewhere = {None: {}} if any(printer_id is None for printer_id, _status in jobs) else {}
        everywhere = (places | elsewhere).items()
        out.gauge(
            "label_print_jobs",
            "Jobs that have not ended.",
            [
                ({**labels, "status": status}, jobs[printer_id, status])
                for printer_id, labels in everywhere
                for status in sorted(job_lifecycle.OPEN)
            ],
        )
        out.gauge(
            "label_print_unclear_jobs",
            "Jobs of which nobody knows whether the print server has them.",
            [(labels, unclear[printer_id]) for printer_id, labels in everywhere],
        )
        out.gauge(
            "label_print_oldest_waiting_job_age_seconds",
            "Age of the oldest job that waits; 0 for none.",
            [
                (labels, max(0, (now - oldest[printer_id]).total_seconds()) if printer_id in oldest else 0)
                for printer_id, labels in everywhere
            ],
        )

    def _tell_last_day(self, out, places, company_id, now):
        rows = self._read(
            SQL(
                """SELECT a.printer_id, SUM(a.confirmed_count), SUM(a.printed_count) - SUM(a.confirmed_count),
                          SUM(a.uncertain_count), SUM(a.failed_count), SUM(a.taken_back_count)
                     FROM label_print_attempt a JOIN label_print_job j ON j.id = a.job_id
                    WHERE a.ended_date >= %s AND %s GROUP BY a.printer_id""",
                now - DAY,
                self._of_company(company_id, "j.company_id", shared=False),
            )
        )
        found = {printer_id: numbers for printer_id, *numbers in rows if printer_id in places}
        nothing = [0] * len(OUTCOMES)
        out.gauge(
            "label_print_last_day_labels",
            "Labels of attempts that ended within the last 24 hours, by what is known of them.",
            [
                ({**labels, "outcome": outcome}, max(0, number or 0))
                for printer_id, labels in places.items()
                for outcome, number in zip(OUTCOMES, found.get(printer_id, nothing), strict=True)
            ],
        )

    def _tell_totals(self, out, places, company_id):
        totals = self.env["label.print.metrics.total"]
        counted = self._read(totals._query_counted(self._of_company(company_id, "t.company_id", shared=False)))
        # Of all companies: an attempt may have been counted or left for any of them.
        up_to = max((row[4] or 0 for row in counted), default=0)
        undecided = [id_ for row in counted for id_ in row[5] or ()]
        of_jobs = self._of_company(company_id, "j.company_id", shared=False)
        since = self._read(totals._query_since(up_to, undecided, of_jobs))
        found = defaultdict(lambda: (0, 0, 0))
        for printer_id, *numbers in [*(row[:4] for row in counted if row[6]), *since]:
            found[printer_id] = tuple(map(sum, zip(found[printer_id], numbers, strict=True)))
        told = [(labels, found[printer_id]) for printer_id, labels in places.items()]
        out.counter(
            "label_print_submissions_total",
            "Attempts that were handed to the print server, by what it said.",
            [
                ({**labels, "result": result}, number)
                for labels, (accepted, refused, _handed_over) in told
                for result, number in (("accepted", accepted), ("refused", refused))
            ],
        )
        out.counter(
            "label_print_labels_submitted_total",
            "Labels of the attempts that were accepted.",
            [(labels, handed_over) for labels, (_accepted, _refused, handed_over) in told],
        )

    def _tell_incidents(self, out, names, company_id):
        rows = self._read(
            SQL(
                """SELECT server_id, kind, COUNT(*), COUNT(*) FILTER (WHERE acknowledged_at IS NULL)
                     FROM label_print_incident WHERE closed_at IS NULL AND %s GROUP BY server_id, kind
                 ORDER BY server_id, kind""",
                self._of_company(company_id, "company_id"),
            )
        )
        shown = [(names[server_id], *rest) for server_id, *rest in rows if server_id in names]
        out.gauge(
            "label_print_incidents_open",
            "What stops printers and print servers now.",
            [
                ({"server": server, "severity": _severity(kind), "cause": kind}, count)
                for server, kind, count, _new in shown
            ],
        )
        unseen = Counter()
        for server, _kind, _count, new in shown:
            unseen[server] += new
        out.gauge(
            "label_print_incidents_unacknowledged",
            "Those of them that nobody is on.",
            [({"server": server}, unseen[server]) for server in names.values()],
        )


def _severity(kind):
    """error or warning: how the catalogue judges it. What has no entry there has stopped somebody all the same."""
    if kind in (incidents.SERVER_AWAY, incidents.NO_REASON):
        return "error"
    advice = error_catalogue.advice(kind)
    return advice.severity if advice else "error"
