"""`make run`, `make stop`, `make clean`: the product with demo data, for a person to try.

The data stays with the clone: a database named after the clone's path, everything else in build/run. One process
supervises the others and holds a lock while it lives: whether the product runs is read from the lock, not from
files that a killed run may have left behind.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from scripts import databases, label_renderer, odoo, places
from scripts.console import Failure, exit_code_of, say, step
from scripts.databases import Database
from scripts.locks import FileLock
from scripts.postgres import Cluster, running_cluster
from scripts.processes import is_free
from scripts.product import FIRST_CONTROL_PORT, FIRST_LABEL_PORT, PRINT_SERVER, Keys, Product, serve
from scripts.system_packages import check

FOLDER = places.BUILD / "run"
STATE = FOLDER / "state.json"
LOG = FOLDER / "run.log"
DATABASE = f"lpm_run_{places.clone_id()}"
FIRST_PAGE = "/odoo/action-label_print_monitor.action_label_print_overview"
PRINT_SERVER_PID = FOLDER / "print_server.pid"
STOP_TIMEOUT = 45
# How long a print server that was ended stays away, in seconds: long enough to see what the screens say of it.
AWAY_SECONDS = 45


def run(port: int, print_port: int, detach: bool) -> int:
    if _running():
        return _already_running(port, print_port)
    STATE.unlink(missing_ok=True)  # of a run that was killed
    _check_ports({"PORT": port, "PRINT_PORT": print_port})
    check(odoo.programs())
    if detach:
        return _run_detached()
    return _supervise(port, print_port)


def stop() -> int:
    state = _state()
    if _running() and state:
        with step("Stopping"):
            os.kill(state["pid"], signal.SIGTERM)
            if not _wait_until_stopped():
                os.kill(state["pid"], signal.SIGKILL)  # its children end with it
        say("Stopped. The data is kept; `make run` goes on with it, `make clean` removes it.")
    else:
        say("Nothing was running.")
    # A supervisor that was killed could not stop PostgreSQL.
    cluster = Cluster()
    cluster.stop_if_unused()
    STATE.unlink(missing_ok=True)
    return 0


def clean() -> int:
    stop()
    with running_cluster() as cluster:
        databases.drop(cluster, DATABASE)
    shutil.rmtree(places.BUILD, ignore_errors=True)
    say(f"Removed this clone's database and build folder. What clones share stays in {places.cache()}.")
    return 0


def _supervise(port: int, print_port: int) -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    lock = FileLock(FOLDER / "run.lock")
    if not lock.acquire(wait=False):
        raise Failure("The product is being started by somebody else", "wait for it, or: make stop")
    _write_state(pid=os.getpid(), port=port, print_port=print_port)
    try:
        label_renderer.try_to_bring()
        with running_cluster() as cluster:
            database = _database(cluster)
            ports = (FIRST_LABEL_PORT, FIRST_CONTROL_PORT)
            # As the print server is installed: its stopped printers hold their queues.
            options = {"on_stop_minutes": 15}
            with serve(
                database, FOLDER, port, print_port, _keys(), first_ports=ports, print_server_options=options
            ) as product:
                addresses = _addresses(product)
                _write_state(pid=os.getpid(), port=port, print_port=print_port, addresses=addresses)
                say(addresses)
                _watch(product)
    except KeyboardInterrupt:
        say("\nStopped. The data is kept; `make run` goes on with it, `make clean` removes it.")
    finally:
        STATE.unlink(missing_ok=True)
        lock.release()
    return 0


def _watch(product: Product, away_seconds: float = AWAY_SECONDS, steady_seconds: float = 10) -> None:
    """Wait until something has ended by itself. A print server is started again, as a service manager does.

    :param away_seconds: how long a print server that has ended stays away
    :param steady_seconds: a print server that ends sooner after its start is not started again
    :raise Failure: with the name and the last output of what has ended
    """
    while True:
        started = time.monotonic()
        PRINT_SERVER_PID.write_text(f"{product.print_server.pid}\n", encoding="utf-8")
        while not (stopped := product.stopped()):
            time.sleep(min(1, away_seconds))
        name, output = stopped
        if name != PRINT_SERVER or time.monotonic() - started < steady_seconds:
            raise Failure(
                f"{name} stopped by itself; its last output:\n{output}", "read the lines above, then: make run"
            )
        say(f"The print server has ended. It is started again in {away_seconds:g} seconds.")
        time.sleep(away_seconds)
        product.print_server.restart()
        say("The print server runs again.")


def _run_detached() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with LOG.open("wb") as log:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "scripts.run", "supervise"],
            cwd=places.CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _follow(supervisor)
    except KeyboardInterrupt:
        supervisor.terminate()
        supervisor.wait()
        raise
    if supervisor.poll() is not None:
        return supervisor.returncode or 1
    say("It runs in the background. Stop it with: make stop")
    return 0


def _follow(supervisor: subprocess.Popen) -> None:
    """Show the supervisor's log until it is ready or has ended."""
    with LOG.open(encoding="utf-8") as log:
        while True:
            finished = supervisor.poll() is not None or "addresses" in (_state() or {})
            sys.stderr.write(log.read())
            sys.stderr.flush()
            if finished:
                return
            time.sleep(0.2)


def _database(cluster: Cluster) -> Database:
    """The clone's database: copied from the template the first time, brought up to the addon's present code later."""
    fingerprint = databases.addon_fingerprint()
    config = odoo.write_config(FOLDER / "odoo.conf", cluster, DATABASE)
    if not databases.exists(cluster, DATABASE):
        template = databases.addon_template(cluster, demo=True, assets=True)
        with step("Copying the database with demo data"):
            databases.copy(cluster, template, DATABASE)
    elif databases.comment(cluster, DATABASE) != fingerprint:
        with step("Updating the addon in the kept database"):
            odoo.run(
                config,
                "--update",
                databases.ADDON_MODULE,
                "--stop-after-init",
                "--no-http",
                what="Updating the addon (`make clean` starts afresh)",
            )
    databases.set_comment(cluster, DATABASE, fingerprint)
    return Database(DATABASE, cluster, config)


def _keys() -> Keys:
    """The same keys in every run of this clone, so that what is kept stays valid."""
    path = FOLDER / "keys.json"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(Keys.new())), encoding="utf-8")
    return Keys(**json.loads(path.read_text(encoding="utf-8")))


def _addresses(product: Product) -> str:
    printers = "\n".join(
        f"                    {printer.name}: {printer.uri}, control http://127.0.0.1:{printer.control_port}"
        for printer in product.printers
    )
    control = f"http://127.0.0.1:{product.printers[0].control_port}"
    pid_file = PRINT_SERVER_PID.relative_to(places.CHECKOUT)
    return f"""
  Odoo              {product.url}     login {product.login}, password {product.password}
                    (also supervisor / supervisor and operator / operator)
  Print server      {product.print_server.url}     (API key in build/run/keys.json)
  Virtual printers
{printers}
  Odoo's log        build/run/odoo.log

  What to click first
    1. {product.url}{FIRST_PAGE}     Label Printing > Overview
    2. Manufacturing > Operations > Manufacturing Orders: open the one for Tomato Soup, Print Labels, and watch the job
    3. Let a printer run out of paper:  curl -X POST -d '{{"after": 3}}' {control}/paper-out
       and load paper again:            curl -X POST {control}/resume
    4. Take the print server away, for {AWAY_SECONDS} seconds:   kill $(cat {pid_file})
"""


def _check_ports(ports: dict[str, int]) -> None:
    if len(set(ports.values())) < len(ports):
        raise Failure("PORT and PRINT_PORT are the same", "choose two ports: make run PORT=8069 PRINT_PORT=5000")
    for name, port in ports.items():
        if not 1 <= port <= 65535:
            raise Failure(f"{name}={port} is no port", f"choose one from 1024 to 65535: make run {name}=18069")
        if not is_free(port):
            another = port + 10000 if port < 50000 else port - 10000
            raise Failure(
                f"Port {port} is taken by another program",
                f"choose another: make run {name}={another}, or stop that program",
            )


def _already_running(port: int, print_port: int) -> int:
    state = _state() or {}
    if (state.get("port"), state.get("print_port")) != (port, print_port):
        raise Failure(
            f"The product already runs, with PORT={state.get('port')} PRINT_PORT={state.get('print_port')}",
            "make stop, then run again",
        )
    say("It already runs." + state.get("addresses", " It is still starting."))
    return 0


def _running() -> bool:
    if not FOLDER.is_dir():
        return False
    lock = FileLock(FOLDER / "run.lock")
    free = lock.acquire(wait=False)
    lock.release()
    return not free


def _wait_until_stopped() -> bool:
    deadline = time.monotonic() + STOP_TIMEOUT
    while _running():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def _state() -> dict | None:
    try:
        return json.loads(STATE.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _write_state(**values: object) -> None:
    unfinished = Path(f"{STATE}.new")
    unfinished.write_text(json.dumps(values), encoding="utf-8")
    unfinished.rename(STATE)


def _port(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdigit():
        raise Failure(f"{name}={text} is no port", f"give a number: make run {name}={default}")
    return int(text)


def main(arguments: Sequence[str]) -> int:
    if arguments == ["stop"]:
        return stop()
    if arguments == ["clean"]:
        return clean()
    port, print_port = _port("PORT", 8069), _port("PRINT_PORT", 5000)
    if arguments == ["supervise"]:
        return _supervise(port, print_port)
    return run(port, print_port, detach=bool(os.environ.get("DETACH")))


if __name__ == "__main__":
    sys.exit(exit_code_of(lambda: main(sys.argv[1:])))
