"""The one writer of accounts: what reports and people say of single labels, and what follows for the job."""

import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from odoo import api, fields, models
from odoo.tools import SQL

from ..services.contract.reports import JobReport
from ..services.lifecycle.attempt_report import LABEL_FAILED, UNCERTAIN, read_report
from ..services.lifecycle.job_account import AttemptAccount, JobAccount, Mark, job_account
from ..services.lifecycle.job_lifecycle import FAILED
from ..services.lifecycle.label_account import AccountError, LabelAccount
from ..services.lifecycle.server_clock import ServerClock
from ..services.wording.error_catalogue import kind_of
from .label_print_attempt import RECORDED
from .label_print_attempt_figure_rows import OF_ATTEMPT

_logger = logging.getLogger(__name__)

# An attempt and, with the first one, the marks of its job: one statement for all jobs of a sweep.
_READ = """
    SELECT a.id, a.job_id, a.number, a.label_indexes, a.labels_count, a.outcome, a.account, a.account_exact,
           a.submitted_date, a.started_date, a.ended_date, a.account_due, a.printed_count, a.confirmed_count,
           a.failed_count, a.uncertain_count, a.taken_back_count, a.added_count, a.fed_count,
           CASE WHEN a.number = 1 THEN (
               SELECT jsonb_agg(jsonb_build_object('number', m.attempt_number, 'kind', m.kind,
                                                   'labels', m.label_indexes, 'at', m.date) ORDER BY m.id)
                 FROM label_print_mark m WHERE m.job_id = a.job_id) END AS marks
      FROM label_print_attempt a
     WHERE a.job_id = ANY(%s)
  ORDER BY a.job_id, a.number
"""


@dataclass
class AttemptUpdate:
    """What is new about one attempt of a job.

    :ivar number: the attempt
    :ivar reports: what its print server said, oldest first
    :ivar outcome: how it has ended, None when it goes on or had ended before
    :ivar code: the error with which it has ended
    :ivar given_up: no report about it will come any more, so what is not known is uncertain
    :ivar started_at: when Odoo saw it begin
    :ivar clock_skew: seconds by which the print server's clock is ahead of ours
    :ivar account_to_come: the print server can name each label, so it is asked to when the attempt ends without that
    """

    number: int
    reports: list[JobReport] = field(default_factory=list)
    outcome: str | None = None
    code: str = ""
    message: str = ""
    given_up: bool = False
    started_at: datetime | None = None
    clock_skew: float | None = None
    account_to_come: bool = False


@dataclass
class Recorded:
    """What the account of a job says after `_record`.

    :ivar account: of the whole job
    :ivar values: what follows for the job's own fields
    :ivar newest: the row of the job's newest attempt, None for a job without any
    :ivar attempts: ids of the attempts that have ended of which the record of the job has to say more now
    """

    account: JobAccount
    values: dict
    newest: dict | None
    attempts: list[int] = field(default_factory=list)

    @property
    def ended(self):
        """Whether the newest attempt has ended, so that the job's status follows from the account."""
        return bool(self.newest and self.newest["outcome"])


class LabelPrintAttempt(models.Model):
    _inherit = "label.print.attempt"

    @api.model
    def _read_accounts(self, job_ids):
        """Rows of all attempts of these jobs, by job, as dictionaries; without loading records."""
        self.flush_model()
        self.env["label.print.mark"].flush_model()
        rows = {}
        for row in self.env.execute_query_dict(SQL(_READ, list(job_ids))):
            rows.setdefault(row["job_id"], []).append(row)
        return rows

    @api.model
    def _account_of_row(self, row):
        """The stored account of one attempt; one that cannot be read counts as unknown, and is named in the log."""
        size = row["labels_count"] or 0
        try:
            return LabelAccount.from_stored(row["account"], size)
        except AccountError as error:
            _logger.warning(
                "Attempt %s of print job %s: its account is unreadable: %s", row["number"], row["job_id"], error
            )
            return LabelAccount.of(size).give_up()

    @api.model
    def _account_of_job(self, quantity, rows, changed=None):
        """The account of a job from the rows of its attempts; ``changed`` holds newer accounts by attempt."""
        changed = changed or {}
        attempts, marks = [], []
        for row in rows:
            indexes = row["label_indexes"] or range(1, (row["labels_count"] or 0) + 1)
            account = changed.get(row["number"]) or self._account_of_row(row)
            attempts.append(AttemptAccount(row["number"], indexes, account, row["outcome"] or ""))
            for mark in row["marks"] or ():
                marks.append(
                    Mark(
                        mark["number"],
                        mark["kind"],
                        frozenset(mark["labels"]),
                        fields.Datetime.to_datetime(mark["at"][:19].replace("T", " ")),
                    )
                )
        return job_account(quantity, attempts, marks)

    @api.model
    def _record(self, quantities, updates, now=None):
        """Write updates of attempts into their accounts. **The only writer of accounts and their counts.**

        The jobs must be locked by the caller, who also writes what follows for them (`Recorded.values`).

        :param dict quantities: labels of each job, by job id
        :param dict updates: `AttemptUpdate` by job id; None where only people have spoken
        :return: `Recorded` by job id
        """
        now = now or fields.Datetime.now()
        rows = self._read_accounts(quantities)
        self._start_missing(quantities, updates, rows)
        recorded, written, resolved = {}, {}, {}
        for job_id, quantity in quantities.items():
            of_job = rows.get(job_id, [])
            update = updates.get(job_id)
            changed, problems = {}, 0
            row = next((row for row in of_job if update and row["number"] == update.number), None)
            if row:
                values, account, problems = self._merge_update(row, update, now)
                changed[row["number"]] = account
                if values:
                    written[row["id"]] = values
                    row.update(values)
            account = self._account_of_job(quantity, of_job, changed)
            added = Counter(label.attempt for label in account.labels if label.printed)
            for row in of_job:
                if row["outcome"] and (row["added_count"] or 0) != added[row["number"]]:
                    written.setdefault(row["id"], {})["added_count"] = added[row["number"]]
            result = recorded[job_id] = Recorded(account, {}, of_job[-1] if of_job else None)
            result.values = self._values_of_account(account, result.ended, problems)
            result.attempts = [
                row["id"] for row in of_job if row["outcome"] and RECORDED & written.get(row["id"], {}).keys()
            ]
            if result.ended:
                result.values["account_exact"] = all(row["account_exact"] for row in of_job)
                result.values["failed_before"] = any(row["outcome"] in FAILED for row in of_job)
            resolved[job_id] = (account, changed, update)
        if written:
            self.browse(written)._write_columns(list(written.values()))
            ended = {row["id"] for of_job in rows.values() for row in of_job if row["outcome"]}
            counted = [id_ for id_, values in written.items() if id_ in ended and OF_ATTEMPT & values.keys()]
            if counted:
                self.env["label.print.attempt.figure"]._store_ended(counted)
        self.env["label.print.failed.label"]._follow(resolved)
        return recorded

    def _start_missing(self, quantities, updates, rows):
        """Rows for attempts that have none: of jobs that were not made by `create`. Adds them to ``rows``."""
        missing = [
            job_id
            for job_id in quantities
            if updates.get(job_id) and all(row["number"] != updates[job_id].number for row in rows.get(job_id, ()))
        ]
        if not missing:
            return
        jobs = self.env["label.print.job"].browse(missing)
        self.create(
            [
                {
                    **self._values_of_new(job, updates[job.id].number, job._attempt_indexes(), job.submitted_by),
                    "flask_job_id": job.flask_job_id,
                    "submitted_date": job.submitted_date,
                }
                for job in jobs
            ]
        )
        rows.update(self._read_accounts(missing))

    @api.model
    def _merge_update(self, row, update, now):
        """:return: the attempt's values that change, its account, and how many entries of the report were unusable"""
        size = row["labels_count"] or 0
        before = account = self._account_of_row(row)
        problems, values = 0, {}
        clock, report = ServerClock(update.clock_skew, row["submitted_date"]), None
        for report in update.reports:
            clock = ServerClock(update.clock_skew, row["submitted_date"], report.created_at)
            read = read_report(size, report, clock, row["submitted_date"], now)
            problems += read.problems
            if not row["outcome"] or read.account.exact or report.labels is not None:
                account = account.merge(read.account)
            if report.labels is not None and row["account_due"]:
                values["account_due"] = False
        if update.outcome and not row["outcome"]:
            said = clock.believe(report.started_at, row["submitted_date"], now) if report else None
            ended = clock.believe(report.completed_at, said or row["submitted_date"], now) if report else None
            started = said or row["started_date"] or update.started_at
            if started and ended:
                started = min(started, ended)  # Odoo may have seen the beginning only after the end
            if not update.given_up:
                account = account.close(update.outcome, update.code or LABEL_FAILED, ended)
            values.update(
                outcome=update.outcome,
                started_date=started,
                ended_date=ended or now,
                learned_date=now,
                times_from="server" if ended else "corrected" if report and report.completed_at else "odoo",
                error_code=update.code or None,
                error_message=update.message or None,
                error_kind=kind_of(update.code, update.message) or None,
                account_due=update.account_to_come and not any(report.labels is not None for report in update.reports),
            )
        if update.given_up:
            account = account.give_up()
        if account != before or "outcome" in values:
            counts = account.counts()
            values.update(
                account=account.to_stored(),
                account_exact=account.exact,
                printed_count=sum(counts[state] for state in ("reported", "spooled", "confirmed", "checked", "void")),
                confirmed_count=counts["confirmed"] + counts["checked"],
                failed_count=counts["failed"],
                uncertain_count=counts["uncertain"],
                taken_back_count=counts["taken_back"],
            )
            if update.outcome or row["outcome"]:
                values["fed_count"] = values["printed_count"] + values["uncertain_count"]
        return {name: value for name, value in values.items() if row.get(name) != value}, account, problems

    @api.model
    def _values_of_account(self, account, ended, problems=0):
        """What the account of a job means for the job's own fields."""
        values = {}
        if problems:
            key = "account_problems" if problems > 1 else "account_problems_one"
            values["account_problem"] = {"key": key, "count": problems}
        if not ended:
            return values
        counts = account.counts()
        size = len(account.labels)
        evidence = account.evidence
        values.update(
            counts,
            checked_count=len(account.indexes("checked")),
            status=account.status,
            evidence=evidence or False,
            confirmed=bool(size and counts["current_label"] == size and evidence in ("confirmed", "checked")),
            progress_percent=round(100.0 * counts["current_label"] / size, 2) if size else 0.0,
        )
        return values

    @api.model
    def _error_of_account(self, account, code, message):
        """Code and words of a job's problem once it has ended: those of its last attempt, or of a label of it."""
        if account.status == "completed":
            return "", ""
        if account.status == "cancelled":
            return code, message
        if code or message:
            return code, message
        failed = next((label.code for label in account.labels if label.state == "failed" and label.code), "")
        return failed or (UNCERTAIN if account.uncertain else LABEL_FAILED), ""
