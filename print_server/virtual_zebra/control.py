"""The control port: small JSON over HTTP, so that a test, a script or `curl` can stop the printer and put it in order.

GET  /status                     what the printer is doing
GET  /labels[?since=N]           every label printed so far, in order, with its ZPL
POST /paper-out {"after": 8}     the roll ends after 8 more labels (0: now)
POST /head-open · /ribbon-out · /pause · /hang · /offline
POST /slow {"labels_per_second": 0.5}
POST /power-off                  offline, and what is in the buffer is lost; resume switches it on again
POST /warn {"flags": 8}          warning flags of ~HQES: 1 calibrate, 2 clean head, 4 replace head, 8 labels low
POST /peel-off · /take-label     each label waits until it is taken · take it
POST /odometer {"value": 0}      another count, as after a replacement of the printer
POST /cut {"after": 3}           cut the line in mid-label, after 3 more labels
POST /resume                     everything in order, a new roll, normal speed
POST /forget                     empty the list of labels
"""

from __future__ import annotations

import json
import threading
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from .data_port import DataPort
from .machine import Machine


class Control:
    """Commands by name; each takes the request's JSON object and answers with one."""

    def __init__(self, name: str, machine: Machine, data_port: DataPort) -> None:
        self.name, self.machine, self.data_port = name, machine, data_port

    def status(self) -> dict:
        """Name, port and mechanical state."""
        port = {"name": self.name, "port": self.data_port.port, "online": self.data_port.online}
        return {**port, **self.machine.summary()}

    def labels(self, since: int = 0) -> dict:
        """Labels printed after number `since`, in order."""
        return {"labels": [asdict(label) for label in self.machine.labels[since:]]}

    def run(self, command: str, arguments: dict) -> dict:
        """Carry out a command of the module's list; KeyError for an unknown one, ValueError for a bad number."""
        actions = {
            "paper-out": lambda: self.machine.load_media(_number(arguments, "after", 0)),
            "head-open": lambda: self.machine.change(head_open=True),
            "ribbon-out": lambda: self.machine.change(ribbon_out=True),
            "pause": lambda: self.machine.change(paused=True),
            "hang": lambda: self.machine.change(hanging=True),
            "offline": self.data_port.switch_off,
            "power-off": self._power_off,
            "slow": lambda: self.machine.change(labels_per_second=_speed(arguments)),
            "cut": lambda: self.data_port.cut_in_mid_label(_number(arguments, "after", 0)),
            "peel-off": lambda: self.machine.change(peel_off=True),
            "take-label": lambda: self.machine.change(label_waiting=False),
            "warn": lambda: self.machine.change(warnings=_number(arguments, "flags", 0)),
            "odometer": lambda: self.machine.change(odometer=_number(arguments, "value", 0)),
            "resume": self._resume,
            "forget": self.machine.labels.clear,
        }
        actions[command]()
        return self.status()

    def _power_off(self) -> None:
        self.data_port.switch_off()
        self.machine.cancel_all()

    def _resume(self) -> None:
        machine = self.machine
        machine.load_media(None)
        machine.change(
            head_open=False, ribbon_out=False, paused=False, hanging=False, labels_per_second=machine.normal_speed,
            peel_off=machine.behaviour.peel_off, label_waiting=False, warnings=0,
        )  # fmt: skip
        self.data_port.switch_on()


def _number(arguments: dict, name: str, default: int) -> int:
    value = arguments.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{name} must be a whole number, 0 or more")
    return value


def _speed(arguments: dict) -> float:
    value = arguments.get("labels_per_second", 0.5)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 10000:
        raise ValueError("labels_per_second must be a number above 0")
    return float(value)


def serve_control(control: Control, host: str, port: int) -> int:
    """Start answering in a thread; returns the port that was taken."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/status":
                self._answer(200, control.status())
            elif parts.path == "/labels":
                since = parse_qs(parts.query).get("since", ["0"])[0]
                self._answer(200, control.labels(int(since) if since.isdigit() else 0))
            else:
                self._answer(404, {"error": "Ask for /status or /labels."})

        def do_POST(self) -> None:
            try:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                arguments = json.loads(body) if body else {}
                if isinstance(arguments, dict):
                    self._answer(200, control.run(urlsplit(self.path).path.strip("/"), arguments))
                else:
                    self._answer(400, {"error": "The body must be a JSON object."})
            except KeyError:
                self._answer(404, {"error": "No such command."})
            except ValueError as error:
                self._answer(400, {"error": str(error)})
            except OSError as error:
                self._answer(500, {"error": f"The printer's port could not be opened: {error.strerror}"})

        def _answer(self, code: int, payload: dict) -> None:
            body = json.dumps(payload).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Quiet: tests ask thousands of times."""

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="control", daemon=True).start()
    return server.server_address[1]
