"""The print server with two faults that come from its machine: a full disk, and a clock that jumps.

`python -m tests.soak.print_server_process …` takes the print server's own options. Every tenth of a second it reads
`faults.json` beside its data: `{"disk_full": true, "clock_offset": -300}`.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection

from print_server import cli, clock
from print_server.database import Database

FILE = "faults.json"
EVERY = 0.1
NO_LIMIT = 2**30
_pages = NO_LIMIT
_write = Database.write


@contextmanager
def _write_within_limit(database: Database) -> Iterator[Connection]:
    """As on a disk that is full the file cannot grow; SQLite takes no limit below the size that it has."""
    with database._write_lock:
        database._writer.execute(f"PRAGMA max_page_count = {_pages}")
        with _write(database) as connection:
            yield connection


def _read(file: Path) -> tuple[bool, float]:
    """Whether the disk is full, and by how many seconds the clock is wrong."""
    try:
        faults = json.loads(file.read_text())
    except (OSError, ValueError):
        faults = {}
    return bool(faults.get("disk_full")), float(faults.get("clock_offset", 0))


def _follow(file: Path) -> None:
    global _pages
    while True:
        full, offset = _read(file)
        _pages = 1 if full else NO_LIMIT
        clock.configure(offset)
        time.sleep(EVERY)


def main() -> int:
    """Entry point; returns the process's exit code."""
    Database.write = _write_within_limit
    file = Path(sys.argv[sys.argv.index("--data-dir") + 1]) / FILE
    threading.Thread(target=_follow, args=(file,), name="faults", daemon=True).start()
    return cli.main([*sys.argv[1:], "--clock-offset", str(_read(file)[1])])


if __name__ == "__main__":
    sys.exit(main())
