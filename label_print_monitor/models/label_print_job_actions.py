"""What the buttons on jobs share: selections, locks, and how they say what came of it. And two small actions."""

import time

from odoo import api, models
from odoo.exceptions import LockError, UserError
from odoo.fields import Domain
from odoo.http import request
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from .archived_jobs import ARCHIVED_TOO
from .deletable_records import need_action
from .expected_conflicts import expected_conflicts

MOST_NAMED = 3  # sentences one by one in the summary of a selection
TRIES, PAUSE = 10, 0.1  # for a job that is being changed; the pause in seconds
VIEW_BUTTONS = "/web/dataset/call_button/"  # where the web client calls what the buttons of views do


class JobLocked(UserError):
    """Somebody else is just changing the job."""


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    def action_refresh(self):
        """Ask the print server about these jobs now."""
        self.check_access("write")  # the answer is kept; whoever only looks asks nothing
        problems = []
        for job in self:
            problem = self.env["print.job.status.poller"]._poll_now(job)
            if problem:
                problems.append(problem)
        if problems:
            return self._notification("warning", self.env._("Not up to date"), "\n".join(dict.fromkeys(problems)))
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_open_mo(self):
        """The manufacturing order of this job, which may be deleted while somebody still looks at the job."""
        self.ensure_one()
        self.check_access("read")
        if not self.mo_id:
            if self.mo_reference:
                message = self.env._(
                    "%(order)s no longer exists. Its print jobs remain, and can be found by its name.",
                    order=self.mo_reference,
                )
            else:
                message = self.env._("%(job)s was not made for a manufacturing order.", job=self.display_name)
            raise UserError(message)
        return {
            "type": "ir.actions.act_window",
            "res_model": "mrp.production",
            "res_id": self.mo_id.id,
            "views": [(False, "form")],
        }

    def _get_list_action(self, name):
        """The list of these jobs, under a name that says what they are to be chosen for."""
        action = need_action(self.env, "label_print_monitor.action_label_print_job")
        return {**action, "name": name, "domain": [("id", "in", self.ids), ARCHIVED_TOO], "context": {}}

    def _cut_selection(self):
        """The domain behind a selection that is too large for the web client, None when these jobs are all of it.

        After "Select all" a button of the list gets the first `web.active_ids_limit` ids and, in the context, the
        list's domain. So that many ids and a domain mean: everything in that domain.
        """
        domain = self.env.context.get("active_domain")
        limit = int(self.env["ir.config_parameter"].sudo().get_param("web.active_ids_limit", "20000"))
        return None if domain is None or len(self) < limit else Domain(domain)

    def _check_selection_is_whole(self):
        """:raise UserError: when more is selected than came here, so that nothing is left out unnoticed"""
        domain = self._cut_selection()
        selected = len(self) if domain is None else self.search_count(domain)
        if selected > len(self):
            raise UserError(
                self.env._(
                    "You have selected %(selected)s jobs; at most %(most)s can be retried or cancelled at once. "
                    "Nothing was done. Filter the list first, for example by “Failed” or “Active”.",
                    selected=selected,
                    most=len(self),
                )
            )

    def _lock_or_tell(self):
        """Lock this job now, or say that somebody else is at it."""
        try:
            with expected_conflicts():  # of a call of the web client, Odoo runs all of it again
                self.sudo().lock_for_update(allow_referencing=True)
        except LockError:
            raise JobLocked(
                self.env._(
                    "Somebody else, or the print server, is just changing %(job)s. Look at it again.",
                    job=self.display_name,
                )
            ) from None
        self.invalidate_recordset()

    def _in_own_transaction(self, do):
        """Do something to this job in a transaction of its own, again when somebody else was faster or is just at it.

        For what surrounds a question to a print server. Otherwise a conflict with an event of that server would have
        Odoo repeat the whole call of the web client, as if the server had not been asked and had not acted.

        :param do: a function without arguments
        :return: what it returns
        """
        poller = self.env["print.job.status.poller"]
        if poller._testing():
            return do()
        attempt = 0
        while True:
            attempt += 1
            poller._commit()
            try:
                with expected_conflicts():
                    result = do()
                    poller._commit()
                return result
            except (JobLocked, *PG_CONCURRENCY_EXCEPTIONS_TO_RETRY):
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)
                if attempt == TRIES:
                    raise
                time.sleep(PAUSE)
            except UserError:
                self.env.cr.rollback()
                raise

    def _notification(self, kind, title, message, sticky=False):
        params = {"type": kind, "title": title, "message": message, "sticky": sticky}
        if self._is_called_by_a_view():
            # A view reads again when the action of its button closes, which a notification alone does not do.
            params["next"] = {"type": "ir.actions.act_window_close"}
        return {"type": "ir.actions.client", "tag": "display_notification", "params": params}

    def _is_called_by_a_view(self):
        """Whether a button in a view was pressed.

        Toasts and the overview call by RPC, whatever their user is doing meanwhile: what they get back must neither
        reload the form in which somebody types nor close an open dialog. What they change comes over the bus.
        """
        return bool(request) and request.httprequest.path.startswith(VIEW_BUTTONS)

    def _name_some(self, names, most=MOST_NAMED):
        """The first ``most`` of a list of names or sentences, and how many more there are."""
        named = names[:most]
        if len(names) > most:
            named.append(self.env._("and %(count)s more", count=len(names) - most))
        return " · ".join(named)

    @api.model
    def _check_reason(self, reasons, reason, note):
        """What a dialog that asks why is given: one of ``reasons``, or a ``note`` in the person's own words.

        :param reasons: the pairs of a selection field, with "other" for own words
        :return: ``(reason, note)``, the note False when there is none
        :raise UserError: in words, when there is no reason, or none of these
        """
        note = (note or "").strip()
        reason = reason or (note and "other")
        if not reason:
            raise UserError(self.env._("Choose a reason."))
        if reason not in dict(reasons):
            raise UserError(self.env._("“%(reason)s” is none of the reasons.", reason=reason))
        if reason == "other" and not note:
            raise UserError(self.env._("Say in a few words why."))
        return reason, note or False

    def _counted_summary(self, done, left):
        """What came of a selection, in numbers, with a button that opens the jobs that are left.

        :param str done: what has been done, in words
        :param dict left: by why nothing could be done, the jobs
        """
        if not left:
            return self._notification("success", self.env._("Selection"), done)
        jobs = self.browse().union(*left.values())
        reasons = "; ".join(
            self.env._("%(count)s × %(reason)s", count=len(some), reason=reason) for reason, some in left.items()
        )
        count = len(jobs)
        words = (
            self.env._("%(done)s 1 job is left: %(reasons)s.", done=done, reasons=reasons)
            if count == 1
            else self.env._("%(done)s %(count)s jobs are left: %(reasons)s.", done=done, count=count, reasons=reasons)
        )
        action = self._notification("warning", self.env._("Selection"), words, sticky=True)
        # As `display_notification`, with a button: a notification's own links lead to addresses, not to a selection.
        return {**action, "tag": "label_print_monitor.summary", "params": {**action["params"], "job_ids": jobs.ids}}

    def _summary(self, done, left):
        message = done
        if left:
            message += " " + self.env._("Not done: %(list)s", list=self._name_some(left))
        return self._notification("warning" if left else "success", self.env._("Selection"), message, sticky=bool(left))
