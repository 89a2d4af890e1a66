"""One job on a printer in memory: which labels leave when, and what is known of each afterwards."""

from __future__ import annotations

from itertools import pairwise

import pytest
from memory_printer import MemoryPrinter
from small_shop import PRINTER, total, waiting_for, zpl, zpls

from print_server.codes import PRINTER_SILENT
from print_server.job_run import OTHERS_FIRST
from print_server.printer_port import SendFailed


def test_all_labels_are_printed_once_in_order_and_confirmed(shop):
    job = shop.begin(*zpls(1, 2, 3, 4, 5))
    done = shop.print_job(job)
    assert shop.printer.printed == zpls(1, 2, 3, 4, 5)
    assert (done.row["status"], done.row["printed"], done.row["confirmed"], done.row["current_label"]) == (
        "completed", 5, 5, 5,
    )  # fmt: skip
    assert shop.states(job.job_id) == ["confirmed"] * 5
    assert [run["tries"] for run in done.labels] == [1] * len(done.labels)
    assert total(shop.totals, "labels", PRINTER, "confirmed") == 5
    assert shop.printer.most_held == 2
    assert not shop.window.under_way


def test_the_pace_of_the_printer_is_measured(shop):
    shop.printer.label_seconds = 2.0
    shop.print_job(shop.begin(*zpls(*range(1, 16))))
    assert shop.fleet.label_seconds(PRINTER) == pytest.approx(2.0, abs=0.1)
    assert shop.interval.seconds > 0.01


def test_a_look_tells_the_fleet_what_the_printer_is(shop):
    shop.print_job(shop.begin(zpl(1)))
    state = shop.fleet.state(PRINTER)
    assert (state.status, state.confirms, state.odometer, state.details) == ("online", True, 501, shop.printer.details)


def test_the_printer_is_asked_as_often_as_the_interval_says(shop):
    shop.interval.seconds = 0.04
    shop.print_job(shop.begin(zpl(1)))
    # At first with nothing under way, then while the label is printed.
    assert shop.clock.waits[0] == pytest.approx(0.04)


@pytest.fixture
def dumb(shop):
    """A printer that answers no question."""
    shop.printer = MemoryPrinter(shop.clock, counts_labels=False, counted=False, has_odometer=False)
    return shop


def test_labels_to_a_printer_that_tells_nothing_are_spooled_one_by_one(dumb):
    job = dumb.begin(*zpls(1, 2, 3))
    done = dumb.print_job(job)
    assert dumb.printer.printed == zpls(1, 2, 3)
    assert dumb.states(job.job_id) == ["spooled"] * 3
    assert (done.row["status"], done.row["confirmed"], done.row["meter"]) == ("completed", 0, None)
    assert not dumb.fleet.state(PRINTER).confirms
    # Nothing is to be waited for.
    assert set(dumb.clock.waits) == {0.0}


def test_a_label_that_broke_off_to_a_printer_that_tells_nothing_is_uncertain(dumb):
    dumb.printer.refuse = [None, SendFailed("reset")]
    job = dumb.begin(*zpls(1, 2, 3))
    dumb.print_job(job)
    assert dumb.printer.printed == zpls(1, 3)
    assert dumb.states(job.job_id) == ["spooled", "uncertain", "spooled"]


def test_a_label_that_did_not_leave_to_a_printer_that_tells_nothing_is_sent_again(dumb):
    dumb.printer.refuse = [SendFailed("refused", nothing_left=True)]
    job = dumb.begin(*zpls(1, 2))
    dumb.print_job(job)
    assert dumb.printer.printed == zpls(1, 2)
    assert dumb.states(job.job_id) == ["spooled"] * 2


def test_nothing_leaves_while_the_buffer_is_full(shop):
    shop.printer.buffer_full = True
    shop.clock.later(30, lambda: setattr(shop.printer, "buffer_full", False))
    shop.print_job(shop.begin(zpl(1)))
    assert shop.printer.printed == zpls(1)
    assert shop.clock.now - 1000 == pytest.approx(30.2, abs=0.1)


def test_labels_of_others_come_out_first(shop):
    shop.printer.send(zpl(99), lambda: True)
    shop.printer.label_seconds = 4.0
    job = shop.begin(*zpls(1, 2))
    seen = []
    shop.clock.later(3.9, lambda: seen.append(shop.states(job.job_id)))
    shop.clock.later(4.3, lambda: seen.append(shop.states(job.job_id)))
    shop.print_job(job)
    assert seen == [["waiting"] * 2, ["sent"] * 2]
    assert shop.clock.waits[:3] == [0.1] * 3


def test_labels_of_others_are_not_waited_for_longer_than_ten_seconds(shop):
    shop.printer.send(zpl(99), lambda: True)
    shop.printer.label_seconds = 15.0
    job = shop.begin(zpl(1))
    seen = []
    for seconds in (OTHERS_FIRST - 0.2, OTHERS_FIRST + 0.2):
        shop.clock.later(seconds, lambda: seen.append(shop.states(job.job_id)))
    shop.print_job(job)
    assert seen == [["waiting"], ["sent"]]


def test_a_printer_that_is_in_order_and_brings_nothing_out_is_stopped(shop):
    job = shop.begin(*zpls(1, 2))
    shop.interval.seconds = 0.25
    shop.printer.label_seconds = 65.0
    seen = []
    for seconds in (59, 62, 66):
        shop.clock.later(seconds, lambda: seen.append(waiting_for(shop, job)))
    done = shop.print_job(job)
    assert seen == [None, "printer_error", None]
    assert done.row["status"] == "completed"


def test_the_copies_of_a_label_are_counted_while_they_are_printed(shop):
    job = shop.begin(zpl(1, copies=100))
    noted = []
    keep = shop.labels.set_pieces_begun
    shop.labels.set_pieces_begun = lambda job, pieces: (noted.append((shop.clock.now, pieces)), keep(job, pieces))
    seen = []
    shop.clock.later(5.0, lambda: seen.append(shop.jobs.get(job.job_id)["pieces_begun"]))
    done = shop.print_job(job)
    assert seen[0] == pytest.approx(45, abs=6)
    assert [pieces for _moment, pieces in noted] == sorted({pieces for _moment, pieces in noted})
    pauses = [later[0] - earlier[0] for earlier, later in pairwise(noted)]
    assert min(pauses) >= 1.0
    assert max(pauses) < 1.4
    assert (done.row["pieces_printed"], done.row["pieces_begun"], done.row["printed"]) == (100, 0, 1)


def test_a_label_that_the_printer_does_not_take_is_waited_for_as_at_a_stop(shop):
    answers = []

    def send(zpl, keep_on):
        for _second in range(4):
            answers.append((keep_on(), waiting_for(shop, job)))
            shop.clock.pass_by(1)
        shop.cancel(job)
        answers.append((keep_on(), waiting_for(shop, job)))
        raise SendFailed("given up")

    shop.printer.send = send
    job = shop.begin(zpl(1))
    shop.print_job(job)
    assert answers == [
        (True, None), (True, None), (True, PRINTER_SILENT), (True, PRINTER_SILENT), (False, PRINTER_SILENT),
    ]  # fmt: skip


def test_a_label_that_the_printer_does_not_take_is_given_up_with_the_patience(shop):
    shop.configure(on_stop_minutes=2)
    run = shop.run_of(shop.begin(zpl(1)))
    assert run._keep_on_sending()
    shop.clock.pass_by(119)
    assert run._keep_on_sending()
    shop.clock.pass_by(1)
    assert not run._keep_on_sending()


def test_a_label_that_the_printer_does_not_take_is_given_up_when_the_server_stops(shop):
    run = shop.run_of(shop.begin(zpl(1)))
    assert run._keep_on_sending()
    shop.stop()
    assert not run._keep_on_sending()


def test_what_a_look_says_of_the_pace(shop):
    told = []
    shop.interval.finished = lambda *arguments: told.append(arguments)
    shop.interval.seconds, shop.printer.answer_seconds = 0.25, 0.01
    shop.print_job(shop.begin(*zpls(1, 2, 3, 4, 5)))
    # Two labels came out between two looks, while the printer had no third one; after the last one there is none.
    assert [ran_dry for ran_dry, *_others in told] == [True, True, False]
    assert [answer for _dry, _pace, answer, _settled in told] == [0.01] * 3
    assert [settled for *_others, settled in told] == [True] * 3
    assert told[0][1] == pytest.approx(0.13, abs=0.01)
    assert shop.fleet.label_seconds(PRINTER) < 0.5


def test_a_printer_that_goes_on_with_another_label_has_not_run_dry(shop):
    told = []
    shop.interval.finished = lambda *arguments: told.append(arguments[0])
    shop.interval.seconds = 0.03
    shop.print_job(shop.begin(*zpls(1, 2, 3)))
    assert told == [False] * 3


def test_of_several_formats_a_label_is_out_when_all_are(shop):
    shop.printer.label_seconds = 1.0
    text = zpl(1) + zpl(2)
    done = shop.print_job(shop.begin(text, zpl(3)))
    assert (done.row["confirmed"], done.row["pieces"]) == (2, 3)
