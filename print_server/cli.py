"""The command line: options and PRINT_SERVER_* variables become Settings, and Settings a server.

Every option has a variable of its name (--rate-limit: PRINT_SERVER_RATE_LIMIT). Secrets are best given by variable or
file: a command line can be read by every user of the machine.
"""

from __future__ import annotations

import argparse
import ipaddress
import logging
import os
import shlex
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from . import capabilities, clock, doctor, health, http_server
from .app import create_app
from .database import Database, DataDirError
from .engine import Engine
from .odoo_link import options as odoo_options
from .service_manager import ServiceManager
from .settings import LONGEST_WAIT, Pace, Settings, SettingsError, parse_printers
from .stdin_watch import exit_with_stdin

if TYPE_CHECKING:
    from .odoo_link.link import OdooLink

_logger = logging.getLogger(__name__)
_PACE = Pace()
LARGEST_PORT = 65535
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
WRONG_SETTING, NOT_NOW = 2, 1
"""Exit codes: starting again does not mend the first, and may mend the second (the unit file says so to systemd)."""
LINK_STOP_SECONDS = 6.0
"""Seconds for what Odoo has handed over, after SIGTERM."""
_DASHES = ("\N{EM DASH}", "\N{EN DASH}", "\N{HORIZONTAL BAR}")
LARGEST_CLOCK_OFFSET = 3650 * 86400.0


def build_parser(environ: Mapping[str, str]) -> argparse.ArgumentParser:
    """All options, their defaults taken from the environment where it has them."""

    def env(name: str, default: str | None = None) -> str | None:
        return environ.get(f"PRINT_SERVER_{name}") or default  # compose makes what is not set an empty one

    parser = argparse.ArgumentParser(prog=_program(), description="Print server for Zebra label printers.")
    parser.add_argument("--host", default=env("HOST", "127.0.0.1"), help="address to listen on")
    parser.add_argument("--port", type=int, default=env("PORT", "5000"), help="0 takes a free one and prints it")
    parser.add_argument(
        "--tls-cert", type=Path, default=env("TLS_CERT"), help="certificate chain (PEM): the server speaks https then"
    )
    parser.add_argument("--tls-key", type=Path, default=env("TLS_KEY"), help="its private key, without a password")
    parser.add_argument("--api-key", help="better: PRINT_SERVER_API_KEY or --api-key-file")
    parser.add_argument("--api-key-file", type=Path, default=env("API_KEY_FILE"), help="one key a line")
    parser.add_argument("--metrics-key", help="better: PRINT_SERVER_METRICS_KEY or --metrics-key-file")
    parser.add_argument(
        "--metrics-key-file", type=Path, default=env("METRICS_KEY_FILE"), help="opens GET /metrics and nothing else"
    )
    parser.add_argument(
        "--data-dir", type=Path, default=env("DATA_DIR", "print-server-data"), help="where jobs are kept"
    )
    parser.add_argument(
        "--printers", nargs="+", action="extend", metavar="FILE|NAME=URI",
        help="printers.json, or NAME=tcp://host:9100, or NAME=cups://queue, or NAME=cups://host:631/queue",
    )  # fmt: skip
    parser.add_argument("--capabilities", default=env("CAPABILITIES", "all"), help="all, none or a comma list")
    parser.add_argument(
        "--rate-limit", type=int, default=env("RATE_LIMIT", "100"), help="requests a minute; 0: no limit"
    )
    parser.add_argument(
        "--wrong-key-limit", type=int, default=env("WRONG_KEY_LIMIT", "20"),
        help="wrong API keys a minute from one address; 0: no limit",
    )  # fmt: skip
    parser.add_argument("--webhook-url", default=env("WEBHOOK_URL"), help="where Odoo takes events")
    parser.add_argument("--webhook-secret", help="better: PRINT_SERVER_WEBHOOK_SECRET or --webhook-secret-file")
    parser.add_argument("--webhook-secret-file", type=Path, default=env("WEBHOOK_SECRET_FILE"))
    parser.add_argument(
        "--webhook-ca", default=env("WEBHOOK_CA"), help="CA bundle for a webhook with its own certificate"
    )
    odoo_options.add_to(parser, environ)
    parser.add_argument("--keep-days", type=int, default=env("KEEP_DAYS", "30"), help="how long ended jobs are kept")
    parser.add_argument("--threads", type=int, default=env("THREADS", "8"), help="requests answered at once")
    parser.add_argument("--tries", type=int, default=env("TRIES", str(_PACE.tries)), help="tries for each label")
    parser.add_argument(
        "--label-pause", type=float, default=env("LABEL_PAUSE", str(_PACE.retry_pause)),
        help="seconds after the first try, doubled after each further one: 3 tries at 1 s give up after 3 s",
    )  # fmt: skip
    parser.add_argument("--answer-timeout", type=float, default=env("ANSWER_TIMEOUT", str(_PACE.answer_timeout)))
    parser.add_argument("--connect-timeout", type=float, default=env("CONNECT_TIMEOUT", str(_PACE.connect_timeout)))
    parser.add_argument("--label-timeout", type=float, default=env("LABEL_TIMEOUT", str(_PACE.label_timeout)))
    parser.add_argument(
        "--on-stop-minutes", type=float, default=env("ON_STOP_MINUTES", str(_PACE.on_stop_minutes)),
        help="how long a stopped printer is waited for before the job it has begun fails; 0: only for --tries",
    )  # fmt: skip
    parser.add_argument(
        "--stop-seconds", type=float, default=env("STOP_SECONDS", str(Settings.stop_seconds)),
        help="how long labels under way may still end after SIGTERM",
    )  # fmt: skip
    parser.add_argument(
        "--poll-interval", type=float, default=env("POLL_INTERVAL", str(_PACE.poll_interval)),
        help="seconds between two looks at an idle printer",
    )  # fmt: skip
    parser.add_argument(
        "--alerts-port", type=int, default=env("ALERTS_PORT"),
        help="take alerts (^SX) that printers send when they stop or can go on, on this port; 0 takes a free one."
        " Without it: none",
    )  # fmt: skip
    parser.add_argument(
        "--alerts-host", default=env("ALERTS_HOST", Settings.alerts_host), help="address to listen on for alerts"
    )
    parser.add_argument(
        "--alerts-address", default=env("ALERTS_ADDRESS"), metavar="IPV4",
        help="where printers reach this machine, if not at the address that connections to them have here",
    )  # fmt: skip
    parser.add_argument(
        "--pickup-delay", type=float, default=env("PICKUP_DELAY", "0"),
        help="seconds that a worker leaves a job queued: shows a client the 404 of a first-generation server",
    )  # fmt: skip
    parser.add_argument(
        "--clock-offset", type=float, default=env("CLOCK_OFFSET", "0"), metavar="SECONDS",
        help="a clock that is wrong by so much, in all that the server says and stores: for trying out clients",
    )  # fmt: skip
    parser.add_argument(
        "--local-times", type=int, default=env("LOCAL_TIMES"), metavar="MINUTES",
        help="write times without a zone, so many minutes east of UTC: for trying out clients",
    )  # fmt: skip
    parser.add_argument("--exit-with-stdin", action="store_true", help="end when standard input closes")
    parser.add_argument("--log-level", default=env("LOG_LEVEL", "INFO"), help=", ".join(LOG_LEVELS))
    return parser


def _program() -> str:
    """What people have called: the command that `pip install` brings, or the module."""
    name = Path(sys.argv[0]).name
    return name if name.startswith("label-print-server") else "python -m print_server"


def _as_typed(words: Sequence[str]) -> list[str]:
    """Options whose two hyphens became a dash, as phones and messengers make of them: `—code`."""
    return [f"--{word[1:]}" if word.startswith(_DASHES) else word for word in words]


def settings_from(argv: Sequence[str], environ: Mapping[str, str]) -> tuple[Settings, argparse.Namespace]:
    """Read options and environment. Raises SettingsError."""
    options = build_parser(environ).parse_args(_as_typed(argv))
    for secret in ("api_key", "metrics_key", "webhook_secret"):
        if getattr(options, secret):
            _logger.warning(
                "--%s can be read by other users of this machine: use a variable or a file", secret.replace("_", "-")
            )
    printers = options.printers or shlex.split(environ.get("PRINT_SERVER_PRINTERS", ""))
    for name in (
        "tries",
        "threads",
        "keep_days",
        "label_timeout",
        "answer_timeout",
        "connect_timeout",
        "poll_interval",
    ):
        if getattr(options, name) <= 0:
            raise SettingsError(f"--{name.replace('_', '-')} must be above 0.")
    if not 0 <= options.on_stop_minutes <= LONGEST_WAIT:
        raise SettingsError(f"--on-stop-minutes must be from 0 to {LONGEST_WAIT}.")
    if options.log_level.upper() not in LOG_LEVELS:
        raise SettingsError(f"--log-level is one of {', '.join(LOG_LEVELS)}.")
    if abs(options.clock_offset) > LARGEST_CLOCK_OFFSET:
        raise SettingsError("--clock-offset must be within ten years.")
    if options.local_times is not None and abs(options.local_times) >= 24 * 60:
        raise SettingsError("--local-times must be below 1440 minutes, the offset of a time zone.")
    if options.alerts_port is not None and not 0 <= options.alerts_port <= LARGEST_PORT:
        raise SettingsError(f"--alerts-port must be from 0 to {LARGEST_PORT}, and is {options.alerts_port}.")
    if options.alerts_address and not _is_ipv4(options.alerts_address):
        raise SettingsError("--alerts-address is the IPv4 address at which printers reach this machine, as 192.0.2.1.")
    try:
        offered = capabilities.parse(options.capabilities)
    except ValueError as error:
        raise SettingsError(str(error)) from error
    secrets = _secrets(options.webhook_secret, options.webhook_secret_file, environ.get("PRINT_SERVER_WEBHOOK_SECRET"))
    settings = Settings(
        data_dir=options.data_dir,
        api_keys=_secrets(options.api_key, options.api_key_file, environ.get("PRINT_SERVER_API_KEY")),
        metrics_keys=_secrets(
            options.metrics_key, options.metrics_key_file, environ.get("PRINT_SERVER_METRICS_KEY")
        ),
        printers=parse_printers(printers),
        host=options.host,
        port=options.port,
        tls_cert=options.tls_cert,
        tls_key=options.tls_key,
        capabilities=offered,
        rate_limit=max(0, options.rate_limit),
        wrong_key_limit=max(0, options.wrong_key_limit),
        webhook_url=options.webhook_url,
        webhook_secret=secrets[0] if secrets else None,
        webhook_ca=options.webhook_ca,
        keep_days=options.keep_days,
        threads=options.threads,
        pace=Pace(
            options.tries, max(0.0, options.label_pause), options.answer_timeout, options.connect_timeout,
            options.label_timeout, options.poll_interval, options.on_stop_minutes,
        ),
        pickup_delay=options.pickup_delay,
        stop_seconds=max(0.0, options.stop_seconds),
        clock_offset=options.clock_offset,
        local_minutes=options.local_times,
        alerts_port=options.alerts_port,
        alerts_host=options.alerts_host,
        alerts_address=options.alerts_address or None,
        odoo=odoo_options.settings_of(options),
    )  # fmt: skip
    return settings, options


def _secrets(given: str | None, path: Path | None, variable: str | None) -> tuple[str, ...]:
    lines = [given or "", variable or ""]
    if path:
        try:
            lines += Path(path).read_text("utf-8").splitlines()
        except OSError as error:
            raise SettingsError(f"Cannot read {path}: {error.strerror}.") from error
        except UnicodeError as error:
            raise SettingsError(f"Cannot read {path}: it is no text in UTF-8.") from error
    return tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))


def _is_ipv4(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def _doctor(words: list[str]) -> int:
    """Options are those of the server as far as they say where its printers are written down."""
    parser = argparse.ArgumentParser(
        prog=f"{_program()} doctor", description="Asks a printer, or Odoo (--odoo), what it is and answers."
    )
    parser.add_argument("printer", nargs="?", help="a name of the printers file, tcp://host:9100, or host")
    parser.add_argument("--printers", nargs="+", action="extend", metavar="FILE|NAME=URI")
    odoo_options.add_to(parser, os.environ)
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("PRINT_SERVER_DATA_DIR", "print-server-data"))
    options = parser.parse_args(_as_typed(words))
    if options.printer:
        printers = options.printers or shlex.split(os.environ.get("PRINT_SERVER_PRINTERS", ""))
        lines, outcome = doctor.report(options.printer, printers)
    elif options.odoo:
        from .odoo_link.diagnosis import report

        try:
            lines, outcome = report(odoo_options.settings_of(options))
        except SettingsError as error:
            lines, outcome = [str(error)], doctor.NOT_USABLE
    else:
        parser.error("name a printer, or give --odoo")
    print("\n".join(lines))
    return outcome


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the process's exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["doctor"]:
        return _doctor(arguments[1:])
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    try:
        settings, options = settings_from(arguments, os.environ)
        logging.getLogger().setLevel(options.log_level.upper())
        clock.configure(settings.clock_offset, settings.local_minutes)
        if not 0 <= settings.port <= LARGEST_PORT:
            raise SettingsError(f"--port must be from 0 to {LARGEST_PORT}, and is {settings.port}.")
        link = None
        # Held before a code is exchanged: another process that runs on it would go on with the token it has.
        database = Database(settings.data_dir)
        if settings.odoo:
            # Loaded only where it is used: `requests` is a third of what a start takes.
            from .odoo_link.starting import enrolled, link_of

            settings, credentials, instance = enrolled(settings)
        engine = Engine(settings, database)
        app = create_app(engine)
        server = http_server.create(app, settings)
        if settings.odoo:  # last, because a start that fails is none that Odoo is to be told of
            link = link_of(engine, app, credentials, instance)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return WRONG_SETTING
    except DataDirError as error:
        print(error, file=sys.stderr)
        return NOT_NOW
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        other = "another --port, or --no-listen" if settings.odoo else "another --port"
        print(f"Cannot listen on {settings.host}:{settings.port}: {reason}. Choose {other}.", file=sys.stderr)
        return NOT_NOW
    if options.exit_with_stdin:
        exit_with_stdin()
    for warning in health.printer_warnings(settings):
        _logger.warning("%s", warning)
    engine.start()
    if link:
        link.start()
    _serve(engine, server, link)
    return 0


def _serve(engine: Engine, server: http_server.HttpServer, link: OdooLink | None) -> None:
    """Answer requests until SIGTERM, and read the certificate again at SIGHUP."""
    manager = ServiceManager(os.environ)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if not (sys.stdin and sys.stdin.isatty()):  # there it ends with its terminal, as every program does
        signal.signal(signal.SIGHUP, lambda *_: server.reload())
    try:
        # Only now, since whoever reads it may send a signal. One write: print() makes two when unbuffered, and a line
        # of the log may come between.
        words = f"listening on {server.url}" if server.url else f"asking {engine.settings.odoo.url}"
        print(f"{words}\n", end="", flush=True)
        manager.ready(words[0].upper() + words[1:])
        manager.watch(lambda: all(worker.is_alive() for worker in engine.workers.values()))
        server.run()
    except (KeyboardInterrupt, SystemExit):
        pass
    finally:
        manager.stopping()
        server.close()
        if link:
            link.stop()
            link.join(LINK_STOP_SECONDS)
        engine.stop()
