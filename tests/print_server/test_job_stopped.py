"""One job on a printer in memory that stops or falls silent, or whose job is cancelled, or whose server stops."""

from __future__ import annotations

import pytest
from small_shop import waiting_for, zpl, zpls

from print_server.codes import LABEL_WAITING, NETWORK_TIMEOUT, PAPER_OUT, PRINTER_OFFLINE, PRINTER_SILENT
from print_server.label_window import LabelWindow
from print_server.settings import Pace


def test_out_of_paper_the_job_waits_and_goes_on_after_the_refill(shop):
    shop.printer.stops_after = 2
    job = shop.begin(*zpls(1, 2, 3, 4))
    seen = []
    shop.clock.later(60, lambda: seen.append((waiting_for(shop, job), shop.states(job.job_id))))
    shop.clock.later(120, shop.printer.go_on)
    done = shop.print_job(job)
    assert seen == [(PAPER_OUT, ["confirmed", "confirmed", "sent", "sent"])]
    assert shop.printer.printed == zpls(1, 2, 3, 4)
    assert (done.row["status"], done.row["waiting_for"]) == ("completed", None)
    assert shop.clock.now - 1000 == pytest.approx(121, abs=1)


def test_a_stopped_printer_is_told_once_and_the_end_of_the_stop_too(shop):
    shop.printer.stops_after = 1
    job = shop.begin(*zpls(1, 2))
    told = []
    keep = shop.labels.set_waiting
    shop.labels.set_waiting = lambda job, code: (told.append(code), keep(job, code))
    shop.clock.later(5, shop.printer.go_on)
    shop.print_job(job)
    # The last label ends the job, which says that it waits for nothing.
    assert told == [None, PAPER_OUT]
    job = shop.begin(*zpls(1, 2, 3, 4))
    told.clear()
    shop.printer.stops_after = 3
    shop.clock.later(5, shop.printer.go_on)
    shop.print_job(job)
    assert told == [None, PAPER_OUT, None]


def test_after_the_patience_the_rest_fails_and_is_taken_out_of_the_printer(shop):
    shop.printer.stops_after = 1
    done = shop.print_job(shop.begin(*zpls(1, 2, 3, 4)))
    assert shop.states(done.row["id"]) == ["confirmed", "failed", "failed", "failed"]
    assert (done.row["status"], done.row["error_code"], done.row["failed"]) == ("failed", PAPER_OUT, 3)
    assert [label["tries"] for label in done.failed_labels] == [3, 3, 3]
    assert shop.printer.cleared == 1
    assert shop.clock.now - 1000 == pytest.approx(15 * 60, abs=3)
    assert not shop.window.under_way


def test_each_printer_has_its_own_patience(shop):
    shop.configure(on_stop_minutes=2)
    shop.printer.stops_after = 1
    shop.print_job(shop.begin(*zpls(1, 2)))
    assert shop.clock.now - 1000 == pytest.approx(120, abs=3)


def test_without_patience_three_looks_decide(shop):
    shop.pace = Pace(on_stop_minutes=0)
    shop.printer.stop(PAPER_OUT)
    done = shop.print_job(shop.begin(*zpls(1, 2)))
    assert (done.row["status"], done.row["error_code"]) == ("failed", PAPER_OUT)
    assert [label["tries"] for label in done.failed_labels] == [3, 3]
    assert shop.clock.waits == [pytest.approx(1.0), pytest.approx(2.0)]
    assert shop.printer.cleared == 0


def test_a_job_that_has_not_begun_waits_for_its_printer_as_long_as_it_takes(shop):
    shop.printer.stop(PRINTER_OFFLINE, counted=False)
    job = shop.begin(zpl(1))
    shop.clock.later(3600, shop.printer.go_on)
    assert shop.print_job(job).row["status"] == "completed"
    # Nothing is on its way: others may have the connection meanwhile.
    assert len(shop.printer.closed) == pytest.approx(7200, abs=50)


def test_the_connection_stays_while_labels_are_under_way(shop):
    job = shop.begin(zpl(1))
    shop.clock.later(0.05, lambda: shop.printer.stop(PRINTER_SILENT, counted=False))
    shop.clock.later(5, shop.printer.go_on)
    shop.print_job(job)
    assert shop.printer.closed == []


def test_a_cancelled_job_brings_out_what_is_under_way_and_no_more(shop):
    job = shop.begin(*zpls(1, 2, 3, 4, 5, 6))
    shop.clock.later(0.15, lambda: shop.cancel(job))
    done = shop.print_job(job)
    assert shop.printer.printed == zpls(1, 2, 3)
    assert shop.states(job.job_id) == ["confirmed"] * 3 + ["taken_back"] * 3
    assert (done.row["status"], done.row["error_code"]) == ("cancelled", "cancelled")


def test_a_job_that_was_cancelled_too_late_is_completed(shop):
    job = shop.begin(zpl(1))
    shop.clock.later(0.05, lambda: shop.cancel(job))
    assert shop.print_job(job).row["status"] == "completed"


def test_cancelled_at_a_stopped_printer_the_labels_are_taken_out_of_it(shop):
    shop.printer.stops_after = 1
    job = shop.begin(*zpls(1, 2, 3, 4))
    shop.clock.later(10, lambda: shop.cancel(job))
    done = shop.print_job(job)
    assert done.row["status"] == "cancelled"
    assert shop.states(job.job_id) == ["confirmed"] + ["taken_back"] * 3
    assert (shop.printer.cleared, shop.printer.held) == (1, [])
    assert shop.clock.now - 1000 == pytest.approx(10, abs=0.6)


def test_a_printer_that_keeps_what_it_was_told_to_forget_is_asked_for_a_second(shop):
    shop.printer.stops_after = 1
    shop.printer.clear = lambda: None
    job = shop.begin(*zpls(1, 2, 3))
    shop.clock.later(10, lambda: shop.cancel(job))
    shop.print_job(job)
    assert shop.clock.now - 1000 == pytest.approx(11.0, abs=0.7)
    assert shop.clock.waits.count(0.02) == pytest.approx(48, abs=4)
    assert shop.states(job.job_id) == ["confirmed", "uncertain", "uncertain"]


def test_labels_of_others_are_never_taken_out(shop):
    shop.printer.stops_after = 1
    shop.window = LabelWindow(shared=True)
    job = shop.begin(*zpls(1, 2, 3))
    shop.clock.later(10, lambda: shop.cancel(job))
    done = shop.print_job(job)
    assert shop.printer.cleared == 0
    assert done.row["uncertain"] == 2


def test_where_nobody_else_prints_labels_are_taken_out_without_an_odometer(shop):
    shop.configure(shared=False)
    shop.printer.has_odometer = False
    job = shop.begin(*zpls(1, 2, 3))
    shop.clock.later(0.05, lambda: shop.printer.stop(PAPER_OUT))
    shop.clock.later(10, lambda: shop.cancel(job))
    shop.print_job(job)
    assert shop.printer.cleared == 1
    assert shop.states(job.job_id) == ["taken_back"] * 3


def test_a_silent_printer_is_not_told_to_forget(shop):
    shop.configure(shared=False)
    shop.printer.has_odometer = False
    job = shop.begin(*zpls(1, 2))
    shop.clock.later(0.05, lambda: shop.printer.stop(PRINTER_SILENT, counted=False))
    shop.clock.later(10, lambda: shop.cancel(job))
    shop.print_job(job)
    assert shop.printer.cleared == 0
    assert shop.states(job.job_id) == ["uncertain"] * 2


@pytest.mark.parametrize("code", [PRINTER_SILENT, NETWORK_TIMEOUT])
def test_a_cancel_waits_two_and_a_half_seconds_for_a_printer_that_may_just_be_slow(shop, code):
    job = shop.begin(*zpls(1, 2, 3))
    shop.clock.later(0.15, lambda: shop.printer.stop(code, counted=False))
    shop.clock.later(0.2, lambda: shop.cancel(job))
    done = shop.print_job(job)
    assert shop.clock.now - 1000 == pytest.approx(2.65, abs=0.2)
    assert shop.clock.waits.count(0.1) > 15
    assert done.row["status"] == "cancelled"
    assert "sent" not in shop.states(job.job_id)


def test_a_silence_that_ends_counts_from_the_start_again(shop):
    job = shop.begin(*zpls(1, 2, 3))
    printer = shop.printer
    shop.clock.later(0.05, lambda: printer.stop(PRINTER_SILENT, counted=False))
    shop.clock.later(10, lambda: printer.stop(PAPER_OUT))
    shop.clock.later(20, lambda: printer.stop(PRINTER_SILENT, counted=False))
    shop.clock.later(21, lambda: shop.cancel(job))
    shop.print_job(job)
    assert shop.clock.now - 1000 == pytest.approx(22.7, abs=0.6)


def test_when_the_server_stops_the_job_is_left_as_it_is(shop):
    job = shop.begin(*zpls(1, 2, 3, 4, 5, 6))
    shop.clock.later(0.15, shop.stop)
    left = shop.print_job(job)
    assert shop.printer.printed == zpls(1, 2, 3)
    assert (left.row["status"], left.row["completed_at"]) == ("printing", None)
    assert shop.states(job.job_id) == ["confirmed"] * 3 + ["waiting"] * 3


def test_when_the_server_stops_at_a_stopped_printer_its_labels_are_kept_for_the_next_start(shop):
    shop.printer.stops_after = 1
    job = shop.begin(*zpls(1, 2, 3, 4))
    shop.clock.later(10, shop.stop)
    left = shop.print_job(job)
    assert left.row["status"] == "printing"
    assert shop.printer.cleared == 1
    assert shop.states(job.job_id) == ["confirmed"] + ["waiting"] * 3


def test_stopped_and_cancelled_ends_at_once(shop):
    job = shop.begin(*zpls(1, 2))
    shop.clock.later(0.05, lambda: shop.printer.stop(PRINTER_SILENT, counted=False))
    shop.clock.later(0.1, lambda: (shop.cancel(job), shop.stop()))
    assert shop.print_job(job).row["status"] == "cancelled"
    assert shop.clock.now - 1000 < 0.8


def test_a_silence_is_told_when_it_has_lasted_two_seconds(shop):
    job = shop.begin(*zpls(1, 2))
    shop.clock.later(0.05, lambda: shop.printer.stop(PRINTER_SILENT, counted=False))
    seen = []
    for seconds in (1.5, 3):
        shop.clock.later(seconds, lambda: seen.append(waiting_for(shop, job)))
    shop.clock.later(4, shop.printer.go_on)
    shop.print_job(job)
    assert seen == [None, PRINTER_SILENT]


def test_a_label_that_waits_to_be_taken_is_waited_for_without_end(shop):
    job = shop.begin(*zpls(1, 2))
    shop.clock.later(0.15, lambda: shop.printer.stop(LABEL_WAITING))
    shop.clock.later(3600, shop.printer.go_on)
    assert shop.print_job(job).row["status"] == "completed"


def test_without_patience_labels_under_way_are_waited_for_as_long_as_three_looks_take(shop):
    shop.pace = Pace(on_stop_minutes=0)
    shop.printer.stops_after = 1
    done = shop.print_job(shop.begin(*zpls(1, 2)))
    assert done.row["status"] == "failed"
    assert shop.clock.now - 1000 == pytest.approx(3.2, abs=0.3)
    assert max(shop.clock.waits) == pytest.approx(0.25)
