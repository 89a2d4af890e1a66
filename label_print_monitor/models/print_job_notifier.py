"""Who is told what, once. The only file that sends to the bus."""

import hashlib
from collections import defaultdict

from markupsafe import Markup
from odoo import api, fields, models

from ..services.wording import error_catalogue

LIVE_CHANNEL = "label_print_monitor"
LIVE_TYPE = "label_print_monitor/changed"
TOAST_TYPE = "label_print_notification"
# More outcomes of one kind at once than this become one toast: a printer that runs out of paper can end fifty jobs.
BUNDLE_ABOVE = 2
MOST_LINKED = 50  # jobs linked one by one in an activity
ACTIVITY_TYPE = "mail.mail_activity_data_todo"
_PENDING = "label_print_monitor.live"


class PrintJobNotifier(models.AbstractModel):
    _name = "print.job.notifier"
    _description = "Print Job Notifier"

    @api.model
    def _live(self, jobs=None, printers=None, servers=None):
        """Tell open views which records have changed: ids only, so that access rules decide what a user sees.

        Gathered until just before the commit, so that a transaction sends one message however much it changes.
        """
        changed = self.env.cr.precommit.data.setdefault(_PENDING, {})
        if not changed:
            self.env.cr.precommit.add(self._send_live)
        for name, records in (("jobs", jobs), ("printers", printers), ("servers", servers)):
            changed.setdefault(name, set()).update(records.ids if records else ())

    @api.model
    def _send_live(self):
        changed = self.env.cr.precommit.data.pop(_PENDING, None)
        if changed:
            group = self.env.ref("label_print_monitor.group_label_print_user", raise_if_not_found=False)
            if group:
                payload = {name: sorted(ids) for name, ids in changed.items()}
                self.env["bus.bus"]._sendone((group, LIVE_CHANNEL), LIVE_TYPE, payload)

    @api.model
    def _notify_outcomes(self, jobs):
        """Tell each person concerned how these jobs ended: one by one while they are few, in one toast when many."""
        poller = self.env["print.job.status.poller"]
        jobs = jobs.filtered(lambda job: job.status in ("completed", "completed_with_errors", "failed"))
        if not jobs:
            return  # most answers of a print server end no job: they must cost no search
        audiences = self._audiences(jobs)
        # One toast has room for one problem: jobs of one bundle have ended alike, and for the same reason.
        for same in jobs.grouped(lambda job: (job.status, job.printer_id, job.error_kind)).values():
            if len(same) > BUNDLE_ABOVE:
                self._notify_bundle(same, audiences)
                continue
            for job in same:
                if job.status == "completed":
                    poller._send_completion_notification(job, audiences[job])
                else:
                    poller._send_error_notification(job, audiences[job])
        self._leave_activities(jobs.filtered(lambda job: job.status != "completed"), audiences)
        # What was asked of somebody is done once the missing labels are printed.
        done = jobs.filtered(lambda job: job.status == "completed" and job.attempt_number > 1)
        done.sudo().activity_unlink([ACTIVITY_TYPE])

    @api.model
    def _audiences(self, jobs):
        """The people to tell about the outcome of each job, by job: those concerned and those who want to hear of all.

        One search for all jobs, because their rows are locked meanwhile. Nobody hears of a job that they may not see:
        whoever has lost the group or the company since they printed, and followers from outside, are not told.
        """
        jobs = jobs.sudo()
        concerned = {
            # Who pressed Retry waits for it too.
            job: job.submitted_by | job.attempt_ids[:1].retried_by | job.message_partner_ids.user_ids
            for job in jobs
        }
        group = self.env.ref("label_print_monitor.group_label_print_user")
        users = self.env["res.users"].sudo().search(
            [
                "|",
                ("id", "in", [id_ for people in concerned.values() for id_ in people.ids]),
                ("label_print_notify", "in", ("all", "all_failures")),
                ("all_group_ids", "in", group.ids),
                ("company_ids", "in", jobs.company_id.ids),
                ("share", "=", False),
            ]
        ) - self.env.ref("base.user_root")
        return {
            job: users.filtered(
                lambda user, job=job: job.company_id in user.company_ids
                and self._wants(user, job.status != "completed", user in concerned[job])
            )
            for job in jobs
        }

    def _wants(self, user, failed, concerned):
        choice = user.label_print_notify
        if failed:
            return concerned or choice in ("all", "all_failures")
        return choice == "all" or (concerned and choice == "mine")

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

    def _outcome_payload(self, job, user):
        """The specification's payload for one job, in the language of the person who reads it."""
        job = job.with_context(lang=user.lang)
        env = job.env
        if job.status == "completed":
            message = self._words_of_completion(job)
            payload = {"type": "success", "title": env._("Print Job Completed"), "message": message, "sticky": False}
        elif job.status == "completed_with_errors":
            message = self._with_action(env, self._words_of_failed_labels(job), job.error_action)
            title = env._("Print Job Completed with Errors")
            payload = {"type": "warning", "title": title, "message": message, "sticky": True}
        else:
            problem = job.error_message or job.error_title or env._("the print server gave no reason")
            message = env._("Job %(id)s failed: %(problem)s", id=job.id, problem=problem)
            message = self._with_action(env, message, job.error_action)
            payload = {"type": "danger", "title": env._("Print Job Failed"), "message": message, "sticky": True}
        return {
            **payload,
            "job_ids": job.ids,
            "key": f"job-{job.id}-{job.attempt_number}-{job.status}",
            "retryable": self._is_worth_a_retry(job),
        }

    def _is_worth_a_retry(self, job):
        """Whether a toast offers it. On the job itself a person may retry whatever they think best."""
        return job.can_retry and job.error_retry_helps

    def _with_action(self, env, words, action):
        """What happened, and what to do about it: a language may join the two in its own way."""
        if not action:
            return words
        return env._("%(problem)s. %(action)s.", problem=words.rstrip(" .。"), action=action)

    def _words_of_completion(self, job):
        """The specification's sentence, and that of one label. Odoo's translations know no plural forms."""
        env = job.env
        reference = job.mo_reference or job.mo_id.name
        if reference and job.quantity == 1:
            return env._("1 label printed for %(reference)s", reference=reference)
        if reference:
            return env._("%(quantity)s labels printed for %(reference)s", quantity=job.quantity, reference=reference)
        printer = job.printer_id.name or "-"
        if job.quantity == 1:
            return env._("1 label printed on %(printer)s", printer=printer)
        return env._("%(quantity)s labels printed on %(printer)s", quantity=job.quantity, printer=printer)

    def _words_of_failed_labels(self, job):
        env = job.env
        if job.quantity == 1:
            return env._("Job %(id)s: its label failed.", id=job.id)
        if not job.failed_count:  # its print server says that some did, but not how many
            return env._("Job %(id)s: some of its %(quantity)s labels failed.", id=job.id, quantity=job.quantity)
        return env._(
            "Job %(id)s: %(failed)s of %(quantity)s labels failed.",
            id=job.id,
            failed=job.failed_count,
            quantity=job.quantity,
        )

    def _bundle_payload(self, jobs, user):
        """One payload for jobs of one printer that ended alike, in the language of the person who reads it."""
        jobs = jobs.with_context(lang=user.lang)
        env = jobs.env
        first = jobs[:1]
        if first.status == "completed":
            payload = {"type": "success", "title": env._("Print Jobs Completed"), "sticky": False}
            message = env._(
                "%(count)s jobs on %(printer)s: %(labels)s labels printed",
                count=len(jobs),
                printer=first.printer_id.name or "-",
                labels=sum(jobs.mapped("quantity")),
            )
        elif first.status == "completed_with_errors":
            payload = {"type": "warning", "title": env._("Print Jobs Completed with Errors"), "sticky": True}
            message = self._words_of_failed_labels_in(jobs)
        else:
            payload = {"type": "danger", "title": env._("Print Jobs Failed"), "sticky": True}
            message = self._words_of_failures(jobs)
        if first.status != "completed":
            # Of words that only the print server knows there is no action, and of its codes one for all jobs.
            message = self._with_action(env, message, first.error_action)
        return {
            **payload,
            "message": message,
            "job_ids": jobs.ids,
            "key": self._bundle_key(jobs),
            "retryable": any(self._is_worth_a_retry(job) for job in jobs),
        }

    def _words_of_failures(self, jobs):
        env = jobs.env
        params = {"count": len(jobs), "printer": jobs[:1].printer_id.name or "-"}
        problem = self._common_problem(jobs)
        if not problem:
            return env._("%(count)s jobs on %(printer)s failed", **params)
        return env._("%(count)s jobs on %(printer)s failed: %(problem)s", **params, problem=problem)

    def _words_of_failed_labels_in(self, jobs):
        env = jobs.env
        params = {"count": len(jobs), "printer": jobs[:1].printer_id.name or "-"}
        params["labels"] = sum(jobs.mapped("quantity"))
        failed = jobs.mapped("failed_count")
        if not all(failed):  # of some is known that labels failed, but not how many
            return env._("%(count)s jobs on %(printer)s: some of their %(labels)s labels failed.", **params)
        return env._(
            "%(count)s jobs on %(printer)s: %(failed)s of %(labels)s labels failed.", **params, failed=sum(failed)
        )

    def _common_problem(self, jobs):
        """What is wrong with all these jobs of one kind, in words; '' when each has its own."""
        first = jobs[:1]
        advice = error_catalogue.advice_about(first.error_code, first.error_message)
        if advice:
            return jobs.env._(advice.message)
        said = set(jobs.mapped("error_message"))
        return (said.pop() or "") if len(said) == 1 else ""

    def _bundle_key(self, jobs):
        """Names the outcome of these attempts, so that a browser shows it once and that of the next attempts again."""
        attempts = sorted((job.id, job.attempt_number) for job in jobs)
        return f"jobs-{hashlib.sha256(repr(attempts).encode()).hexdigest()[:16]}-{jobs[:1].status}"

    @api.model
    def _toast(self, user, payload):
        user.partner_id._bus_send(TOAST_TYPE, payload)

    @api.model
    def _leave_activities(self, jobs, audiences):
        """Failures that nobody is there to see wait for whoever printed: one by one while they are few, else as one."""
        waiting = defaultdict(jobs.browse)
        for job in jobs.sudo():
            people = (job.attempt_ids[:1].retried_by, job.submitted_by)
            user = next((user for user in people if user in audiences[job]), None)
            if user and self._is_absent(user):
                waiting[user, job.printer_id, job.error_kind] |= job
        for (user, _printer, _kind), same in waiting.items():
            for left in [same] if len(same) > BUNDLE_ABOVE else same:
                self._leave_activity(left, user)

    def _is_absent(self, user):
        """Whether a toast would find nobody: not logged in, or away from the screen for half an hour.

        Odoo's time off and remote work put words before a status (`leave_away`, `presence_home_offline`), and a status
        that somebody has chosen hides the real one: who left “Do Not Disturb” on may have gone home.
        """
        user = user.sudo()
        shown = (user.im_status or "offline").rsplit("_", 1)[-1]
        return bool({shown, user.presence_ids.status or "offline"} & {"away", "offline"})

    def _leave_activity(self, jobs, user):
        """One activity on the first of these jobs, with the others named in it."""
        jobs = jobs.sudo().sorted("id").with_context(lang=user.lang, tz=user.tz)
        env = jobs.env
        first, others = jobs[:1], jobs[1:]
        if first.attempt_number > 1:
            # Of an earlier attempt's failure nothing is left to do.
            first.activity_unlink([ACTIVITY_TYPE], user_id=user.id)
        note = first.error_steps_html or Markup("<p>%s</p>") % (first.error_message or "")
        if others:
            links = Markup(", ").join(job._get_html_link() for job in others[:MOST_LINKED])
            if len(others) > MOST_LINKED:
                links = env._("%(jobs)s and %(count)s more", jobs=links, count=len(others) - MOST_LINKED)
            note += Markup("<p>%s</p>") % env._("It is about these jobs too: %(jobs)s.", jobs=links)
        first.activity_schedule(
            ACTIVITY_TYPE,
            date_deadline=fields.Date.context_today(first),
            summary=self._summary_of_activity(jobs),
            note=note,
            user_id=user.id,
        )

    def _summary_of_activity(self, jobs):
        env = jobs.env
        count, problem = len(jobs), self._common_problem(jobs)
        failed = set(jobs.mapped("status")) == {"failed"}
        if count == 1:
            problem = problem or jobs.error_title or ""
            if failed:
                return env._("Print job failed: %(problem)s", problem=problem)
            return env._("Print job completed with errors: %(problem)s", problem=problem)
        if failed and problem:
            return env._("%(count)s print jobs failed: %(problem)s", count=count, problem=problem)
        if failed:
            return env._("%(count)s print jobs failed", count=count)
        if problem:
            return env._("%(count)s print jobs ended with errors: %(problem)s", count=count, problem=problem)
        return env._("%(count)s print jobs ended with errors", count=count)

    @api.model
    def _notify_managers(self, server, kind, words):
        """One notice to those who can mend a print server, each in their own language.

        :param words: a function that makes title and message in the language of the server record that it is given
        """
        group = self.env.ref("label_print_monitor.group_label_print_manager")
        users = group.sudo().all_user_ids.filtered("active") - self.env.ref("base.user_root")
        stamp = fields.Datetime.to_string(server.state_since) if server.state_since else ""
        for user in users:
            title, message = words(server.with_context(lang=user.lang))
            self._toast(
                user,
                {
                    "type": kind,
                    "title": title,
                    "message": message,
                    "sticky": kind != "success",
                    "job_ids": [],
                    "key": f"server-{server.id}-{server.state}-{stamp}",
                    "retryable": False,
                },
            )
