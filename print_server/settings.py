"""What the administrator decides, checked once at start so that nothing else has to doubt it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from . import capabilities
from .cups_address import parse_address
from .event_signature import key_of

if TYPE_CHECKING:
    from .odoo_link.options import OdooSettings

LARGEST_WINDOW = 10
LONGEST_WAIT = 7 * 24 * 60
"""Minutes that a stopped printer can be waited for: a week."""


class SettingsError(ValueError):
    """A setting that cannot work; the text says what to write instead."""


@dataclass(frozen=True)
class PrinterConfig:
    """One printer: `name` is what clients say, `uri` is tcp://host:port, cups://queue or cups://host:port/queue."""

    name: str
    uri: str
    model: str = "Zebra"
    location: str | None = None
    host_status: bool | None = None
    """False: it is never asked anything, and its labels are never confirmed. None: found out once, and kept. True: it
    is asked again at each start, although it has never answered."""
    odometer: bool = True
    """False: its count of printed labels is not asked for, because it has none or a wrong one."""
    window: int | None = None
    """Most labels under way at once. None: 2, up to 4 where a printer with odometer prints faster than it answers; in
    a spooler 4."""
    on_stop_minutes: float | None = None
    """How long a stopped printer is waited for; None: the server's own setting."""
    address: str | None = None
    """Of a CUPS queue's printer itself, tcp://host:port, where it is known: then its odometer confirms labels."""
    shared: bool | None = None
    """Whether other programs print on it too. None: found out; False allows `~JA` to a printer that is silent."""
    alerts: bool = False
    """Whether it is set to send alerts (`^SX`) to this server when it stops and when it can go on."""

    def __post_init__(self) -> None:
        if not self.name or len(self.name) > 127:
            raise SettingsError("A printer's name has 1 to 127 characters.")
        if not (_is_queue(self.uri) if self.spooled else _is_printer(self.uri)):
            raise SettingsError(
                f"Printer {self.name}: write its address as tcp://host:9100, cups://queue or cups://host:631/queue."
            )
        if self.address is not None and not (self.spooled and _is_printer(self.address)):
            raise SettingsError(f"Printer {self.name}: address is tcp://host:9100, and for a CUPS queue only.")
        if self.window is not None and (not _is_number(self.window, int) or not 1 <= self.window <= LARGEST_WINDOW):
            raise SettingsError(f"Printer {self.name}: window is a whole number from 1 to {LARGEST_WINDOW}.")
        minutes = self.on_stop_minutes
        if minutes is not None and (not _is_number(minutes, (int, float)) or not 0 <= minutes <= LONGEST_WAIT):
            raise SettingsError(f"Printer {self.name}: on_stop_minutes is a number from 0 to {LONGEST_WAIT}.")
        for option in ("host_status", "odometer", "shared", "alerts"):
            value = getattr(self, option)
            if not isinstance(value, bool) and (value is not None or option in ("odometer", "alerts")):
                raise SettingsError(f"Printer {self.name}: {option} is true or false.")
        if self.alerts and self.spooled:
            raise SettingsError(
                f"Printer {self.name}: alerts are for a printer at tcp://host:9100, not for a CUPS queue."
            )

    @property
    def spooled(self) -> bool:
        """Whether it is a queue of a CUPS spooler."""
        return self.uri.startswith("cups:")

    @property
    def connection(self) -> str:
        """The contract's word: network for TCP, usb for a local queue."""
        return "network" if self.uri.startswith("tcp:") else "usb"


@dataclass(frozen=True)
class Pace:
    """How patient the server is with printers. All in seconds but `tries`."""

    tries: int = 3
    retry_pause: float = 1.0
    answer_timeout: float = 1.0
    connect_timeout: float = 2.0
    label_timeout: float = 60.0
    poll_interval: float = 3.0
    on_stop_minutes: float = 15.0
    """How long a stopped printer is waited for; 0: for the pauses between `tries` looks."""

    @property
    def shortest_patience(self) -> float:
        """The pauses between all tries: how long is waited with `on_stop_minutes` 0."""
        return sum(self.pause_after(number) for number in range(1, self.tries))

    def pause_after(self, number: int) -> float:
        """Pause after try `number` (from 1), doubling each time."""
        return self.retry_pause * 2 ** (number - 1)


@dataclass(frozen=True)
class Settings:
    """Everything `create_server` needs."""

    data_dir: Path
    api_keys: tuple[str, ...]
    printers: tuple[PrinterConfig, ...]
    metrics_keys: tuple[str, ...] = ()
    """Keys that open `GET /metrics` and nothing else; the API keys open it too."""
    host: str = "127.0.0.1"
    port: int = 5000
    tls_cert: Path | None = None
    """The certificate chain (PEM) with which the server speaks https; None: it speaks http."""
    tls_key: Path | None = None
    capabilities: frozenset[str] = frozenset(capabilities.ALL)
    rate_limit: int = 100
    wrong_key_limit: int = 20
    """Wrong API keys that one address may send in a minute; 0 for no limit."""
    webhook_url: str | None = None
    webhook_secret: str | None = None
    webhook_ca: str | None = None
    keep_days: int = 30
    threads: int = 8
    pace: Pace = field(default_factory=Pace)
    pickup_delay: float = 0.0
    stop_seconds: float = 8.0
    """How long labels under way may still end after SIGTERM; container runtimes wait for 10 s."""
    clock_offset: float = 0.0
    local_minutes: int | None = None
    alerts_port: int | None = None
    """TCP port on which alerts of printers are taken; None: they are not."""
    alerts_host: str = "0.0.0.0"  # noqa: S104 - printers are on the network, and no other address is listened to
    alerts_address: str | None = None
    """IPv4 address to which printers send alerts; None: the one that a connection to them has here."""
    odoo: OdooSettings | None = None
    """The Odoo that this server calls by itself; None: Odoo calls this server."""

    def __post_init__(self) -> None:
        if not self.api_keys and not self.odoo:
            raise SettingsError("Give an API key: set PRINT_SERVER_API_KEY or use --api-key-file.")
        if bool(self.tls_cert) != bool(self.tls_key):
            raise SettingsError("TLS needs both, --tls-cert (the certificate chain) and --tls-key (its private key).")
        if bool(self.webhook_url) != bool(self.webhook_secret):
            raise SettingsError("A webhook needs both its address and its secret.")
        try:
            key_of(self.webhook_secret or "")
        except ValueError as error:
            raise SettingsError(
                "The webhook secret begins with whsec_, and what follows is no key in base64: copy all of it again from"
                " Odoo, or make a new one there."
            ) from error
        names = [printer.name for printer in self.printers]
        if len(set(names)) != len(names):
            raise SettingsError("Two printers have the same name.")
        if self.alerts_port is None and (alerting := [printer.name for printer in self.printers if printer.alerts]):
            raise SettingsError(
                f"Printer {alerting[0]} has alerts: give --alerts-port, the port on which they are taken, or remove it."
            )


def parse_printers(words: Iterable[str]) -> tuple[PrinterConfig, ...]:
    """Read `NAME=uri` words and paths of JSON files (a list of PrinterConfig's fields as objects)."""
    printers: list[PrinterConfig] = []
    for word in words:
        name, equals, uri = word.partition("=")
        if equals and "://" in uri:
            printers.append(PrinterConfig(name.strip(), uri.strip()))
        else:
            printers.extend(_from_file(Path(word)))
    return tuple(printers)


def _from_file(path: Path) -> list[PrinterConfig]:
    try:
        rows = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(
            f"Cannot read the printers file {path}: {error.strerror}. Each word of --printers is such a file, or a"
            " printer: Zebra-1=tcp://192.0.2.10:9100."
        ) from error
    except ValueError as error:
        raise SettingsError(f"The printers file {path} is not JSON: {error}.") from error
    if isinstance(rows, dict):
        rows = rows.get("printers")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SettingsError(f"The printers file {path} must hold a list of objects.")
    try:
        return [PrinterConfig(**row) for row in rows]
    except TypeError as error:
        raise SettingsError(f"The printers file {path}: {error}.") from error


def _is_printer(uri: object) -> bool:
    try:
        parts = urlsplit(uri if isinstance(uri, str) else "")
        return parts.scheme == "tcp" and bool(parts.hostname and parts.port)
    except ValueError:
        return False


def _is_queue(uri: str) -> bool:
    try:
        return bool(parse_address(uri))
    except ValueError:
        return False


def _is_number(value: object, kinds: type | tuple[type, ...]) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool)
