"""The shift report by mail: once, to each who may read it, in their language, and in words where it cannot be sent."""

from unittest.mock import patch

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from psycopg2.errors import SerializationFailure

from .companies_case import CompaniesCase
from .shift_case import utc
from .shift_report_case import DAY, GROUP, ShiftReportCase

LOGGER = "odoo.addons.label_print_monitor.models.label_print_shift_mail"


class MailCase(ShiftReportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["label.print.shift"].search([]).mail_user_ids = False
        cls.env["res.lang"]._activate_lang("de_DE")
        cls.env["ir.module.module"].search([("name", "=", "label_print_monitor")])._update_translations(["de_DE"])
        cls.german = new_test_user(
            cls.env, "lpm_german", name="Frau Schmidt", groups=GROUP, email="schmidt@example.com", lang="de_DE"
        )
        cls.user.email = "user@example.com"

    def setUp(self):
        super().setUp()
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda cron, *args, **options: float("inf"))
        self.wkhtmltopdf("install")

    def wkhtmltopdf(self, state):
        self.patch(type(self.env["ir.actions.report"]), "get_wkhtmltopdf_state", lambda report: state)

    def mailed(self, moment):
        """The mails that the scheduled action queues at this time of the plant's clock."""
        Mail = self.env["mail.mail"].sudo()
        before = Mail.search([])
        with patch.object(fields.Datetime, "now", return_value=utc(moment)):
            self.env["label.print.shift"]._cron_mail_reports()
        self.env.flush_all()
        return Mail.search([]) - before

    def of(self, mails, user):
        return mails.filtered(lambda mail: mail.recipient_ids == user.partner_id)


@tagged("post_install", "-at_install")
class TestShiftMail(MailCase):
    def test_once_at_the_end_to_each_in_their_language(self):
        self.ended("2025-06-10 08:00", 12)
        self.early.mail_user_ids = self.user + self.german
        self.assertFalse(self.mailed("2025-06-10 14:01"))
        sent = []
        self.patch(type(self.env["mail.mail"]), "send", lambda mails, *args, **options: sent.append(mails))
        mails = self.mailed("2025-06-10 14:03")
        self.assertEqual(len(mails), 2)
        english, german = self.of(mails, self.user), self.of(mails, self.german)
        self.assertEqual(english.subject, f"Shift Report: Early, Tuesday, June 10, 2025 ({self.env.company.name})")
        self.assertIn("Open for the Next Shift", english.body_html)
        self.assertIn("<strong>12</strong>", english.body_html)
        self.assertIn("Without a PDF", english.body_html)
        self.assertFalse(english.attachment_ids)
        self.assertRegex(german.subject, "Schichtbericht: .*, Dienstag, 10. Juni 2025")
        self.assertIn("Offen für die nächste Schicht", german.body_html)
        # Odoo's queue sends them: a mail server that hangs is none of this action's business.
        self.assertEqual(mails.mapped("state"), ["outgoing"] * 2)
        self.assertEqual(sent, [])
        cron = self.env.ref("mail.ir_cron_mail_scheduler_action")
        self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]))
        for moment in ("2025-06-10 14:08", "2025-06-10 23:00", "2025-06-11 13:59"):
            self.assertFalse(self.mailed(moment))

    def test_the_template_was_deleted(self):
        """Said once, not with each report at each run."""
        self.ended("2025-06-10 08:00", 12)
        self.early.mail_user_ids = self.user
        self.env.ref("label_print_monitor.shift_mail").unlink()
        module = "odoo.addons.label_print_monitor.models"
        with self.assertLogs(f"{module}.deletable_records", "WARNING"), self.assertNoLogs(LOGGER, "WARNING"):
            self.assertFalse(self.mailed("2025-06-10 14:03"))

    def test_nothing_happened_and_nothing_is_open(self):
        self.make_job(1, job_type="test")  # its company prints
        self.early.mail_user_ids = self.user
        self.assertFalse(self.mailed("2025-06-10 14:03"))
        self.early.mail_quiet = True
        self.assertFalse(self.mailed("2025-06-10 14:08"), "that shift is done")
        self.assertIn("Nothing was printed in this shift", self.mailed("2025-06-11 14:03").body_html)

    def test_a_night_is_mailed_in_the_morning(self):
        self.ended("2025-10-26 02:30", 9)
        self.night.mail_user_ids = self.user
        self.assertFalse(self.mailed("2025-10-26 06:01"))
        self.assertIn("Saturday, October 25, 2025", self.mailed("2025-10-26 06:02").subject)

    def test_late_when_odoo_was_off_but_not_after_half_a_day(self):
        self.ended("2025-06-10 08:00", 12)
        self.ended("2025-06-11 08:00", 12)
        self.early.mail_user_ids = self.user
        self.assertIn("June 10", self.mailed("2025-06-11 01:59").subject)
        self.assertFalse(self.mailed("2025-06-12 02:01"))

    def test_another_process_has_been_faster(self):
        self.ended("2025-06-10 08:00", 12)
        self.early.mail_user_ids = self.user
        company = self.env.company
        self.env["label.print.shift.mailing"].create({"shift_id": self.early.id, "company_id": company.id, "day": DAY})
        before = self.env["mail.mail"].sudo().search_count([])
        # It had not yet been there when this one looked what is due.
        self.early._queue_report(company, DAY)
        self.assertEqual(self.env["mail.mail"].sudo().search_count([]), before)

    def test_another_process_is_at_it(self):
        """PostgreSQL refuses a row that another transaction has made since this one began."""
        self.ended("2025-06-10 08:00", 12)
        self.early.mail_user_ids = self.user
        self.env.flush_all()
        undone = []
        self.patch(type(self.early), "_undo", lambda shift: undone.append(shift))
        self.patch(type(self.early), "_queue_report", lambda *args: (_ for _ in ()).throw(SerializationFailure()))
        with self.assertNoLogs(LOGGER):
            self.assertFalse(self.mailed("2025-06-10 14:03"))
        self.assertEqual(len(undone), 1)

    def test_a_page_that_cannot_be_made_for_one_person_keeps_no_other_from_being_mailed(self):
        self.ended("2025-06-10 08:00", 12)
        self.manager.tz = "Europe/Rome"
        self.early.write({"mail_user_ids": [Command.set((self.user + self.manager).ids)]})
        values_of_mail = type(self.early)._values_of_mail
        broken = self.manager

        def values(shift, company, day, user):
            if user == broken:
                raise ValueError("no page")
            return values_of_mail(shift, company, day, user)

        self.patch(type(self.early), "_values_of_mail", values)
        with self.assertLogs(LOGGER, "ERROR"):
            mails = self.mailed("2025-06-10 14:03")
        self.assertEqual(mails.recipient_ids, self.user.partner_id)
        self.assertFalse(self.mailed("2025-06-10 14:08"), "once")

    def test_one_page_that_cannot_be_made_keeps_no_other_from_being_mailed(self):
        self.ended("2025-06-10 08:00", 12)
        self.ended("2025-06-10 18:00", 12)
        (self.early + self.late).write({"mail_user_ids": [Command.set(self.user.ids)]})
        self.env.flush_all()
        Report = type(self.Report)
        make = Report._page

        def page(report, shift, company, day):
            if shift == self.early:
                raise ValueError("broken")
            return make(report, shift, company, day)

        self.patch(Report, "_page", page)
        self.patch(type(self.early), "_undo", lambda shift: None)
        with self.assertLogs(LOGGER, "ERROR"):
            mails = self.mailed("2025-06-10 22:30")
        self.assertEqual({mail.subject.split(",")[0] for mail in mails}, {"Shift Report: Late"})

    def test_with_a_pdf_where_odoo_makes_them(self):
        self.ended("2025-06-10 08:00", 12)
        self.early.mail_user_ids = self.user
        self.wkhtmltopdf("ok")
        Reports = type(self.env["ir.actions.report"])
        self.patch(Reports, "_render_qweb_pdf", lambda report, name, ids: (b"%PDF of " + str(report.env.uid).encode(), "pdf"))
        mail = self.mailed("2025-06-10 14:03")
        self.assertEqual(mail.attachment_ids.mapped("name"), ["Shift Report 2025-06-10 Early.pdf"])
        self.assertEqual(mail.attachment_ids.raw, f"%PDF of {self.user.id}".encode())
        self.assertNotIn("Without a PDF", mail.body_html)

    def test_without_the_pdf_that_could_not_be_made(self):
        self.ended("2025-06-10 08:00", 12)
        self.early.mail_user_ids = self.user
        self.wkhtmltopdf("ok")
        Reports = type(self.env["ir.actions.report"])
        self.patch(Reports, "_render_qweb_pdf", lambda *args: 1 / 0)
        with self.assertLogs(LOGGER, "WARNING"):
            mail = self.mailed("2025-06-10 14:03")
        self.assertFalse(mail.attachment_ids)
        self.assertIn("Without a PDF: it could not be made", mail.body_html)

    def test_nobody_is_chosen_who_would_get_none(self):
        stranger = new_test_user(self.env, "lpm_stranger", email="stranger@example.com")
        silent = new_test_user(self.env, "lpm_silent", groups=GROUP)
        silent.email = False
        for user, why in ((stranger, "no Label Print User"), (silent, "no mail address")):
            with self.assertRaisesRegex(ValidationError, why):
                self.early.mail_user_ids = user

    def test_who_gets_none_any_more_is_said_at_the_shift(self):
        self.ended("2025-06-10 08:00", 12)
        self.early.mail_user_ids = self.user + self.german
        self.assertFalse(self.early.mail_left_out)
        self.german.active = False
        self.early.invalidate_recordset()
        self.assertEqual(self.early.mail_left_out, "Frau Schmidt (archived)")
        self.assertEqual(self.mailed("2025-06-10 14:03").recipient_ids, self.user.partner_id)
        self.german.active = True
        self.german.email = False
        self.early.invalidate_recordset()
        self.assertEqual(self.early.mail_left_out, "Frau Schmidt (no mail address)")
        self.early.name = "Renamed"  # other changes are still possible

    def test_what_was_mailed_is_forgotten_after_a_month(self):
        Mailing = self.env["label.print.shift.mailing"]
        values = {"shift_id": self.early.id, "company_id": self.env.company.id}
        old = Mailing.create({**values, "day": DAY})
        new = Mailing.create({**values, "day": fields.Date.today()})
        Mailing._gc_mailings()
        self.assertEqual((old + new).exists(), new)


@tagged("post_install", "-at_install")
class TestShiftMailOfCompanies(CompaniesCase, MailCase):
    def test_each_company_to_its_own_people(self):
        for user in (self.user, self.user_b):
            user.email = f"{user.login}@example.com"
        self.ended("2025-06-10 08:00", 3)
        self.ended("2025-06-10 08:30", 5, printer_id=self.printer_b.id, company_id=self.company_b.id)
        self.company_b.resource_calendar_id.tz = "Europe/Berlin"
        self.early.mail_user_ids = self.user + self.user_b  # a shift of all companies
        mails = self.mailed("2025-06-10 14:30")
        theirs, mine = self.of(mails, self.user_b), self.of(mails, self.user)
        self.assertIn("(Company B)", theirs.subject)
        self.assertIn(self.printer_b.name, theirs.body_html)
        self.assertNotIn("Line 1", theirs.body_html)
        self.assertIn(f"({self.company_a.name})", mine.subject)
        self.assertNotIn(self.printer_b.name, mine.body_html)
        with self.assertRaisesRegex(ValidationError, "not in company"):
            self.env["label.print.shift"].create(
                {"name": "Day", "from_hour": 6, "to_hour": 18, "company_id": self.company_b.id, "mail_user_ids": self.user.ids}
            )
