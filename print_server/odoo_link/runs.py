"""Which start of the data directory this is, so that Odoo notices a copy of it.

A copy has the same instance id and token. Each start has an id of its own, and names those before it. Of a directory
and its copy only the one that was started last names the start that Odoo has seen last; Odoo refuses the other one.
Former starts are named for as long as there is room: an Odoo that was restored to an older state has seen one of them
last.
"""

from __future__ import annotations

import json
import logging
import uuid
from pathlib import Path

from ..database import DataDirError
from .credentials import LARGEST_FILE, write_private

_logger = logging.getLogger(__name__)
RUNS_FILE = "odoo-runs.json"
MOST_RUNS = 100


class Runs:
    """This start and those before it. Raises DataDirError when the directory cannot be read or written.

    :ivar run: the id of this start
    :ivar former: those of earlier starts; first the one that Odoo has answered last
    """

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / RUNS_FILE
        self.run, self.former = uuid.uuid4().hex, self._read()
        try:
            # Before Odoo hears of it: it may be the last one that Odoo has seen.
            self._write([*self.former, self.run])
        except OSError as error:
            raise DataDirError(f"Cannot write to the data directory {data_dir}: {error.strerror}.") from error
        self._is_accepted = False

    def document(self) -> dict[str, object]:
        """For a question to Odoo."""
        return {"run": self.run, "former_runs": self.former}

    def accepted(self) -> None:
        """Odoo has taken a question of this start."""
        if self._is_accepted:
            return
        self._is_accepted = True
        try:
            self._write([self.run, *self.former[1:], *self.former[:1]])
        except OSError as error:
            _logger.warning("Cannot write %s (%s): it is tried at the next start", self._path, error.strerror)

    def _read(self) -> list[str]:
        try:
            found = json.loads(self._path.read_bytes()[:LARGEST_FILE])
        except FileNotFoundError:
            return []
        except OSError as error:
            # Written anew without them, Odoo would take this print server for a copy of itself.
            raise DataDirError(
                f"Cannot read {self._path}: {error.strerror}. The user that runs the print server must be able to."
            ) from error
        except (ValueError, RecursionError) as error:
            _logger.warning("Cannot read %s (%s): Odoo may take this print server for a copy", self._path, error)
            return []
        found = [each for each in found if isinstance(each, str)] if isinstance(found, list) else []
        # The first is the one that Odoo has answered last.
        return found[:1] + found[1:][-MOST_RUNS:]

    def _write(self, runs: list[str]) -> None:
        write_private(self._path, json.dumps(runs) + "\n")
