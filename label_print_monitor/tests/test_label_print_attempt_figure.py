"""The stored figures of attempts: always what would be computed of the attempts now, whatever becomes of them."""

from datetime import date
from unittest.mock import patch

from odoo import api, fields
from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL, mute_logger
from psycopg2.errors import SerializationFailure

from ..models import label_print_attempt_figure as figure_module
from ..models import label_print_attempt_figure_rows as figure_rows
from .companies_case import CompaniesCase
from .shift_case import ShiftCase, utc

CRON = "label_print_monitor.cron_store_figures"


class StoredCase(ShiftCase):
    def rows(self, query):
        self.env.flush_all()
        columns = SQL(", ").join(map(SQL.identifier, figure_rows.COLUMNS))
        return self.env.execute_query(SQL("SELECT %s FROM (%s) AS rows ORDER BY id", columns, query))

    def stored(self):
        return self.rows(SQL("SELECT * FROM label_print_attempt_figure"))

    def assert_true(self, count=None):
        """Each attempt that has ended has a row, which says what is known of it by now."""
        computed = self.rows(figure_rows.rows_of_ended(self.env.cr, SQL("TRUE")))
        self.assertEqual(self.stored(), computed)
        if count is not None:
            self.assertEqual(sum(row[1] in self.jobs.ids for row in computed), count)

    def shown(self):
        names = [name for name in figure_rows.COLUMNS if name != "shift_key"]
        return self.Figures.with_user(self.user).search_read([("printer_id", "=", self.printer.id)], names)

    def run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref(CRON).method_direct_trigger()

    def forget(self):
        """As after an update from a release without stored figures."""
        self.env.cr.execute("DELETE FROM label_print_attempt_figure")
        self.env.cr.execute("DELETE FROM label_print_figure_progress")
        self.env.invalidate_all()

    def triggers(self):
        return self.env["ir.cron.trigger"].search([("cron_id", "=", self.env.ref(CRON).id)])


@tagged("post_install", "-at_install")
class TestLabelPrintAttemptFigure(StoredCase):
    def setUp(self):
        super().setUp()
        self.jobs = self.env["label.print.job"]

    def begin(self, quantity=20, **values):
        job = self.make_job(quantity, **{"status": "printing", **values})
        self.jobs |= job
        return job

    def test_rows_follow_all_that_becomes_of_attempts(self):
        good = self.begin()
        self.assert_true(0)
        self.report(good, status="printing", current_label=3)
        self.assert_true(0)
        self.report(good, status="completed", current_label=20)
        self.assert_true(1)
        failed = self.begin()
        self.report(failed, status="failed", current_label=8, error_code="paper_out")
        self.assert_true(2)
        self.assertEqual(self.stored()[-1][figure_rows.COLUMNS.index("labels")], 8)
        failed._settle(on_paper=[9], not_on_paper=range(10, 19))
        self.assert_true(2)
        self.assertEqual(self.stored()[-1][figure_rows.COLUMNS.index("labels")], 9)
        self.look_and_retry(failed, [10, 11, 12])
        self.assert_true(2)
        failed.write({"status": "printing", "flask_job_id": "srv-retried"})
        self.report(failed, status="failed", current_label=1, error_code="jam")
        self.assert_true(3)
        failed._settle(on_paper=[13])  # of the first attempt, while the second has ended
        failed._set_aside("not_needed")
        self.assert_true(3)
        cancelled = self.begin()
        self.report(cancelled, status="cancelled", current_label=2)
        waiting = self.begin(status="pending")
        waiting.action_cancel()
        self.assert_true(5)
        entered = self.begin(status="completed", current_label=20, completed_date="2025-06-10 12:00:00")
        self.assert_true(6)
        entered.attempt_ids.write({"ended_date": "2025-06-10 21:00:00"})
        self.assert_true(6)
        entered.attempt_ids.write({"ended_date": False})
        self.assertFalse(self.stored_of(entered))

    def stored_of(self, job):
        return [row for row in self.stored() if row[1] == job.id]

    def test_a_report_that_says_nothing_new_writes_nothing(self):
        job = self.begin()
        self.report(job, status="completed", current_label=20)
        self.assertEqual(self.Stored._store(SQL("a.job_id = %s", job.id)), 0)
        before = self.versions()
        self.report(job, status="completed", current_label=20, confirmed=True)
        self.assertEqual(self.versions(), before)

    def versions(self):
        return self.env.execute_query(SQL("SELECT id, ctid::text FROM label_print_attempt_figure ORDER BY id"))

    def test_what_has_no_row_yet_is_shown_all_the_same(self):
        for minute in range(5):
            self.begin_and_end(f"2025-06-10 07:0{minute}", failed=minute == 3)
        self.begin(status="queued")
        shown = self.shown()
        self.assertEqual(len(shown), 6)
        self.forget()
        self.assertEqual(self.shown(), shown)
        with patch.object(figure_module, "ATTEMPTS_A_BATCH", 2):
            counts = []
            while self.Stored._store_batch() is not None:
                counts.append(len(self.stored()))
                self.assertEqual(self.shown(), shown)
        self.assertGreater(len(set(counts)), 2)
        self.assert_true()
        self.assertEqual(self.Stored._missing_up_to(), 0)

    def begin_and_end(self, wall, failed=False, **values):
        job = self.ended(wall, 10, failed=4 if failed else 0, **values)
        self.jobs |= job
        return job

    def test_the_scheduled_action_stores_all_and_then_writes_nothing(self):
        self.begin_and_end("2025-06-10 07:00")
        self.begin_and_end("2025-06-10 15:00", failed=True)
        self.forget()
        self.run_cron()
        self.assert_true(2)
        statements, execute = [], type(self.env.cr).execute

        def noted(cr, query, *args, **kwargs):
            statements.append(str(getattr(query, "code", query)))
            return execute(cr, query, *args, **kwargs)

        with patch.object(type(self.env.cr), "execute", noted):
            self.assertIsNone(self.Stored._store_batch())
        self.assertTrue(statements)
        self.assertEqual([text for text in statements if not text.lstrip().startswith("SELECT")], [])

    def test_changed_shifts_hold_for_older_labels(self):
        job = self.begin_and_end("2025-06-10 14:30")
        self.assertEqual(self.figures("shift_id", "labels:sum"), {self.late: 10})
        before = self.triggers()
        (self.early + self.late).write({"active": False})
        self.env["label.print.shift"].create(
            [
                {"name": "First", "from_hour": 6, "to_hour": 15, "company_id": False},
                {"name": "Second", "from_hour": 15, "to_hour": 22, "company_id": False},
            ]
        )
        self.assertTrue(self.triggers() - before)
        # Until they are stored again, by the earlier ones.
        self.assertEqual(self.figures("shift_id", "labels:sum"), {self.late: 10})
        self.run_cron()
        self.assert_true()
        [row] = self.stored_of(job)
        self.assertEqual(self.env["label.print.shift"].browse(row[figure_rows.COLUMNS.index("shift_id")]).name, "First")
        self.late.unlink()
        self.assert_true()

    def test_a_shift_with_figures_is_archived_before_it_is_deleted(self):
        """Its rows are written in small batches by the scheduled action, not all at once while somebody waits."""
        job = self.begin_and_end("2025-06-10 14:30")
        with self.assertRaisesRegex(UserError, "Late has figures of printed labels. Archive it"):
            (self.early + self.late).unlink()
        self.assertTrue(self.early.exists())
        self.early.unlink()  # without figures
        self.late.active = False
        with self.assertRaisesRegex(UserError, "within some minutes"):
            self.late.unlink()
        self.run_cron()
        self.assertEqual(self.figures("shift_id", "labels:sum"), {self.env["label.print.shift"]: 10})
        self.late.unlink()
        self.assertEqual(len(self.stored_of(job)), 1)
        self.assert_true()

    def test_only_hours_of_a_shift_make_figures_due(self):
        before = self.triggers()
        self.early.name = "Morning"
        self.assertEqual(self.triggers(), before)
        self.assertIsNone(self.Stored._store_batch())
        self.early.write({"to_hour": 13})
        self.assertTrue(self.triggers() - before)
        self.assertIsNotNone(self.Stored._store_batch())

    def test_a_product_that_is_deleted(self):
        product = self.env["product.product"].create({"name": "Gone"})
        self.begin_and_end("2025-06-10 07:00", product_id=product.id)
        self.assertEqual(self.figures("product_id", "labels:sum"), {product: 10})
        product.unlink()
        self.assertEqual(self.figures("product_id", "labels:sum"), {self.env["product.product"]: 10})
        self.assert_true()

    def test_a_job_that_is_deleted_takes_its_rows_along(self):
        job = self.begin_and_end("2025-06-10 07:00")
        self.assertTrue(self.stored_of(job))
        self.remove_jobs(job)
        self.assertFalse(self.stored_of(job))

    def test_the_night_in_which_the_clock_changes(self):
        for wall, is_dst in (("2025-10-26 02:30", True), ("2025-10-26 02:30", False), ("2025-03-30 03:10", False)):
            self.jobs |= self.ended(wall, 9, is_dst=is_dst)
        self.assert_true(3)
        shown = self.shown()
        self.forget()
        self.assertEqual(self.shown(), shown)


    def test_shifts_between_which_the_clock_goes_forward(self):
        """02:30 does not exist then and is 03:30: an attempt at 03:10 would be in both shifts."""
        self.late.unlink()
        self.night.write({"from_hour": 22, "to_hour": 2.5})
        self.early.write({"from_hour": 3, "to_hour": 11})
        self.jobs |= self.ended("2025-03-30 03:10", 9) | self.ended("2025-03-30 00:10", 9) | self.ended("2025-03-30 04:10", 9)
        self.assert_true(3)
        shift = figure_rows.COLUMNS.index("shift_id")
        self.assertEqual([row[shift] for row in self.stored()[-3:]], [self.early.id, self.night.id, self.early.id])
        since, until = self.night._bounds(self.env.company, date(2025, 3, 29))
        self.assertEqual((since, until), (utc("2025-03-29 22:00"), utc("2025-03-30 03:00")))

    def test_a_time_zone_that_postgresql_does_not_know_is_utc(self):
        with patch.dict(figure_rows._unknown_zones, {self.env.cr.dbname: ["Europe/Berlin"]}):
            self.jobs |= self.ended("2025-06-10 15:00", 9)
            self.assert_true(1)
            self.assertEqual(self.stored()[-1][figure_rows.COLUMNS.index("hour")], "13:00")
            self.assertTrue(self.shown())

    def test_figures_that_cannot_be_stored_do_not_keep_a_job_from_ending(self):
        broken = patch.object(figure_rows, "store", lambda cr, which: SQL("SELECT 1 / 0"))
        job = self.make_job(9, status="printing")
        with broken, self.assertLogs("odoo.addons.label_print_monitor", "ERROR"), mute_logger("odoo.sql_db"):
            self.report(job, status="completed", current_label=9)
        self.assertEqual((job.status, job.attempt_ids.outcome), ("completed", "completed"))
        self.assertFalse(self.stored_of(job))
        self.store_due()
        self.assertTrue(self.stored_of(job))


class TestStoredFiguresOfCompanies(CompaniesCase, StoredCase):
    def test_another_time_zone_changes_rows_of_that_company_only(self):
        self.ended("2025-06-10 15:00", 10)
        self.ended("2025-06-10 15:00", 20, printer_id=self.printer_b.id, company_id=self.company_b.id)
        self.store_due()
        before = {row[0]: row for row in self.stored()}
        self.company_b.resource_calendar_id = self.company_b.resource_calendar_id.copy({"tz": "America/New_York"})
        self.store_due()
        self.assertEqual(self.stored(), self.rows(figure_rows.rows_of_ended(self.env.cr, SQL("TRUE"))))
        changed = [row for row in self.stored() if row != before[row[0]]]
        company, hour = map(figure_rows.COLUMNS.index, ("company_id", "hour"))
        self.assertEqual([(row[company], row[hour]) for row in changed], [(self.company_b.id, "09:00")])

    def test_whoever_reads_sees_the_own_company_whether_rows_are_stored_or_not(self):
        self.ended("2025-06-10 15:00", 10)
        self.ended("2025-06-10 15:00", 20, printer_id=self.printer_b.id, company_id=self.company_b.id)
        for is_stored in (True, False):
            with self.subTest(is_stored=is_stored):
                if not is_stored:
                    self.forget()
                domain = [("printer_id", "in", (self.printer + self.printer_b).ids)]
                for user, labels in ((self.user, 10), (self.user_b, 20), (self.manager_all, 30)):
                    found = self.as_user(user, self.Figures)._read_group(domain, [], ["labels:sum"])
                    self.assertEqual(found, [(labels,)])

    def test_shifts_of_two_companies_at_the_same_hours_are_two(self):
        self.company_b.resource_calendar_id.tz = "Europe/Berlin"
        self.store_due()
        self.ended("2025-06-10 15:00", 16)
        self.ended("2025-06-10 15:00", 16, printer_id=self.printer_b.id, company_id=self.company_b.id)
        domain = [("printer_id", "in", (self.printer + self.printer_b).ids)]
        found = self.as_user(self.manager_all, self.Figures)._read_group(domain, [], ["labels_per_hour:avg"])
        self.assertEqual(found, [(2.0,)])


class TestTwoProcessesStore(TransactionCase):
    """A batch, and an attempt of it that is written by another process: with two real transactions."""

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            printer = env["printer.configuration"].create({"name": "Two processes", "cups_name": "two-processes"})
            job = env["label.print.job"].create(
                {
                    "printer_id": printer.id, "quantity": 5, "status": "completed", "current_label": 5,
                    "flask_job_id": "two-processes", "completed_date": utc("2025-06-10 07:00"),
                    "labels_data": [{"zpl_code": "^XA^FDx^FS^XZ", "lot_number": "L"}] * 5,
                }
            )  # fmt: skip
            self.job_id, self.printer_id = job.id, printer.id
        self.addCleanup(self.remove)

    def remove(self):
        with self.registry.cursor() as cr:
            for table in ("label_print_record", "label_print_specimen", "label_print_job"):
                column = "id" if table == "label_print_job" else "job_id"
                cr.execute(
                    SQL("DELETE FROM %s WHERE %s = %s", SQL.identifier(table), SQL.identifier(column), self.job_id)
                )
            cr.execute("DELETE FROM printer_configuration WHERE id = %s", [self.printer_id])
            cr.execute("DELETE FROM label_print_figure_progress")

    def test_one_of_them_begins_again(self):
        def change(cr, ended):
            attempt = api.Environment(cr, api.SUPERUSER_ID, {})["label.print.job"].browse(self.job_id).attempt_ids
            attempt.write({"ended_date": ended})

        def store(cr):
            return api.Environment(cr, api.SUPERUSER_ID, {})["label.print.attempt.figure"]._store(
                SQL("a.job_id = %s", self.job_id)
            )

        for first, second in (
            (lambda cr: change(cr, "2025-06-10 08:00:00"), store),
            (store, lambda cr: change(cr, "2025-06-10 09:00:00")),
        ):
            with self.registry.cursor() as cr:  # so that there is something to store
                cr.execute("UPDATE label_print_attempt_figure SET labels = 99 WHERE job_id = %s", [self.job_id])
            with self.registry.cursor() as late:
                late.execute("SELECT 1")
                with self.registry.cursor() as early:
                    first(early)
                with self.assertRaises(SerializationFailure), mute_logger("odoo.sql_db"):
                    second(late)
                late.rollback()

    def test_the_scheduled_action_goes_on_after_a_conflict(self):
        Figure = type(self.env["label.print.attempt.figure"])
        tries, store = [], Figure._store_batch

        def once_in_conflict(figures):
            tries.append(fields.Datetime.now())
            if len(tries) == 1:
                raise SerializationFailure("could not serialize access due to concurrent update")
            return store(figures)

        with self.registry.cursor() as cr:
            with patch.object(Figure, "_store_batch", once_in_conflict):
                api.Environment(cr, api.SUPERUSER_ID, {})["label.print.attempt.figure"]._cron_store()
            cr.execute("SELECT labels FROM label_print_attempt_figure WHERE job_id = %s", [self.job_id])
            self.assertEqual(cr.fetchall(), [(5,)])
        self.assertGreater(len(tries), 1)
