"""Real print servers and virtual printers for any test: plain pytest, Odoo's, or end to end.

    zebra = start_virtual_zebra(labels_per_second=50)
    server = start_print_server(printers={"Zebra-1": zebra})
    requests.get(server.url + "/api/printers", headers=server.headers)

Each is a process of its own on a free port. It ends with `stop()`, at the end of a `with` block, when Python exits,
and, because its standard input is a pipe from here, even when this process is killed. Needs only the standard library
in the calling process; the server itself needs print_server/requirements.txt in the same Python.

Load it as `tests.support.print_server` with the repository's root on the path, or by its file's path with importlib.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import weakref
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = 20.0
_running: weakref.WeakSet[_Process] = weakref.WeakSet()


class DidNotStart(RuntimeError):
    """A process ended or was not ready within the time limit; the message holds its output."""


class _Process:
    """A child process, its output, and the address it printed."""

    def __init__(
        self, module: str, arguments: list[str], environ: Mapping[str, str], pattern: str, within: Sequence[str] = ()
    ) -> None:
        self._within = within
        self._module, self._arguments, self._environ, self._pattern = module, arguments, dict(environ), pattern
        self._child: subprocess.Popen[str] | None = None
        self.output: list[str] = []
        self._launch(arguments)
        _running.add(self)

    @property
    def pid(self) -> int:
        """Process id of the running child."""
        return self._child.pid

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._child is not None and self._child.poll() is None

    def _launch(self, arguments: list[str]) -> re.Match[str]:
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
        self._child = subprocess.Popen(
            [*self._within, sys.executable, "-m", self._module, *arguments, "--exit-with-stdin"],
            cwd=ROOT,
            env={**os.environ, **self._environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, args=(self._child, lines), daemon=True).start()
        deadline = time.monotonic() + READY_WITHIN
        while (left := deadline - time.monotonic()) > 0:
            try:
                line = lines.get(timeout=left)
            except queue.Empty:
                break
            if line is None:
                break
            if match := re.search(self._pattern, line):
                self._found(match)
                return match
        self.kill()
        raise DidNotStart(f"{self._module} did not start:\n" + "".join(self.output[-30:]))

    def _found(self, match: re.Match[str]) -> None:
        raise NotImplementedError

    def _read(self, child: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
        for line in child.stdout:
            self.output.append(line)
            lines.put(line)
        lines.put(None)

    def stop(self) -> None:
        """End it with SIGTERM; may be called twice."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        child = self._child
        if child is None:
            return
        if child.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                child.send_signal(how)
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait(10)
        with contextlib.suppress(OSError):
            child.stdin.close()

    def __enter__(self):
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()


class VirtualZebra(_Process):
    """A running virtual printer. `port` takes labels; the methods cause faults and clear them."""

    def __init__(self, name: str, arguments: list[str], within: Sequence[str] = ()) -> None:
        self.name = name
        self.port = self.control_port = 0
        super().__init__("print_server.virtual_zebra", arguments, {}, r"(\S+) control on http://127\.0\.0\.1:(\d+)", within)

    def _found(self, match: re.Match[str]) -> None:
        self.control_port = int(match.group(2))
        self.port = self.status()["port"]

    @property
    def uri(self) -> str:
        """Its address for the print server's configuration."""
        return f"tcp://127.0.0.1:{self.port}"

    def restart(self) -> None:
        """Switch off and on again, on the same ports. The list of printed labels is empty unless `keep_dir` was given."""
        self.kill()
        again = [*self._arguments, "--port", str(self.port), "--control-port", str(self.control_port)]
        self._launch(again)

    def status(self) -> dict[str, Any]:
        """Counts and state, see print_server/virtual_zebra/control.py."""
        return self._call("status")

    def labels(self, since: int = 0) -> list[str]:
        """ZPL of every label printed so far (after number `since`), in order."""
        return [label["zpl"] for label in self._call(f"labels?since={since}")["labels"]]

    def shown(self) -> list[list[str]]:
        """The texts of every label printed so far as they stand on paper, in the character set of its format."""
        return [label["shown"] for label in self._call("labels")["labels"]]

    def times_printed(self) -> Counter[str]:
        """How often each ZPL was printed: what a test compares a print server's account with."""
        return Counter(self.labels())

    def total(self) -> int:
        """Labels printed since it was switched on; `forget` does not change it."""
        return self.status()["total"]

    def paper_out(self, after: int = 0) -> None:
        """The roll ends after so many more labels."""
        self._call("paper-out", {"after": after})

    def head_open(self) -> None:
        """Open the print head."""
        self._call("head-open", {})

    def ribbon_out(self) -> None:
        """The ribbon ends."""
        self._call("ribbon-out", {})

    def pause(self) -> None:
        """Press PAUSE."""
        self._call("pause", {})

    def hang(self) -> None:
        """Accept connections and answer nothing."""
        self._call("hang", {})

    def offline(self) -> None:
        """Refuse connections."""
        self._call("offline", {})

    def power_off(self) -> None:
        """Refuse connections, and lose what is in the buffer."""
        self._call("power-off", {})

    def slow(self, labels_per_second: float = 0.5) -> None:
        """Print at another speed."""
        self._call("slow", {"labels_per_second": labels_per_second})

    def cut(self, after: int = 0) -> None:
        """Cut the line in the middle of a label, after so many more labels."""
        self._call("cut", {"after": after})

    def peel_off(self) -> None:
        """From now on each label waits until somebody takes it."""
        self._call("peel-off", {})

    def take_label(self) -> None:
        """Take the label that waits in peel-off mode."""
        self._call("take-label", {})

    def set_odometer(self, value: int) -> None:
        """Another count, as after a replacement of the printer."""
        self._call("odometer", {"value": value})

    def warn(self, flags: int) -> None:
        """Warning flags of `~HQES`: 1 calibrate, 2 clean the head, 4 replace it, 8 labels low."""
        self._call("warn", {"flags": flags})

    def resume(self) -> None:
        """Clear all faults: new roll, head closed, online, normal speed."""
        self._call("resume", {})

    def forget(self) -> None:
        """Empty the list of printed labels."""
        self._call("forget", {})

    def _call(self, command: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.control_port}/{command}", data=data)
        with _direct.open(request, timeout=10) as answer:
            return json.load(answer)


class PrintServer(_Process):
    """A running print server: `url` (without a trailing slash), `api_key`, `headers`, `data_dir`."""

    def __init__(
        self, api_key: str, data_dir: Path, own_dir: bool, arguments: list[str], environ: dict[str, str], module: str,
        within: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self.api_key, self.data_dir = api_key, data_dir
        self.port, self.url = 0, ""
        if own_dir:
            weakref.finalize(self, shutil.rmtree, data_dir, ignore_errors=True)
        super().__init__(module, arguments, environ, r"(?:listening on|^asking) (https?://\S+?:(\d+))\s*$", within)

    def _found(self, match: re.Match[str]) -> None:
        self.url, self.port = match.group(1), int(match.group(2))

    @property
    def headers(self) -> dict[str, str]:
        """What every call must carry."""
        return {"Authorization": f"Bearer {self.api_key}"}

    def restart(self) -> None:
        """Start again on the same port with the same jobs; after `kill()` or, with an orderly stop, from running."""
        self.stop()
        self._launch([*self._arguments, "--port", str(self.port)])

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """One call with the key; returns the status code and the decoded JSON."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method, headers={**self.headers, **headers})
        try:
            with _direct.open(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def print_labels(self, printer: str, labels: list[Any], **metadata: Any) -> str:
        """Submit a job, labels being ZPL texts or the contract's objects; returns its id."""
        entries = [label if isinstance(label, dict) else {"zpl_code": label} for label in labels]
        body = {"printer": printer, "quantity": len(entries), "labels": entries, "job_metadata": metadata}
        code, answer = self.call("POST", "/api/print", body)
        assert code == 201, answer
        return answer["job_id"]

    def status(self, job_id: str) -> dict[str, Any]:
        """The job's status object."""
        code, answer = self.call("GET", f"/api/status/{job_id}")
        assert code == 200, answer
        return answer

    def label_runs(self, job_id: str) -> list[dict[str, Any]]:
        """The account of the job's labels as the server writes it, in runs of equal labels."""
        code, answer = self.call("GET", f"/api/jobs/{job_id}/labels")
        assert code == 200, answer
        return answer["labels"]

    def label_states(self, job_id: str) -> list[str]:
        """The state of each label of the job, in order."""
        return [run["state"] for run in self.label_runs(job_id) for _number in range(run.get("count", 1))]

    def wait(self, job_id: str, *statuses: str, timeout: float = 20.0) -> dict[str, Any]:
        """Wait until the job has one of the statuses (or any final one) and return its status object."""
        wanted = statuses or ("completed", "failed", "cancelled")
        deadline = time.monotonic() + timeout
        while True:
            answer = self.call("GET", f"/api/status/{job_id}")[1]
            if answer.get("status") in wanted:
                return answer
            if time.monotonic() > deadline:
                raise TimeoutError(f"job is {answer} after {timeout} s, expected {wanted}")
            time.sleep(0.03)

    def printer(self, name: str) -> dict[str, Any]:
        """One printer of GET /api/printers."""
        return next(item for item in self.call("GET", "/api/printers")[1]["printers"] if item["name"] == name)


def start_virtual_zebra(
    name: str = "Zebra-1", labels_per_second: float = 50, *, port: int = 0, control_port: int = 0,
    keep_dir: Path | str | None = None, answers_when_stopped: bool = True, host_query: bool = True,
    odometer: bool = True, peel_off: bool = False, alerts: bool = True, serial_number: str = "VIRTUAL-1", stop_seconds: float = 0.0,
    answer_seconds: float = 0.0, within: Sequence[str] = (), **options: Any,
) -> VirtualZebra:  # fmt: skip
    """Start a virtual printer and wait until it answers.

    It has a real printer's behaviour (print_server/virtual_zebra/behaviour.py) but for two that only cost time (it starts
    and answers at once), and it answers `~HS` when it is stopped, so that a test can have a label taken back from it:
    `answers_when_stopped=False` is the real thing. `within` goes before its command. Further options go by their names (buffer_bytes=1000 …).
    """
    arguments = ["--port", str(port), "--control-port", str(control_port), "--name", name]
    arguments += ["--labels-per-second", str(labels_per_second)]
    arguments += ["--stop-seconds", str(stop_seconds), "--answer-seconds", str(answer_seconds)]
    arguments += ["--serial-number", serial_number]
    for option, value in options.items():
        arguments += [f"--{option.replace('_', '-')}", str(value)]
    switches = {
        "--answers-when-stopped": answers_when_stopped,
        "--no-host-query": not host_query,
        "--no-odometer": not odometer,
        "--no-alerts": not alerts,
        "--peel-off": peel_off,
    }
    arguments += [switch for switch, chosen in switches.items() if chosen]
    if keep_dir:
        arguments += ["--keep-dir", str(keep_dir)]
    return VirtualZebra(name, arguments, within)


def start_print_server(
    printers: Mapping[str, VirtualZebra | str] | None = None, *, api_key: str = "test-key", port: int = 0,
    data_dir: Path | str | None = None, capabilities: str = "all", rate_limit: int = 0, wrong_key_limit: int = 0,
    webhook_url: str | None = None, webhook_secret: str | None = None, label_pause: float = 0.2,
    answer_timeout: float = 0.5, poll_interval: float = 0.3, on_stop_minutes: float = 0,
    printers_file: Path | str | None = None, module: str = "print_server",
    within: Sequence[str] = (), **options: Any,
) -> PrintServer:  # fmt: skip
    """Start a print server and wait until it answers.

    `printers` maps names to virtual printers or addresses (tcp://…). Times are shorter than the product's own
    (a stopped printer is given up after 0.6 s unless `on_stop_minutes` is set), and neither requests nor wrong keys are
    limited; further options of the command line go by their names (tries=5, label_timeout=2, no_listen=True …).
    `module` is another one that takes the same options; `within` goes before the command (network_namespace.py).
    """
    own_dir = data_dir is None
    folder = Path(tempfile.mkdtemp(prefix="print-server-") if own_dir else data_dir)
    arguments = ["--port", str(port), "--data-dir", str(folder), "--capabilities", capabilities]
    arguments += ["--rate-limit", str(rate_limit), "--wrong-key-limit", str(wrong_key_limit), "--label-pause", str(label_pause)]
    arguments += ["--answer-timeout", str(answer_timeout), "--poll-interval", str(poll_interval)]
    arguments += ["--on-stop-minutes", str(on_stop_minutes)]
    for option, value in options.items():
        name = f"--{option.replace('_', '-')}"
        arguments += [name] if value is True else [name, str(value)]
    for name, printer in (printers or {}).items():
        arguments += ["--printers", f"{name}={printer if isinstance(printer, str) else printer.uri}"]
    if printers_file:
        arguments += ["--printers", str(printers_file)]
    environ = {"PRINT_SERVER_API_KEY": api_key}
    if webhook_url:
        arguments += ["--webhook-url", webhook_url]
        environ["PRINT_SERVER_WEBHOOK_SECRET"] = webhook_secret or "test-secret"
    return PrintServer(api_key, folder, own_dir, arguments, environ, module, within)


# Proxies of the environment must not be used for this machine's own ports.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@atexit.register
def _stop_all() -> None:
    for process in list(_running):
        process.kill()
