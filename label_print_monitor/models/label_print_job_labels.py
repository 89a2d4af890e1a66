"""The single labels of a job: their account, what a person reads of it, and what a person has seen of them."""

import dataclasses
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from ..services.lifecycle import job_lifecycle
from ..services.lifecycle.job_account import JobLabel
from ..services.lifecycle.label_account import EVIDENCE, PRINTED, RANK
from ..services.lifecycle.order_labels import label_entries, lot_of
from ..services.transport.print_server_client import MAX_LABEL_BATCH, NotFound, PrintServerError
from ..services.wording import error_catalogue
from .label_print_attempt_account import AttemptUpdate

# While somebody looks at a job its print server is asked for the account at most this often.
LOOK_EVERY = timedelta(seconds=10)
GOOD_EVIDENCE = "label_print.good_evidence"
_asked = {}  # jobs of which this process is asking just now: (database, job id) -> when it began
LABEL_STATES = [
    ("waiting", "Waiting"),
    ("sent", "On Its Way"),
    ("uncertain", "Uncertain"),
    ("taken_back", "Taken Back"),
    ("failed", "Not Printed"),
    ("reported", "Reported Printed"),
    ("spooled", "Taken by the Printer"),
    ("confirmed", "Confirmed by the Printer"),
    ("checked", "Seen on Paper"),
    ("void", "Destroyed"),
]


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    # Only here for its translatable labels: the states are in the accounts.
    label_state = fields.Selection(LABEL_STATES, store=False)
    label_grid = fields.Json("Labels One by One", compute="_compute_label_grid", exportable=False)
    evidence_suffices = fields.Boolean(
        compute="_compute_evidence_suffices",
        help="The labels are known to be on paper as well as the settings ask for.",
    )
    account_warning = fields.Char("Warning", compute="_compute_account_warning")
    can_settle = fields.Boolean(compute="_compute_can_settle")

    def _current_attempt(self):
        """The row of the newest attempt."""
        self.ensure_one()
        return self.attempt_ids.filtered(lambda attempt: attempt.number == self.attempt_number)[:1]

    def _start_missing_attempt(self):
        """The row of the newest attempt for a job that was not made by `create`."""
        Attempt = self.env["label.print.attempt"].sudo()
        indexes = self._attempt_indexes()
        return Attempt.create(Attempt._values_of_new(self, self.attempt_number, indexes, self.submitted_by))

    def _job_account(self):
        """The account of all labels of this job, as it is known now."""
        self.ensure_one()
        Attempt = self.env["label.print.attempt"].sudo()
        rows = Attempt._read_accounts(self.ids).get(self.id, [])
        return Attempt._account_of_job(self.quantity, rows)

    @api.model
    def _good_evidence(self):
        """The weakest proof that the factory calls good enough to be green."""
        value = self.env["ir.config_parameter"].sudo().get_param(GOOD_EVIDENCE)
        return value if value in EVIDENCE else EVIDENCE[0]

    @api.depends("evidence")
    def _compute_evidence_suffices(self):
        wanted = RANK[self._good_evidence()]
        for job in self:
            # Jobs from before the accounts have none: what they said then stays good.
            job.evidence_suffices = not job.evidence or RANK[job.evidence] >= wanted

    @api.depends("account_problem")
    @api.depends_context("lang")
    def _compute_account_warning(self):
        for job in self:
            words = error_catalogue.kept_sentence(job.account_problem)
            job.account_warning = self.env._(words) if words else False

    @api.depends("status", "uncertain_count", "attention_code")
    def _compute_can_settle(self):
        for job in self:
            ended = job.status in job_lifecycle.TERMINAL
            job.can_settle = job.attention_code == "submission_uncertain" or (ended and bool(job.uncertain_count))

    @api.depends("status", "current_label", "uncertain_count", "failed_count", "evidence", "attempt_ids.account")
    @api.depends_context("lang")
    def _compute_label_grid(self):
        """What the grid of labels draws: runs of labels that are alike. Read by the form alone."""
        for job in self:
            job.label_grid = job._grid_of(job._shown_account())

    def _grid_of(self, account):
        """An account as the grid of labels draws it."""
        self.ensure_one()
        runs = account.runs()
        return {
            "quantity": self.quantity,
            "runs": [list(run) for run in runs],
            "problems": {code: self._problem_of_code(code) for _count, _state, code in runs if code},
            "copies": self._copies_of_labels(),
            "states": dict(self._fields["label_state"]._description_selection(self.env)),
        }

    def _shown_account(self):
        """The account; while the newest attempt runs, with what its counts say beyond what is known exactly."""
        self.ensure_one()
        account = self._job_account()
        printed_more = self.current_label - account.printed
        if self.status not in job_lifecycle.ACTIVE or printed_more <= 0:
            return account
        labels = list(account.labels)
        for index in self._attempt_indexes():
            if printed_more and labels[index - 1].state in ("waiting", "sent"):
                labels[index - 1] = JobLabel("reported", attempt=self.attempt_number)
                printed_more -= 1
        return dataclasses.replace(account, labels=tuple(labels))

    def _problem_of_code(self, code):
        advice = error_catalogue.advice(code)
        return self.env._(advice.message) if advice else code

    def _copies_of_labels(self):
        """How often each label that has copies was printed, by the label's number as a text; the first print counts."""
        copies = {}
        for _copy, number, _label in self._printed_copies():
            copies[str(number)] = copies.get(str(number), 1) + 1
        return copies

    def _attempt_indexes(self):
        """The labels of the newest attempt, counted from 1 in the job."""
        return self.attempt_labels or list(range(1, self.quantity + 1))

    @api.readonly
    def get_label_names(self):
        """Box and lot of each label of this job.

        :return: ``{"boxes": [text, …], "lots": [text, …]}``, one entry for each label, '' for none
        """
        self.ensure_one()
        self.check_access("read")
        labels = label_entries(self.labels_data)
        labels += [{}] * (self.quantity - len(labels))
        return {
            "boxes": [str(label.get("box_number") or "") for label in labels],
            "lots": [lot_of(label) for label in labels],
        }

    def refresh_label_account(self):
        """Ask the print server for the labels of a job at which somebody looks, at most once in 10 seconds.

        Never raises for what the server does; what it says arrives at the open views as any other change.

        :return: whether the server was asked
        """
        self.ensure_one()
        self.check_access("read")
        if not self.has_access("write"):  # the answer is kept
            return False
        job = self.sudo()
        attempt = job._current_attempt()
        if job.status not in job_lifecycle.ACTIVE or not job.flask_job_id:
            return False
        if not job.server_id._has_capability("label_account") or job.server_id.state != "ok":
            return False
        now, key = fields.Datetime.now(), (self.env.cr.dbname, job.id)
        asked = max(filter(None, (attempt.account_asked_at, _asked.get(key))), default=None)
        if asked and now - asked < LOOK_EVERY:
            return False
        _asked[key] = now  # before the network: others who look at the job shall not ask meanwhile
        job._ask_for_account()
        _asked.pop(key, None)
        # Only now, so that nothing is locked while the network is slow.
        attempt.try_lock_for_update(allow_referencing=True).account_asked_at = now
        return True

    def _account_may_be_newer(self):
        """Whether the print server may know more of the labels of the newest attempt than Odoo does."""
        if not self.flask_job_id or not self.server_id._has_capability("label_account"):
            return False
        attempt = self._current_attempt()
        known = attempt.outcome and attempt.account_exact and not attempt.account_due and not attempt.uncertain_count
        return not known

    def _ask_for_account(self):
        """Bring the accounts of these jobs up to what their print servers know of the newest attempts now.

        All are asked before anything is locked. A server that does not answer changes nothing: then what is known has
        to do.
        """
        asked = self.sudo().filtered(lambda job: job._account_may_be_newer())
        answers = [(server, jobs._ask_statuses()) for server, jobs in asked.grouped("server_id").items()]
        poller = self.env["print.job.status.poller"]
        for server, reports in answers:
            # The question may have taken seconds, in which sweeps and events have changed these jobs.
            self._in_own_transaction(lambda server=server, reports=reports: poller.apply_reports(server, reports))
        if answers:
            self.invalidate_recordset()

    def _ask_statuses(self):
        """What their one print server says of these jobs now, many at once where it can; nothing more once it fails."""
        server, reports = self.server_id, []
        try:
            with server._client() as client:
                if server._has_capability("batch_status"):
                    for ids in split_every(MAX_LABEL_BATCH, self.mapped("flask_job_id")):
                        reports += client.batch_status(ids, labels=True).reports
                    return reports
                for job in self:
                    try:
                        reports.append(client.job_status(job.flask_job_id))
                    except NotFound:
                        continue
        except PrintServerError:
            return reports
        return reports

    def _account_if_given_up(self):
        """The account as it would be if nothing more were reported of the newest attempt."""
        self.ensure_one()
        account = self._job_account()
        doubtful = [
            dataclasses.replace(label, state="uncertain") if label.state in ("waiting", "sent") else label
            for label in account.labels
        ]
        return dataclasses.replace(account, labels=tuple(doubtful))

    def _get_settle_wizard_action(self, cancelling=False):
        """The dialog in which a person says what is on paper, without printing anything."""
        self.ensure_one()
        action = self._get_retry_wizard_action()
        purpose = "cancel" if cancelling else "settle"
        return {
            **action,
            "name": self.env._("What Is on Paper?"),
            "context": {**action["context"], "default_purpose": purpose},
        }

    def action_settle(self):
        """It is on paper: say so of labels that nobody could be sure of."""
        self.ensure_one()
        self.check_access("write")
        self._ask_for_account()
        if not self.can_settle:
            raise UserError(
                self.env._("No label of %(job)s is in doubt any more. Look at it again.", job=self.display_name)
            )
        return self._get_settle_wizard_action()

    def _settle(self, on_paper=(), not_on_paper=(), destroyed=(), reason="", cancelled=False):
        """Keep what a person has seen of labels (counted from 1), with name and time; the job follows.

        The job must be locked. One whose submission is in doubt ends by that: no report about it will come any more.

        :param bool cancelled: whether such a job ends as cancelled instead of failed

        :raise UserError: for labels of which that cannot be said
        """
        self.ensure_one()
        job, told = self.sudo(), self.browse()
        if job.submission == "maybe" and job.status not in job_lifecycle.TERMINAL:
            if cancelled and not job.cancel_requested_at:
                self._note_cancel_request(self._cancellation())
            outcome = "cancelled" if job.cancel_requested_at else "failed"
            ended = AttemptUpdate(job.attempt_number, outcome=outcome, code="submission_uncertain", given_up=True)
            job._apply({job.id: {"attention_code": False, "submission": "accepted" if on_paper else "not_sent"}})
            told = job._record({job.id: ended}, user=self.env.user, note={"key": "note_given_up"})
        account = job._job_account()
        self._check_marks(account, on_paper, not_on_paper, destroyed)
        vals_list = [
            {
                "job_id": job.id,
                "attempt_number": job.attempt_number,
                "kind": kind,
                "label_indexes": sorted(indexes),
                "user_id": self.env.user.id,
                "user_name": self.env.user.name,
                "reason": reason or False,
            }
            for kind, indexes in (("checked", on_paper), ("missing", not_on_paper), ("void", destroyed))
            if indexes
        ]
        if not vals_list:
            self._tell_others(told)
            return
        self.env["label.print.mark"].sudo().create(vals_list)
        notes = {"checked": "note_settled", "missing": "note_not_on_paper", "void": "note_destroyed"}
        for vals in vals_list:
            one = "_one" if len(vals["label_indexes"]) == 1 else ""
            note = {"key": notes[vals["kind"]] + one, "labels": self._runs_of_labels(vals["label_indexes"])}
            now = fields.Datetime.now()
            entry = self._timeline_entry(job.status, now, job.attempt_number, self.env.user, note)
            job._apply({job.id: {"timeline": [*(job.timeline or []), entry]}})
        job._record({job.id: None}, user=self.env.user)
        self.invalidate_recordset()
        self._tell_others(told)
        self.env["print.job.notifier"]._unlink_activities(job.filtered(lambda job: job.status == "completed"))

    def _check_marks(self, account, on_paper, not_on_paper, destroyed):
        if self.status not in job_lifecycle.TERMINAL:
            raise UserError(
                self.env._("%(job)s is still being printed. Wait until it has ended.", job=self.display_name)
            )
        allowed = {
            "on paper": set(account.uncertain) | set(account.indexes("failed", "reported", "spooled", "confirmed")),
            "not on paper": set(account.uncertain) | set(account.indexes("reported", "failed")),
            "destroyed": set(account.indexes(*PRINTED)),
        }
        said = {"on paper": set(on_paper), "not on paper": set(not_on_paper), "destroyed": set(destroyed)}
        if both := said["on paper"] & said["not on paper"]:
            raise UserError(
                self.env._("%(labels)s cannot be both on paper and not.", labels=self._describe_labels(sorted(both)))
            )
        for what, indexes in said.items():
            if wrong := sorted(indexes - allowed[what]):
                raise UserError(
                    self.env._(
                        "That cannot be said of %(labels)s of %(job)s, as they are now. Look at the job again.",
                        labels=self._describe_labels(wrong),
                        job=self.display_name,
                    )
                )
