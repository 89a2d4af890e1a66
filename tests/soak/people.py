"""The people of a soak: they print, cancel, move, copy, retry, and say what is on paper after having looked there."""

from __future__ import annotations

import http.client
import math
import random
import threading
import time
import xmlrpc.client
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import psycopg2

from tests.e2e.remote import Remote
from tests.soak.factory import Factory, Printer, seeded
from tests.soak.ledgers import OF_THE_DATABASE, OPEN_JOBS, Paper, label_of, records

LOGINS = ("supervisor", "operator", "admin")
MEDIAN, SPREAD, LARGEST = 8, 1.17, 200
ENDED_BADLY = ("failed", "completed_with_errors", "cancelled")
# What a person meets when an Odoo process is gone or its answer is lost: they try again, or somebody else does.
GONE = (OSError, http.client.HTTPException, xmlrpc.client.ProtocolError, AssertionError)
Call = Callable[..., Any]


class Once(xmlrpc.client.Transport):
    """Asks once: Python's own sends a request again when its connection was closed, and so two jobs would be made."""

    def request(self, host: Any, handler: str, request_body: Any, verbose: bool = False) -> Any:
        return self.single_request(host, handler, request_body, verbose)


class People:
    """Threads that act until `stop`. `refused` counts what Odoo declined in words, by its first words."""

    def __init__(self, factory: Factory, paper: Paper, seed: int) -> None:
        self.factory, self.paper, self.seed = factory, paper, seed
        self.by_id = {printer.id: printer for printer in factory.printers}
        self.stopping = threading.Event()
        self.acts: dict[str, int] = defaultdict(int)
        self.refused: dict[str, int] = defaultdict(int)
        self.faults: list[str] = []
        self.cancelled_by: dict[int, set[int]] = defaultdict(set)
        self.moved_by: dict[int, set[int]] = defaultdict(set)
        self._threads: list[threading.Thread] = []
        self._sessions = threading.local()
        self._settled: dict[int, int] = {}
        self._still_to_come: dict[tuple[int, str], int] = {}

    def start(self, jobs: int, seconds: float) -> None:
        """Print so many jobs within so many seconds, and look after them."""
        plan = seeded(self.seed, "plan")
        moments = sorted(plan.uniform(0, seconds * 0.92) for _job in range(jobs))
        todo = [(moment, plan.choice(self.factory.printers), _size(plan)) for moment in moments]
        started = time.monotonic()
        for number, login in enumerate(LOGINS):
            mine = [(place, *todo[place]) for place in range(number, len(todo), len(LOGINS))]
            self._run(f"printing-{login}", lambda mine=mine, login=login: self._print(mine, login, started))
        for number in range(3):
            self._run(f"minding-{number}", lambda number=number: self._mind(seeded(self.seed, f"minder {number}")))
        for printer in self.factory.printers:
            if printer.temper.get("peel_off"):
                self._run("peeling", lambda printer=printer: self._peel(printer))

    def stop(self) -> None:
        """End what they do; labels are still taken off peel-off printers until `leave`."""
        self.stopping.set()
        for thread in self._threads:
            if thread.name != "peeling":
                thread.join(60)

    def leave(self) -> None:
        """Nobody takes labels any more."""
        self._threads.clear()

    def _run(self, name: str, what: Callable[[], None]) -> None:
        def guarded() -> None:
            try:
                what()
            except Exception as error:  # noqa: BLE001 - told in the report
                self.faults.append(f"{name}: {error!r}")

        thread = threading.Thread(target=guarded, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    # --- how they reach Odoo ---

    def call(self, login: str, model: str, method: str, *arguments: Any, **keywords: Any) -> Any:
        """One call at one of the two processes, at the other one where the first is gone before it was asked.

        :return: None when nobody knows what came of it, or Odoo declined
        """
        offices = list(self.factory.offices)
        random.shuffle(offices)
        for office in offices:
            try:
                remote = self._remote(office, login)
            except (*GONE, xmlrpc.client.Fault):
                continue  # nothing has been asked yet
            try:
                return remote.call(model, method, *arguments, **keywords)
            except ConnectionRefusedError:
                continue
            except xmlrpc.client.Fault as fault:
                self._note_fault(method, fault)
                return None
            except GONE:
                self._sessions.known.pop((office.port, login), None)
                self.acts["calls without an answer"] += 1
                return None
        self.acts["calls that found no Odoo"] += 1
        return None

    def _remote(self, office: Any, login: str) -> Remote:
        known = self._sessions.__dict__.setdefault("known", {})
        if (office.port, login) not in known:
            remote = Remote(office, login)
            remote._models = xmlrpc.client.ServerProxy(
                f"{office.url}/xmlrpc/2/object", transport=Once(), allow_none=True
            )
            known[office.port, login] = remote
        return known[office.port, login]

    def _note_fault(self, method: str, fault: xmlrpc.client.Fault) -> None:
        text = fault.faultString.strip()
        if "Traceback" in text:
            last = text.splitlines()[-1]
            if "psycopg2" in last or OF_THE_DATABASE.search(text):
                self.acts["calls without a database"] += 1
                return
            self.faults.append(f"{method}: {text[-1500:]}")
        else:
            self.refused[f"{method}: {text.splitlines()[0][:90]}"] += 1

    # --- printing ---

    def _print(self, todo: list[tuple[int, float, Printer, int]], login: str, started: float) -> None:
        for place, moment, printer, quantity in todo:
            if self.stopping.wait(max(0.0, started + moment - time.monotonic())):
                return
            mark = f"SOAK{self.seed % 10_000}{place:05}"
            labels = [{"zpl_code": label_of(mark, number), "box_number": number} for number in range(1, quantity + 1)]
            values = {"printer_id": printer.id, "quantity": quantity, "labels_data": labels}
            if self.call(login, "label.print.job", "create", values):
                self.acts["printed"] += 1

    def _peel(self, printer: Printer) -> None:
        while printer in self.factory.printers and self._threads:
            try:
                if printer.zebra.status()["label_waiting"]:
                    printer.zebra.take_label()
            except OSError:
                pass  # it is switched off
            time.sleep(0.1)

    # --- looking after jobs ---

    def _mind(self, chance: random.Random) -> None:
        acts = [(self._settle, 6), (self._cancel, 2), (self._copy, 2), (self._move, 1), (self._refresh, 1)]
        choices = [act for act, weight in acts for _time in range(weight)]
        while not self.stopping.wait(chance.uniform(0.2, 0.6)):
            try:
                chance.choice(choices)(chance, chance.choice(LOGINS[:2]))
            except (psycopg2.Error, *GONE):
                continue  # no database, or the printer is off: later

    def _jobs(self, where: str, limit: int = 40) -> list[tuple]:
        return self.factory.database.execute(
            "SELECT id, attempt_number, printer_id, copy_of_id, status,"
            " substring(labels_data->0->>'zpl_code' from 'SOAK[0-9]+') FROM label_print_job"
            f" WHERE labels_data::text LIKE '%%SOAK%%' AND {where} ORDER BY id DESC LIMIT {limit}"
        )

    def _cancel(self, chance: random.Random, login: str) -> None:
        rows = self._jobs("status IN ('pending', 'sent', 'queued', 'printing') AND cancel_requested_at IS NULL")
        if not rows or chance.random() < 0.3:
            return
        job = chance.choice(rows)[0]
        uid = self._uid(login)
        self.cancelled_by[job].add(uid)
        if self.call(login, "label.print.job", "action_cancel", [job]):
            self.acts["cancelled"] += 1

    def _uid(self, login: str) -> int:
        return self.factory.database.execute("SELECT id FROM res_users WHERE login = %s", login)[0][0]

    def _copy(self, chance: random.Random, _login: str) -> None:
        rows = self._jobs(
            "status = 'completed' AND copy_of_id IS NULL AND current_label > 0 AND COALESCE(uncertain_count, 0) = 0 AND NOT EXISTS"
            " (SELECT 1 FROM label_print_job other WHERE other.copy_of_id = label_print_job.id)"
        )
        if not rows or chance.random() < 0.3:
            return
        job = chance.choice(rows)[0]
        values = {"job_id": job, "labels_text": "1-2" if chance.random() < 0.5 else "1", "reason": "unreadable"}
        ((quantity,),) = self.factory.database.execute("SELECT quantity FROM label_print_job WHERE id = %s", job)
        if quantity == 1:
            values["labels_text"] = "1"
        wizard = self.call("supervisor", "label.print.again.wizard", "create", values)
        if wizard and self.call("supervisor", "label.print.again.wizard", "action_confirm", [wizard]):
            self.acts["copied"] += 1

    def _move(self, chance: random.Random, login: str) -> None:
        rows = self._jobs("status IN ('pending', 'sent', 'queued') AND printer_id IS NOT NULL")
        if not rows:
            return
        source = self.by_id[chance.choice(rows)[2]]
        target = chance.choice([printer for printer in self.factory.printers if printer is not source])
        wizard = self.call(
            login, "label.print.move.wizard", "create", {"printer_id": source.id, "target_id": target.id}
        )
        if not wizard:
            return
        for waiting in self._jobs(f"status IN ('pending', 'sent', 'queued') AND printer_id = {source.id}", 1000):
            self.moved_by[waiting[0]].add(self._uid(login))
        if self.call(login, "label.print.move.wizard", "action_confirm", [wizard]):
            self.acts["moved"] += 1

    def _refresh(self, chance: random.Random, login: str) -> None:
        rows = self._jobs("status IN ('queued', 'printing')", 10)
        if rows and self.call(login, "label.print.job", "action_refresh", [row[0] for row in rows]):
            self.acts["refreshed"] += 1

    def _settle(self, chance: random.Random, login: str) -> None:
        """Look at what came out of a job that has not ended well, say so, and have the rest printed, or not."""
        rows = self._jobs(f"(status IN {ENDED_BADLY} OR attention_code = 'submission_uncertain')")
        rows = [row for row in rows if self._settled.get(row[0], 0) < row[1]]
        if not rows:
            return
        job, attempt, _printer, copy_of, status, mark = chance.choice(rows)
        if not self._at_rest(job, mark) or self._server_is_silent(job):
            return
        retry = status in ENDED_BADLY and chance.random() < 0.75
        method = "action_retry_choose" if retry else "action_settle"
        action = self.call(login, "label.print.job", method, [job])
        if not isinstance(action, dict) or action.get("res_model") != "label.print.retry.wizard":
            self._settled[job] = attempt
            return
        # The job may have gone on since: then the printers are not at rest, or the dialog refuses.
        if not self._at_rest(job, mark):
            return
        wizard = self.call(login, "label.print.retry.wizard", "create", {}, context=action["context"])
        if not wizard:
            return
        dialog = self.call(login, "label.print.retry.wizard", "read", [wizard], ["label_grid", "job_id", "question"])
        if not dialog or not dialog[0]["label_grid"]:
            return
        if "Wait half a minute" in dialog[0]["question"]:
            return  # and looks again later
        answers = self._look(job, copy_of, dialog[0]["label_grid"])
        self._settled[job] = attempt
        if retry or any(answers.values()):
            self.call(login, "label.print.retry.wizard", "write", [wizard], answers)
            if self.call(login, "label.print.retry.wizard", "action_confirm", [wizard]):
                self.acts["retried" if retry else "settled"] += 1

    def _server_is_silent(self, job: int) -> bool:
        """Whether the dialog says that the print server may still print, and that one should wait until it answers."""
        query = "SELECT failure_count > 0 OR server.state = 'unreachable' FROM label_print_server server"
        ((silent,),) = self.factory.database.execute(
            f"{query} JOIN label_print_job job ON job.server_id = server.id WHERE job.id = %s", job
        )
        return bool(silent)

    def _at_rest(self, job: int, mark: str) -> bool:
        """Whether nothing of a job can still come out, as a person sees who walks to the printers."""
        rows = self.factory.database.execute("SELECT printer_id FROM label_print_attempt WHERE job_id = %s", job)
        for printer in {self.by_id[id_].name: self.by_id[id_] for (id_,) in rows}.values():
            hall = self.factory.hall_of(printer)
            ((waiting,),) = records(
                hall, f"{OPEN_JOBS} AND seq IN (SELECT job_seq FROM labels WHERE zpl LIKE ?)", f"%{mark} %"
            )
            if waiting or (printer.queue and not self.factory.at_rest(printer)):
                return False
            state = printer.zebra.status()
            # What lay in its buffer when the person came may be of this job; what comes after it is not.
            come = self._still_to_come.setdefault((job, printer.name), state["total"] + state["in_buffer"])
            if state["in_buffer"] and state["total"] < come:
                return False
        return True

    def _look(self, job: int, copy_of: int | None, grid: dict[str, Any]) -> dict[str, str]:
        """What a person with the labels in the hand answers."""
        self.paper.look()
        ((labels,),) = self.factory.database.execute("SELECT labels_data FROM label_print_job WHERE id = %s", job)
        wanted = 2 if copy_of else 1  # beside a copy lies the label that it copies
        there = {
            place for place, label in enumerate(labels, 1) if self.paper.times(*_mark_of(label["zpl_code"])) >= wanted
        }
        states = [state for count, state, _code in grid["runs"] for _label in range(count)]
        counted = {place for place, state in enumerate(states, 1) if state == "reported"}
        asked = set(grid["asked"])
        return {
            "on_paper": _text(asked & there),
            # What was only counted is looked for as well.
            "not_on_paper": _text((asked | counted) - there),
        }


def _mark_of(zpl: str) -> tuple[str, int]:
    mark, number = zpl.partition("^FD")[2].partition("^FS")[0].split()
    return mark, int(number)


def _text(numbers: set[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))


def _size(chance: random.Random) -> int:
    """Labels of a job: 1 to 200, half of the jobs below 8, sixteen on average."""
    return max(1, min(LARGEST, round(chance.lognormvariate(math.log(MEDIAN), SPREAD))))
