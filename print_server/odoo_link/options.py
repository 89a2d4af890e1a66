"""Options and variables for a print server that calls Odoo itself."""

from __future__ import annotations

import argparse
import ipaddress
import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ..settings import SettingsError

_logger = logging.getLogger(__name__)
TOKEN_FILE = "odoo-token.json"  # noqa: S105 - the name of a file
_SWITCHED_ON = ("1", "true", "yes", "on")


@dataclass(frozen=True)
class OdooSettings:
    """Where Odoo is, and what this server needs to be known there.

    :ivar url: scheme, host and port, without a slash at the end
    :ivar token_file: where the token is kept, see credentials.py
    :ivar code: the one-time code for the first start
    :ivar ca: file with the certificates that Odoo's is to be checked against; None for those of certifi
    :ivar database: Odoo's database, on a host that has several
    :ivar listens: whether requests are taken on a port, too
    """

    url: str
    token_file: Path
    code: str | None = field(default=None, repr=False)
    ca: str | None = None
    database: str | None = None
    listens: bool = True


def add_to(parser: argparse.ArgumentParser, environ: Mapping[str, str]) -> None:
    """Add the options, their defaults taken from PRINT_SERVER_* variables."""

    def env(name: str) -> str | None:
        return environ.get(f"PRINT_SERVER_{name}") or None

    parser.add_argument(
        "--odoo", default=env("ODOO"), metavar="URL",
        help="address of Odoo: this print server calls it, and nothing needs to reach this print server",
    )  # fmt: skip
    parser.add_argument("--code", default=env("CODE"), help="one-time code of a new print server in Odoo, first start")
    parser.add_argument(
        "--token-file", type=Path, default=env("TOKEN_FILE"),
        help=f"where the token for Odoo is kept; without it: {TOKEN_FILE} in the data directory",
    )  # fmt: skip
    parser.add_argument("--odoo-ca", default=env("ODOO_CA"), help="CA bundle for an Odoo with its own certificate")
    parser.add_argument(
        "--odoo-database", default=env("ODOO_DATABASE"), metavar="NAME", help="on a host with several databases"
    )
    parser.add_argument(
        "--no-listen", action="store_true", default=(env("NO_LISTEN") or "").lower() in _SWITCHED_ON,
        help="with --odoo: take no requests on a port, not even for health and metrics",
    )  # fmt: skip


def settings_of(options: argparse.Namespace) -> OdooSettings | None:
    """The settings of the given options; None without `--odoo`. Raises SettingsError."""
    if not options.odoo:
        for name in ("code", "token_file", "odoo_ca", "odoo_database", "no_listen"):
            if getattr(options, name):
                raise SettingsError(f"--{name.replace('_', '-')} goes with --odoo, the address of Odoo.")
        return None
    if getattr(options, "webhook_url", None):
        raise SettingsError("With --odoo the events go to Odoo by themselves: take --webhook-url away.")
    database = options.odoo_database
    if database and not (database.isascii() and database.isprintable() and " " not in database):
        raise SettingsError("--odoo-database is the name of a database, without spaces.")
    ca = options.odoo_ca
    if ca and not Path(ca).exists():
        raise SettingsError(f"Cannot read {ca}: there is no such file. --odoo-ca is the file of a CA's certificate.")
    if ca:
        _check_has_certificates(ca)
    # Absolute, as it stands in messages: the same command in another folder looks for another file.
    token_file = Path(options.token_file or Path(options.data_dir) / TOKEN_FILE).absolute()
    return OdooSettings(
        _origin(options.odoo), token_file, (options.code or "").strip() or None, ca, database, not options.no_listen,
    )  # fmt: skip


def _check_has_certificates(ca: str) -> None:
    """Raises SettingsError for a file, or folder, that nothing can be checked against."""
    path = Path(ca)
    try:
        ssl.create_default_context(cafile=None if path.is_dir() else ca, capath=ca if path.is_dir() else None)
    except ssl.SSLError as error:
        raise SettingsError(f"{ca} holds no certificate: --odoo-ca is the file of a CA's certificate (PEM).") from error
    except OSError as error:
        raise SettingsError(f"Cannot read {ca}: {error.strerror}.") from error


def _origin(text: str) -> str:
    """Scheme, host and port of an address. Raises SettingsError."""
    words = "--odoo is the address of Odoo alone, as https://odoo.example.com or http://192.0.2.1:8069."
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError as error:
        raise SettingsError(words) from error
    if parts.scheme not in ("http", "https") or not parts.hostname or any(map(str.isspace, parts.netloc)):
        raise SettingsError(words)
    if parts.username or parts.password or parts.path.strip("/") or parts.query or parts.fragment:
        raise SettingsError(words)
    if parts.scheme == "http" and not _is_near(parts.hostname):
        _logger.warning("--odoo is plain http: everybody on the way can read the token and the labels; use https")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def _is_near(host: str) -> bool:
    """This machine or one of a private network."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost"
