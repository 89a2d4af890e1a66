"""Child processes of the scripts: stopped in order, and none left running even after SIGKILL of the parent."""

import contextlib
import ctypes
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

from scripts import places
from scripts.console import Failure

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)
_has_prctl = sys.platform == "linux"


def _end_with_parent() -> None:
    # Other systems cannot do it: there a parent that gets SIGKILL leaves its children behind.
    if _has_prctl:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def run_to_end(
    command: Sequence[object], environment: dict[str, str] | None = None, output: IO[str] | None = None
) -> int:
    """Run a program in the checkout and show what it prints; returns its exit code."""
    with started(command, environment, output) as process:
        return process.wait()


@contextlib.contextmanager
def started(
    command: Sequence[object], environment: dict[str, str] | None = None, output: IO[str] | None = None
) -> Iterator[subprocess.Popen]:
    """A program in the checkout, of which nothing (browsers, say) is left behind.

    It gets a session of its own: on Ctrl-C this process alone gets SIGINT, passes it on, and waits for the cleanup.

    :param output: where its standard output goes, and its errors with it; this process's own where it is not given
    """
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=places.CHECKOUT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output and subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=_end_with_parent,
    )
    try:
        yield process
    except KeyboardInterrupt:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
        raise
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class Service:
    """One long-running process that can be stopped, killed and started again with the same command."""

    def __init__(
        self,
        name: str,
        command: Sequence[object],
        log: Path,
        ready: Callable[[], bool],
        environment: dict[str, str] | None = None,
        timeout: float = 60,
    ):
        """
        :param ready: returns whether the process accepts requests yet
        :param timeout: seconds until a process that is not ready counts as failed
        """
        self.name = name
        self.command = [str(part) for part in command]
        self.log = log
        self.timeout = timeout
        self._ready = ready
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError(f"{self.name} is not running")
        return self._process.pid

    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it and wait until it is ready."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            # A session of its own, so that Ctrl-C reaches only the parent, which stops everything in order.
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        deadline = time.monotonic() + self.timeout
        while not self._ready():
            if not self.running():
                raise Failure(
                    f"{self.name} stopped while starting; the end of {self.log}:\n{self.tail()}",
                    "the last lines above name the cause",
                )
            if time.monotonic() > deadline:
                raise Failure(
                    f"{self.name} is not ready after {self.timeout:.0f} s; the end of {self.log}:\n{self.tail()}",
                    "run the same command again; if it stays so, the log names the cause",
                )
            time.sleep(0.1)

    def stop(self, timeout: float = 15) -> None:
        """Send SIGTERM, and SIGKILL when it has not ended after `timeout` seconds."""
        if self._process is None:
            return
        if self.running():
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout)
        self.kill()

    def kill(self) -> None:
        """End it and its children at once (SIGKILL)."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def tail(self, lines: int = 25) -> str:
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


# Below those that Linux gives to connections which go out (`ip_local_port_range`, from 32768): one of these that is
# free now may be taken by any program's connection before a server listens on it.
SERVER_PORTS = range(20_000, 32_000)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True


def free_port(preferred: int = 0) -> int:
    """The preferred port if it is free, else one of `SERVER_PORTS`, by chance: others look at the same time."""
    if preferred and is_free(preferred):
        return preferred
    while not is_free(port := SERVER_PORTS[secrets.randbelow(len(SERVER_PORTS))]):
        pass
    return port
