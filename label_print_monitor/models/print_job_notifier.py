"""Live updates of open views, toasts about outcomes, and notices to managers. The only file that sends to the bus.

Who is told is in print_job_notifier_audience.py, the sentences are in print_job_notifier_wording.py, and the activities
for failures that nobody would see in print_job_notifier_activities.py.
"""

from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ..services.lifecycle import job_lifecycle
from ..services.lifecycle.label_account import RANK

LIVE_CHANNEL = "label_print_monitor"
LIVE_TYPE = "label_print_monitor/changed"
PROGRESS_TYPE = "label_print_monitor/progress"
# Of more jobs than this in one transaction no values are sent: open views read them.
MOST_PROGRESS = 1000
TOAST_TYPE = "label_print_notification"
# More outcomes of one kind at once than this become one toast: a printer that runs out of paper can end fifty jobs.
BUNDLE_ABOVE = 2
_PENDING = "label_print_monitor.live"


class PrintJobNotifier(models.AbstractModel):
    _name = "print.job.notifier"
    _description = "Print Job Notifier"

    @api.model
    def _live(self, jobs=None, printers=None, servers=None, incidents=None, progressed=()):
        """Tell open views which records have changed: ids, so that access rules decide what a user sees.

        Gathered until just before the commit, so that a transaction sends one message however much it changes.

        :param progressed: ids of those of the jobs of which nothing but the labels printed so far, or the time left,
            has changed: of those that print, views get the number with a second message, and need not read it
        """
        changed = self.env.cr.precommit.data.setdefault(_PENDING, {})
        if not changed:
            self.env.cr.precommit.add(self._send_live)
        progressed = set(progressed)
        moved = {id_ for id_ in jobs.ids if id_ not in progressed} if jobs else set()
        for name, ids in (
            ("jobs", moved),
            ("progressed", progressed),
            ("printers", printers.ids if printers else ()),
            ("servers", servers.ids if servers else ()),
        ):
            changed.setdefault(name, set()).update(ids)
        if incidents:
            changed.setdefault("incidents", set()).update(incidents.ids)

    @api.model
    def _send_live(self):
        changed = self.env.cr.precommit.data.pop(_PENDING, None)
        if not changed:
            return
        group = self.env.ref("label_print_monitor.group_label_print_user", raise_if_not_found=False)
        if not group:
            return
        progressed = changed["progressed"] - changed["jobs"]
        progress = self._progress_of(progressed)
        statuses = self._expected_statuses(self._progress_of(changed["jobs"]))
        changed["jobs"] |= progressed
        # Of one that has ended another number is news.
        changed["progressed"] = {row["id"] for row in progress if row["status"] in job_lifecycle.OPEN}
        payload = {name: sorted(ids) for name, ids in changed.items()}
        self.env["bus.bus"]._sendone((group, LIVE_CHANNEL), LIVE_TYPE, payload)
        self._send_progress([row for row in progress if row["status"] == "printing"], statuses)

    @api.model
    def _progress_of(self, job_ids):
        if not job_ids or len(job_ids) > MOST_PROGRESS:
            return []
        names = [
            "company_id", "status", "current_label", "quantity", "progress_percent", "printer_id", "mo_reference",
            "job_type", "evidence", "waiting_for", "attention_code", "cancel_requested_at", "unverified_since",
        ]  # fmt: skip
        self.env["label.print.job"].flush_model(names)
        return self.env.execute_query_dict(
            SQL(
                "SELECT id, %s FROM label_print_job WHERE id = ANY(%s) ORDER BY id",
                SQL(", ").join(map(SQL.identifier, names)),
                list(job_ids),
            )
        )

    @api.model
    def _expected_statuses(self, rows):
        """Those of these jobs that print or are complete, and about which nobody has to do anything.

        Of one that is less sure to be on paper than the settings ask for, views show its end when they have read why.
        """
        if not rows:
            return []
        wanted = RANK[self.env["label.print.job"]._good_evidence()]
        # Of these views show a sentence.
        more = ("waiting_for", "attention_code", "cancel_requested_at", "unverified_since")
        return [
            row
            for row in rows
            if not any(row[name] for name in more)
            and (
                row["status"] == "printing"
                or (row["status"] == "completed" and (not row["evidence"] or RANK[row["evidence"]] >= wanted))
            )
        ]

    @api.model
    def _send_progress(self, rows, statuses=()):
        """How many labels of these jobs are printed, to those who may see jobs of their company.

        A page of jobs that print changes with each label. Fifty pages that read for it keep two processors busy.

        :param rows: jobs of which nothing else has changed
        :param statuses: jobs that print or are complete now: views show that at once, and read what follows from it
        """
        by_company = defaultdict(dict)
        for kind, jobs in (("jobs", rows), ("statuses", statuses)):
            for job in jobs:
                values = [job["id"], job["current_label"] or 0, job["quantity"], job["progress_percent"] or 0.0]
                if kind == "statuses":
                    # A test print's name has another form: views read it.
                    reference = job["mo_reference"] or (job["job_type"] != "test" and "")
                    values += [job["status"], job["printer_id"], reference, job["evidence"] or False]
                by_company[job["company_id"]].setdefault(kind, []).append(values)
        for company_id, payload in sorted(by_company.items()):
            company = self.env["res.company"].browse(company_id)
            payload = {"company": company_id, "jobs": [], **payload}
            self.env["bus.bus"]._sendone((company, LIVE_CHANNEL), PROGRESS_TYPE, payload)

    @api.model
    def _notify_outcomes(self, jobs):
        """Tell each person concerned how these jobs ended: one by one while they are few, in one toast when many."""
        poller = self.env["print.job.status.poller"]
        jobs = jobs.filtered(
            # Of a cancelled job is told whoever waited for it, unless a print server cancelled it of its own accord.
            lambda job: job.status in ("completed", "completed_with_errors", "failed")
            or (job.status == "cancelled" and job.cancelled_by)
        )
        if not jobs:
            return  # most answers of a print server end no job: they must cost no search
        self._unlink_activities(jobs.filtered(lambda job: job.status == "completed" and job.attempt_number > 1))
        # Those that a stopped printer has ended are told of with it, in one toast and one activity.
        failed = jobs.filtered(lambda job: job_lifecycle.can_retry(job.status))
        jobs -= self.env["label.print.incident"].sudo()._stop(failed)
        if not jobs:
            return
        audiences = self._audiences(jobs)
        # One toast names one problem: jobs of one bundle have ended alike, and for the same reason.
        for same in jobs.grouped(lambda job: (job.status, job.printer_id, job.error_kind)).values():
            if len(same) > BUNDLE_ABOVE:
                self._notify_bundle(same, audiences)
                continue
            for job in same:
                if job.status == "completed":
                    poller._send_completion_notification(job, audiences[job])
                else:
                    poller._send_error_notification(job, audiences[job])
        self._schedule_activities(jobs & failed, audiences)

    @api.model
    def _notify_job(self, job, users=None):
        """:param users: whom to tell; found out here when it is not known yet"""
        for user in self._audiences(job)[job] if users is None else users:
            self._toast(user, self._outcome_payload(job, user))

    def _notify_bundle(self, jobs, audiences):
        """One toast to each person for all of these that concern them."""
        by_user = defaultdict(jobs.browse)
        for job in jobs:
            for user in audiences[job]:
                by_user[user] |= job
        for user, theirs in by_user.items():
            if len(theirs) == 1:
                self._toast(user, self._outcome_payload(theirs, user))
            else:
                self._toast(user, self._bundle_payload(theirs, user))

    @api.model
    def _toast(self, user, payload):
        user.partner_id._bus_send(TOAST_TYPE, payload)

    @api.model
    def _notify_managers(self, server, kind, notice):
        """One toast to each person who can configure a print server, in their own language.

        :param notice: a function that returns title and message in the language of the server record that it is given
        """
        # Whoever has pressed Test Connection reads it in the button's own answer.
        told = self.env["res.users"].browse(server.env.context.get("label_print_told_user"))
        stamp = fields.Datetime.to_string(server.state_since) if server.state_since else ""
        incident = self.env["label.print.incident"].sudo().search(
            [("server_id", "=", server.id), ("printer_id", "=", False), ("closed_at", "=", False)], limit=1
        )
        for user in self._server_managers(server) - told:
            title, message = notice(server.with_context(lang=user.lang))
            self._toast(
                user,
                {
                    "type": kind,
                    "title": title,
                    "message": message,
                    "sticky": kind != "success",
                    "job_ids": [],
                    "key": f"server-{server.id}-{server.state}-{stamp}",
                    "topic": server._notice_topic() if kind != "success" else False,
                    "retryable": False,
                    "incident_id": kind != "success" and incident.id,
                },
            )

    def _server_managers(self, server):
        group = self.env.ref("label_print_monitor.group_label_print_manager")
        users = group.sudo().all_user_ids.filtered("active") - self.env.ref("base.user_root")
        if server.company_id:
            users = users.filtered(lambda user: server.company_id in user.company_ids)
        return users

    @api.model
    def _close_manager_toasts(self, servers):
        """Take back what managers were told of these print servers: they answer again, or are used no longer."""
        for server in servers:
            for user in self._server_managers(server):
                self._close_toast(user, server._notice_topic())
