"""A cancelled job: in the end Odoo, the print server and the printer's own count say the same, and people are told once."""

import time

from tests.e2e.label_account.stations import Job, Station, once
from tests.e2e.remote import Remote, until


def partner(remote: Remote) -> int:
    return remote.call("res.users", "read", [remote.uid], ["partner_id"])[0]["partner_id"][0]


def check_counts_agree(station: Station, job: Job, total_before: int = 0) -> int:
    """Odoo's count, `GET /api/status`, the printer's own count and the paper; the count."""
    row = station.read(job)
    at_server = station.at_server(row)
    printed = station.on_paper(job)
    assert printed == once(range(1, printed.total() + 1))
    assert row["current_label"] == at_server["progress"]["completed"] == printed.total()
    if total_before:
        assert station.zebra.total() - total_before == printed.total()
    return printed.total()


def test_cancel_at_about_50_of_200(account: Station):
    """Seen: Odoo kept the count of the moment of the click: 50 for ever, with 51 on paper."""
    total = account.zebra.total()
    job = account.print_labels(200)
    account.wait_for_paper(job, 50)
    answer = account.remote.call("label.print.job", "action_cancel", [job.id])["params"]
    assert answer["type"] in ("info", "success")
    row = account.wait(job)
    assert (row["status"], row["is_cancelling"]) == ("cancelled", False)
    assert row["cancelled_by"][0] == account.remote.uid
    count = check_counts_agree(account, job, total)
    assert 50 <= count < 200
    account.wait_for_account(job)
    assert account.states(job) == ["confirmed"] * count + ["taken_back"] * (200 - count)
    time.sleep(0.5)  # nothing comes out any more, and nothing is counted later
    assert check_counts_agree(account, job, total) == count
    # What a cancelled job lacks is printed by the dialog, never by one click.
    dialog = account.open_dialog(job, "action_retry_choose")
    assert dialog["label_grid"]["missing"] == [*range(count + 1, 201)]


def test_cancel_while_the_last_label_prints(account: Station):
    """Seen: the print server completed 10 of 10, Odoo said cancelled, 8 of 10."""
    account.zebra.slow(2)
    job = account.print_labels(5)
    account.wait_for_paper(job, 4)
    answer = account.remote.call("label.print.job", "action_cancel", [job.id])["params"]
    assert "nothing was printed" not in answer["message"]
    row = account.wait(job)
    assert (row["status"], row["current_label"], row["confirmed"]) == ("completed", 5, True)
    check_counts_agree(account, job)
    assert len(account.toasts(job)) == 1


def check_cancelled_by_operator(station: Station, job: Job, operator: Remote) -> None:
    """The operator cancelled the supervisor's job; both have waited for what the print server says."""
    row = station.wait(job)
    assert (row["status"], row["cancelled_by"][0]) == ("cancelled", operator.uid)
    count = check_counts_agree(station, job)
    assert 1 <= count < 100
    toasts = station.toasts(job)
    assert sorted(toast[0] for toast in toasts) == sorted([partner(station.remote), partner(operator)])
    assert all("ancelled" in title for _partner, title, _message in toasts), toasts
    timeline = station.read(job, "timeline")["timeline"]
    people = [entry["user"] for entry in timeline if entry["status"] == "cancelled"]
    name = operator.call("res.users", "read", [operator.uid], ["name"])[0]["name"]
    assert people == [name], timeline


def test_the_answer_to_cancel_is_lost(account: Station):
    """Seen: "Not cancelled", then cancelled, with nobody named and nobody told."""
    operator = Remote(account.product, "operator")
    for zebra in account.zebras:
        zebra.slow(2)
    delivered, undelivered = (account.print_labels(100, name) for name in account.printer_names)
    for job in (delivered, undelivered):
        account.wait_for_paper(job, 2)
    rows = [account.wait(job, "printing") for job in (delivered, undelivered)]
    for row, deliver in zip(rows, (True, False), strict=True):
        account.proxy.add_fault("DELETE", f"/api/jobs/{row['flask_job_id']}", deliver=deliver)
    for job in (delivered, undelivered):
        answer = operator.call("label.print.job", "action_cancel", [job.id])["params"]
        # The print server's event may be faster than the answer that never comes.
        assert answer["title"] in ("Not cancelled yet", "Cancelled")[: 1 + (job == delivered)], answer
        assert account.read(job)["cancelled_by"][0] == operator.uid
    assert account.wait_for(undelivered, is_cancelling=True)["status"] == "printing"
    account.proxy.clear_faults()
    account.hurry()
    for job in (delivered, undelivered):
        check_cancelled_by_operator(account, job, operator)


def test_what_waits_moves_to_another_printer(account: Station):
    """DELETE, the final count, a new attempt elsewhere: nothing twice, and nobody hears of a cancel."""
    here, there = account.printer_names
    account.zebra.slow(0.1)
    printing = account.print_labels(4, here)
    account.wait(printing, "printing")
    waiting = [account.print_labels(6, here) for _number in range(3)]
    for job in waiting:
        account.wait_for(job, submission="accepted")
    values = {"printer_id": account.printer_ids[here], "target_id": account.printer_ids[there]}
    wizard = account.remote.call("label.print.move.wizard", "create", values)
    answer = account.remote.call("label.print.move.wizard", "action_confirm", [wizard])["params"]
    assert answer["message"].startswith("3 jobs"), answer
    for job in waiting:
        row = account.wait(job)
        assert (row["status"], row["current_label"], row["attempt_number"]) == ("completed", 6, 2)
        attempts = account.attempts(job, "printer_name", "outcome", "printed_count")
        assert [attempt["outcome"] for attempt in attempts] == ["cancelled", "completed"]
        assert [attempt["printer_name"] for attempt in attempts] == [here, there]
        assert account.on_paper(job) == once(range(1, 7))
        assert [title for _partner, title, _message in account.toasts(job) if "ancel" in title] == []
        assert len(account.toasts(job)) == 1
    account.zebra.resume()
    assert account.wait(printing)["status"] == "completed"
    assert account.on_paper(printing) == once(range(1, 5))
    until(lambda: len(account.zebras[1].labels()) >= 18, "the labels did not come out there")
