"""A private CUPS spooler for tests: the real cupsd with folders and a port of its own, as an unprivileged user.

    spooler = start_cups_spooler()
    spooler.add_queue("Zebra-1", zebra)          # raw, socket://127.0.0.1:<port of the virtual printer>
    server = start_print_server({"Zebra-1": spooler.uri("Zebra-1")})

scripts/cups.py brings its files, and pycups with which queues are made here. The daemon ends with its starter.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import weakref
from pathlib import Path
from typing import Any

import psutil

from scripts.cups import library_folder, need_spooler
from tests.support.print_server import VirtualZebra

READY_WITHIN = 20.0
_FOLDERS = ("etc", "doc", "spool", "tmp", "cache", "state", "ssl")

_FILES_CONF = """
ServerRoot {home}/etc
ServerBin {root}/usr/lib/cups
DataDir {root}/usr/share/cups
DocumentRoot {home}/doc
RequestRoot {home}/spool
TempDir {home}/tmp
CacheDir {home}/cache
StateDir {home}/state
ServerKeychain {home}/ssl
AccessLog {home}/access.log
ErrorLog {home}/error.log
PageLog {home}/page.log
Printcap {home}/printcap
Sandboxing relaxed
SystemGroup {group}
"""
# Whoever asks may do everything but see and cancel jobs of others, for which the rules are the usual ones.
_CUPSD_CONF = """
LogLevel info
MaxLogSize 0
Listen 127.0.0.1:{port}
Browsing No
WebInterface No
DefaultAuthType None
{more}
<Location />
  Allow all
</Location>
<Location /admin>
  Allow all
</Location>
<Policy default>
  JobPrivateAccess default
  JobPrivateValues default
  <Limit Cancel-Job Send-Document Hold-Job Release-Job>
    Require user @OWNER @SYSTEM
    Order deny,allow
  </Limit>
  <Limit All>
    Order deny,allow
  </Limit>
</Policy>
"""


class CupsSpooler:
    """A running cupsd on a port of 127.0.0.1."""

    def __init__(self, more: str = "") -> None:
        """`more` are lines for its cupsd.conf."""
        self._root = need_spooler()
        self.home = Path(tempfile.mkdtemp(prefix="cups-", dir="/tmp"))
        weakref.finalize(self, shutil.rmtree, self.home, ignore_errors=True)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        names = {"home": self.home, "root": self._root, "group": "nogroup", "port": self.port, "more": more}
        for folder in _FOLDERS:
            (self.home / folder).mkdir()
        (self.home / "cups-files.conf").write_text(_FILES_CONF.format(**names))
        (self.home / "etc/cupsd.conf").write_text(_CUPSD_CONF.format(**names))
        if os.geteuid() == 0:
            for path in [self.home, *self.home.rglob("*")]:
                shutil.chown(path, "nobody", "nogroup")
        self._child: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start it again with the jobs and queues that it had."""
        # The kernel ends it with this process, however that ends.
        command = ["setpriv", "--pdeathsig", "TERM"]
        if os.geteuid() == 0:
            command += ["--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        command += [f"{self._root}/usr/sbin/cupsd", "-f", "-c", f"{self.home}/etc/cupsd.conf"]
        command += ["-s", f"{self.home}/cups-files.conf"]
        with open(self.home / "output.log", "ab") as output:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": str(library_folder(self._root)), "LC_ALL": "C"},
                start_new_session=True,
            )
        deadline = time.monotonic() + READY_WITHIN
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            if self._child.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"cupsd did not start:\n{self.log()[-3000:]}")
            time.sleep(0.02)

    def uri(self, queue: str) -> str:
        """The queue's address for the print server's configuration."""
        return f"cups://127.0.0.1:{self.port}/{queue}"

    def add_queue(self, name: str, printer: VirtualZebra | int) -> None:
        """A raw queue to a virtual printer, or to a port of this machine."""
        port = printer if isinstance(printer, int) else printer.port
        self._admin("addPrinter", name, device=f"socket://127.0.0.1:{port}")
        self.accept(name)
        self.resume(name)

    def pause(self, name: str) -> None:
        """As `cupsdisable`: jobs are taken and not printed."""
        self._admin("disablePrinter", name)

    def resume(self, name: str) -> None:
        """As `cupsenable`."""
        self._admin("enablePrinter", name)

    def reject(self, name: str) -> None:
        """As `cupsreject`: no new jobs are taken."""
        self._admin("rejectJobs", name)

    def accept(self, name: str) -> None:
        """As `cupsaccept`."""
        self._admin("acceptJobs", name)

    def remove_queue(self, name: str) -> None:
        """As `lpadmin -x`."""
        self._admin("deletePrinter", name)

    def hold(self, job: int) -> None:
        """Hold a job, as in the web interface."""
        self._admin("setJobHoldUntil", job, "indefinite")

    def release(self, job: int) -> None:
        """Release a job that is held."""
        self._admin("setJobHoldUntil", job, "no-hold")

    def cancel(self, job: int) -> None:
        """Cancel a job, as somebody at the spooler."""
        self._admin("cancelJob", job)

    def submit(self, name: str, zpl: str) -> int:
        """A job of another program; returns its id."""
        import cups

        cups.setServer("127.0.0.1")
        cups.setPort(self.port)
        connection = cups.Connection("127.0.0.1", self.port)
        job = connection.createJob(name, "other", {})
        connection.startDocument(name, job, "other", "application/vnd.cups-raw", 1)
        connection.writeRequestData(zpl.encode(), len(zpl.encode()))
        connection.finishDocument(name)
        return job

    def jobs(self, which: str = "not-completed") -> dict[int, int]:
        """States (RFC 8011, section 5.3.7) of the jobs by their ids.

        Without those that have no document: a program that was killed may leave some, which CUPS gives up by itself.
        """
        wanted = ["job-id", "job-state", "number-of-documents"]
        found = self._admin("getJobs", which_jobs=which, my_jobs=False, requested_attributes=wanted)
        return {number: job["job-state"] for number, job in sorted(found.items()) if job.get("number-of-documents")}

    def stop(self) -> None:
        """End it in order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """It accepts connections and answers nothing."""
        self._child.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        self._child.send_signal(signal.SIGCONT)

    def log(self) -> str:
        """What it has said."""
        paths = [self.home / "output.log", self.home / "error.log"]
        return "".join(path.read_text(errors="replace") for path in paths if path.exists())

    def __enter__(self) -> CupsSpooler:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.kill()

    def _end(self, how: signal.Signals) -> None:
        if self._child.poll() is not None:
            return
        backends = psutil.Process(self._child.pid).children(recursive=True)
        self._child.send_signal(how)
        self._child.send_signal(signal.SIGCONT)
        self._child.wait(20)
        # They outlive a daemon that is killed, and would print what its successor prints again: systemd ends them too.
        for backend in backends:
            with contextlib.suppress(psutil.NoSuchProcess):
                backend.kill()

    def _admin(self, operation: str, *arguments: Any, **options: Any) -> Any:
        import cups  # not before need_spooler() has brought it

        return getattr(cups.Connection("127.0.0.1", self.port), operation)(*arguments, **options)


def start_cups_spooler(more: str = "") -> CupsSpooler:
    """Start a private spooler and wait until it answers; `more` are lines for its cupsd.conf."""
    return CupsSpooler(more)
