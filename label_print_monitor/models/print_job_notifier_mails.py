"""That mails about labels could not be sent is told to managers by a toast, and said in the incident's chatter."""

import logging

import psycopg2
from markupsafe import Markup
from odoo import api, models

from .label_print_mail_retry import INCIDENT, NEWS_FOR

_logger = logging.getLogger(__name__)

MOST_NAMED = 5


class PrintJobNotifier(models.AbstractModel):
    _inherit = "print.job.notifier"

    @api.model
    def _tell_of_mails(self, waiting, not_sent):
        """Tell managers of these mails, and say it in the chatter of the incidents that they are about.

        Odoo's queue, which calls this, has other mails to send: nothing is raised but what has ended its transaction.

        :param waiting: those that are tried again, when they have failed for the first time
        :param not_sent: those that are not
        """
        mails = (waiting | not_sent).sudo()
        try:
            with self.env.cr.savepoint():
                for company, theirs in mails.grouped("record_company_id").items():
                    self._toast_of_mails(company, theirs)
                for mail in mails.filtered(lambda mail: mail.model == INCIDENT):
                    self._note_mail(mail)
        except psycopg2.Error:
            raise  # what the transaction holds is lost, and the queue begins anew
        except Exception:
            _logger.exception("Nobody could be told that mails %s were not sent", mails.ids)

    def _toast_of_mails(self, company, mails):
        group = self.env.ref("label_print_monitor.group_label_print_manager")
        users = group.sudo().all_user_ids.filtered("active") - self.env.ref("base.user_root")
        if company:
            users = users.filtered(lambda user: company in user.company_ids)
        for user in users:
            read = self.with_context(lang=user.lang, tz=user.tz)
            lines = [read._words_of_mail(mail) for mail in mails[:MOST_NAMED]]
            if more := len(mails) - len(lines):
                one, several = read.env._("And one more mail."), read.env._("And %(count)s more mails.", count=more)
                lines.append(one if more == 1 else several)
            self._toast(
                user,
                {
                    "type": "danger",
                    "title": read.env._("Mails about labels were not sent"),
                    "message": " ".join(lines),
                    "sticky": True,
                    "job_ids": [],
                    "key": f"mails-{mails[:1].id}-{mails[:1].state}",
                    "topic": False,
                    "retryable": False,
                },
            )

    def _note_mail(self, mail):
        incident = mail._incidents()
        if not incident:
            return
        company = incident.company_id or self.env["res.company"]._get_main_company()
        tz = self.env["label.print.printer.day"]._zone_of(company.id).key
        read = self.with_context(lang=company.partner_id.lang or self.env.lang, tz=tz)
        # Notifies nobody: a mail to a follower would fail, too, and be noted again.
        incident._message_log(
            body=Markup("<p>%s</p>") % read._words_of_mail(mail), author_id=self.env.ref("base.partner_root").id
        )

    @api.model
    def _words_of_mail(self, mail):
        """One sentence or two: what has not been sent to whom, why, and what becomes of it; in the language of the
        environment."""
        mail = mail.with_env(self.env).sudo()
        values = {
            "subject": mail.subject,
            "people": mail._names_of_recipients(),
            "reason": (mail.failure_reason or "").strip().rstrip("."),
        }
        if mail.state == "outgoing":
            end = self.env["label.print.job"]._time_in_words(mail.create_date + NEWS_FOR)
            return self.env._(
                "“%(subject)s” to %(people)s waits: Odoo could not connect to its mail server (%(reason)s). It is "
                "tried again until %(time)s.",
                **values,
                time=end,
            )
        return self.env._(
            "“%(subject)s” to %(people)s was not sent, as far as Odoo knows: %(reason)s. It is not tried again; an "
            "administrator finds it under Settings, Technical, Emails.",
            **values,
        )
