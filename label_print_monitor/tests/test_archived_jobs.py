"""Archived jobs: out of the list of print jobs, and still everywhere that says what has been printed."""

import csv
import io
from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.fields import Datetime, Domain
from odoo.tools.safe_eval import safe_eval

from .test_print_job_retention import RetentionCase


class TestArchivedJobs(RetentionCase):
    def setUp(self):
        super().setUp()
        self.set_rules(archive_by="months", archive_after="6")

    def archive(self):
        done = self.retention._gc_archive()
        self.env.invalidate_all()
        return done

    def test_by_months_after_their_end(self):
        old, newer, running = self.old_job(190), self.old_job(100), self.make_job(1, status="printing")
        failed = self.end(
            self.make_job(3), 190, "failed", current_label=2, failed_labels=[{"index": 3, "code": "paper_out"}]
        )
        self.assertEqual(self.archive(), (1, False))
        self.assertEqual([job.active for job in (old, newer, running, failed)], [False, True, True, True])
        self.assertEqual(self.archive(), (0, False))

    def test_never_by_default(self):
        self.old_job(5000)
        for rules in ({"archive_by": False}, {"archive_by": "months", "archive_after": False}, {"archive_by": "x"}):
            self.set_rules(**rules)
            self.assertEqual(self.archive(), (0, False))

    def test_by_the_expiry_of_their_lots(self):
        self.set_rules(archive_by="expiry", archive_after="10")
        lots = [self.env["stock.lot"].create({"name": f"X{n}", "product_id": self.product.id}) for n in range(4)]
        jobs = [self.old_job(1) for _lot in lots]
        for job, own in zip(jobs, (lots[:1], lots[1:2], lots[:2], lots[2:3]), strict=True):
            job.lot_ids = self.env["stock.lot"].union(*own)
        without = self.old_job(1)
        self.env.flush_all()
        self.assertEqual(self.archive(), (0, False))  # lots have no such date here
        # As Odoo's module product_expiry has it.
        self.env.cr.execute("ALTER TABLE stock_lot ADD COLUMN IF NOT EXISTS expiration_date timestamp")
        self.patch(type(self.retention), "_has_expiry", lambda _self: True)
        for lot, days in zip(lots, (11, 9, None), strict=False):
            date = Datetime.now() - timedelta(days=days) if days else None
            self.env.cr.execute("UPDATE stock_lot SET expiration_date = %s WHERE id = %s", [date, lot.id])
        self.assertEqual(self.retention._effect(self.retention._rules())["archived_jobs"], 1)
        self.assertEqual(self.archive(), (1, False))
        self.assertEqual([job.active for job in (*jobs, without)], [False, True, True, True, True])

    def test_where_they_are_found(self):
        job = self.end(self.order_job(), 190)
        order, lot = job.mo_id, job.mo_id.lot_producing_ids
        copy = job.with_user(self.manager)._print_again([1], "lost").sudo()
        self.end(copy, 190)
        self.archive()
        self.assertFalse((job | copy).filtered("active"))
        Job = self.env["label.print.job"].with_user(self.user)
        self.assertNotIn(job, Job.search([("mo_id", "=", order.id)]))
        self.assertIn(job, Job.search([("mo_id", "=", order.id), ("active", "in", [True, False])]))
        self.assertEqual(order.label_print_job_ids, job | copy)
        self.assertEqual((order.label_print_job_count, order.label_print_status), (2, copy.status))
        self.assertEqual(order.label_print_on_paper, "4 / 4")
        self.assertEqual(lot.label_print_job_count, 2)
        self.assertEqual((job.copy_count, copy.copy_display), (1, f"Copy 2 of {job.display_name}"))
        wizard = self.env["label.print.wizard"].create({"mo_id": order.id, "printer_id": self.printer.id})
        self.assertEqual(wizard.quantity, 0)  # nothing is asked for a second time
        for report, record in (("order", order), ("lot", lot), ("job", job)):
            Report = self.env[f"report.label_print_monitor.report_evidence_{report}"].with_user(self.user)
            self.assertEqual(dict(Report._get_report_values(record.ids)["pages"][0]["sums"])["On paper"], 4)
        for action in (
            order.with_user(self.user).action_view_label_print_jobs(),
            lot.with_user(self.manager).action_view_label_print_jobs(),
            job.with_user(self.user).action_view_copies(),
            self.env["ir.actions.act_window"]._for_xml_id("label_print_monitor.action_label_print_history"),
            self.env["ir.actions.act_window"]._for_xml_id("label_print_monitor.action_label_print_job_all"),
        ):
            domain = action["domain"]
            domain = safe_eval(domain) if isinstance(domain, str) else domain
            self.assertTrue(Job.search(domain) & (job | copy), action["name"])
        # As the web client reads lists, what is typed into the search, and pivot and graph.
        both = [("active", "in", [True, False]), ("printer_id", "=", self.printer.id)]
        for domain, count in ((both, 2), (both[1:], 0), ([("anything", "ilike", order.name), *both], 2)):
            self.assertEqual(Job.web_search_read(domain, {"status": {}})["length"], count, domain)
            for groupby in ("status", "create_date:month"):
                groups = Job.web_read_group(domain, [groupby], ["__count"])["groups"]
                self.assertEqual(sum(group["__count"] for group in groups), count, (domain, groupby))
            for groupby in (["status"], ["create_date:month"], []):
                [*groups] = Job._read_group(domain, groupby, ["__count", "quantity:sum"])
                self.assertEqual(sum(group[-2] for group in groups), count, (domain, groupby))
        self.assertIn(job, self.env["label.print.attempt"].with_user(self.user).search([]).job_id)

    def export(self, jobs):
        url = jobs.with_user(self.user).action_export_history()["url"]
        attachment = self.env["ir.attachment"].browse(int(url.split("/")[3].split("?")[0]))
        return list(csv.reader(io.StringIO(attachment.raw.decode("utf-8-sig"))))[1:]

    def test_an_export_holds_what_its_list_shows(self):
        job, other = self.old_job(190), self.old_job(1)
        self.archive()
        Job = self.env["label.print.job"]
        mine = Domain("id", "in", (job | other).ids)
        self.assertEqual(len(self.export(job)), 1)
        for domain, count in ((mine, 1), (mine & Domain("active", "in", [True, False]), 2)):
            whole = Job.with_context(active_domain=[("printer_id", "=", self.printer.id), *domain])
            self.assertEqual(len(whole.search(list(whole.env.context["active_domain"]))), count)
        listed = Job.with_context(active_domain=[("active", "in", [True, False]), ("printer_id", "=", self.printer.id)])
        self.assertEqual(len(self.export(listed)), 2)
        listed = Job.with_context(active_domain=[("printer_id", "=", self.printer.id)])
        self.assertEqual(len(self.export(listed)), 1)

    def test_what_is_printed_again_is_no_history(self):
        job = self.end(self.make_job(3), 190, "failed", current_label=2, failed_labels=[{"index": 3, "code": "jam"}])
        job._set_aside("not_needed")
        self.env.flush_all()
        self.archive()
        self.assertFalse(job.active)
        job.with_user(self.user)._retry([3])
        self.assertEqual((job.active, job.status), (True, "pending"))

    def test_nobody_archives_by_hand(self):
        job = self.old_job(1)
        for user in (self.user, self.manager):
            for values in ({"active": False}, {"zpl_removed_date": Datetime.now()}):
                with self.assertRaises(AccessError):
                    job.with_user(user).write(values)
            with self.assertRaises(AccessError):
                job.with_user(user).action_archive()
