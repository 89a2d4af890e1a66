"""Odoo's routes for a print server that calls it, in a thread of the test: what a test says is answered."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import secrets
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

TOKEN, CODE = "lpt_first", "ABCD-EFGH-JKLM"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
DAY = timedelta(days=1)
CHANNEL, NOTIFICATION = "channel-of-this-server", "label_print_call"


@dataclass
class Handed:
    """A call for the print server."""

    row: dict[str, Any]
    ends_at: float
    answer: dict[str, Any] | None = None
    handed_over: int = 0


@dataclass
class SmallOdoo:
    """Runs from `start` to `stop`.

    :ivar pull_answers: answers, in this order, instead of the route's own: functions of the request's JSON
    :ivar keeps_answers: False: what is brought is lost, as by an Odoo that is killed before it commits
    """

    tokens: set[str] = field(default_factory=lambda: {TOKEN})
    secret: str = SECRET
    websocket: bool = True
    cookie: str = ""
    keeps_answers: bool = True
    new_token: str | None = None
    again_in: Any = 25
    largest_answer: int | None = None
    more_in_answer: dict[str, Any] = field(default_factory=dict)
    pull_answers: list[Callable[[dict], web.Response]] = field(default_factory=list)
    enroll_answer: Callable[[dict], web.Response] | None = None
    pulls: list[tuple[float, dict]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    enrolled: list[dict] = field(default_factory=list)
    events: list[dict] = field(default_factory=list)
    event_headers: list[dict[str, str]] = field(default_factory=list)
    event_bodies: list[bytes] = field(default_factory=list)
    brought: list[dict] = field(default_factory=list)
    calls: dict[str, Handed] = field(default_factory=dict)
    handshakes: list[dict[str, str]] = field(default_factory=list)
    subscribed: list[dict] = field(default_factory=list)
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    trust: ssl.SSLContext | None = None
    port: int = 0

    def start(self) -> SmallOdoo:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._run(self._serve())
        return self

    def stop(self) -> None:
        """Refuse connections from now on; `start` takes them again on the same port."""
        self._run(self._runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        return f"{'https' if self.trust else 'http'}://127.0.0.1:{self.port}"

    def _run(self, task: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(task, self._loop).result(15)

    async def _serve(self) -> None:
        app = web.Application(client_max_size=200 * 1024 * 1024)
        app.add_routes([
            web.post("/label_print_monitor/enroll", self._enroll),
            web.post("/label_print_monitor/pull", self._pull),
            web.post("/label_print_monitor/events", self._events),
            web.get("/websocket", self._websocket),
        ])  # fmt: skip
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=self.trust)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]

    # --- what a test does ---

    def call(self, method: str, path: str, body: Any = None, expires_in: float = 10, call: str = "", **headers: str) -> str:
        """Have a call handed over; its id."""
        call = call or secrets.token_hex(8)
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        row = {
            "call": call, "method": method, "path": path, "expires_in": expires_in,
            "headers": {"Content-Type": "application/json", **{name.replace("_", "-"): text for name, text in headers.items()}},
            "body": base64.b64encode(content).decode(),
        }  # fmt: skip
        self.hand_over(row, expires_in)
        return call

    def hand_over(self, row: dict[str, Any], expires_in: float = 10) -> None:
        self.calls[row.get("call")] = Handed(row, time.monotonic() + expires_in)
        self.notify()

    def notify(self, message: Any = None) -> None:
        text = json.dumps([{"id": 1, "message": {"type": NOTIFICATION, "payload": None}}]) if message is None else message
        self._run(self._tell(text))

    async def _tell(self, text: str) -> None:
        for each in self.sockets:
            with contextlib.suppress(ConnectionError):
                await each.send_str(text)

    def drop_sockets(self) -> None:
        self._run(self._drop())

    async def _drop(self) -> None:
        for each in self.sockets:
            await each.close()
        self.sockets.clear()

    def answer(self, call: str, timeout: float = 10) -> tuple[int, Any]:
        """Status and JSON of a call's answer."""
        until(lambda: self.calls[call].answer, f"call {call} is not answered", timeout)
        found = self.calls[call].answer
        return found["status"], json.loads(base64.b64decode(found["body"]) or b"null")

    def ask(self, *arguments: Any, **options: Any) -> tuple[int, Any]:
        return self.answer(self.call(*arguments, **options))

    # --- the routes ---

    async def _enroll(self, request: web.Request) -> web.Response:
        document = await request.json()
        self.enrolled.append(document)
        if self.enroll_answer:
            return self.enroll_answer(document)
        events = {"url": "https://elsewhere.example.com/label_print_monitor/events", "secret": self.secret}
        return web.json_response({"token": TOKEN, "server": "Hall 2", "protocol": 1, "events": events})

    async def _pull(self, request: web.Request) -> web.Response:
        document = await request.json()
        self.pulls.append((time.monotonic(), document))
        self.headers.append(dict(request.headers))
        if self.pull_answers:
            return self.pull_answers.pop(0)(document)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            return refused(401, "token_unknown", f"The token {token} is not known here.")
        if self.largest_answer and any(len(row["body"]) > self.largest_answer for row in document["answers"]):
            return refused(413, "too_large", "At most so many bytes in one request.")
        if token == self.new_token:
            self.tokens = {token}
            self.new_token = None
        unwanted = [row["call"] for row in document["answers"] if not self._take(row)]
        moment = time.monotonic()
        calls = []
        for handed in self.calls.values():
            if handed.answer is None and moment < handed.ends_at and not document.get("stopping"):
                handed.handed_over += 1
                calls.append(handed.row)
        answer = {"protocol": 1, "calls": calls, "again_in": self.again_in, "unwanted": unwanted}
        answer |= self.more_in_answer
        if self.websocket:
            answer["websocket"] = {"path": "/websocket?version=x", "channel": CHANNEL, "notification": NOTIFICATION}
            if self.cookie and document.get("websocket") == "open":
                answer["websocket"]["cookie"] = self.cookie
        if self.new_token:
            self.tokens.add(self.new_token)
            answer["token"] = self.new_token
        return web.json_response(answer)

    def _take(self, row: dict) -> bool:
        self.brought.append(row)
        handed = self.calls.get(row["call"])
        if not self.keeps_answers:
            return True
        if handed is None or handed.answer or time.monotonic() > handed.ends_at:
            return False
        handed.answer = row
        return True

    async def _events(self, request: web.Request) -> web.Response:
        self.event_headers.append(dict(request.headers))
        self.event_bodies.append(await request.read())
        self.events += (await request.json())["events"]
        return web.json_response({})

    async def _websocket(self, request: web.Request) -> web.StreamResponse:
        if not self.websocket:
            return web.Response(status=403, text="no websockets")
        self.handshakes.append(dict(request.headers))
        line = web.WebSocketResponse()
        await line.prepare(request)
        async for message in line:
            if message.type == WSMsgType.TEXT:
                self.subscribed.append(json.loads(message.data))
                self.sockets.append(line)
        return line


def refused(status: int, code: str, message: str, **headers: str) -> web.Response:
    """A refusal in the form of Odoo's."""
    return web.json_response({"error": {"code": code, "message": message}}, status=status, headers=headers)


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate of our own for 127.0.0.1: the file that clients trust, and what a server speaks TLS with."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    moment = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), moment - DAY, moment + DAY)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    trusted, private = folder / "ca.pem", folder / "key.pem"
    trusted.write_bytes(made.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, private)
    return trusted, context


def until(condition: Callable[[], Any], what: str, seconds: float = 10) -> None:
    ends_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends_at, what
        time.sleep(0.01)


def said(server: Any, words: str, seconds: float = 10) -> None:
    """Wait until a print server has written these words."""
    until(lambda: words in "".join(server.output), f"not said: {words}\n{''.join(server.output[-10:])}", seconds)
