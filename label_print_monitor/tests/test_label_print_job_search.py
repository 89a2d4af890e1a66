"""How jobs are found and sorted: by number, lot and problem; what needs attention comes first."""

from datetime import timedelta
from unittest.mock import patch

from lxml import etree
from odoo import fields
from odoo.addons.label_print_monitor.models import label_print_job_search
from odoo.exceptions import AccessError
from odoo.tools.safe_eval import safe_eval
from odoo.tools.translate import code_translations

from .common import LabelPrintCase


class TestSearch(LabelPrintCase):
    def test_find_a_lot(self):
        job = self.make_job(labels_data=self.labels(20, lot="SOUP-77"))
        self.make_job()
        Job = self.env["label.print.job"].with_user(self.user)
        self.assertEqual(Job.search([("lot_number", "=", "SOUP-77")]), job)
        self.env["stock.lot"].create({"name": "SOUP-77", "product_id": self.product.id})
        self.assertEqual(Job.search([("lot_number", "ilike", "soup-7")]), job)
        self.assertFalse(Job.search([("lot_number", "=", "nothing")]))

    def test_find_a_lot_of_jobs_that_print_and_of_jobs_that_have_ended(self):
        """Two parts of one question, which together are all jobs: only ended ones are in the index of the lots."""
        statuses = dict(self.env["label.print.job"]._fields["status"].selection)
        jobs = self.env["label.print.job"].union(
            *(self.make_job(status=status, labels_data=self.labels(20, lot="SOUP-79")) for status in statuses)
        )
        self.assertEqual(self.env["label.print.job"].search([("lot_number", "=", "SOUP-79")]), jobs.sorted("id", True))

    def test_find_a_lot_that_has_been_renamed(self):
        """By the name on paper and by the name that it has now; what was printed stays what was printed."""
        lot = self.env["stock.lot"].create({"name": "SOUP-78", "product_id": self.product.id})
        job = self.make_job(labels_data=self.labels(20, lot="SOUP-78"))
        self.make_job()
        lot.name = "BROTH-1"
        Job = self.env["label.print.job"].with_user(self.user)
        for operator, name in (("=", "BROTH-1"), ("ilike", "broth"), ("=", "SOUP-78"), ("ilike", "SOUP-78")):
            self.assertEqual(Job.search([("lot_number", operator, name)]), job, (operator, name))
        self.assertFalse(Job.search([("lot_number", "=", "BROTH")]))
        self.assertEqual(job.with_user(self.user).lot_number, "SOUP-78")

    def test_one_field_finds_whatever_is_at_hand(self):
        """What Enter searches: the first field of the search view."""
        view = etree.fromstring(self.env["label.print.job"].get_view(view_type="search")["arch"])
        self.assertEqual(view.xpath("//field/@name")[0], "anything")
        lot = self.env["stock.lot"].create({"name": "SOUP-90", "product_id": self.product.id})
        self.product.write({"default_code": "TSX-1", "barcode": "04099999000017"})
        printer = self.printer.copy({"name": "Packing Hall", "cups_name": "pack-7"})
        job = self.make_job(
            labels_data=self.labels(20, lot="SOUP-90"),
            mo_reference="WH/MO/04711",
            printer_id=printer.id,
            product_id=self.product.id,
            submitted_by=self.manager.id,
            flask_job_id="0f8e-11aa",
            status="sent",
        )
        unlinked = self.make_job(labels_data=self.labels(20, lot="NO-RECORD"), mo_reference="WH/MO/NONE")
        self.product.active = printer.active = False
        Job = self.env["label.print.job"].with_user(self.user)
        for text in (
            "SOUP-90", "soup-90", " OUP-9 ", "010409999900001710SOUP-90", "TSX-1", "04099999000017", self.product.name, "mo/04711", "packing", "pack-7",
            self.manager.name, self.manager.login, f"{job.id}", f"Job {job.id}", "0f8e-11aa", "8e-11",
        ):  # fmt: skip
            with self.subTest(text):
                self.assertIn(job, Job.search([("anything", "ilike", text)]))
                self.assertNotIn(unlinked, Job.search([("anything", "ilike", text)]))
        lot.name = "BROTH-90"
        for text in ("BROTH-90", "SOUP-90"):
            self.assertEqual(Job.search([("anything", "ilike", text)]), job, text)
        for text in ("NO-RECORD", "no-record"):
            self.assertEqual(Job.search([("anything", "ilike", text)]), unlinked)
        for text in ("nothing like it", "%"):
            self.assertFalse(Job.search([("anything", "ilike", text)]), text)
        self.assertEqual(Job.search([("anything", "in", ["BROTH-90", "NO-RECORD"])]), unlinked | job)
        self.assertNotIn(job, Job.search([("anything", "not ilike", "BROTH-90")]))
        self.assertIn(unlinked, Job.search([("anything", "not ilike", "BROTH-90")]))

    def test_many_lots_of_one_name_lose_none(self):
        """Where the text fits very many lots, those above a bound are found as well."""
        lots = self.env["stock.lot"].create(
            [{"name": f"BULK-{number:02}", "product_id": self.product.id} for number in range(5)]
        )
        jobs = [self.make_job(1, labels_data=self.labels(1, lot=lot.name), product_id=self.product.id) for lot in lots]
        lots[0].name = "BULK-RENAMED"
        self.make_job()
        Job = self.env["label.print.job"].with_user(self.user)
        with patch.multiple(label_print_job_search, MOST_LOTS=2, MOST_IDS=0):
            for field in ("lot_number", "anything"):
                self.assertEqual(Job.search([(field, "ilike", "bulk-")], order="id"), Job.union(*jobs), field)
            self.assertEqual(Job.search([("anything", "ilike", self.product.name)], order="id"), Job.union(*jobs))

    def test_the_lots_of_a_job_in_short(self):
        """For lists, which must not read all labels."""
        several = [{**label, "lot_number": f"SN-{n // 2}"} for n, label in enumerate(self.labels(6))]
        none = [{**label, "lot_number": False} for label in self.labels(2)]
        for labels, shown in ((self.labels(3, lot="L-1"), "L-1"), (several, "SN-0 (+2)"), (none, False)):
            job = self.make_job(len(labels), labels_data=labels)
            self.assertEqual(job.with_user(self.user).lot_display or False, shown)
        with self.assertRaises(AccessError):
            job.with_user(self.user).lot_display = "FORGED"

    def test_a_phone_opens_on_what_needs_somebody(self):
        """One column of the kanban fills a phone: there it has none, and the filter's order counts."""
        for mobile, columns in ((True, None), (False, "status")):
            view = self.env["label.print.job"].get_view(view_type="kanban", mobile=mobile)
            self.assertEqual(etree.fromstring(view["arch"]).get("default_group_by"), columns)

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
        own = self.make_job(status="failed", error_code="E-4711", error_message="sensor misaligned")
        self.make_job(status="failed", error_code="ribbon_out")
        Job = self.env["label.print.job"].with_user(self.user)
        for text, found in (
            ("paper", said | coded),
            ("out of LABELS", said | coded),
            ("media", said),
            ("misaligned", own),
            ("4711", own),
            ("another problem", own),
            ("nothing like it", Job),
        ):
            with self.subTest(text):
                self.assertEqual(Job.search([("error_words", "ilike", text)]), found.sorted("id", reverse=True))
        self.assertEqual(said.with_user(self.user).error_words, "Printer is out of paper or labels")
        self.assertEqual(own.error_words, "sensor misaligned")
        exact = Job.search([("error_words", "=", "Printer is out of paper or labels")])
        self.assertEqual(exact, coded | said)
        done = self.make_job(status="completed")
        without = Job.search([("error_words", "=", False), ("id", "in", (done | said | coded | own).ids)])
        self.assertEqual(without, done)

    def test_jobs_with_a_failed_attempt(self):
        """Also of those that a later attempt has completed."""
        failed, mended, fine = self.failed_job(), self.failed_job(), self.make_job(status="printing")
        self.look_and_retry(mended, range(9, 21))
        self.assertTrue(mended.failed_before, "while it is printed again")
        mended.write({"status": "printing", "flask_job_id": "srv-again", "submission": "accepted"})
        self.report(mended, status="completed", current_label=12)
        self.report(fine, status="completed", current_label=20)
        self.assertEqual([failed.status, mended.status, fine.status], ["failed", "completed", "completed"])
        jobs = (failed | fine | mended).with_user(self.user)
        Job = jobs.browse()
        self.assertEqual(Job.search([("failed_before", "=", True), ("id", "in", jobs.ids)]), (failed | mended).sorted("id", reverse=True))
        self.assertEqual(Job.search([("failed_before", "=", False), ("id", "in", jobs.ids)]), fine)
        self.assertEqual(jobs.mapped("failed_before"), [True, False, True])  # failed, fine, mended

    def test_jobs_of_the_printers_that_one_watches(self):
        own = self.make_job()
        other = self.env["printer.configuration"].create(
            {"name": "Zebra-Line-9", "cups_name": "zebra-line-9", "server_id": self.server.id}
        )
        elsewhere = self.make_job(printer_id=other.id)
        Job = self.env["label.print.job"].with_user(self.user)
        jobs = own | elsewhere
        domain = [("on_my_printer", "=", True), ("id", "in", jobs.ids)]
        self.assertFalse(Job.search(domain))
        self.assertEqual(jobs.with_user(self.user).mapped("on_my_printer"), [False, False])
        own.printer_id.sudo().user_ids = self.user
        self.assertEqual(Job.search(domain), own)
        self.assertEqual(Job.search([("on_my_printer", "=", False), ("id", "in", jobs.ids)]), elsewhere)
        self.assertEqual(jobs.with_user(self.user).mapped("on_my_printer"), [True, False])
        arch = etree.fromstring(Job.get_view(view_type="search")["arch"])
        (shown,) = arch.xpath("//filter[@name='my_printers']")
        self.assertEqual(Job.search([*safe_eval(shown.get("domain")), ("id", "in", jobs.ids)]), own)


class TestDefaultFilter(LabelPrintCase):
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

    def test_within_a_period_the_latest_comes_first(self):
        """Mostly that is the order of their numbers; what was entered late stands where it belongs."""
        self.made["waiting"].flush_recordset()
        self.env.cr.execute(
            "UPDATE label_print_job SET create_date = create_date - interval '1 day' WHERE id = %s",
            [self.made["waiting"].id],
        )
        self.jobs.invalidate_recordset()
        domain = [("id", "in", self.jobs.ids), ("create_date", ">=", "today -3d")]
        found = self.Job.web_search_read(domain, {"id": {}})["records"]
        self.assertEqual(self.names(record["id"] for record in found), ["done today", "failed today", "waiting"])
        groups = self.Job.web_read_group(
            domain, ["job_type"], [], auto_unfold=True, unfold_read_specification={"id": {}}, unfold_read_default_limit=9
        )["groups"]
        in_group = [self.names(record["id"] for record in group["__records"]) for group in groups]
        self.assertEqual(in_group, [["done today", "failed today", "waiting"]], "a group's rows come in the same order")
        sorted_ = self.Job.web_search_read(domain, {"id": {}}, order="id asc", limit=1)["records"]
        self.assertEqual(self.names(record["id"] for record in sorted_), ["failed today"])

    def test_within_the_columns_of_the_kanban_too(self):
        stuck = self.make_job(status="printing", attention_code="stuck")
        self.make_job(status="printing")
        groups = self.Job.with_context(
            read_group_expand=True, **safe_eval(self.filter.get("context"))
        ).web_read_group(
            [("status", "=", "printing")], ["status"], [], auto_unfold=True, unfold_read_specification={"id": {}}
        )
        self.assertEqual(groups["groups"][0]["__records"][0]["id"], stuck.id)

    def test_columns_are_in_the_order_of_a_jobs_life(self):
        """Failures before what is done, and no column without jobs; in groups of a list, too."""
        self.make_job(status="completed_with_errors")
        self.make_job(status="cancelled")
        groups = self.Job.with_context(read_group_expand=True).web_read_group([], ["status"], [], limit=80)
        present = ["pending", "sent", "printing", "failed", "completed_with_errors", "completed", "cancelled"]
        self.assertEqual([group["status"] for group in groups["groups"]], present)
        groups = self.Job.with_context(read_group_expand=True).web_read_group([("id", "=", False)], ["status"], [])
        self.assertEqual(groups["groups"], [])
