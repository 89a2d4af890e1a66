"""One job on a printer in memory whose connection ends, breaks, or was another one in an earlier run."""

from __future__ import annotations

import pytest
from small_shop import zpl, zpls

from print_server.printer_port import SendFailed


def test_labels_of_an_earlier_run_are_settled_by_the_odometer(shop):
    job = shop.begin(*zpls(1, 2, 3))
    shop.labels.advance(job, leaving=[1, 2], meter=499, meter_of="A1")
    done = shop.print_job(job)
    # The odometer has moved by one since: label 1 is on paper, label 2 never arrived.
    assert shop.printer.printed == zpls(2, 3)
    assert (done.row["status"], done.row["confirmed"]) == ("completed", 3)


def test_the_odometer_of_another_printer_settles_nothing(shop):
    job = shop.begin(*zpls(1, 2, 3))
    shop.labels.advance(job, leaving=[1, 2], meter=499, meter_of="B2")
    done = shop.print_job(job)
    assert shop.printer.printed == zpls(3)
    assert shop.states(job.job_id) == ["uncertain", "uncertain", "confirmed"]
    assert done.row["status"] == "completed"


def test_a_printer_without_a_serial_number_is_taken_for_the_same(shop):
    shop.printer.serial = None
    job = shop.begin(*zpls(1, 2))
    shop.labels.advance(job, leaving=[1], meter=499, meter_of="A1")
    assert shop.print_job(job).row["confirmed"] == 2


def test_labels_of_an_earlier_run_without_an_odometer_are_uncertain(shop):
    job = shop.begin(*zpls(1, 2))
    shop.labels.advance(job, leaving=[1])
    shop.print_job(job)
    assert shop.states(job.job_id) == ["uncertain", "confirmed"]


def test_what_an_earlier_job_left_under_way_is_forgotten(shop):
    shop.window.sent(7, 1, 0.0)
    assert shop.print_job(shop.begin(zpl(1))).row["status"] == "completed"


def test_the_odometer_before_the_labels_is_stored_with_its_printer(shop):
    job = shop.begin(*zpls(1, 2, 3))
    seen = []
    shop.clock.later(0.05, lambda: seen.append(shop.labels.sent_labels(job)))
    shop.print_job(job)
    assert (seen[0].meter, seen[0].meter_of) == (500, "A1")
    assert [label.index for label in seen[0].labels] == [1, 2]


def test_a_label_of_which_no_byte_left_is_sent_again(shop):
    shop.printer.refuse = [None, SendFailed("connection refused", nothing_left=True)]
    done = shop.print_job(shop.begin(*zpls(1, 2, 3)))
    assert shop.printer.printed == zpls(1, 2, 3)
    assert done.row["confirmed"] == 3


def test_a_label_that_broke_off_is_settled_by_the_odometer(shop):
    def connect_again():
        shop.printer.reconnected()

    shop.printer.refuse = [SendFailed("reset")]
    shop.clock.later(0.01, connect_again)
    done = shop.print_job(shop.begin(*zpls(1, 2, 3)))
    # It never arrived, and the odometer proves it: it is sent again, and the second one, which was to follow it.
    assert shop.printer.printed == zpls(1, 2, 3)
    assert (done.row["confirmed"], done.row["uncertain"]) == (3, 0)


def test_a_label_that_broke_off_without_an_odometer_is_uncertain_and_never_sent_twice(shop):
    shop.printer.has_odometer = False
    shop.printer.refuse = [SendFailed("reset")]
    done = shop.print_job(shop.begin(*zpls(1, 2, 3)))
    assert shop.printer.printed == zpls(2, 3)
    assert shop.states(done.row["id"]) == ["uncertain", "confirmed", "confirmed"]


def test_labels_under_way_when_the_connection_ends_are_settled_by_the_odometer(shop):
    def cut():
        shop.printer.held.clear()
        shop.printer.reconnected()

    shop.clock.later(0.15, cut)
    done = shop.print_job(shop.begin(*zpls(1, 2, 3, 4)))
    assert shop.printer.printed == zpls(1, 2, 3, 4)
    assert done.row["confirmed"] == 4


def test_an_end_of_the_connection_with_nothing_under_way_is_none_of_ours(shop):
    shop.printer.look()
    shop.window.observe(shop.printer.look(), shop.clock.now)
    run = shop.run_of(shop.begin(zpl(1)))
    shop.printer.reconnected()
    run.run()
    assert shop.interval.window == 2


def test_one_label_at_a_time_to_a_printer_that_ends_each_connection(shop):
    shop.printer.closes_after_label = True
    done = shop.print_job(shop.begin(*zpls(*range(1, 11))))
    assert done.row["status"] == "completed"
    assert shop.interval.window == 1
    assert shop.interval.closes_always
    assert sorted(shop.printer.printed) == sorted(zpls(*range(1, 11)))


@pytest.mark.parametrize("line", [0, 1])
def test_the_number_of_the_connection_may_begin_anywhere(shop, line):
    shop.printer.line = line
    shop.clock.later(0.15, lambda: (shop.printer.held.clear(), shop.printer.reconnected()))
    assert shop.print_job(shop.begin(*zpls(1, 2, 3, 4))).row["confirmed"] == 4
    assert shop.printer.printed == zpls(1, 2, 3, 4)


def test_a_connection_ended_in_order_is_no_fault_where_that_is_the_printers_habit(shop):
    broke = []
    keep = shop.window.broke
    shop.window.broke = lambda in_order=False: (broke.append(in_order), keep(in_order))
    shop.printer.closes_after_label = True
    shop.print_job(shop.begin(*zpls(*range(1, 8))))
    assert set(broke) == {True, False}
    assert broke == sorted(broke)


def test_a_connection_that_breaks_is_a_fault_whatever_its_habit(shop):
    broke = []
    keep = shop.window.broke
    shop.window.broke = lambda in_order=False: (broke.append(in_order), keep(in_order))
    for _time in range(3):
        shop.interval.closed()
    shop.clock.later(0.05, lambda: (shop.printer.held.clear(), shop.printer.reconnected()))
    shop.print_job(shop.begin(*zpls(1, 2)))
    assert broke == [False]


def test_nothing_leaves_before_the_printer_has_told_its_odometer(shop):
    shop.printer.odometer_after = shop.clock.now + 3
    shop.print_job(shop.begin(zpl(1)))
    assert shop.clock.now - 1000 == pytest.approx(3.2, abs=0.15)
    assert shop.printer.printed == zpls(1)


def test_nothing_leaves_while_a_broken_connection_is_looked_into(shop):
    seen = []
    shop.clock.later(0.15, lambda: (shop.printer.held.clear(), shop.printer.reconnected()))
    shop.clock.later(0.4, lambda: seen.append(len(shop.printer.held)))
    shop.print_job(shop.begin(*zpls(1, 2, 3, 4, 5, 6)))
    assert seen == [0]


def test_the_log_says_which_printer_and_which_label(shop, caplog):
    shop.printer.refuse = [None, SendFailed("cut off")]
    shop.print_job(shop.begin(*zpls(1, 2)))
    assert "Printer Zebra-1: label 2 broke off: cut off" in caplog.text
    job = shop.begin(zpl(1))
    shop.labels.advance(job, leaving=[1], meter=499, meter_of="B2")
    shop.print_job(job)
    assert "Printer Zebra-1: another device answers at its address" in caplog.text
