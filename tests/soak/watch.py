"""When each end was known at the print server, and when in Odoo; and how long that took after a fault."""

from __future__ import annotations

import sqlite3
import threading
import time

import psycopg2

from tests.soak.factory import Factory
from tests.soak.faults import Happened
from tests.soak.ledgers import records

EVERY = 0.5


class Watch:
    """Looks at the print servers' files and at Odoo's database twice a second."""

    def __init__(self, factory: Factory) -> None:
        self._factory = factory
        self.at_server: dict[str, tuple[float, str]] = {}
        self.in_odoo: dict[str, float] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._stopping.wait(EVERY):
            moment = time.monotonic()
            for hall in self._factory.halls:
                try:
                    ended = records(hall, "SELECT id FROM jobs WHERE completed_at IS NOT NULL")
                except sqlite3.Error:
                    continue
                for (id_,) in ended:
                    self.at_server.setdefault(id_, (moment, hall.name))
            try:
                known = self._factory.database.execute(
                    "SELECT flask_job_id FROM label_print_attempt WHERE outcome IS NOT NULL AND flask_job_id IS NOT NULL"
                )
            except psycopg2.Error:
                continue
            for (id_,) in known:
                self.in_odoo.setdefault(id_, moment)

    def delays(self, faults: list[Happened]) -> dict[str, float]:
        """Seconds until Odoo knew an end, by the print server's id, counted from the end of the faults in its way."""
        found = {}
        for id_, (ended, hall) in self.at_server.items():
            if id_ not in self.in_odoo:
                continue
            learned = self.in_odoo[id_]
            in_the_way = [
                fault.ended
                for fault in faults
                if fault.scope in ("", hall) and fault.began < learned and fault.ended > ended
            ]
            found[id_] = max(0.0, learned - max([ended, *in_the_way]))
        return found
