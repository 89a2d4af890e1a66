"""Command line of the virtual printer: run one, or tell a running one what to do."""

from __future__ import annotations

import argparse
import json
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from ..stdin_watch import exit_with_stdin
from .behaviour import Behaviour
from .control import Control, serve_control
from .data_port import DataPort
from .machine import Machine

COMMANDS = (
    "status", "labels", "paper-out", "head-open", "ribbon-out", "pause", "hang", "offline", "slow", "cut", "resume",
    "forget", "power-off", "peel-off", "take-label", "odometer", "warn",
)  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the process's exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["ctl"]:
        return _tell(arguments[1:])
    return _run(arguments)


def _run(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m print_server.virtual_zebra", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9101, help="port for labels; 0 takes a free one")
    parser.add_argument("--control-port", type=int, default=9201, help="port for commands; 0 takes a free one")
    parser.add_argument("--name", default="Virtual-Zebra")
    parser.add_argument("--labels-per-second", type=float, default=5.0)
    parser.add_argument("--keep-dir", type=Path, help="write each printed label to a file and read them back at start")
    behaviour = Behaviour()
    parser.add_argument("--serial-number", default="VIRTUAL-1")
    parser.add_argument("--answers-when-stopped", action="store_true", help="answer ~HS when out of labels too")
    parser.add_argument("--no-host-query", action="store_true", help="do not answer ~HQES")
    parser.add_argument("--no-odometer", action="store_true", help="do not answer SGD getvar")
    parser.add_argument(
        "--parse-bytes-per-second", type=float, default=behaviour.parse_bytes_per_second, help="0: formats cost no time"
    )
    parser.add_argument("--buffer-bytes", type=int, default=behaviour.buffer_bytes)
    parser.add_argument("--stop-seconds", type=float, default=behaviour.stop_seconds, help="for starting after a stop")
    parser.add_argument("--answer-seconds", type=float, default=behaviour.answer_seconds, help="for answering ~HS")
    parser.add_argument("--peel-off", action="store_true", help="each label waits until it is taken (take-label)")
    parser.add_argument("--no-alerts", action="store_true", help="ignore ^SX and ~HU, and send no alerts")
    parser.add_argument("--connections", type=int, default=behaviour.connections, help="served at once; 0: all")
    parser.add_argument("--exit-with-stdin", action="store_true", help="end when standard input closes")
    options = parser.parse_args(argv)
    if options.labels_per_second <= 0:
        parser.error("--labels-per-second must be above 0")
    numbers = ("parse_bytes_per_second", "buffer_bytes", "stop_seconds", "answer_seconds", "connections")
    if any(getattr(options, name) < 0 for name in numbers):
        parser.error("times, sizes and speeds must be 0 or more")
    machine = Machine(
        labels_per_second=options.labels_per_second,
        behaviour=Behaviour(
            silent_when_stopped=not options.answers_when_stopped,
            host_query=not options.no_host_query,
            odometer=not options.no_odometer,
            parse_bytes_per_second=options.parse_bytes_per_second,
            buffer_bytes=options.buffer_bytes,
            stop_seconds=options.stop_seconds,
            answer_seconds=options.answer_seconds,
            peel_off=options.peel_off,
            alerts=not options.no_alerts,
            connections=options.connections,
        ),
        serial_number=options.serial_number,
        keep_dir=options.keep_dir,
    )
    try:
        data_port = DataPort(machine, options.host, options.port)
        control = Control(options.name, machine, data_port)
        control_port = serve_control(control, options.host, options.control_port)
    except OSError as error:
        print(f"Cannot listen on {options.host}: {error.strerror}. Choose other ports.", file=sys.stderr)
        return 1
    print(f"{options.name} listening on tcp://{options.host}:{data_port.port}", flush=True)
    print(f"{options.name} control on http://{options.host}:{control_port}", flush=True)
    if options.exit_with_stdin:
        exit_with_stdin()
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        pass
    return 0


def _tell(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m print_server.virtual_zebra ctl")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--control-port", type=int, default=9201)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("--after", type=int, help="for paper-out and cut: after so many more labels")
    parser.add_argument("--labels-per-second", type=float, help="for slow")
    parser.add_argument("--value", type=int, help="for odometer: its new count, as after a replacement of the printer")
    parser.add_argument("--flags", type=int, help="for warn: the sum of the warning flags of ~HQES")
    options = parser.parse_args(argv)
    names = ("after", "labels_per_second", "value", "flags")
    body = {name: getattr(options, name) for name in names}
    asking = options.command in ("status", "labels")
    request = urllib.request.Request(
        f"http://{options.host}:{options.control_port}/{options.command}",
        data=None if asking else json.dumps({k: v for k, v in body.items() if v is not None}).encode(),
        method="GET" if asking else "POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            result = json.load(answer)
    except urllib.error.HTTPError as error:
        print(json.load(error).get("error", error.reason), file=sys.stderr)
        return 1
    except OSError:
        print(f"No virtual printer answers on control port {options.control_port}.", file=sys.stderr)
        return 1
    print(json.dumps(result, indent=2))
    return 0
