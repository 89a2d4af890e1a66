"""The figures of labels and failures: compared with what was counted by hand, by the plant's clock."""

import random
from collections import Counter, defaultdict
from datetime import date, timedelta, timezone

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from ..services.lifecycle import shifts
from .companies_case import CompaniesCase
from .shift_case import ZONE, ShiftCase, utc


@tagged("post_install", "-at_install")
class TestLabelPrintAttemptReport(ShiftCase):
    def test_each_label_belongs_to_the_shift_in_which_it_came_out(self):
        self.ended("2025-06-10 05:59", 3)
        self.ended("2025-06-10 06:00", 5)
        self.ended("2025-06-10 13:59", 7)
        self.ended("2025-06-10 14:00", 11)
        self.ended("2025-06-10 22:00", 13)
        self.ended("2025-06-11 03:00", 17)
        self.assertEqual(self.figures("shift_id", "labels:sum"), {self.early: 12, self.late: 11, self.night: 33})
        # The night that began on the 9th, and the one that went over midnight.
        self.assertEqual(
            self.figures("day:day", "labels:sum", domain=[("shift_id", "=", self.night.id)]),
            {date(2025, 6, 9): 3, date(2025, 6, 10): 30},
        )

    def test_labels_an_hour_count_each_shift_once(self):
        for hour in ("07", "09", "12"):
            self.ended(f"2025-06-10 {hour}:00", 8)
        self.ended("2025-06-11 07:00", 8)
        self.ended("2025-06-11 15:00", 40)
        rates = self.figures("shift_id", "labels_per_hour:avg")
        self.assertAlmostEqual(rates[self.early], 32 / 16)
        self.assertAlmostEqual(rates[self.late], 40 / 8)
        whole = self.Figures._read_group([("printer_id", "=", self.printer.id)], [], ["labels_per_hour:avg"])
        self.assertAlmostEqual(whole[0][0], 72 / 24)

    def test_labels_an_hour_by_hour_of_day_count_that_hour(self):
        self.ended("2025-06-10 09:10", 80)
        self.ended("2025-06-11 09:10", 40)
        self.ended("2025-06-11 12:10", 5)
        self.assertEqual(self.figures("hour", "labels_per_hour:avg"), {"09:00": 60, "12:00": 5})
        total, by_shift, by_hour = self.Figures._read_grouping_sets(
            [("printer_id", "=", self.printer.id)], [[], ["shift_id"], ["shift_id", "hour"]], ["labels_per_hour:avg"]
        )
        self.assertEqual([rate for *_names, rate in total + by_shift], [125 / 16] * 2)
        self.assertEqual(sorted(rate for *_names, rate in by_hour), [5, 60])

    def test_what_was_cancelled_or_waits_is_no_hour_of_work(self):
        self.ended("2025-06-10 09:10", 80)
        job = self.make_job(20, status="printing")
        self.report(job, status="cancelled", current_label=0)
        self.move(job, utc("2025-06-11 09:10"))
        self.make_job(20)
        self.assertEqual(self.figures("shift_id", "labels_per_hour:avg")[self.early], 10)

    def test_the_shift_that_is_not_over_counts_the_hours_that_it_has_lasted(self):
        now = fields.Datetime.now()
        self.env["label.print.shift"].search([]).active = False
        here = now.replace(tzinfo=timezone.utc).astimezone(ZONE)
        began = here - timedelta(hours=3)
        # Three hours and some seconds ago, so that it is to the minute of the plant's clock.
        shift = self.env["label.print.shift"].create(
            {
                "name": "Now",
                "from_hour": began.hour + began.minute / 60,
                "to_hour": (began + timedelta(hours=8)).hour + began.minute / 60,
            }
        )
        job = self.make_job(20, status="printing")
        self.report(job, status="completed", current_label=20)
        since, _until = shift._bounds(self.env.company, began.date())
        lasted = (self.env.cr.now() - since).total_seconds() / 3600
        self.assertAlmostEqual(
            self.figures("shift_id", "labels_per_hour:avg")[shift], 20 / lasted, delta=20 / lasted / 90
        )

    def test_a_night_in_which_the_clock_changes_has_nine_or_seven_hours(self):
        self.ended("2025-10-26 02:30", 45, is_dst=True)
        self.ended("2025-10-26 02:30", 45)
        self.assertAlmostEqual(self.figures("shift_id", "labels_per_hour:avg")[self.night], 90 / 9)
        self.assertEqual(self.figures("hour", "labels:sum"), {"02:00": 90})
        self.assertEqual(self.figures("day:day", "labels:sum"), {date(2025, 10, 25): 90})
        spring = [("ended_date", "<", "2025-05-01 00:00:00")]
        self.ended("2025-03-30 03:10", 70)
        self.assertAlmostEqual(self.figures("shift_id", "labels_per_hour:avg", domain=spring)[self.night], 70 / 7)

    def test_a_shift_that_begins_in_the_hour_that_is_there_twice(self):
        self.night.active = False
        self.env["label.print.shift"].create({"name": "First", "from_hour": 22, "to_hour": 2.5, "company_id": False})
        second = self.env["label.print.shift"].create(
            {"name": "Second", "from_hour": 2.5, "to_hour": 6, "company_id": False}
        )
        self.ended("2025-10-26 02:40", 10, is_dst=True)  # half an hour before the second 02:30
        self.ended("2025-10-26 02:40", 20)
        self.assertEqual(self.figures("shift_id", "labels:sum")[second], 20)

    def test_failures_by_reason_printer_person_and_hour(self):
        other = new_test_user(self.env, "lpm_other_printer", groups="label_print_monitor.group_label_print_user")
        self.ended("2025-06-10 07:00", 10)
        self.ended("2025-06-10 07:10", 10, failed=4)
        self.ended("2025-06-10 07:20", 10, failed=10, code="ribbon_out", submitted_by=other.id)
        self.ended("2025-06-10 15:20", 10, failed=1, submitted_by=other.id)
        cancelled = self.make_job(10, status="printing")
        self.report(cancelled, status="cancelled", current_label=2)
        self.move(cancelled, utc("2025-06-10 15:30"))
        self.assertEqual(
            self.figures("error_kind", "failures:sum", "failure_share:avg"),
            {"paper_out": (2, 50.0), "ribbon_out": (1, 25.0), False: (0, 0.0)},
        )
        by_person = self.figures("user_id", "failures:sum", "runs:sum", "failure_rate:avg")
        self.assertEqual(by_person, {self.user: (1, 2, 50.0), other: (2, 2, 100.0)})
        self.assertEqual(self.figures("hour", "failure_rate:avg"), {"07:00": 200 / 3, "15:00": 100.0})
        # What came out of a job that was cancelled is on paper.
        self.assertEqual(self.figures("printer_id", "labels:sum"), {self.printer: 27})
        self.assertEqual(self.figures("printer_id", "lost:sum")[self.printer], 15)

    def test_time_from_the_click_to_the_first_label(self):
        for seconds in (3, 9, 30):
            self.ended("2025-06-10 07:00", 1, first_label=seconds)
        retried = self.ended("2025-06-10 07:30", 2, failed=2, first_label=2)
        self.look_and_retry(retried, [1, 2])
        retried.write({"status": "printing", "flask_job_id": "srv-again"})
        self.report(retried, status="completed", current_label=2)
        domain = [("printer_id", "=", self.printer.id)]
        found = self.Figures._read_group(domain, [], ["first_label_seconds:avg", "longest_first_label_seconds:max"])
        self.assertEqual(found, [((3 + 9 + 30 + 2) / 4, 30.0)])

    def test_the_oldest_job_that_waits(self):
        young, old = self.make_job(3, status="queued"), self.make_job(3)
        self.env.flush_all()
        for job, hours in ((young, 1), (old, 5)):
            self.env.cr.execute(
                "UPDATE label_print_attempt SET create_date = now() AT TIME ZONE 'UTC' - %s * interval '1 hour' WHERE job_id = %s",
                [hours, job.id],
            )
        today = [("ended_date", ">=", "today")]
        found = self.figures("printer_id", "waiting_hours:max", "labels:sum", "runs:sum", domain=today)
        self.assertEqual(found, {self.printer: (5.0, 0, 0)})
        self.report(young, status="completed", current_label=3)
        self.assertEqual(self.figures("job_id", "waiting_hours:max"), {old: 5.0, young: False})

    def test_a_year_at_random_against_a_count_by_hand(self):
        dice = random.Random(7)
        start = utc("2025-01-01 00:00")
        own = self.env["label.print.shift"].create(
            [
                {"name": "Day", "from_hour": 5.75, "to_hour": 17.5},
                {"name": "Dark", "from_hour": 20, "to_hour": 2.5},
            ]
        )
        jobs = [self.make_job(dice.randint(1, 9), status="printing") for _number in range(40)]
        for job in jobs:
            failed = dice.random() < 0.3
            said = (
                {"status": "failed", "error_code": dice.choice(["paper_out", "jam"])}
                if failed
                else {"status": "completed"}
            )
            self.report(job, current_label=dice.randint(0, job.quantity) if failed else job.quantity, **said)
            self.move(job, start + timedelta(minutes=dice.randint(0, 60 * 24 * 300)))
        labels, failures, counted_shifts = Counter(), Counter(), defaultdict(set)
        for attempt in self.env["label.print.attempt"].search([("job_id", "in", [job.id for job in jobs])]):
            found = self.env["label.print.shift"]
            for shift in own:
                if day := shifts.day_of(attempt.ended_date, *shift._minutes(), ZONE):
                    found = shift
                    counted_shifts[shift].add(shift._bounds(self.env.company, day))
            labels[found] += attempt.added_count
            failures[found] += attempt.outcome == "failed"
        found = self.figures("shift_id", "labels:sum", "failures:sum")
        self.assertEqual(found, {shift: (labels[shift], failures[shift]) for shift in labels})
        for shift, rate in self.figures("shift_id", "labels_per_hour:avg").items():
            hours = sum((until - since).total_seconds() / 3600 for since, until in counted_shifts[shift])
            self.assertAlmostEqual(rate or 0, labels[shift] / hours if hours else 0)

    def test_grouping_sets_answer_as_groups_do(self):
        self.ended("2025-06-10 07:00", 10, failed=5)
        self.ended("2025-06-10 15:00", 10)
        measures = ["labels_per_hour:avg", "failure_rate:avg", "failure_share:avg"]
        whole, by_shift = self.Figures.with_user(self.user)._read_grouping_sets(
            [("printer_id", "=", self.printer.id)], [[], ["shift_id"]], measures
        )
        self.assertEqual(whole, [(15 / 16, 50.0, 50.0)])
        self.assertEqual(
            {shift: tuple(values) for shift, *values in by_shift},
            {self.early: (5 / 8, 100.0, 50.0), self.late: (10 / 8, 0.0, 0.0)},
        )

    def test_shifts_do_not_overlap(self):
        Shift = self.env["label.print.shift"]
        with self.assertRaisesRegex(ValidationError, "overlap"):
            Shift.create({"name": "Second night", "from_hour": 23, "to_hour": 1, "company_id": False})
        Shift.create({"name": "Whole day", "from_hour": 6, "to_hour": 6})
        with self.assertRaisesRegex(ValidationError, "overlap"):
            Shift.create({"name": "Noon", "from_hour": 12, "to_hour": 12.5})


class TestShiftsOfCompanies(CompaniesCase, ShiftCase):
    def test_each_company_has_its_own_shifts_and_sees_its_own_labels(self):
        self.company_b.resource_calendar_id.tz = "America/New_York"
        day_b = self.env["label.print.shift"].create(
            {"name": "Day", "from_hour": 0, "to_hour": 12, "company_id": self.company_b.id}
        )
        self.ended("2025-06-10 15:00", 10)
        self.ended("2025-06-10 15:00", 20, printer_id=self.printer_b.id, company_id=self.company_b.id)  # 09:00 there
        Figures = self.as_user(self.user_b, self.Figures)
        self.assertEqual(Figures._read_group([], ["shift_id", "hour"], ["labels:sum"]), [(day_b, "09:00", 20)])
        mine = self.as_user(self.user, self.Figures)._read_group(
            [("printer_id", "in", (self.printer + self.printer_b).ids)], ["shift_id"], ["labels:sum"]
        )
        self.assertEqual(mine, [(self.late, 10)])

    def test_who_changes_shifts(self):
        Shift = self.env["label.print.shift"]
        with self.assertRaises(AccessError):
            self.as_user(self.user, Shift).create({"name": "Mine", "from_hour": 1, "to_hour": 2})
        with self.assertRaises(AccessError):
            self.as_user(self.manager_b, self.early).write({"to_hour": 13})
        own = self.as_user(self.manager_b, Shift).create({"name": "B", "from_hour": 6, "to_hour": 18})
        self.assertEqual(own.company_id, self.company_b)
        self.assertFalse(self.as_user(self.manager_a, Shift).search([("id", "=", own.id)]))
