"""What a job is: who may write it, what it may hold, and that it outlives what it refers to."""

from datetime import timedelta
from unittest.mock import patch

from lxml import etree
from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval
from odoo.tools.translate import code_translations
from psycopg2 import IntegrityError

from .common import LabelPrintCase


class TestRights(LabelPrintCase):
    def test_engine_fields_cannot_be_written_by_hand(self):
        job = self.make_job()
        with self.assertRaises(AccessError):
            job.with_user(self.manager).write({"status": "completed"})
        with self.assertRaises(UserError):
            job.with_user(self.manager).write({"quantity": 5})
        with self.assertRaises(AccessError):
            self.env["label.print.job"].with_user(self.user).create({"quantity": 1, "status": "completed"})

    def test_nobody_deletes_history(self):
        with self.assertRaises(AccessError), mute_logger("odoo.models"):
            self.make_job().with_user(self.manager).unlink()

    def test_key_is_for_managers(self):
        self.server.api_key = "secret-key"
        with self.assertRaises(AccessError):
            self.server.with_user(self.user).read(["api_key"])

    def test_other_companies_jobs_are_invisible(self):
        other = self.env["res.company"].create({"name": "Other"})
        job = self.make_job(company_id=other.id)
        self.assertNotIn(job, self.env["label.print.job"].with_user(self.user).search([]))


class TestBadInput(LabelPrintCase):
    def test_quantities(self):
        for quantity in (0, -3, 501):
            with self.subTest(quantity=quantity), self.assertRaises(ValidationError):
                self.make_job(quantity=quantity, labels_data=self.labels(max(quantity, 1)))

    def test_labels(self):
        bad = {
            "not a list": {"zpl_code": "^XA^XZ"},
            "empty": [{"zpl_code": ""}],
            "no frame": [{"zpl_code": "hello"}],
            "too large": [{"zpl_code": "^XA" + "x" * 1_100_000 + "^XZ"}],
            "other count": self.labels(3),
        }
        for name, labels in bad.items():
            with self.subTest(name), self.assertRaises(ValidationError):
                self.make_job(quantity=1, labels_data=labels)

    def test_printer_archived_or_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        foreign = self.env["printer.configuration"].create({"name": "F", "cups_name": "f", "company_id": other.id})
        self.printer.active = False
        for printer in (self.printer, foreign):
            with self.subTest(printer.name), self.assertRaises(UserError):
                self.make_job(printer_id=printer.id, company_id=self.env.company.id)


class TestHistory(LabelPrintCase):
    def test_find_a_lot(self):
        job = self.make_job(labels_data=self.labels(20, lot="SOUP-77"))
        self.make_job()
        Job = self.env["label.print.job"].with_user(self.user)
        self.assertEqual(Job.search([("lot_number", "=", "SOUP-77")]), job)
        self.env["stock.lot"].create({"name": "SOUP-77", "product_id": self.product.id})
        self.assertEqual(Job.search([("lot_number", "ilike", "soup-7")]), job)
        self.assertFalse(Job.search([("lot_number", "=", "nothing")]))

    def test_find_a_job_by_the_number_that_titles_and_toasts_give(self):
        job, other = self.make_job(mo_reference="WH/MO/00042"), self.make_job()
        Job = self.env["label.print.job"].with_user(self.user)
        for text in (f"{job.id}", f"#{job.id}", f"Job {job.id}", f"job #{job.id}", f" {job.display_name} "):
            with self.subTest(text):
                found = Job.search([("display_name", "ilike", text)])
                self.assertIn(job, found)
                self.assertNotIn(other, found)
                self.assertIn(job.id, [id_ for id_, _name in Job.name_search(text)])
                self.assertIn(other, Job.search([("display_name", "not ilike", text)]))
                self.assertNotIn(job, Job.search([("display_name", "not ilike", text)]))
        self.assertEqual(Job.search([("display_name", "=", f"Print Job {job.id}")]), job)
        at_server = self.make_job(status="sent", flask_job_id=f"77{job.id}77")
        self.assertEqual(Job.search([("display_name", "ilike", f"77{job.id}77")]), at_server)
        self.assertNotIn(at_server, Job.search([("display_name", "ilike", str(job.id))]))
        self.assertEqual(Job.search([("display_name", "ilike", f"a77{job.id}")]), Job)
        by_part = self.make_job(status="sent", flask_job_id="0a1b-2c3d")
        self.assertEqual(Job.search([("display_name", "ilike", "1b-2")]), by_part)
        self.assertEqual(Job.search([("display_name", "ilike", "mo/00042")]), job)
        for text in (f"{job.id}0", f"0{job.id}", f"WH/MO/{job.id}", f"Line {job.id}", "9" * 20, ""):
            with self.subTest(text):
                self.assertFalse(Job._id_named(text) == job.id)
                Job.search([("display_name", "ilike", text)])

    def test_find_a_job_by_its_number_in_the_readers_language(self):
        job = self.make_job()
        self.env["res.lang"]._activate_lang("fr_FR")
        words = {"Print Job %(id)s": "Tâche d'impression %(id)s"}
        with patch.object(code_translations, "get_python_translations", lambda module, lang: words):
            Job = self.env["label.print.job"].with_user(self.user).with_context(lang="fr_FR")
            self.assertEqual(Job.search([("display_name", "ilike", f"tâche d'impression {job.id}")]), job)
            self.assertEqual(Job.search([("display_name", "ilike", f"Tâche {job.id}")]), job)

    def test_find_an_error_by_the_words_that_its_reader_sees(self):
        said = self.make_job(status="failed", error_message="media out")
        coded = self.make_job(status="failed", error_code="paper_out")
        own = self.make_job(status="failed", error_code="E-4711", error_message="gremlins")
        self.make_job(status="failed", error_code="ribbon_out")
        Job = self.env["label.print.job"].with_user(self.user)
        for text, found in (
            ("paper", said | coded),
            ("out of LABELS", said | coded),
            ("media", said),
            ("gremlin", own),
            ("4711", own),
            ("another problem", own),
            ("nothing like it", Job),
        ):
            with self.subTest(text):
                self.assertEqual(Job.search([("error_words", "ilike", text)]), found.sorted("id", reverse=True))
        self.assertEqual(said.with_user(self.user).error_words, "Printer is out of paper or labels")
        self.assertEqual(own.error_words, "gremlins")
        exact = Job.search([("error_words", "=", "Printer is out of paper or labels")])
        self.assertEqual(exact, coded | said)

    def test_job_outlives_its_order(self):
        production = self.make_production()
        job = self.make_job(mo_id=production.id)
        name = production.name
        production.action_cancel()
        production.unlink()
        job.invalidate_recordset()
        self.assertEqual((job.mo_id.id, job.mo_reference), (False, name))

    def test_job_outlives_its_lot(self):
        lot = self.env["stock.lot"].create({"name": "GONE-1", "product_id": self.product.id})
        job = self.make_job(labels_data=self.labels(20, lot="GONE-1"))
        lot.unlink()
        self.assertEqual(self.env["label.print.job"].search([("lot_number", "=", "GONE-1")]), job)

    def test_who_and_where_cannot_be_deleted_from_under_a_job(self):
        self.make_job()
        for record in (self.user, self.printer):
            with (
                self.subTest(record),
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.cr.savepoint(),
            ):
                record.unlink()

    def test_archived_printer_keeps_its_jobs_but_gets_no_new_attempt(self):
        job = self.make_job(status="printing")
        failed = [{"index": n, "code": "paper_out", "message": ""} for n in range(9, 21)]
        self.report(job, status="failed", current_label=8, failed_labels=failed)
        self.printer.active = False
        self.assertEqual(job.printer_id, self.printer)
        with self.assertRaisesRegex(UserError, "is archived"):
            job.with_user(self.user).action_retry()
        self.assertEqual((job.status, job.attempt_number), ("failed", 1))

    def test_archived_user_keeps_the_job_and_is_not_told(self):
        job = self.make_job(status="printing")
        self.user.active = False
        self.report(job, status="completed")
        self.assertEqual(job.submitted_by, self.user)
        self.assertFalse(self.sent_toasts(self.user))


class TestFirstPage(LabelPrintCase):
    """What a supervisor sees when Print Jobs opens, and in which order."""

    def setUp(self):
        super().setUp()
        self.Job = self.env["label.print.job"].with_user(self.user)
        now = fields.Datetime.now()
        failure = {"status": "failed", "completed_date": now}
        self.made = {
            "old and still printing": self.make_job(status="printing"),
            "old and stuck": self.make_job(status="sent", attention_code="stuck"),
            "old, failed yesterday": self.make_job(**{**failure, "completed_date": now - timedelta(days=1)}),
            "old and done": self.make_job(status="completed", completed_date=now),
            "old failure": self.make_job(**{**failure, "completed_date": now - timedelta(days=9)}),
            "failed today": self.make_job(**failure),
            "done today": self.make_job(status="completed", completed_date=now),
            "waiting": self.make_job(),
        }
        self.jobs = self.Job.union(*self.made.values())
        self.env.flush_all()
        old = [job.id for name, job in self.made.items() if name.startswith("old")]
        self.env.cr.execute(
            "UPDATE label_print_job SET create_date = create_date - interval '9 days' WHERE id IN %s", [tuple(old)]
        )
        self.jobs.invalidate_recordset()
        action = self.env["ir.actions.act_window"]._for_xml_id("label_print_monitor.action_label_print_job")
        (name,) = safe_eval(action["context"])
        arch = etree.fromstring(self.Job.get_view(view_type="search")["arch"])
        (self.filter,) = arch.xpath(f"//filter[@name='{name.removeprefix('search_default_')}']")
        self.domain = [*safe_eval(self.filter.get("domain")), ("id", "in", self.jobs.ids)]

    def names(self, ids):
        by_id = {job.id: name for name, job in self.made.items()}
        return [by_id[id_] for id_ in ids]

    def read(self, **options):
        answer = self.Job.with_context(**safe_eval(self.filter.get("context"))).web_search_read(
            self.domain, {"needs_attention": {}}, **options
        )
        return self.names(record["id"] for record in answer["records"])

    def test_what_needs_somebody_comes_first_then_the_newest(self):
        self.assertEqual(
            self.read(),
            ["failed today", "old, failed yesterday", "old and stuck", "waiting", "done today", "old and still printing"],
        )
        self.assertEqual(self.read(limit=2), ["failed today", "old, failed yesterday"])
        self.assertEqual(self.read(order="id asc", limit=1), ["old and still printing"])

    def test_without_the_filter_the_newest_comes_first(self):
        found = self.Job.web_search_read([("id", "in", self.jobs.ids)], {"id": {}}, limit=3)["records"]
        self.assertEqual(self.names(record["id"] for record in found), ["waiting", "done today", "failed today"])

    def test_within_the_boards_columns_too(self):
        stuck = self.make_job(status="printing", attention_code="stuck")
        self.make_job(status="printing")
        groups = self.Job.with_context(
            read_group_expand=True, **safe_eval(self.filter.get("context"))
        ).web_read_group(
            [("status", "=", "printing")], ["status"], [], auto_unfold=True, unfold_read_specification={"id": {}}
        )
        self.assertEqual(groups["groups"][0]["__records"][0]["id"], stuck.id)

    def test_columns_stand_in_the_order_of_a_jobs_life(self):
        """Trouble before what is done, and no column without jobs; in groups of a list alike."""
        self.make_job(status="completed_with_errors")
        self.make_job(status="cancelled")
        groups = self.Job.with_context(read_group_expand=True).web_read_group([], ["status"], [], limit=80)
        present = ["pending", "sent", "printing", "failed", "completed_with_errors", "completed", "cancelled"]
        self.assertEqual([group["status"] for group in groups["groups"]], present)
        groups = self.Job.with_context(read_group_expand=True).web_read_group([("id", "=", False)], ["status"], [])
        self.assertEqual(groups["groups"], [])

    def test_retry_is_the_first_thing_to_do_only_where_it_helps(self):
        arch = etree.fromstring(self.Job.get_view(view_type="form")["arch"])
        for code, primary in (("paper_out", True), ("invalid_zpl", False)):
            job = self.make_job(status="failed", error_code=code)
            shown = [
                button
                for button in arch.xpath("//header/button[@name='action_retry']")
                if not safe_eval(button.get("invisible"), {n: job[n] for n in ("can_retry", "error_retry_helps")})
            ]
            self.assertEqual(len(shown), 1, code)
            self.assertEqual("btn-primary" in (shown[0].get("class") or ""), primary, code)

    def test_every_cancel_asks_with_words_that_cannot_be_mistaken(self):
        for kind in ("list", "kanban", "form"):
            arch = etree.fromstring(self.Job.get_view(view_type=kind)["arch"])
            for button in arch.xpath("//button[@name='action_cancel']"):
                labels = (button.get("confirm-label"), button.get("cancel-label"))
                self.assertIn(labels, [("Cancel Job", "Keep Printing"), ("Cancel Jobs", "Keep Printing")], kind)
