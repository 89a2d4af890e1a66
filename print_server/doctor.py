"""`python -m print_server doctor PRINTER`: asks a printer everything it can, and says in words what follows.

It sends questions only, no label. Each question that a printer without ZPL does not know is a line on its paper, so it
stops after the first ones that nothing answers.
"""

from __future__ import annotations

import contextlib
import json
import socket
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from . import alert_commands, host_query, host_status
from .codes import MESSAGES
from .cups_printer import Links, connect_queue
from .settings import Pace, PrinterConfig, SettingsError, parse_printers

USUAL_PORT = 9100
GOOD, NEEDS_A_HAND, NOT_USABLE = 0, 1, 2
"""Exit codes."""
_TIMES = 5
_SLOW = 0.25
_VARIABLE = b'! U1 getvar "%s"\r\n'
_ASKED = ("device.product_name", "appl.name", "device.unique_id", "odometer.total_label_count", "device.languages")


@dataclass
class Diagnosis:
    """What was found: sentences in the order of the questions, settings that fit, and an exit code."""

    sentences: list[str] = field(default_factory=list)
    settings: dict[str, object] = field(default_factory=dict)
    outcome: int = GOOD

    def say(self, sentence: str, outcome: int = GOOD) -> None:
        """Add a sentence; the worst outcome counts."""
        self.sentences.append(sentence)
        self.outcome = max(self.outcome, outcome)


def report(word: str, printers: list[str]) -> tuple[list[str], int]:
    """Lines to show and the exit code, for a printer that is configured in `printers` or given by its address."""
    try:
        config = find(word, printers)
    except SettingsError as error:
        return [str(error)], NOT_USABLE
    lines = [f"Printer {config.name} at {config.uri}"]
    diagnosis = examine_queue(config) if config.spooled else examine(config)
    lines += [f"- {sentence}" for sentence in diagnosis.sentences]
    if diagnosis.outcome != NOT_USABLE:
        row = {"name": config.name, "uri": config.uri, **diagnosis.settings}
        lines.append(f"Entry for printers.json: {json.dumps(row)}")
    return lines, diagnosis.outcome


def find(word: str, printers: list[str]) -> PrinterConfig:
    """The configured printer of that name, or one at that address. Raises SettingsError."""
    for config in parse_printers(printers):
        if config.name == word:
            return config
    if "://" in word:
        return PrinterConfig(word, word)
    host, colon, port = word.partition(":")
    return PrinterConfig(word, f"tcp://{host}:{port if colon else USUAL_PORT}")


def examine_queue(config: PrinterConfig) -> Diagnosis:
    """Ask a CUPS spooler about its queue."""
    found = Diagnosis()
    links: Links = {}
    try:
        reading = connect_queue(config, Pace(), links).look()
    except SettingsError as error:
        found.say(str(error), NOT_USABLE)
        return found
    finally:
        for link in links.values():
            link.close()
    found.say("It is a CUPS queue: the spooler tells that a label was handed over, not that it is on paper.")
    if reading.code:
        found.say(MESSAGES[reading.code], NEEDS_A_HAND if reading.answered else NOT_USABLE)
    else:
        found.say("The queue is enabled and accepts jobs. Whether its printer is there shows when it prints.")
    return found


def examine(config: PrinterConfig, timeout: float = 3.0) -> Diagnosis:
    """Ask a printer on the network. `timeout` in seconds, for the connection and for each answer."""
    found = Diagnosis()
    parts = urlsplit(config.uri)
    started = time.monotonic()
    try:
        line = socket.create_connection((parts.hostname, parts.port), timeout=timeout)
    except OSError as error:
        found.say(_no_connection(parts.port, error), NOT_USABLE)
        return found
    with line:
        found.say(f"It accepts a connection after {1000 * (time.monotonic() - started):.0f} ms.")
        with contextlib.suppress(OSError):
            if _question(found, line, timeout):
                _say_alerts(found, line, timeout, config.alerts)
            return found
        found.say("It closed the connection instead of answering.", NEEDS_A_HAND)
        found.settings["host_status"] = False
    return found


def _no_connection(port: int, error: OSError) -> str:
    reason = error.strerror or str(error) or type(error).__name__
    hint = "" if port == USUAL_PORT else f" Zebra printers listen on port {USUAL_PORT}, not {port}."
    return f"No connection: {reason}. Check its power, its network cable and the address.{hint}"


def _question(found: Diagnosis, line: socket.socket, timeout: float) -> bool:
    """Whether it answers `~HS`."""
    answer = _ask(line, host_status.COMMAND, lambda raw: host_status.complete(raw) or raw.startswith(b"HTTP/"), timeout)
    if answer.startswith(b"HTTP/"):
        found.say(f"A web server answers there, no printer: use port {USUAL_PORT}.", NOT_USABLE)
        return False
    errors = _ask(line, host_query.ERRORS_COMMAND, host_query.errors_complete, timeout)
    status = host_status.parse(answer) if host_status.complete(answer) else None
    if status is None:
        _without_status(found, answer, errors)
        if host_query.parse_errors(errors) is None:
            return False
    else:
        _with_status(found, line, status, timeout)
    _say_warnings(found, errors)
    _say_identity(found, line, timeout)
    return status is not None


def _without_status(found: Diagnosis, answer: bytes, errors: bytes) -> None:
    state = host_query.parse_errors(errors)
    if state is not None:
        why = MESSAGES[state.code] if state.code else "It names no error."
        found.say(f"It answers ~HQES and no ~HS, as a Zebra does that is stopped. {why}", NEEDS_A_HAND)
    elif answer or errors:
        shown = (answer or errors)[:40]
        found.say(f"It answers, but not as a Zebra does: {shown!r}. Labels are sent without confirmation.")
        found.settings["host_status"] = False
    else:
        found.say(
            "It does not answer status questions. Look at it: a Zebra is silent when it is out of labels or ribbon or"
            " its head is open. If it is in order, and letters such as HS came out of it, it knows no ZPL; if nothing"
            " came out, its labels are sent without confirmation.",
            NEEDS_A_HAND,
        )
        found.settings["host_status"] = False


def _with_status(found: Diagnosis, line: socket.socket, status: host_status.HostStatus, timeout: float) -> None:
    if status.code:
        found.say(MESSAGES[status.code], NEEDS_A_HAND)
    elif status.formats or status.partial_format:
        found.say(f"It is in order and has {status.formats} labels to print, which others have sent.")
    else:
        found.say("It is in order and has nothing to print.")
    # Told outright, because a server that once found it silent asks it no more.
    found.settings["host_status"] = True
    found.say("It prints with a ribbon." if status.thermal_transfer else "It prints without a ribbon (direct thermal).")
    seconds = []
    for _number in range(_TIMES):
        started = time.monotonic()
        _ask(line, host_status.COMMAND, host_status.complete, timeout)
        seconds.append(time.monotonic() - started)
    middle = statistics.median(seconds)
    found.say(f"It answers ~HS within {1000 * middle:.0f} ms (slowest of {_TIMES}: {1000 * max(seconds):.0f} ms).")
    if middle > _SLOW:
        found.say("That is slow: give --answer-timeout at least twice as much, and it a window of 4.")
        found.settings["window"] = 4


def _say_warnings(found: Diagnosis, errors: bytes) -> None:
    warnings = host_query.parse_warnings(errors)
    if warnings is None:
        found.say("It does not answer ~HQES: of a stop it tells nothing, and low labels or ribbon are not seen.")
    elif warnings:
        found.say(f"It warns: {', '.join(warnings)}.")


def _say_identity(found: Diagnosis, line: socket.socket, timeout: float) -> None:
    identification = host_query.parse_identification(
        _ask(line, host_query.IDENTIFICATION_COMMAND, host_query.identification_complete, timeout)
    )
    if identification:
        model, firmware = identification
        found.say(f"It is a {model} with firmware {firmware}.")
        found.settings["model"] = model
    values = dict(_variables(line, timeout))
    if serial_number := values.get("device.unique_id"):
        found.say(f"Its serial number is {serial_number}.")
    if languages := values.get("device.languages"):
        found.say(f"It is set to the language {languages}; labels need zpl.")
    count = values.get("odometer.total_label_count")
    if count is not None:
        found.say(f"Its odometer is at {count} labels: it tells what became of labels after a cut or a crash.")
    else:
        found.say("It has no odometer: labels under way at a cut or crash are uncertain, with a window of 1 only one.")
        found.settings["odometer"] = False


def _say_alerts(found: Diagnosis, line: socket.socket, timeout: float, wanted: bool) -> None:
    """Where it sends alerts (`^SX`), and whether somebody takes them there."""
    if wanted:
        found.settings["alerts"] = True
    shown = alert_commands.configured(_ask(line, alert_commands.QUESTION, alert_commands.complete, timeout))
    if not shown:
        found.say(
            "No alerts are set in it (^SX), although they are wanted: the print server sets them when it is in order"
            " and has nothing to print. If they are not here a minute later, it does not keep them."
            if wanted
            else "No alerts are set in it (^SX): a stop shows when it is asked."
        )
    for destination in sorted(set(shown.values()), key=str):
        names = [alert_commands.CONDITIONS.get(name, name) for name, to in shown.items() if to == destination]
        found.say(f"It sends alerts to {destination}: {', '.join(names)}. {_taken(destination, timeout)}")


def _taken(destination: alert_commands.Destination, timeout: float) -> str:
    try:
        socket.create_connection((destination.address, destination.port), timeout=timeout).close()
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        return f"From here nobody takes them there: {reason}. Compare with --alerts-port and --alerts-address."
    return "There they are taken."


def _variables(line: socket.socket, timeout: float) -> Iterator[tuple[str, str]]:
    """SGD variables that it knows. One that leaves the first open knows none."""
    for name in _ASKED:
        answer = _ask(line, _VARIABLE % name.encode(), host_query.value_complete, timeout)
        if not answer:
            return
        if value := host_query.parse_value(answer):
            yield name, value


def _ask(line: socket.socket, question: bytes, complete: Callable[[bytes], bool], timeout: float) -> bytes:
    """The bytes that come until the answer is complete or late. Raises OSError when the connection is gone."""
    line.settimeout(timeout)
    line.sendall(question)
    answer, deadline = b"", time.monotonic() + timeout
    while not complete(answer) and (left := deadline - time.monotonic()) > 0:
        line.settimeout(left)
        try:
            data = line.recv(4096)
        except TimeoutError:
            break
        if not data:
            raise ConnectionResetError("closed by the printer")
        answer += data
    return answer
