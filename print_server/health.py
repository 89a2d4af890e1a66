"""What `GET /api/health` says of the server itself, so that a fault of it is not found out by missing labels."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .clock import NOTED_SKEW, iso, now
from .database import Database

if TYPE_CHECKING:
    from .engine import Engine
    from .settings import Settings

PROBE_EVERY = 2.0
"""Seconds for which a look at the disk is believed: health is asked often, and without a key too."""
LOW_SPACE = 100 * 1024 * 1024
"""Bytes free on the disk of the data directory below which it is told to be low."""


class StorageProbe:
    """Whether the data directory can be written to, found out by writing."""

    def __init__(self, database: Database, data_dir: Path) -> None:
        self._database, self._data_dir = database, data_dir
        self._lock = threading.Lock()
        self._probed: float | None = None
        self._word = "ok"

    def word(self) -> str:
        """`ok`, `low` (it is nearly full) or `failing`."""
        with self._lock:
            moment = time.monotonic()
            if self._probed is None or moment - self._probed >= PROBE_EVERY:
                self._probed, self._word = moment, self._probe()
            return self._word

    def _probe(self) -> str:
        try:
            with self._database.write() as connection:
                connection.execute(
                    "INSERT INTO notes VALUES ('probed', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    (now(),),
                )
            return "low" if shutil.disk_usage(self._data_dir).free < LOW_SPACE else "ok"
        except (sqlite3.Error, OSError):
            return "failing"


def status_word(engine: Engine) -> str:
    """`ok`, or `degraded`: jobs cannot be stored, a printer's worker does not get on, or Odoo refuses this server."""
    return _status_of(_services(engine))


def report(engine: Engine) -> dict[str, Any]:
    """`status`, `services`, `warnings` (sentences for the administrator), `time` and `clock_ahead_seconds`."""
    services = _services(engine)  # once: a worker that fails again and again is in order in between
    return {
        "status": _status_of(services),
        "services": services,
        "warnings": [*_storage_warnings(engine), *printer_warnings(engine.settings), *_worker_warnings(engine)]
        + _link_warnings(engine)
        + [*_event_warnings(engine), *_clock_warnings(engine)],
        "time": iso(now()),
        "clock_ahead_seconds": _skew(engine),
    }


def _services(engine: Engine) -> dict[str, str]:
    services = {"queue": _queue(engine), "storage": engine.storage.word(), "events": _events(engine)}
    return services | ({"odoo": engine.odoo_link.word()} if engine.odoo_link else {})


def _status_of(services: dict[str, str]) -> str:
    is_refused = services.get("odoo") == "refused"
    return "degraded" if services["queue"] != "ok" or services["storage"] == "failing" or is_refused else "ok"


def _queue(engine: Engine) -> str:
    fine = all(worker.is_alive() and worker.fault is None for worker in engine.workers.values())
    return "ok" if fine else "degraded"


def _events(engine: Engine) -> str:
    sender = engine.sender
    if sender is None:
        return "off"
    if not sender.failures:
        return "ok"
    if sender.is_unwanted:
        return "stopped"
    return "refused" if sender.refused_with in (401, 403) else "retrying"


def _skew(engine: Engine) -> int | None:
    skew = engine.sender.clock_ahead if engine.sender else None
    return None if skew is None else round(skew)


def _storage_warnings(engine: Engine) -> list[str]:
    words = {
        "low": "The disk of the data directory is nearly full: free some space before no job can be stored any more.",
        "failing": "Jobs cannot be stored: check the disk of the data directory, whether it is full or read-only.",
    }
    word = engine.storage.word()
    return [words[word]] if word in words else []


def printer_warnings(settings: Settings) -> list[str]:
    """That there is nothing to print on, as where `--printers` was forgotten."""
    if settings.printers:
        return []
    return ["This print server has no printers: name them with --printers, and start it again."]


def _worker_warnings(engine: Engine) -> list[str]:
    return [
        f"Printer {name}: the print server meets a fault ({worker.fault or 'its worker has ended'}) and prints nothing"
        " there; its log says more."
        for name, worker in engine.workers.items()
        if worker.fault or not worker.is_alive()
    ]


def _link_warnings(engine: Engine) -> list[str]:
    failure = engine.odoo_link.failure if engine.odoo_link else None
    return [str(failure)] if failure else []


def _event_warnings(engine: Engine) -> list[str]:
    if _events(engine) == "stopped":
        return [
            "Odoo wants no events of this print server (HTTP 410): it is archived there. They go on as soon as Odoo"
            " calls this print server again."
        ]
    if _events(engine) != "refused":
        return []
    if engine.odoo_link:
        return [
            f"Odoo refuses the events (HTTP {engine.sender.refused_with}): set both clocks by a time server; or else"
            " make a new code in Odoo, and start this print server once with --code."
        ]
    return [
        f"Odoo refuses the events (HTTP {engine.sender.refused_with}): compare the webhook secret, and the clocks of"
        " both machines."
    ]


def _clock_warnings(engine: Engine) -> list[str]:
    warnings = []
    skew = _skew(engine)
    if skew is not None and abs(skew) >= NOTED_SKEW:
        side = "ahead of" if skew > 0 else "behind"
        warnings.append(
            f"The clock of the print server is {abs(skew)} s {side} Odoo's: set both by a time server (NTP)."
        )
    if days := int(engine.age_clock.ahead // 86400):
        warnings.append(
            f"The clock of the print server has jumped {days} days ahead since it last ran: ended jobs are kept until"
            " it has run long enough. Check its date."
        )
    return warnings
