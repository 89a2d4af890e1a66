"""A printer behind the local CUPS spooler, for USB printers: the `lp` and `lpstat` programs, when they are installed.

The spooler takes a label and tells nothing of paper coming out, so its jobs are never "confirmed".
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

from . import codes
from .printer_details import NO_DETAILS
from .printer_port import READY, REFUSED, SILENT, Reading, SendFailed
from .settings import Pace, PrinterConfig

_ALERTS = re.compile(r"^\s*Alerts:\s*(.+)$", re.MULTILINE)
_CODES = {
    "media-empty": codes.PAPER_OUT,
    "media-needed": codes.PAPER_OUT,
    "marker-supply-empty": codes.RIBBON_OUT,
    "cover-open": codes.HEAD_OPEN,
    "paused": codes.PAUSED,
    "offline": codes.PRINTER_OFFLINE,
    "timed-out": codes.PRINTER_SILENT,
}


class CupsPrinter:
    """See PrinterPort."""

    counts_labels = False
    line = 0
    answer_seconds = 0.0
    asks_odometer = has_answered = ended_in_order = gave_up_asking = False
    details = NO_DETAILS

    def __init__(self, config: PrinterConfig, pace: Pace) -> None:
        self._queue = unquote(urlsplit(config.uri).netloc)
        self._pace = pace

    def look(self) -> Reading:
        """Ask `lpstat` for the queue's state and alerts."""
        if not shutil.which("lpstat"):
            return REFUSED
        try:
            # -l adds the alerts; the C locale makes the words the ones we know.
            result = self._run(["lpstat", "-l", "-p", self._queue])
        except subprocess.TimeoutExpired:
            return SILENT
        return parse_lpstat(result.stdout) if result.returncode == 0 else REFUSED

    def identity(self) -> None:
        """CUPS does not tell."""

    def send(self, zpl: str, keep_on: Callable[[], bool]) -> None:
        """Spool one label as raw data."""
        try:
            result = self._run(["lp", "-d", self._queue, "-o", "raw", "-t", "label", "-"], zpl)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SendFailed(str(error)) from error
        if result.returncode:
            raise SendFailed(result.stderr.strip())

    def clear(self) -> None:
        """Spooled labels belong to CUPS; they are left to it."""

    def close(self) -> None:
        """There is no connection to close."""

    def _run(self, command: list[str], text: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            input=text,
            capture_output=True,
            text=True,
            timeout=self._pace.connect_timeout + self._pace.answer_timeout,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )


def parse_lpstat(text: str) -> Reading:
    """Read what `lpstat -l -p QUEUE` prints."""
    match = _ALERTS.search(text)
    words = [word for word in re.split(r"[\s,]+", match.group(1)) if word] if match else []
    reasons = tuple(word for word in words if word != "none")
    if " disabled since " in text:
        return Reading(codes.PAUSED, reasons or ("paused-error",))
    for word in reasons:
        code = _CODES.get(re.sub(r"-(report|warning|error)$", "", word))
        if code and not word.endswith(("-report", "-warning")):
            return Reading(code, reasons)
    return Reading(reasons=reasons) if reasons else READY
