"""Mails about labels that Odoo's queue could not hand to the mail server: sent later, and said in words.

Odoo tries once. When the connection to the mail server fails, after a minute for one that never answers, nothing of a
mail has left, so that it may be tried again without being sent twice. Where a mail server stops in the middle of one,
nobody knows, and a person decides.
"""

import smtplib
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import exception_to_unicode

from .deletable_records import find_record, trigger_cron

SHIFT_MAILING, INCIDENT = "label.print.shift.mailing", "label.print.incident"
ABOUT_LABELS = (SHIFT_MAILING, INCIDENT, "label.print.job")
QUEUE = "mail.ir_cron_mail_scheduler_action"
NO_CONNECTION = "mail_smtp"  # Odoo's word
# Of the mails that escalate an incident, by which they are told from what people write about it.
ESCALATION_HEADER = "X-Label-Print-Escalation"
# Each try may hold Odoo's queue for a minute: seldom, the longer it lasts.
FIRST_DELAY, LONGEST_DELAY = timedelta(minutes=5), timedelta(hours=1)
NEWS_FOR = timedelta(hours=12)


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _postprocess_sent_message(self, success_pids, success_emails, failure_reason=False, failure_type=None):
        failed = self._about_labels() if failure_type else self.browse()
        if failed:  # before Odoo deletes those with an address that is none
            nothing_left = failure_type == NO_CONNECTION and not success_pids and not success_emails
            first = failed.filtered(lambda mail: not mail.scheduled_date)
            waiting = failed._send_later() if nothing_left else self.browse()
            not_sent = failed.filtered(lambda mail: mail.state == "exception")
            self.env["print.job.notifier"]._tell_of_mails(waiting & first, not_sent)
        result = super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason=failure_reason, failure_type=failure_type
        )
        if failed and self._runs_in_queue():
            # Mails of other senders may each hold the queue for a minute more, and its worker be ended for that.
            self.env["print.job.status.poller"]._commit()
        return result

    def _send(self, *args, **kwargs):
        for mail in self.filtered(lambda mail: mail.state == "outgoing" and mail._is_outdated()):
            mail.state = "cancel"  # Odoo passes over it
        try:
            return super()._send(*args, **kwargs)
        except smtplib.SMTPServerDisconnected as error:
            # The mails are sent in this order: what comes after has not been begun, and stays in the queue.
            stopped = self.exists().filtered(lambda mail: mail.state == "exception")[-1:]
            if stopped._about_labels():
                stopped.failure_reason = exception_to_unicode(error)
                self.env["print.job.notifier"]._tell_of_mails(self.browse(), stopped)
            if self.exists().filtered(lambda mail: mail.state == "outgoing")._about_labels():
                self._trigger_queue(fields.Datetime.now() + FIRST_DELAY)
            raise

    def _about_labels(self):
        return self.filtered(lambda mail: mail.model in ABOUT_LABELS)

    def _send_later(self):
        """:return: those that are tried again: as long as they are news"""
        now, waiting = fields.Datetime.now(), self.browse()
        for mail in self:
            age = now - mail.create_date
            if mail._is_outdated():
                mail.state = "cancel"
            elif age < NEWS_FOR:
                mail.write(
                    {"state": "outgoing", "scheduled_date": now + min(max(age, FIRST_DELAY), LONGEST_DELAY)}
                )
                waiting |= mail
        if waiting:
            self._trigger_queue(min(waiting.mapped("scheduled_date")))
        return waiting

    def _is_outdated(self):
        """Whether it asks for somebody who has been found, or for whom there is nothing left to do.

        Only escalations: what people write about an incident is theirs.
        """
        is_escalation = self.model == INCIDENT and ESCALATION_HEADER in (self.headers or "")
        return is_escalation and not self._incidents()._is_awaiting_somebody()

    def _incidents(self):
        ids = [mail.res_id for mail in self if mail.model == INCIDENT]
        return self.env[INCIDENT].sudo().browse(ids).exists()

    @api.model
    def _runs_in_queue(self):
        """Whether Odoo's scheduled action does this: then the transaction is nobody else's."""
        queue = find_record(self.env, QUEUE)
        return bool(queue) and self.env.context.get("cron_id") == queue.id

    @api.model
    def _trigger_queue(self, at=None):
        """Have Odoo's queue of mails looked into: it does so by itself once an hour."""
        trigger_cron(self.env, QUEUE, at)

    def _names_of_recipients(self):
        return ", ".join(self.recipient_ids.mapped("name")) or self.email_to or ""


class LabelPrintIncident(models.Model):
    _inherit = "label.print.incident"

    def _is_awaiting_somebody(self):
        return bool(self) and not (self.closed_at or self.acknowledged_by or self.user_id)
