"""Exports: the file equals the records, whoever makes it; the log, the long ones in the background, the end of a file."""

import csv
import io
import json
from datetime import timedelta
from unittest.mock import patch

import pandas
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odoo import Command, fields
from odoo.addons.label_print_monitor.models import label_print_export
from odoo.addons.label_print_monitor.models.label_print_job_export import text_cell
from odoo.addons.label_print_monitor.services.export.history_csv import HEADER, csv_cell, escape_formula
from odoo.exceptions import AccessError
from odoo.tests import new_test_user
from odoo.tools import SQL

from .notifier_case import NotifierCase

PARTS = [*",;\t|", "\r\n", "\r", "\n", '"', "'", " ", *"=+-@＝\\", "x", "1", "é", "\x01", "\x02"]
TEXTS = st.lists(st.sampled_from(PARTS), max_size=8).map("".join) | st.text(
    st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20
)
BY_HAND = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


class ExportCase(NotifierCase):
    def export(self, jobs=None, method="action_export_history", user=None, **context):
        Job = self.env["label.print.job"].with_user(user or self.user).with_context(tz="Europe/Berlin", **context)
        if jobs is not None:
            Job = Job.with_context(active_domain=[("id", "in", jobs.ids)])
        return getattr(Job, method)()

    def attachment_of(self, action):
        return self.env["ir.attachment"].browse(int(action["url"].split("/")[3].split("?")[0]))

    def cells(self, action, separator=","):
        text = self.attachment_of(action).raw.decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))

    def time(self, value):
        if not value:
            return ""
        reader = self.env.user.with_context(tz="Europe/Berlin")
        return fields.Datetime.context_timestamp(reader, value).strftime("%Y-%m-%d %H:%M:%S")

    def expected(self, job, extended=False):
        """The cells of a job, by its fields."""
        shown = escape_formula

        def words(name):
            return dict(job._fields[name]._description_selection(job.env)).get(job[name], "")

        cells = [
            self.time(job.create_date),
            shown(job.mo_reference or job.mo_id.name or "-"),
            str(job.quantity),
            words("status") if extended else job.status,
            words("job_type") if extended else job.job_type,
            shown(job.submitted_by.name or ""),
            shown(job.error_message or job.error_code or ""),
        ]
        if not extended:
            return cells
        seconds = [
            str((end - start) // timedelta(seconds=1)) if start and end else ""
            for start, end in ((job.create_date, job.started_date), (job.started_date, job.completed_date))
        ]
        return [
            *cells, str(job.id), shown(job.printer_id.name), shown(job.product_id.display_name or ""), shown(job.lot_display or ""),
            *(str(job[name] or 0) for name in (
                "attempt_number", "current_label", "confirmed_count", "failed_count", "uncertain_count", "reprinted_count",
            )),
            words("evidence"), *(self.time(job[name]) for name in ("submitted_date", "started_date", "completed_date")),
            *seconds, str(job.copy_of_id.id or ""), *map(words, ("copy_reason", "cancel_reason", "set_aside_reason")),
            shown(job.flask_job_id or ""), job.status, job.job_type, job.evidence or "", job.copy_reason or "",
            job.cancel_reason or "", job.set_aside_reason or "", shown(job.error_code or ""),
        ]  # fmt: skip


class TestExportedCells(ExportCase):
    def test_the_database_writes_a_cell_as_python_does(self):
        @BY_HAND
        @given(st.lists(TEXTS, min_size=1, max_size=20))
        def same(texts):
            rows = self.env.execute_query(
                SQL(
                    "SELECT %s FROM unnest(%s::text[]) WITH ORDINALITY AS t(x, n) ORDER BY n",
                    text_cell(SQL("x")),
                    texts,
                )
            )
            self.assertEqual([cell for (cell,) in rows], [csv_cell(text) for text in texts])

        same()

    def test_the_export_equals_the_records(self):
        """Random texts and counts, both variants, each separator: what a reader finds is what the records have."""
        jobs = self.env["label.print.job"].union(*(self.make_job(product_id=self.product.id) for _job in range(3)))
        names = {"mo_reference": TEXTS, "lot_display": TEXTS, "error_message": TEXTS, "flask_job_id": TEXTS}
        counts = {name: st.integers(0, 500) for name in ("current_label", "failed_count", "uncertain_count")}
        times = {
            # Odoo's own time zones know no summer after 2037.
            name: st.datetimes(fields.Datetime.to_datetime("2001-01-01"), fields.Datetime.to_datetime("2037-01-01"))
            for name in ("create_date", "started_date", "completed_date")
        }
        row = st.fixed_dictionaries({**names, **counts, **times, "error_code": st.sampled_from(["E-4711", "=x"])})

        @BY_HAND
        @given(st.tuples(row, row, row), TEXTS, st.booleans(), st.sampled_from(["", "semicolon", "tab"]))
        def same(rows, person, extended, separator):
            self.env["ir.config_parameter"].set_param("label_print.export_separator", separator)
            self.user.partner_id.name = f"x{person}"
            for job, values in zip(jobs, rows, strict=True):
                columns = SQL(", ").join(SQL("%s = %s", SQL.identifier(name), value) for name, value in values.items())
                self.env.flush_all()
                self.env.cr.execute(SQL("UPDATE label_print_job SET %s WHERE id = %s", columns, job.id))
            self.env.invalidate_all()
            method = "action_export_history_extended" if extended else "action_export_history"
            sep = {"semicolon": ";", "tab": "\t"}.get(separator, ",")
            action = self.export(jobs, method)
            header, *found = self.cells(action, sep)
            self.assertEqual(header, jobs._export_header(extended))
            self.assertEqual(found, [self.expected(job, extended) for job in jobs.sorted("id", reverse=True)])
            frame = pandas.read_csv(
                io.BytesIO(self.attachment_of(action).raw),
                sep=sep,
                dtype=str,
                keep_default_na=False,
                encoding="utf-8-sig",
            )
            self.assertEqual([list(frame.columns), *frame.values.tolist()], [header, *found])

        same()

    def test_the_file_is_offered_to_whoever_asked_for_it(self):
        """A toast is easily missed; a manager sees the entry, and not what its person may see."""
        action = self.export(self.make_job(3))
        export = self.env["label.print.export"].search([], limit=1)
        self.assertEqual(export.with_user(self.user).file_url, action["url"])
        self.assertFalse(export.with_user(self.manager).file_url)
        self.attachment_of(action).unlink()
        self.assertFalse(export.with_user(self.user).file_url)

    def test_all_columns_are_exported_from_the_lists_menu_of_actions(self):
        jobs = self.make_job(3) | self.make_job(4)
        context = {"active_model": jobs._name, "active_ids": jobs.ids, "active_id": jobs[0].id, "tz": "Europe/Berlin"}
        action = self.env.ref("label_print_monitor.action_export_all_columns").with_user(self.user)
        header, *found = self.cells(action.with_context(**context).run())
        self.assertEqual(header, jobs._export_header(extended=True))
        self.assertEqual(len(found), 2)

    def test_all_columns_are_in_the_readers_language_and_codes_are_not(self):
        """What a person reads is called as on the screen; the specification's file and the codes never change."""
        self.env["res.lang"]._activate_lang("de_DE")
        self.env["ir.module.module"]._load_module_terms(["label_print_monitor"], ["de_DE"])
        job = self.make_job()
        columns = SQL("status = 'failed', evidence = 'spooled', set_aside_reason = 'by_hand', error_code = 'paper_out'")
        self.env.flush_all()
        self.env.cr.execute(SQL("UPDATE label_print_job SET %s WHERE id = %s", columns, job.id))
        self.env.invalidate_all()
        coded = ("status", "job_type", "evidence", "set_aside_reason")
        codes = ["failed", "manual", "spooled", "", "", "by_hand", "paper_out"]
        for lang in ("en_US", "de_DE"):
            with self.subTest(lang=lang):
                here = job.with_context(lang=lang)
                header, cells = self.cells(self.export(job, "action_export_history_extended", lang=lang))
                row = dict(zip(header, cells, strict=True))
                self.assertEqual(len(row), len(header), "each column has a name of its own")
                for name in coded:
                    field = job._fields[name]
                    label = field._description_string(here.env) if name != "evidence" else header[17]
                    words = dict(field._description_selection(here.env))[job[name]]
                    self.assertEqual(row[label], words)
                self.assertEqual(cells[-7:], codes)
                plain_header, plain_cells = self.cells(self.export(job, lang=lang))
                self.assertEqual(plain_header, list(HEADER))
                self.assertEqual(plain_cells[3:5], codes[:2])
        self.assertEqual((row["Status"], row["Status (Code)"]), ("Fehlgeschlagen", "failed"))
        for name, place in (
            ("quantity", 2), ("error_message", 6), ("printer_id", 8), ("product_id", 9), ("current_label", 12),
            ("confirmed_count", 13), ("failed_count", 14), ("uncertain_count", 15), ("reprinted_count", 16),
            ("submitted_date", 18), ("started_date", 19), ("completed_date", 20), ("error_code", -1),
        ):  # fmt: skip
            self.assertEqual(header[place], job._fields[name]._description_string(here.env))

    def test_a_code_of_another_release_stands_as_it_is(self):
        job = self.make_job()
        self.env.flush_all()
        self.env.cr.execute("UPDATE label_print_job SET evidence = '=of_old' WHERE id = %s", [job.id])
        self.env.invalidate_all()
        header, cells = self.cells(self.export(job, "action_export_history_extended"))
        self.assertEqual(cells[header.index("Evidence")], "'=of_old")

    def test_variants_are_told_apart(self):
        """The product as the reader's lists show it: code, name and variant, in their language."""
        colour = self.env["product.attribute"].create({"name": "Colour"})
        values = [{"name": name, "attribute_id": colour.id} for name in ("red", "blue")]
        values = self.env["product.attribute.value"].create(values)
        line = [Command.create({"attribute_id": colour.id, "value_ids": values.ids})]
        template = self.env["product.template"].create({"name": "Lid", "attribute_line_ids": line})
        red, blue = template.product_variant_ids
        red.default_code = "L-RED"
        self.env["res.lang"]._activate_lang("de_DE")
        template.with_context(lang="de_DE").name = 'Deckel, "flach"'
        jobs = self.make_job(product_id=red.id) | self.make_job(product_id=blue.id) | self.make_job()
        for lang, names in (
            ("en_US", ["[L-RED] Lid (red)", "Lid (blue)", ""]),
            ("de_DE", ['[L-RED] Deckel, "flach" (red)', 'Deckel, "flach" (blue)', ""]),
        ):
            _header, *rows = self.cells(self.export(jobs, "action_export_history_extended", lang=lang))
            self.assertEqual([row[9] for row in rows][::-1], names)

    def test_a_numeric_reference_is_quoted(self):
        job = self.make_job(mo_reference="00042")
        self.assertIn(b',"00042",20,', self.attachment_of(self.export(job)).raw)

    def test_the_lists_order(self):
        jobs = self.env["label.print.job"].union(*(self.make_job(quantity) for quantity in (5, 3, 9)))
        for order, expected in (("quantity", "359"), ("quantity DESC", "953"), ("", "935"), (None, "935"), (7, "935")):
            with self.subTest(order=order):
                found = self.cells(self.export(jobs, active_order=order))[1:]
                self.assertEqual("".join(cells[2] for cells in found), expected)
        failed = jobs[1]
        self.env.cr.execute(
            "UPDATE label_print_job SET status = 'failed', completed_date = now() WHERE id = %s", [failed.id]
        )
        found = self.cells(self.export(jobs, label_print_attention_first=True))[1:]
        self.assertEqual(found[0][2], "3", "as the screen, which has what needs somebody at the top")

    def test_separator_by_language(self):
        job = self.make_job()
        self.env["ir.config_parameter"].set_param("label_print.export_separator", "language")
        self.env["res.lang"]._activate_lang("de_DE")
        for lang, separator in (("en_US", ","), ("de_DE", ";")):
            raw = self.attachment_of(self.export(job, lang=lang)).raw.decode("utf-8-sig")
            self.assertTrue(raw.startswith(f"Date{separator}MO Reference{separator}Quantity"), raw[:40])

    def test_jobs_of_another_company_are_not_exported(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        both = self.make_job() | self.make_job(company_id=other.id)
        self.assertEqual(len(self.cells(self.export(both))), 2)
        self.user.company_ids += other
        here = self.env.company.ids
        self.assertEqual(len(self.cells(self.export(both, allowed_company_ids=here))), 2)
        self.assertEqual(len(self.cells(self.export(both, allowed_company_ids=(self.env.company | other).ids))), 3)


class TestExportLog(ExportCase):
    def newest(self):
        return self.env["label.print.export"].search([], limit=1)

    def test_an_export_is_noted(self):
        jobs = self.make_job() | self.make_job()
        attachment = self.attachment_of(self.export(jobs))
        export = self.newest()
        self.assertEqual((export.user_id, export.user_name), (self.user, self.user.name))
        self.assertEqual((export.state, export.row_count, export.expected_rows), ("done", 2, 2))
        self.assertEqual(json.loads(export.domain), [["id", "in", jobs.ids]])
        self.assertEqual(export.attachment_id, attachment)
        self.assertEqual((attachment.create_uid, attachment.res_id), (self.user, 0), "nobody else can read it")
        self.assertEqual(attachment.file_size, export.file_size)
        self.assertFalse(attachment.index_content)

    def test_who_sees_the_log(self):
        self.export(self.make_job())
        export = self.newest()
        other = new_test_user(self.env, "lpm_other", groups="label_print_monitor.group_label_print_user")
        Export = self.env["label.print.export"]
        self.assertEqual(Export.with_user(self.manager).search([]), export)
        self.assertEqual(Export.with_user(self.user).search([]), export)
        self.assertFalse(Export.with_user(other).search([]))
        with self.assertRaises(AccessError):
            export.with_user(self.manager).unlink()

    def test_an_old_file_is_removed_and_its_entry_stays(self):
        attachment = self.attachment_of(self.export(self.make_job()))
        export = self.newest()
        self.env["label.print.export"]._gc_files()
        self.assertTrue(attachment.exists())
        export.done_date -= timedelta(hours=25)
        self.env["label.print.export"]._gc_files()
        self.assertFalse(attachment.exists())
        self.assertTrue(export.exists())
        self.assertFalse(export.attachment_id)

    def ask_for_many(self, jobs):
        with patch.object(label_print_export, "MOST_AT_ONCE", 1):
            return self.export(jobs)

    def write_exports(self):
        with self.enter_registry_test_mode():
            self.env.ref("label_print_monitor.cron_write_exports").method_direct_trigger()
        self.env.invalidate_all()

    def test_a_long_history_is_written_in_the_background(self):
        jobs = self.make_job(3) | self.make_job(4)
        answer = self.ask_for_many(jobs)
        self.assertEqual(answer["tag"], "display_notification")
        export = self.newest()
        self.assertEqual((export.state, export.expected_rows, export.progress_percent), ("waiting", 2, 0))
        self.write_exports()
        self.assertEqual((export.state, export.row_count, export.progress_percent), ("done", 2, 100))
        (toast,) = self.sent_toasts(self.user)
        self.assertEqual(toast["url"], f"/web/content/{export.attachment_id.id}?download=true")
        self.assertEqual(export.attachment_id.create_uid, self.user)
        self.assertEqual([cells[2] for cells in self.cells(toast)[1:]], ["4", "3"])

    def test_one_that_cannot_be_written_stops_no_other(self):
        jobs = self.make_job() | self.make_job()
        self.ask_for_many(jobs)
        broken = self.newest()
        broken.sorting = "no_such_field"
        self.ask_for_many(jobs)
        sound = self.newest()
        with self.assertLogs("odoo.addons.label_print_monitor.models.label_print_export", "ERROR"):
            self.write_exports()
        self.assertEqual((broken.state, sound.state), ("failed", "done"))
        self.assertEqual([toast["type"] for toast in self.sent_toasts(self.user)], ["danger", "success"])

    def test_what_a_process_left_that_died(self):
        self.ask_for_many(self.make_job() | self.make_job())
        export = self.newest()
        export.state = "running"
        self.write_exports()
        self.assertEqual(export.state, "failed")
        (toast,) = self.sent_toasts(self.user)
        self.assertEqual((toast["type"], toast["url"]), ("danger", False))
