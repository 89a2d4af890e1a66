"""A stopped printer holds its queue, from the roll that runs out to the screen and back.

Seen: a roll changed after 90 s, with 20 jobs of 10 labels in the queue: 19 jobs failed, 15 of 200 labels were printed, and
six toasts stayed on the screen.
"""

import json
import time

import pytest

from tests.e2e.label_account.stations import Job, Station, once
from tests.e2e.remote import Remote, until

NOTICE = "needs somebody"


def wait_until_waiting(station: Station, *jobs: Job) -> Job:
    """The one of these jobs that waits for its printer."""
    found: list[Job] = []

    def waits() -> bool:
        found[:] = [job for job in jobs if station.read(job)["waiting_for"]]
        return bool(found)

    until(waits, "no job waits for the printer")
    return found[0]


def topics(station: Station) -> set[str]:
    """The topics of notices about incidents of the station's printers."""
    at_printers = [("printer_id", "in", list(station.printer_ids.values()))]
    return {f"incident-{id_}" for id_ in station.admin.call("label.print.incident", "search", at_printers)}


def sent(station: Station) -> list[dict]:
    """What was sent so far to the toasts of who has made the jobs."""
    (user,) = station.admin.call("res.users", "read", [station.remote.uid], ["partner_id"])
    rows = station.product.database.execute(
        "SELECT channel, message FROM bus_bus WHERE message LIKE '%label_print_notification%' ORDER BY id"
    )
    return [json.loads(message)["payload"] for channel, message in rows if json.loads(channel)[2] == user["partner_id"][0]]


def notices(station: Station) -> set[str]:
    """The notices that one of the station's printers needs somebody; one that is changed on the screen stays one."""
    known = topics(station)
    return {toast["key"] for toast in sent(station) if toast.get("topic") in known and NOTICE in toast["title"]}


def closed_notices(station: Station) -> int:
    """How many notices about the station's printers were taken back so far."""
    known = topics(station)
    return sum(toast.get("closes") in known for toast in sent(station))


@pytest.mark.alone
def test_the_roll_is_changed_and_nobody_clicks(patient: Station):
    before, closed = notices(patient), closed_notices(patient)
    patient.zebra.paper_out(after=15)
    jobs = [patient.print_labels(10) for _job in range(20)]
    waiting = wait_until_waiting(patient, *jobs)
    row = patient.read(waiting, "status", "waiting_for", "needs_attention", "attention_message", "error_title")
    assert row["status"] == "printing"
    assert row["waiting_for"] in ("paper_out", "printer_silent")
    assert row["needs_attention"]
    assert row["attention_message"].startswith("Waiting for ")
    assert "etry" not in row["error_title"]
    time.sleep(6)
    assert len(notices(patient) - before) == 1, "one notice for the printer, not one for each job"
    assert closed_notices(patient) == closed
    assert not any(patient.read(job)["status"] in ("failed", "completed_with_errors") for job in jobs)
    patient.zebra.resume()
    refilled = time.monotonic()
    patient.wait_for_paper(waiting, 6, seconds=10)
    assert time.monotonic() - refilled <= 4
    for job in jobs:
        row = patient.wait(job)
        assert (row["status"], row["attempt_number"], row["waiting_for"]) == ("completed", 1, False), row
        assert patient.on_paper(job) == once(range(1, 11))
    assert len(notices(patient) - before) == 1
    until(lambda: closed_notices(patient) == closed + 1, "the notice is not taken back", 10)


def test_pause_pressed_for_a_while(patient: Station):
    """Seen: PAUSE pressed for ten seconds made the job fail."""
    patient.zebra.slow(0.3)
    job = patient.print_labels(12)
    patient.wait_for_paper(job, 3)
    patient.zebra.pause()
    wait_until_waiting(patient, job)
    time.sleep(5)
    patient.zebra.resume()
    assert patient.wait(job)["status"] == "completed"
    assert patient.on_paper(job) == once(range(1, 13))


def test_a_waiting_job_is_cancelled(patient: Station):
    before = notices(patient)
    patient.zebra.paper_out(after=4)
    job = patient.print_labels(10)
    wait_until_waiting(patient, job)
    until(lambda: notices(patient) - before, "nobody is told")
    closed = closed_notices(patient)
    patient.remote.call("label.print.job", "action_cancel", [job.id])
    row = patient.wait(job)
    assert (row["status"], row["waiting_for"]) == ("cancelled", False)
    patient.zebra.resume()
    time.sleep(2)
    printed = patient.on_paper(job)
    row = patient.read(job)
    # What the printer holds and cannot be taken back may come out later: then it is uncertain, and nobody says otherwise.
    assert printed == once(range(1, printed.total() + 1))
    assert row["current_label"] <= printed.total() <= row["current_label"] + row["uncertain_count"]
    until(lambda: closed_notices(patient) > closed, "the notice is not taken back", 10)


def test_what_waits_behind_is_moved_to_another_printer(patient: Station):
    patient.zebra.paper_out(after=4)
    first, second = patient.print_labels(8), patient.print_labels(8)
    wait_until_waiting(patient, first)
    supervisor: Remote = patient.remote
    printer, target = (patient.printer_ids[name] for name in patient.printer_names)
    wizard = supervisor.call("label.print.move.wizard", "create", {"printer_id": printer, "target_id": target})
    supervisor.call("label.print.move.wizard", "action_confirm", [wizard])
    row = patient.wait(second)
    assert row["status"] == "completed"
    assert patient.on_paper(second) == once(range(1, 9))
    assert second.mark in "".join(patient.zebras[1].labels())
    patient.zebra.resume()
    assert patient.wait(first)["status"] == "completed"
    assert patient.on_paper(first) == once(range(1, 9))
