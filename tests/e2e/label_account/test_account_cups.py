"""Printers behind CUPS, from Odoo's screen to the paper and back.

Seen: a queue whose printer was off was "completed" after 0.2 s and came out later; what CUPS held could not be cancelled;
a queue that rejected or was paused made ten uncertain labels and the advice to press PAUSE.
"""

import time

import pytest

from tests.e2e.label_account.stations import Station, once
from tests.e2e.remote import until


def printer(station: Station) -> dict:
    names = ["status", "reason_display", "confirms_labels"]
    return station.admin.call("printer.configuration", "read", [station.printer_ids[station.name]], names)[0]


def test_labels_are_spooled_and_never_confirmed(cups: Station):
    job = cups.print_labels(20)
    row = cups.wait(job)
    assert (row["status"], row["current_label"], row["confirmed"]) == ("completed", 20, False)
    cups.wait_for_account(job)
    assert cups.read(job)["evidence"] == "spooled"
    cups.wait_for_paper(job, 20)
    assert cups.on_paper(job) == once(range(1, 21))
    until(lambda: not printer(cups)["confirms_labels"], "the printer is said to confirm its labels")


def test_the_printer_is_off(cups: Station):
    cups.zebra.offline()
    job = cups.print_labels(10)
    row = cups.wait_for(job, status="printing", waiting_for="printer_offline")
    assert (row["current_label"], row["needs_attention"]) == (0, True)
    until(lambda: printer(cups)["status"] == "offline", "the printer is not shown as offline")
    cups.zebra.resume()
    assert cups.wait(job)["status"] == "completed"
    cups.wait_for_paper(job, 10)
    assert cups.on_paper(job) == once(range(1, 11))


@pytest.mark.parametrize(
    ("stop", "go_on", "code"), [("pause", "resume", "spooler_paused"), ("reject", "accept", "spooler_rejecting")]
)
def test_the_queue_is_stopped(cups: Station, stop: str, go_on: str, code: str):
    getattr(cups.spooler, stop)(cups.name)
    job = cups.print_labels(10)
    cups.wait_for(job, waiting_for=code, uncertain_count=0)
    words = cups.read(job, "attention_message", "error_title")
    assert "queue" in words["attention_message"] and "queue" in words["error_title"]
    assert "PAUSE" not in words["error_title"]
    assert not cups.on_paper(job)
    getattr(cups.spooler, go_on)(cups.name)
    assert cups.wait(job)["status"] == "completed"
    cups.wait_for_paper(job, 10)
    assert cups.on_paper(job) == once(range(1, 11))


def test_cancelled_while_the_printer_is_off(cups: Station):
    cups.zebra.slow(10)
    job = cups.print_labels(150)
    cups.wait_for_paper(job, 15)
    cups.zebra.offline()
    cups.wait_for(job, waiting_for="printer_offline")
    cups.remote.call("label.print.job", "action_cancel", [job.id])
    row = cups.wait(job)
    assert row["status"] == "cancelled"
    before = cups.on_paper(job).total()
    cups.zebra.resume()
    time.sleep(4)
    printed = cups.on_paper(job)
    # What the printer's own buffer had taken may come out; CUPS has given back all that it held.
    assert printed == once(range(1, printed.total() + 1))
    row = cups.read(job)
    assert before <= printed.total() <= row["current_label"] + row["uncertain_count"]
    # And what is missing is printed, each label once.
    cups.wait_for_account(job)
    dialog = cups.open_dialog(job, "action_retry_choose")
    seen = {True: [], False: []}
    for index in dialog["label_grid"]["asked"]:
        seen[index in printed].append(str(index))
    cups.confirm(dialog, on_paper=", ".join(seen[True]), not_on_paper=", ".join(seen[False]))
    assert cups.wait(job, "completed")["status"] == "completed"
    cups.wait_for_paper(job, 150)
    assert cups.on_paper(job) == once(range(1, 151))


# What CUPS has at a time: only these can it print again by itself when it was killed.
IN_THE_SPOOLER = 4


def test_the_spooler_is_killed_and_comes_back(cups: Station):
    time.sleep(2)  # until its queues are on its disk
    cups.zebra.slow(10)
    job = cups.print_labels(120)
    cups.wait_for_paper(job, 8)
    cups.spooler.kill()
    time.sleep(2)
    assert cups.read(job)["status"] == "printing"
    cups.spooler.start()
    row = cups.wait(job)
    # What the printer has taken comes out of its buffer.
    until(lambda: len(cups.on_paper(job)) >= row["current_label"], "labels that were handed over are missing on paper")
    time.sleep(2)
    printed = cups.on_paper(job)
    assert sum(times - 1 for times in printed.values()) <= IN_THE_SPOOLER, printed
    assert row["current_label"] <= len(printed) <= row["current_label"] + row["uncertain_count"]
