"""Many clients of Odoo without a browser: `python -m tests.bench.light_clients`.

Each logs in, keeps a websocket by the protocol of Odoo's bus, and reads what its page would read, when its page would read it: at
once after a change, then what follows together after a pause (`live_views/change_gate.js`), and once a minute by the clock
(`live_service.js`). Lists take the labels printed from the message and read for them some seconds later (`live_views/progress.js`). What it
reads is what a real page of its kind has asked for. Nothing is drawn.

The first line of the standard input says whom to play, each further one asks something (`answer`); each is answered by one line of JSON.
It ends when its standard input is closed.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
import time
from collections.abc import Iterator
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, CookieJar, TCPConnector, WSMsgType

CHANNEL, CHANGED, PROGRESSED = "label_print_monitor", "label_print_monitor/changed", "label_print_monitor/progress"
# In seconds, as in change_gate.js, live_service.js and progress.js.
PAUSE, LONGEST_PAUSE, LONGEST_RETRY, BY_THE_CLOCK, READ_PROGRESS_AFTER, SPREAD = 0.3, 5.0, 30.0, 60.0, 10.0, 2.0
# As in live_model.js: which rows a page shows and what has changed since goes with the question, unless that is too much.
KNOWN, MOST_CHANGED = "label_print_known", 200
READ_IN_PART = ("list", "kanban", "printers")
CONCERN = {"list": ("jobs",), "kanban": ("jobs",), "printers": ("printers", "jobs"), "overview": ("jobs", "printers")}
# What a row shows of progress, and by what it is known.
PROGRESS = {"list": ("progress_display", "id"), "kanban": ("progress_display", "id"), "printers": ("current_progress_display", "name")}
WAITING = ("pending", "sent", "queued")  # statuses of jobs that may begin
ERRORS = (ClientError, TimeoutError, OSError, RuntimeError)
SHOWN = re.compile(r"(\d+) of (\d+)")


class Client:
    """One page without a screen."""

    def __init__(self, url: str, database: str, kind: str, login: str, read: list[Any], freshness: list[Any]) -> None:
        self.url, self.database, self.kind, self.login = url, database, kind, login
        self.read_call, self.freshness_call = read, freshness
        # The page may have asked after a change.
        self.read_call[1]["kwargs"].get("context", {}).pop(KNOWN, None)
        self.changed = asyncio.Event()
        self.is_ready = asyncio.Event()
        self.has_clock = True
        self.last_message = 0
        self.messages = self.messages_of_progress = self.connections = self.failures = 0
        self.calls: list[tuple[float, float]] = []  # begin (seconds since 1970) and seconds of each read
        self.seen: list[tuple[str, int, int, float]] = []  # row, labels printed, quantity, when
        self._shown: dict[str, tuple[int, int]] = {}
        self._rows: dict[int, dict[str, Any]] = {}  # as read last
        self._changed: dict[str, set[int]] | None = None  # jobs and printers; None for all
        self._progressed: set[int] = set()  # jobs to read for their labels, soon
        # The newest labels of a job that prints, and of how many: a read may have begun before the message.
        self._progress: dict[int, tuple[int, int]] = {}
        # Of jobs that print or are complete since the last read of them, as messages say: status, printer, order's reference.
        self._statuses: dict[int, list[Any]] = {}

    async def run(self) -> None:
        # A browser asks once more where a kept connection was just being closed; here each call has a connection of its own.
        connector = TCPConnector(force_close=True)
        # Addresses instead of names have cookies only in an "unsafe" jar.
        async with ClientSession(connector=connector, cookie_jar=CookieJar(unsafe=True), timeout=ClientTimeout(total=120)) as self.session:
            info = await self._call(["/web/session/authenticate", {"db": self.database, "login": self.login, "password": self.login}])
            self.version = info["websocket_worker_version"]
            await asyncio.gather(self._listen(), self._follow(), self._tick())

    async def _listen(self) -> None:
        """The websocket, connected again when it ends."""
        while True:
            address = f"{self.url.replace('http', 'ws', 1)}/websocket?version={self.version}"
            try:
                async with self.session.ws_connect(address, origin=self.url) as socket:
                    self.connections += 1
                    await socket.send_json({"event_name": "subscribe", "data": {"channels": [CHANNEL], "last": self.last_message}})
                    self.is_ready.set()
                    async for message in socket:
                        if message.type is WSMsgType.TEXT:
                            await self._take(json.loads(message.data))
            except ERRORS as error:
                self._note_failure(error)
            await asyncio.sleep(1)
            self._read_everything()

    async def _take(self, notifications: list[dict[str, Any]]) -> None:
        for notification in notifications:
            self.last_message = max(self.last_message, notification["id"])
            message = notification["message"]
            if message["type"] == CHANGED:
                self.messages += 1
                self._take_changes(dict(message["payload"]))
            elif message["type"] == PROGRESSED:
                self.messages_of_progress += 1
                if self.kind in READ_IN_PART:
                    self._take_progress(**message["payload"])

    def _take_changes(self, changes: dict[str, list[int]]) -> None:
        progressed = set(changes.pop("progressed", ()))
        if self.kind in READ_IN_PART and progressed:
            changes["jobs"] = [id_ for id_ in changes["jobs"] if id_ not in progressed]
            if not self._progressed:
                seconds = READ_PROGRESS_AFTER + random.uniform(0, SPREAD)
                self._timer = asyncio.get_running_loop().call_later(seconds, self._read_progressed)
            self._progressed |= progressed
        for job in changes.get("jobs") or ():
            self._progress.pop(job, None)
            self._statuses.pop(job, None)
        if self._changed is not None:
            for kind, ids in self._changed.items():
                ids.update(changes.get(kind) or ())
        if any(changes.get(kind) for kind in CONCERN[self.kind]):
            self.changed.set()

    def _read_everything(self) -> None:
        self._changed = None
        self._progress.clear()
        self._statuses.clear()
        if self._progressed:
            self._progressed.clear()
            self._timer.cancel()
        self.changed.set()

    def _read_progressed(self) -> None:
        jobs, self._progressed = self._progressed, set()
        if jobs:
            self._take_changes({"jobs": list(jobs)})

    def _take_progress(self, jobs: list[list[Any]], statuses: list[list[Any]] = (), **_company: int) -> None:
        """Show the labels printed of the jobs that print here, and which print or are complete now."""
        moment = time.time()
        for job, printed, quantity, _percent, *status in (*jobs, *statuses):
            self._progress[job] = (printed, quantity)
            if status:
                self._statuses[job] = status
        for row in self._rows.values():
            told = self._told(row)
            if told[0] >= row["shown"][0]:
                self._show(row, told, moment)

    def _told(self, row: dict[str, Any]) -> tuple[int, int]:
        """What messages say of the labels printed in this row, (-1, 0) for nothing: as `valuesOfJob` and `valuesOfPrinter` of progress.js."""
        if self.kind == "printers":
            job = _printing(self.kind, row)
            if not job or self._statuses.get(job, [""])[0] == "completed":
                begun = [id_ for id_, status in self._statuses.items() if status[:2] == ["printing", row["id"]]]
                if begun and self._statuses[min(begun)][2] is not False:
                    job = min(begun)
                    row["current_job_id"], row["shown"] = {"id": job}, (0, 0)
            return self._progress.get(job, (-1, 0))
        status = self._statuses.get(row["id"], [""])[0]
        if row.get("status") != "printing" and not (status and row.get("status") in WAITING):
            return -1, 0
        row["status"] = status or row["status"]
        return self._progress.get(row["id"], (-1, 0))

    async def _follow(self) -> None:
        failures = 0
        while True:
            await self.changed.wait()
            self.changed.clear()
            began = time.time()
            changed, self._changed = self._changed, {"jobs": set(), "printers": set()}
            try:
                content = await self._call(self._question(changed))
            except ERRORS as error:
                self._note_failure(error)
                failures += 1
                self._changed = None
                self.changed.set()
                await asyncio.sleep(min(2**failures, LONGEST_RETRY))
                continue
            failures, ended = 0, time.time()
            self.calls.append((began, ended - began))
            self._note(content, ended)
            await asyncio.sleep(min(max(PAUSE, 2 * (ended - began)), LONGEST_PAUSE))

    def _question(self, changed: dict[str, set[int]] | None) -> list[Any]:
        """The page's question, for the rows in which something has changed where it is known what has."""
        if self.kind not in READ_IN_PART or changed is None or len(changed["jobs"]) > MOST_CHANGED:
            return self.read_call
        path, params = self.read_call
        known = {"rows": list(self._rows), "changed": sorted(changed["jobs"]), "printers": sorted(changed["printers"])}
        options = params["kwargs"]
        return [path, {**params, "kwargs": {**options, "context": {**options["context"], KNOWN: known}}}]

    def _note_failure(self, error: Exception) -> None:
        self.failures += 1
        print(f"  a {self.kind} could not read: {error!r}", file=sys.stderr, flush=True)

    async def _tick(self) -> None:
        await asyncio.sleep(random.uniform(0, BY_THE_CLOCK))  # pages are not opened in the same second
        while True:
            if self.has_clock:
                try:
                    await self._call(self.freshness_call)
                except ERRORS as error:
                    self._note_failure(error)
                self._read_everything()
            await asyncio.sleep(BY_THE_CLOCK)

    def _note(self, content: Any, moment: float) -> None:
        """Which rows show another number than before. What messages have said since the read began it may not know."""
        if self.kind not in PROGRESS:
            return
        before, self._shown = self._shown, {}
        field, _key = PROGRESS[self.kind]
        read = list(rows(content, field))
        for row in read:
            if field in row:
                match = SHOWN.match(row[field] or "")
                # A job that waits shows no number yet.
                row["shown"] = (int(match[1]), int(match[2])) if match else (0, row.get("quantity", 0))
        self._rows = {row["id"]: {**self._rows.get(row["id"], {}), **row} for row in read}
        for row in self._rows.values():
            told = self._told(row)
            self._show(row, told if told[0] > row["shown"][0] else row["shown"], moment, before)

    def _show(self, row: dict[str, Any], shown: tuple[int, int], moment: float, before: dict[str, Any] | None = None) -> None:
        name = str(row[PROGRESS[self.kind][1]])
        before = self._shown if before is None else before
        if name in before and before[name] != shown:
            self.seen.append((name, *shown, moment))
        row["shown"] = self._shown[name] = shown

    async def _call(self, call: list[Any]) -> Any:
        path, params = call
        async with self.session.post(self.url + path, json={"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}) as answer:
            content = await answer.json()
        if "error" in content:
            raise RuntimeError(str(content["error"].get("data", content["error"]))[:500])
        return content["result"]


def _printing(kind: str, row: dict[str, Any]) -> int | None:
    """The job that prints in a row, as far as its page knows."""
    if kind == "printers":
        return (row.get("current_job_id") or {}).get("id")
    return row["id"] if row.get("status") == "printing" else None


def rows(content: Any, field: str) -> Iterator[dict[str, Any]]:
    """The records in an answer, also those within groups: with the field, or with nothing but the number."""
    if isinstance(content, dict):
        if field in content or content.keys() == {"id"}:
            yield content
        else:
            for value in content.values():
                yield from rows(value, field)
    elif isinstance(content, list):
        for value in content:
            yield from rows(value, field)


def answer(clients: list[Client], question: dict[str, Any]) -> Any:
    """What the benchmark wants to know or have done."""
    if question["ask"] == "calls":
        return [[client.kind, [call for call in client.calls if call[0] >= question["since"]]] for client in clients]
    if question["ask"] == "stop_clocks":
        for client in clients:
            client.has_clock = False
        return None
    return {
        "seen": [[client.kind, client.seen] for client in clients],
        "messages": [client.messages for client in clients],
        "messages_of_progress": [client.messages_of_progress for client in clients],
        "connections": sum(client.connections for client in clients),
        "failures": sum(client.failures for client in clients),
    }


async def main() -> None:
    """Play the clients and answer until the standard input is closed."""
    reader = asyncio.StreamReader(limit=2**24)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    clients = [Client(**some) for some in json.loads(await reader.readline())]
    tasks = []
    for client in clients:
        tasks.append(loop.create_task(client.run()))
        ready = loop.create_task(client.is_ready.wait())
        await asyncio.wait([ready, tasks[-1]], return_when=asyncio.FIRST_COMPLETED)
        if tasks[-1].done():
            tasks[-1].result()
    print("ready", flush=True)
    while line := await reader.readline():
        for task in tasks:
            if task.done():
                task.result()
        print(json.dumps(answer(clients, json.loads(line))), flush=True)
    for task in tasks:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main())
