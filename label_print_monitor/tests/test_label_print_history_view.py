"""The history for other programs: view, RPC and export say the same, and nobody gets more than they may read."""

import re
import xmlrpc.client
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from odoo import fields
from odoo.addons.label_print_monitor.hooks import uninstall_hook
from odoo.addons.label_print_monitor.models.label_print_history_view import COLUMNS
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import HttpCase, new_test_user, tagged

from .companies_case import CompaniesCase
from .test_label_print_export import ExportCase

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "history-view.md"
# Of the extended export's columns (from the second on), the view's that says the same.
SAME = {
    "Date": "created", "MO Reference": "order_name", "Quantity": "quantity", "Status (Code)": "status", "Job Type (Code)": "job_type",
    "Submitted By": "submitted_by", "Job": "job_id", "Printer": "printer", "Product": "product", "Lots": "lots",
    "Attempts": "attempts", "Labels Printed": "labels_printed", "Labels Confirmed": "labels_confirmed",
    "Labels Failed": "labels_failed", "Labels Uncertain": "labels_uncertain",
    "Labels Printed Again": "labels_printed_again", "Evidence (Code)": "evidence", "Handed to Server": "handed_over",
    "Printing Started": "started", "Ended": "ended", "Seconds Waited": "seconds_waited",
    "Seconds Printed": "seconds_printed", "Error Code": "error_code", "Copy of Job": "copy_of_job_id",
    "Reason for Printing Again (Code)": "copy_reason", "Reason for Cancelling (Code)": "cancel_reason",
    "Reason for Setting Aside (Code)": "set_aside_reason", "Server Job": "server_job_id",
}  # fmt: skip


def columns_of(cr):
    cr.execute(
        """SELECT a.attname, col_description(a.attrelid, a.attnum) FROM pg_attribute a
            WHERE a.attrelid = 'label_print_history'::regclass AND a.attnum > 0 AND NOT a.attisdropped
            ORDER BY a.attnum"""
    )
    return cr.fetchall()


class TestHistoryView(ExportCase):
    def make_history(self):
        order = self.make_production(quantity=3)
        jobs = self.make_job(3, mo_id=order.id)
        jobs |= self.failed_job()
        jobs |= self.make_job(2, job_type="test", product_id=self.product.id)
        ended = self.make_job(2, status="printing", product_id=self.product.id)
        self.report(ended, status="completed")
        jobs |= ended | ended.with_user(self.manager)._print_again([1], "lost").sudo()
        archived = self.make_job(1, status="printing")
        self.report(archived, status="completed")
        archived.write({"active": False, "started_date": archived.completed_date - timedelta(seconds=7)})
        cancelled = self.make_job(1)
        cancelled.with_user(self.user).action_cancel()
        self.env.flush_all()
        return jobs | archived | cancelled

    def rows(self, user=None, **arguments):
        answer = self.env["label.print.job"].with_user(user or self.user).get_history(**arguments)
        return [dict(zip(answer["columns"], row, strict=True)) for row in answer["rows"]], answer["next"]

    def test_view_export_and_rpc_agree(self):
        jobs = self.make_history()
        rows, after = self.rows(domain=[["id", "in", jobs.ids]])
        self.assertEqual([row["job_id"] for row in rows], jobs.sorted("id").ids)
        self.assertFalse(after)
        self.env.cr.execute("SELECT * FROM label_print_history WHERE job_id = ANY(%s) ORDER BY job_id", [jobs.ids])
        viewed = [dict(zip(next(zip(*COLUMNS, strict=True)), row, strict=True)) for row in self.env.cr.fetchall()]
        plain = [
            {
                name: False if value is None else fields.Datetime.to_string(value) if hasattr(value, "year") else value
                for name, value in row.items()
            }
            for row in viewed
        ]
        self.assertEqual(rows, plain)
        listed = [["id", "in", jobs.ids], ["active", "in", [True, False]]]
        header, *exported = self.cells(self.export(method="action_export_history_extended", active_domain=listed))
        exported = {int(line[header.index("Job")]): line for line in exported}
        words = {name.removesuffix(" (Code)") for name in header if name.endswith(" (Code)")}
        self.assertEqual(set(SAME), set(header) - words - {"Error Message"})
        times = {"Date", "Handed to Server", "Printing Started", "Ended"}
        for row in viewed:
            for name, column in SAME.items():
                value = row[column]
                if name in times:
                    expected = self.time(value)
                elif name == "MO Reference":
                    expected = value or "-"
                else:
                    expected = "" if value is None else str(value)
                self.assertEqual(exported[row["job_id"]][header.index(name)], expected, f"{row['job_id']}: {name}")
        archived = {row["job_id"] for row in rows if row["archived"]}
        self.assertEqual(archived, set(jobs.filtered(lambda job: not job.active).ids))

    def test_in_pages_and_with_a_filter(self):
        jobs = self.make_history()
        found, after = [], 0
        while after is not False:
            page, after = self.rows(domain=[["id", "in", jobs.ids]], after=after, limit=3)
            self.assertLessEqual(len(page), 3)
            found += page
        self.assertEqual([row["job_id"] for row in found], sorted(jobs.ids))
        in_use, _after = self.rows(domain=[["id", "in", jobs.ids], ["active", "=", True]])
        self.assertEqual(len(in_use), len(jobs) - 1)
        self.assertEqual(self.rows(domain=[["id", "=", 0]]), ([], False))
        with patch("odoo.addons.label_print_monitor.models.label_print_history_view.MOST_ROWS", 2):
            self.assertEqual(len(self.rows(domain=[["id", "in", jobs.ids]], limit=10**9)[0]), 2)
        self.assertEqual(len(self.rows(domain=[["id", "in", jobs.ids]], limit=0)[0]), 1)

    def test_each_call_is_logged(self):
        job = self.make_job(1)
        self.rows(domain=[["id", "=", job.id]])
        entry = self.env["label.print.export"].search([], limit=1)
        self.assertEqual((entry.user_id, entry.row_count, entry.state), (self.user, 1, "done"))
        self.assertIn(str(job.id), entry.domain)
        self.assertFalse(entry.attachment_id)

    def test_only_who_may_export_what_they_read(self):
        no_export = new_test_user(self.env, "lpm_noexport", groups="label_print_monitor.group_label_print_user")
        outside = new_test_user(self.env, "lpm_outside", groups="base.group_user,base.group_allow_export")
        for user in (no_export, outside):
            with self.assertRaises(AccessError):
                self.rows(user)

    def test_columns_are_documented_and_hold_no_secrets(self):
        self.assertEqual(columns_of(self.env.cr), [(name, meaning) for name, _expression, meaning in COLUMNS])
        document = DOCUMENT.read_text(encoding="utf-8")
        self.assertEqual(
            re.findall(r"^\| `(\w+)` \| (.*) \|$", document, re.M), [(name, words) for name, _sql, words in COLUMNS]
        )
        for name, expression, _meaning in COLUMNS:
            self.assertNotRegex(f"{name} {expression}", "key|secret|password|url|labels_data|token")

    def test_the_documents_question_is_answered(self):
        [_grant, question] = re.findall(r"```sql\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.S)
        job = self.make_job(4, status="printing", product_id=self.product.id)
        self.report(job, status="completed")
        self.env.flush_all()
        self.env.cr.execute(question)
        self.assertIn(("Soup", 4), [(product, labels) for product, _month, labels in self.env.cr.fetchall()])

    def test_an_update_keeps_rights_and_views_on_it(self):
        cr, Job = self.env.cr, self.env["label.print.job"]
        cr.execute("CREATE VIEW label_print_history_of_mine AS SELECT job_id FROM label_print_history")
        cr.execute("GRANT SELECT ON label_print_history TO PUBLIC")
        Job._make_history_view()
        cr.execute("SELECT has_table_privilege('public', 'label_print_history', 'SELECT')")
        self.assertEqual(cr.fetchone(), (True,))
        cr.execute("SELECT count(*) FROM label_print_history_of_mine")
        # Columns that changed their place make it anew.
        cr.execute("DROP VIEW label_print_history CASCADE")
        cr.execute("CREATE VIEW label_print_history AS SELECT name AS job_id FROM res_company")
        Job._make_history_view()
        self.assertEqual(len(columns_of(cr)), len(COLUMNS))

    def test_uninstalling_drops_it(self):
        uninstall_hook(self.env)
        self.env.cr.execute("SELECT to_regclass('label_print_history')")
        self.assertEqual(self.env.cr.fetchone(), (None,))


class TestHistoryOfCompanies(CompaniesCase):
    def test_companies_see_their_own(self):
        export = self.env.ref("base.group_allow_export")
        (self.manager_a | self.manager_b).write({"group_ids": [(4, export.id)]})
        ours = self.make_job(1)
        theirs = self.env["label.print.job"].with_user(self.manager_b).create(self.job_values(self.printer_b)).sudo()
        self.env.flush_all()
        domain = list(Domain("id", "in", (ours | theirs).ids))
        for user, job in ((self.manager_a, ours), (self.manager_b, theirs)):
            answer = self.as_user(user, self.env["label.print.job"]).get_history(domain)
            self.assertEqual([row[0] for row in answer["rows"]], job.ids)


@tagged("post_install", "-at_install")
class TestHistoryByRpc(HttpCase, ExportCase):
    def setUp(self):
        super().setUp()
        self.job = self.make_job(2, status="printing")
        self.report(self.job, status="completed")
        expires = fields.Datetime.now() + timedelta(hours=1)
        keys = self.env["res.users.apikeys"].with_user(self.user)
        self.key = keys._generate(scope="rpc", name="reports", expiration_date=expires)
        self.env.flush_all()

    def test_the_documents_example(self):
        [example] = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.S)
        values = f'ADDRESS, DATABASE, KEY = "{self.base_url()}", "{self.env.cr.dbname}", "{self.key}"'
        example, count = re.subn(r"^ADDRESS, DATABASE, KEY = .*$", values, example, flags=re.M)
        self.assertEqual(count, 1)
        names = {}
        with self.allow_requests(all_requests=True):
            exec(compile(example, str(DOCUMENT), "exec"), names)
        [row] = [row for row in names["history"] if row["job_id"] == self.job.id]
        self.assertEqual((row["status"], row["labels_printed"], row["submitted_by"]), ("completed", 2, self.user.name))
        self.assertEqual(row["created"], fields.Datetime.to_string(self.job.create_date))

    def test_xml_rpc(self):
        models = xmlrpc.client.ServerProxy(f"{self.base_url()}/xmlrpc/2/object")
        with self.allow_requests(all_requests=True):
            answer = models.execute_kw(
                self.env.cr.dbname, self.user.id, self.key, "label.print.job", "get_history",
                [[["id", "=", self.job.id]]],
            )  # fmt: skip
        self.assertEqual([row[0] for row in answer["rows"]], [self.job.id])
