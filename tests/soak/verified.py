"""At the end of a run *Verify All*, as a person presses it: what so many faults have left of the records of all jobs."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from tests.e2e.remote import Remote
from tests.soak.factory import Factory

SECONDS = 180
MODEL = "label.print.verification"
FIELDS = ("state", "checked_count", "expected_count", "entry_count", "different_count", "result")


@dataclass
class Verified:
    """What came of it.

    :ivar jobs: that were verified
    :ivar entries: of their records
    :ivar findings: what differs, or why it could not be verified
    """

    jobs: int = 0
    entries: int = 0
    findings: list[str] = field(default_factory=list)


def verify_all(factory: Factory) -> Verified:
    """Verify the record and the labels of every job, in the background where there are many."""
    remote = Remote(factory.offices[0], "supervisor")
    remote.call(MODEL, "action_verify_all", [])
    (newest,) = remote.call(MODEL, "search", [], order="id desc", limit=1)
    ends = time.monotonic() + SECONDS
    while True:
        (one,) = remote.call(MODEL, "read", [newest], FIELDS)
        if one["state"] in ("done", "failed") or time.monotonic() > ends:
            break
        time.sleep(0.5)
    verified = Verified(one["checked_count"], one["entry_count"])
    if one["state"] != "done" or not one["checked_count"] or one["checked_count"] != one["expected_count"]:
        verified.findings.append(
            f"records: {one['checked_count']} of {one['expected_count']} jobs verified, which is {one['state']}"
        )
    if one["different_count"]:
        verified.findings += [f"records: {line}" for line in one["result"].splitlines()]
    return verified
