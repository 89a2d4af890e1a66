"""Each verification of records: who, which jobs, how many, and what differs.

A few jobs are verified while their reader waits, more of them by a scheduled action, in steps; a run after one that
died goes on where that one stopped.
"""

import logging
import time

from odoo import api, fields, models
from odoo.fields import Domain

from .deletable_records import need_action, need_record, trigger_cron
from .label_print_job_verify import Verdict

_logger = logging.getLogger(__name__)

CRON = "label_print_monitor.cron_verify_records"

MOST_AT_ONCE = 1000  # more jobs than this are verified in the background
JOBS_A_STEP = 1000
MOST_SECONDS_A_RUN = 60.0
# Of so many jobs it is kept what differs; how many there are is counted in any case.
MOST_KEPT = 1000
MOST_FINDINGS_A_JOB = 20


class LabelPrintVerification(models.Model):
    """An entry of the log of verifications. It stays: that somebody has looked is evidence, too."""

    _name = "label.print.verification"
    _inherit = ["label.print.request.mixin"]
    _description = "Verification of Print Records"
    _order = "id desc"

    state = fields.Selection(
        [("waiting", "Waiting"), ("running", "Running"), ("done", "Finished"), ("failed", "Failed")],
        required=True,
        default="waiting",
    )
    expected_count = fields.Integer("Jobs", aggregator=None, help="As many as there were when it was asked for.")
    checked_count = fields.Integer("Jobs Verified")
    entry_count = fields.Integer("Entries Verified")
    different_count = fields.Integer("Jobs That Differ")
    last_job_id = fields.Integer(help="Jobs up to this number are verified.", aggregator=None)
    progress_percent = fields.Float("Progress (%)", compute="_compute_progress_percent")
    # Of jobs of all companies in which it was asked for: a reader gets those that they may read, by `result`.
    findings = fields.Json(help="What differs, by job; of the first of them.", groups=fields.NO_ACCESS)
    result = fields.Text(compute="_compute_result")

    @api.depends("create_date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for one in self:
            one.display_name = self.env._("Verification %(number)s", number=one._origin.id or "")

    @api.depends("state", "checked_count", "expected_count")
    def _compute_progress_percent(self):
        for one in self:
            share = 100.0 * one.checked_count / one.expected_count if one.expected_count else 0.0
            one.progress_percent = 100.0 if one.state == "done" else min(share, 99.0)

    @api.depends("findings", "state", "checked_count", "entry_count", "different_count")
    @api.depends_context("lang", "uid", "allowed_company_ids")
    def _compute_result(self):
        for one in self:
            lines = [one._summary()]
            found = one.sudo().findings or {}
            jobs = one._jobs_that_differ()._filtered_access("read")
            for job in jobs:
                for key, params in found[str(job.id)]:
                    lines.append(
                        self.env._(
                            "Print Job %(number)s: %(what)s", number=job.id, what=job._finding_in_words(key, params)
                        )
                    )
            if one.different_count > len(jobs):
                lines.append(self.env._("The other jobs that differ are not named here: verify them with a filter."))
            one.result = "\n".join(lines)

    def _jobs_that_differ(self):
        """The first of them, whether or not the reader may read them."""
        self.ensure_one()
        return self.env["label.print.job"].browse(int(id_) for id_ in self.sudo().findings or {}).exists()

    def _summary(self):
        """What came of it, in one sentence."""
        self.ensure_one()
        if self.state == "failed":
            return self.env._("The verification was broken off. The server's log says what went wrong.")
        if self.state != "done":
            return self.env._("It is under way.")
        params = {"jobs": self.checked_count, "entries": self.entry_count, "different": self.different_count}
        if not self.checked_count:
            return self.env._("There was no job to verify.")
        if not self.different_count:
            return self.env._(
                "Nothing was changed since it was recorded. Jobs verified: %(jobs)s, entries of their records: "
                "%(entries)s.",
                **params,
            )
        return self.env._("Changed since it was recorded: %(different)s of %(jobs)s jobs.", **params)

    @api.model
    def _make(self, domain):
        """Verify the jobs of this `Domain` for the user, with their rights.

        :return: the action that shows what came of it, or says that it will come
        """
        Job = self.env["label.print.job"].with_context(active_test=False)
        count = Job.search_count(domain)
        one = self.sudo().create(
            {
                **self._values_of_request(domain),
                "expected_count": count,
            }
        )
        if count > MOST_AT_ONCE:
            need_record(self.env, CRON)  # nobody waits for what nothing verifies
            trigger_cron(self.env, CRON)
        else:
            one._verify_step(MOST_AT_ONCE)
        return one.with_env(self.env)._get_form_action()

    def _get_form_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Verification of Print Records"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def action_verify_all(self):
        """Verify the records of all jobs that the user may see."""
        self.browse().check_access("read")
        self.env["label.print.job"].check_access("read")
        return self._make(Domain.TRUE)

    def action_view_different(self):
        """The jobs in which something differs."""
        self.ensure_one()
        self.check_access("read")
        action = need_action(self.env, "label_print_monitor.action_label_print_job")
        return {**action, "domain": [("id", "in", self._jobs_that_differ().ids)], "context": {}}

    def _verify_step(self, limit=JOBS_A_STEP):
        """Verify the next jobs, as the person who asked for it may see them; the last step ends it."""
        self.ensure_one()
        one = self.sudo()
        domain = one._requested_domain() & Domain("id", ">", one.last_job_id)
        jobs = one._requested_jobs(active_test=False).search(domain, order="id", limit=limit)
        verdicts = jobs.sudo()._verify()
        different = {id_: verdict for id_, verdict in verdicts.items() if verdict.findings}
        findings = dict(one.findings or {})
        for id_, verdict in different.items():
            if len(findings) < MOST_KEPT:
                findings[str(id_)] = self._findings_to_keep(verdict)
        done = len(jobs) < limit
        one.write(
            {
                "checked_count": one.checked_count + len(jobs),
                "entry_count": one.entry_count + sum(verdict.count for verdict in verdicts.values()),
                "different_count": one.different_count + len(different),
                "findings": findings or False,
                "last_job_id": jobs[-1:].id or one.last_job_id,
                "state": "done" if done else "running",
                "done_date": fields.Datetime.now() if done else False,
            }
        )
        if done:
            _logger.log(
                logging.WARNING if one.different_count else logging.INFO,
                "Print records: %s (user %s) verified %s jobs, %s differ",
                one.user_id.login,
                one.user_id.id,
                one.checked_count,
                one.different_count,
            )

    @api.model
    def _findings_to_keep(self, verdict: Verdict):
        return [[finding.key, finding.params] for finding in verdict.findings[:MOST_FINDINGS_A_JOB]]

    @api.model
    def _cron_verify_records(self):
        """Go on with the verifications that are not finished, in steps, and tell those who wait."""
        until = time.monotonic() + MOST_SECONDS_A_RUN
        waiting = self.search([("state", "in", ("waiting", "running"))], order="id")
        for place, one in enumerate(waiting):
            while one.state in ("waiting", "running"):
                if time.monotonic() >= until:
                    trigger_cron(self.env, CRON)
                    return
                try:
                    one._verify_step()
                except Exception:  # whatever is wrong with one must not keep the others from being verified
                    _logger.exception("Print records: verification %s was broken off", one.id)
                    self.env.cr.rollback()
                    self.env.invalidate_all(flush=False)
                    one.write({"state": "failed", "done_date": fields.Datetime.now()})
                if one.state in ("done", "failed"):
                    one._tell()
                self.env["ir.cron"]._commit_progress(remaining=len(waiting) - place)
        self.env["ir.cron"]._commit_progress(remaining=0)

    def _tell(self):
        """A toast for whoever waits for it, with what came of it."""
        here = self.with_context(lang=self.user_id.lang)
        failed = self.state == "failed"
        kind = "danger" if failed or self.different_count else "success"
        self.env["print.job.notifier"]._toast(
            self.user_id,
            {
                "type": kind,
                "title": here.env._("Records of print jobs verified")
                if not failed
                else here.env._("Records of print jobs could not be verified"),
                "message": here._summary(),
                "sticky": True,
                "job_ids": [int(id_) for id_ in self.findings or {}][:100],
                "key": f"verification-{self.id}",
                # It says nothing of how these jobs ended, so it neither replaces nor follows what does.
                "topic": f"verification-{self.id}",
                "retryable": False,
            },
        )
