"""The shift report by mail: at the end of each shift, once, to those who may read it, each in their language.

A scheduled action of its own makes the pages, and Odoo's queue of mails sends them: a mail server that does not answer
holds neither the engine nor the next shift's report. What then becomes of the mails is in label_print_mail_retry.py.
"""

import logging
from datetime import timedelta, timezone

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from .deletable_records import find_record
from .expected_conflicts import expected_conflicts
from .label_print_mail_retry import SHIFT_MAILING

_logger = logging.getLogger(__name__)

# What ended in the last seconds of a shift is known by then.
AFTER_END = timedelta(minutes=2)
# A report that could not be made until then, because Odoo did not run, is no longer news.
NEWS_FOR = timedelta(hours=12)
KEPT = timedelta(days=30)
REPORT = "label_print_monitor.report_shift"
BODY = "label_print_monitor.shift_mail"


class LabelPrintShift(models.Model):
    _inherit = "label.print.shift"

    # Without a domain: one that is no internal user any more would be left out without a word.
    mail_user_ids = fields.Many2many("res.users", "label_print_shift_user_rel", string="Mail the Report To")
    mail_quiet = fields.Boolean(
        "Also When Nothing Happened", help="Also when nothing was printed, nothing failed and nothing is open."
    )
    mail_left_out = fields.Char(
        "Not Mailed", compute="_compute_mail_left_out", help="Who gets no report although they are chosen, and why."
    )
    mail_not_sent = fields.Char(
        "Not Sent",
        compute="_compute_mail_not_sent",
        help="Reports that Odoo could not hand to the mail server, and why.",
    )

    @api.depends("mail_user_ids", "company_id")
    @api.depends_context("lang")
    def _compute_mail_left_out(self):
        for shift in self:
            reasons = shift._who_gets_no_mail(shift._named(), shift.company_id)
            shift.mail_left_out = self.env["label.print.escalation.step"]._people_with_reasons(reasons)

    @api.depends_context("lang", "tz", "allowed_company_ids")
    def _compute_mail_not_sent(self):
        mailings = self.env[SHIFT_MAILING].sudo().search(
            [("shift_id", "in", self.ids), ("company_id", "in", self.env.companies.ids)]
        )
        mails = self.env["mail.mail"].sudo().search(
            [
                ("model", "=", SHIFT_MAILING), ("res_id", "in", mailings.ids),
                "|", ("state", "=", "exception"), "&", ("state", "=", "outgoing"), ("scheduled_date", "!=", False),
            ],
            order="id",
        )  # fmt: skip
        words = {mailing.shift_id.id: [] for mailing in mailings}
        shift_of = {mailing.id: mailing.shift_id.id for mailing in mailings}
        for mail in mails:
            words[shift_of[mail.res_id]].append(self.env["print.job.notifier"]._words_of_mail(mail))
        for shift in self:
            shift.mail_not_sent = " ".join(words.get(shift._origin.id, ()))

    @api.constrains("mail_user_ids", "company_id")
    def _check_recipients(self):
        """Nobody is chosen who would get no mail."""
        for shift in self:
            if reasons := shift._who_gets_no_mail(shift._named(), shift.company_id):
                people = self.env["label.print.escalation.step"]._people_with_reasons(reasons)
                raise ValidationError(self.env._("They would get no shift report: %(people)s.", people=people))

    def _named(self):
        """The people who are chosen, also those who have been archived since."""
        return self.sudo().with_context(active_test=False).mail_user_ids

    @api.model
    def _who_gets_no_mail(self, users, company):
        """:return: why, by user, for those who may not read a shift report of this company, or have no mail address"""
        reasons = {user: self.env._("no mail address") for user in users.sudo() if not user.email}
        return reasons | self.env["label.print.escalation.step"]._who_may_not_act(users, company)

    def _recipients(self, company):
        """Those who get the report of this company's shift now."""
        named = self._named()
        return named - named.browse(user.id for user in self._who_gets_no_mail(named, company))

    @api.model
    def _cron_mail_reports(self):
        """Queue the reports of all shifts that have ended and were not mailed, each in a transaction of its own."""
        # Without the template there is no mail.
        due = self._due_reports(fields.Datetime.now()) if find_record(self.env, BODY) else []
        self.env["ir.cron"]._commit_progress(remaining=len(due))
        for shift, company, day in due:
            try:
                with expected_conflicts():
                    shift._queue_report(company, day)
                    if not self.env["ir.cron"]._commit_progress(1):
                        return  # the next run goes on
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self._undo()  # another process has just done it, or the next run does
            except Exception:
                # Any: one page that cannot be made must not keep the others from being mailed.
                _logger.exception("The report of shift %s on %s could not be mailed", shift.id, day)
                self._undo()
                self.env["ir.cron"]._commit_progress(1)  # the next run tries again

    def _undo(self):
        self.env.cr.rollback()
        self.env.invalidate_all(flush=False)

    @api.model
    def _due_reports(self, now):
        """:return: ``[(shift, company, day)]`` of what has ended not long ago and was not mailed"""
        mailed = self.sudo().search([("active", "=", True)]).filtered(lambda shift: shift._named())
        if not mailed:
            return []
        done = {
            (row.shift_id.id, row.company_id.id, row.day)
            for row in self.env[SHIFT_MAILING].sudo().search([("shift_id", "in", mailed.ids)])
        }
        due = []
        for company in self._companies_that_print():
            zone = self.env["label.print.printer.day"]._zone_of(company.id)
            today = now.replace(tzinfo=timezone.utc).astimezone(zone).date()
            for shift in mailed & self._of_company(company):
                for day in (today - timedelta(days=back) for back in range(3)):
                    until = shift._bounds(company, day)[1]
                    if now - NEWS_FOR < until <= now - AFTER_END and (shift.id, company.id, day) not in done:
                        due.append((shift, company, day))
        return due

    @api.model
    def _companies_that_print(self):
        """Shared shifts are those of every company; one that has never printed labels has nothing to report."""
        rows = self.env.execute_query(
            SQL("SELECT id FROM res_company c WHERE EXISTS (SELECT FROM label_print_job WHERE company_id = c.id)")
        )
        companies = self.env["res.company"].sudo().browse(id_ for (id_,) in rows)
        return companies.filtered("active").sorted("id")

    def _queue_report(self, company, day):
        """Hand the report to Odoo's queue of mails, one mail for each person, unless another process has done that."""
        # Made before the row is there: a PDF takes seconds.
        pages, mails, failure = {}, [], None
        for user in self._recipients(company):
            try:
                with self.env.cr.savepoint():
                    # Pages of people who read alike are alike.
                    alike = (user.lang, user.tz, frozenset(user.all_group_ids.ids))
                    if alike not in pages:
                        pages[alike] = self._values_of_mail(company, day, user)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception as error:
                # Any: the others get theirs.
                _logger.exception("The report of shift %s on %s could not be made for %s", self.id, day, user.login)
                failure = error
                continue
            if values := pages[alike]:
                mails.append({**values, "recipient_ids": [(4, user.partner_id.id)]})
        if failure and not mails:
            raise failure
        self.env.cr.execute(
            SQL(
                """INSERT INTO label_print_shift_mailing (shift_id, company_id, day) VALUES (%s, %s, %s)
                       ON CONFLICT (shift_id, company_id, day) DO NOTHING RETURNING id""",
                self.id,
                company.id,
                day,
            )
        )
        made = self.env.cr.fetchone()
        if not made or not mails:
            return
        # By that, what becomes of them is said at the shift (label_print_mail_retry.py). Who may read a mail's record
        # may read the mail: nobody may read this one.
        of_mailing = {"model": SHIFT_MAILING, "res_id": made[0], "record_company_id": company.id}
        self.env["mail.mail"].sudo().create([{**values, **of_mailing} for values in mails])
        self.env["mail.mail"]._trigger_queue()

    def _values_of_mail(self, company, day, user):
        """The mail to one person, and to who reads alike: the page as they may read it, in their language and time
        zone, and as a PDF.

        :return: None when there is nothing to tell
        """
        tz = user.tz or self.env["label.print.printer.day"]._zone_of(company.id).key
        shift = self.with_user(user).with_context(lang=user.lang, tz=tz, allowed_company_ids=company.ids)
        env = shift.env
        page = env[f"report.{REPORT}"]._page(shift, company.with_env(env), day)
        if page["is_quiet"] and not self.sudo().mail_quiet:
            return None
        pdf, without_pdf = shift._pdf_of(company, day)
        body = env["ir.qweb"].sudo()._render(BODY, {"page": page, "without_pdf": without_pdf})
        return {
            "subject": env._("%(title)s (%(company)s)", title=page["title"], company=page["company"]),
            "body_html": body,
            "email_from": company.email_formatted or self.env.ref("base.partner_root").email_formatted,
            "attachment_ids": [(0, 0, pdf)] if pdf else [],
            "auto_delete": True,
        }

    def _pdf_of(self, company, day):
        """The page as a PDF, made by Odoo's own report.

        :return: values of an attachment, or None and in words why there is none
        """
        Report = self.env["ir.actions.report"]
        if Report.sudo().get_wkhtmltopdf_state() in ("install", "broken"):
            return None, self.env._("Without a PDF: Odoo finds no wkhtmltopdf, which makes PDFs.")
        try:
            with self.env.cr.savepoint():
                asked = self.env["label.print.shift.wizard"].create(
                    {"company_id": company.id, "shift_id": self.id, "day": day}
                )
                content, kind = Report._render_qweb_pdf(REPORT, asked.ids)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            # Any: the mail has the page itself.
            _logger.warning("The PDF of shift %s on %s could not be made", self.id, day, exc_info=True)
            return None, self.env._("Without a PDF: it could not be made. Odoo's log says why.")
        # Without a record: it is deleted with the mail's message.
        name = f"{asked._name_of_file()}.{kind}"
        return {"name": name, "raw": content, "res_model": "mail.message", "res_id": 0}, ""


class LabelPrintShiftMailing(models.Model):
    """That a shift's report was handed to the queue of mails: then it is not handed over again."""

    _name = "label.print.shift.mailing"
    _description = "Mailed Shift Report"
    _order = "day desc, id desc"
    _rec_name = "day"
    _log_access = False

    shift_id = fields.Many2one("label.print.shift", required=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    day = fields.Date(required=True, readonly=True)

    _one_each = models.UniqueIndex("(shift_id, company_id, day)")

    @api.autovacuum
    def _gc_mailings(self):
        """Long after a report could be mailed again."""
        self.search([("day", "<", fields.Date.today() - KEPT)]).unlink()
