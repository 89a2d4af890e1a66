"""What was learnt of a printer at its address and has to be known after a restart too."""

from __future__ import annotations

from typing import Any

from .alert_commands import Destination
from .clock import now
from .database import Database
from .settings import PrinterConfig

FOREIGN_REMEMBERED = 30 * 86400.0
"""Seconds for which a printer counts as shared after labels of another program were seen in it."""


class PrintersMet:
    """Facts about printers, by name and address."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def has_answered(self, config: PrinterConfig) -> bool:
        """Whether it has ever answered `~HS`: its silence then means that it needs a hand."""
        return bool(self._value(config, "answered"))

    def never_answers(self, config: PrinterConfig) -> bool:
        """Whether it is asked nothing: as configured, or because an earlier run found out that nothing answers."""
        if config.host_status is not None:
            return not config.host_status
        return bool(self._value(config, "never_answers"))

    def is_shared(self, config: PrinterConfig) -> bool:
        """Whether other programs print on it, as the administrator says or as was seen."""
        if config.shared is not None:
            return config.shared
        foreign_at = self._value(config, "foreign_at")
        return foreign_at is not None and now() - foreign_at < FOREIGN_REMEMBERED

    def alerts_to(self, config: PrinterConfig) -> Destination | None:
        """Where it was told to send its alerts; None when it was not."""
        found = self._value(config, "alerts_to")
        return Destination.read(found) if found else None

    def note_alerts(self, config: PrinterConfig, to: Destination | None) -> None:
        """It is told to send its alerts there, or no longer."""
        self._set(config, "alerts_to", str(to) if to else None)

    def note_answer(self, config: PrinterConfig) -> None:
        """It has answered."""
        self._set(config, "answered", 1)
        self._set(config, "never_answers", 0)

    def note_no_answers(self, config: PrinterConfig) -> None:
        """It has left all questions open."""
        self._set(config, "never_answers", 1)

    def note_foreign(self, config: PrinterConfig) -> None:
        """It held labels of another program."""
        self._set(config, "foreign_at", now())

    def _value(self, config: PrinterConfig, column: str) -> Any:
        row = self._database.reader.execute(
            "SELECT answered, foreign_at, never_answers, alerts_to FROM printers_met WHERE printer = ? AND uri = ?",
            (config.name, config.uri),
        ).fetchone()
        return row[column] if row else None

    def _set(self, config: PrinterConfig, column: str, value: float | str | None) -> None:
        with self._database.write() as connection:
            key = (config.name, config.uri)
            connection.execute("INSERT OR IGNORE INTO printers_met (printer, uri) VALUES (?, ?)", key)
            connection.execute(f"UPDATE printers_met SET {column} = ? WHERE printer = ? AND uri = ?", (value, *key))  # noqa: S608 - a constant
