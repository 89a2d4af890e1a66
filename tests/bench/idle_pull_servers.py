"""Print servers that wait for something to do, without the rest of them: what a hundred of them cost Odoo.

Each keeps a websocket and asks as often as Odoo says, as `print_server/odoo_link` does, and answers what Odoo asks of it now and then
(health, printers). They run in one thread of the benchmark.
"""

from __future__ import annotations

import asyncio
import base64
import json
import threading
import uuid
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector, WSMsgType

ERRORS = (ClientError, TimeoutError, OSError, ValueError, KeyError)
ENROLL, PULL = "/label_print_monitor/enroll", "/label_print_monitor/pull"
HEALTH = {
    "status": "ok", "version": "1.0.0", "services": {"queue": "ok", "storage": "ok", "events": "ok"}, "printers": 0, "warnings": [],
    "capabilities": ["batch_status", "events", "failed_labels", "idempotency", "label_account", "printer_reasons", "submission_lookup"],
}  # fmt: skip
ANSWERS = {"/api/health": HEALTH, "/api/printers": {"printers": []}}


@dataclass
class IdleServer:
    """One of them."""

    url: str
    code: str
    instance: str = field(default_factory=lambda: uuid.uuid4().hex)
    pulls: int = 0
    calls: int = 0
    connected: bool = False
    failures: list[str] = field(default_factory=list)

    async def run(self, session: ClientSession) -> None:
        said = {"code": self.code, "instance": self.instance, "host": "bench", "version": "1.0.0", "protocol": 1}
        async with session.post(self.url + ENROLL, json=said) as answer:
            answer.raise_for_status()
            self.token = (await answer.json())["token"]
        self.session, self.woken, self.where = session, asyncio.Event(), None
        self.listening = asyncio.ensure_future(self._listen())
        answers: list[dict[str, Any]] = []
        while True:
            self.woken.clear()
            try:
                reply = await self._pull(answers)
                answers = [self._answer(call) for call in reply["calls"]]
                pause = 0 if answers else reply["again_in"]
            except ERRORS as error:
                self.failures.append(f"{type(error).__name__} {error}"[:200])
                pause = 5
            try:
                await asyncio.wait_for(self.woken.wait(), pause)
            except TimeoutError:
                pass

    async def _pull(self, answers: list[dict[str, Any]]) -> dict[str, Any]:
        said = {"protocol": 1, "instance": self.instance, "version": "1.0.0", "answers": answers}
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self.session.post(self.url + PULL, json=said, headers=headers) as answer:
            answer.raise_for_status()
            reply = await answer.json()
        self.pulls += 1
        self.where = reply["websocket"]
        self.token = reply.get("token") or self.token
        return reply

    def _answer(self, call: dict[str, Any]) -> dict[str, Any]:
        self.calls += 1
        content = ANSWERS.get(call["path"])
        body = base64.b64encode(json.dumps(content or {"error": "Not Found", "code": "not_found", "message": "-"}).encode()).decode()
        return {"call": call["call"], "status": 200 if content else 404, "headers": {"Content-Type": "application/json"}, "body": body}

    async def _listen(self) -> None:
        while True:
            try:
                while self.where is None:
                    await asyncio.sleep(0.2)
                headers = {"Origin": self.url, "User-Agent": ""}
                async with self.session.ws_connect(self.url + self.where["path"], headers=headers) as line:
                    await line.send_json({"event_name": "subscribe", "data": {"channels": [self.where["channel"]], "last": 0}})
                    self.connected = True
                    self.woken.set()
                    async for message in line:
                        if message.type == WSMsgType.TEXT and self.where["notification"] in message.data:
                            self.woken.set()
            except ERRORS as error:
                self.failures.append(f"websocket: {type(error).__name__} {error}"[:200])
            self.connected = False
            await asyncio.sleep(2)


class IdleServers:
    """All of them, from `with` to its end."""

    def __init__(self, url: str, codes: list[str]) -> None:
        self.servers = [IdleServer(url, code) for code in codes]

    def __enter__(self) -> IdleServers:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(10)

    @property
    def connected(self) -> int:
        """How many have a websocket."""
        return sum(server.connected for server in self.servers)

    @property
    def failures(self) -> list[str]:
        """What went wrong."""
        return [failure for server in self.servers for failure in server.failures]

    async def _run(self) -> None:
        async with ClientSession(connector=TCPConnector(limit=0), timeout=ClientTimeout(total=None, sock_connect=30)) as session:
            self._task = asyncio.gather(*(server.run(session) for server in self.servers))
            try:
                await self._task
            except asyncio.CancelledError:
                listening = [server.listening for server in self.servers if hasattr(server, "listening")]
                for task in listening:
                    task.cancel()
                await asyncio.gather(*listening, return_exceptions=True)
