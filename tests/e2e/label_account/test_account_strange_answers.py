"""Answers to a submission that are not the print server's: the job waits, and goes on by itself once that is mended.

Seen: a redirect, a web page with 200, a proxy's 403 or 404 made the job fail after 0.3 s, also where the print server
had taken it and printed it.
"""

from tests.e2e.label_account.stations import Station, new_mark, once
from tests.e2e.remote import until
from tests.support import faulty_proxy

ANSWERS = {
    "redirect": faulty_proxy.REDIRECT,
    "page": faulty_proxy.LOGIN_PAGE,
    "forbidden": faulty_proxy.FORBIDDEN_PAGE,
    "not found": faulty_proxy.NOT_FOUND_PAGE,
    "maintenance": faulty_proxy.MAINTENANCE,
    "key": faulty_proxy.KEY_REFUSED,
}


def test_jobs_wait_until_it_is_mended(account: Station):
    jobs = {}
    for name, answer in ANSWERS.items():
        for deliver in (True, False):
            mark = new_mark()
            account.proxy.add_fault("POST", "/api/print", answer, deliver=deliver, containing=mark)
            jobs[name, deliver] = account.print_labels(3, mark=mark)
    for (name, deliver), job in jobs.items():
        # A 503 and a refusal in the print server's own words say that nothing was done; everything else may have been.
        # What may have been done is known when the job has been sent: unverified it is before, by what others met.
        certain = name in ("maintenance", "key")
        row = account.wait_for(job, status="pending", is_unverified=True, **({} if certain else {"submission": "maybe"}))
        assert row["submission"] in ("maybe", "not_sent"), (name, deliver, row)
        assert row["unverified_reason"], name
        assert account.toasts(job) == []
        if deliver:
            account.wait_for_paper(job, 3)
        assert account.on_paper(job).total() == 3 * deliver, name
    account.proxy.clear_faults()
    account.hurry(*jobs.values())
    for (name, deliver), job in jobs.items():
        row = account.wait(job)
        assert (row["status"], row["current_label"], row["attempt_number"]) == ("completed", 3, 1), (name, deliver, row)
        assert account.on_paper(job) == once([1, 2, 3]), (name, deliver)
        assert len(account.toasts(job)) == 1


def test_a_refused_key(account: Station):
    """The print server says what is wrong, and everybody waits until an administrator has mended it."""

    def server() -> dict:
        names = ["state", "state_message"]
        return account.admin.call("label.print.server", "read", [account.server_id], names)[0]

    for method in ("GET", "POST", "DELETE"):
        account.proxy.add_fault(method, "/api", faulty_proxy.KEY_REFUSED, deliver=False)
    job = account.print_labels(4)
    until(lambda: server()["state"] == "misconfigured", "the print server is not shown as refusing the key")
    assert "key" in server()["state_message"]
    account.wait_for(job, status="pending", is_unverified=True)
    account.proxy.clear_faults()
    account.hurry(job)
    assert account.wait(job)["status"] == "completed"
    assert account.on_paper(job) == once([1, 2, 3, 4])
    until(lambda: server() == {"id": account.server_id, "state": "ok", "state_message": False}, "it is not in order")
