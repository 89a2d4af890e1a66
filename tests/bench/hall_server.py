"""A print server with many printers that needs hardly any processor time: `python -m tests.bench.hall_server URL SECRET SECONDS`.

It answers the calls of the contract and pushes signed events to URL as the reference does. A label comes out of each printer every SECONDS,
without a printer behind it. What makes the load benchmark's load must not compete with what it measures; real printers and the
reference print server run beside it.

`POST /bench/jobs` gives it jobs that it has taken before, `POST /bench/pause` stops all printers, `GET /bench/labels` tells when which label
came out. The first line it prints is its port. It ends when its standard input is closed.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import ClientError, ClientSession, web

from print_server.event_sender import BATCH, GAP, LONGEST_GAP
from print_server.event_signature import sign

CAPABILITIES = ["batch_status", "failed_labels", "idempotency", "printer_reasons", "label_account", "events"]


@dataclass
class Job:
    """One job, and when each of its labels came out (seconds since 1970)."""

    id: str
    printer: str
    quantity: int
    printed: int = 0
    labels_at: list[float] = field(default_factory=list)
    created_at: float = field(default_factory=time.time)
    started_at: float | None = None
    updated_at: float = field(default_factory=time.time)

    @property
    def has_ended(self) -> bool:
        return self.printed >= self.quantity

    @property
    def state(self) -> str:
        return "completed" if self.has_ended else "printing" if self.started_at else "queued"

    def print_label(self) -> None:
        self.printed += 1
        self.updated_at = time.time()
        self.labels_at.append(self.updated_at)

    def status(self, with_labels: bool) -> dict[str, Any]:
        """The contract's status object."""
        content: dict[str, Any] = {
            "job_id": self.id, "status": self.state, "printer": self.printer, "quantity": self.quantity, "current_label": self.printed,
            "progress_percent": round(100 * self.printed / self.quantity, 1),
            "progress": {"total": self.quantity, "completed": self.printed, "failed": 0},
            "counts": {"printed": self.printed, "confirmed": self.printed, "failed": 0, "uncertain": 0},
            "created_at": iso(self.created_at), "started_at": iso(self.started_at), "updated_at": iso(self.updated_at),
            "completed_at": iso(self.updated_at) if self.has_ended else None, "confirmed": self.has_ended, "failed_labels": [],
        }  # fmt: skip
        if with_labels:
            done = {"index": 1, "count": self.printed, "state": "confirmed", "at": iso(self.updated_at), "tries": 1}
            left = {"index": self.printed + 1, "count": self.quantity - self.printed, "state": "waiting"}
            content["labels"] = [run for run in (done, left) if run["count"]]
        return content


class Hall:
    """All printers, their queues, and the events that have not left yet."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.jobs: dict[str, Job] = {}
        self.queues: dict[str, list[Job]] = defaultdict(list)
        self.by_key: dict[str, Job] = {}
        self.changed: dict[str, Job] = {}  # in the order of the changes, each job once
        self.is_paused = False
        self.tasks: set[asyncio.Task] = set()
        self.posts: list[tuple[float, float]] = []  # begin (seconds since 1970) and seconds of each message to Odoo

    def take(self, job: Job) -> None:
        """What has been begun is finished; then the newest job of a printer is printed, as a supervisor sees it who prints something urgent; so rows at the
        top of the lists move, and not only what has waited longest."""
        self.jobs[job.id] = job
        is_new_printer = job.printer not in self.queues
        self.queues[job.printer].append(job)
        self.changed[job.id] = job
        if is_new_printer:
            task = asyncio.get_running_loop().create_task(self.run_printer(job.printer))
            self.tasks.add(task)

    async def run_printer(self, name: str) -> None:
        queue, current = self.queues[name], None
        await asyncio.sleep(random.uniform(0, self.seconds))  # printers do not keep step
        while True:
            if not self.is_paused:
                if current is None and queue:
                    begun = [job for job in queue if job.started_at]
                    current = begun[0] if begun else queue[-1]
                    queue.remove(current)
                    current.started_at = current.started_at or time.time()
                if current:
                    current.print_label()
                    self.changed[current.id] = current
                    if current.has_ended:
                        current = None
            await asyncio.sleep(self.seconds)

    async def send_events(self, url: str, secret: str) -> None:
        """As the reference's sender: what has changed meanwhile travels together, a job's newest state alone."""
        gap = GAP
        async with ClientSession() as session:
            while True:
                await asyncio.sleep(gap)
                if not self.changed:
                    continue
                jobs = [self.changed.pop(id_) for id_ in list(self.changed)[:BATCH]]
                events = [
                    {"id": str(uuid.uuid4()), "type": "job", "occurred_at": iso(time.time()), **job.status(with_labels=job.has_ended)} for job in jobs
                ]
                body = json.dumps({"events": events}).encode()
                headers = {"Content-Type": "application/json", **sign(secret, int(time.time()), body)}
                at, begun = time.time(), time.monotonic()
                try:
                    async with session.post(url, data=body, headers=headers) as answer:
                        taken = answer.status < 300
                except ClientError:
                    taken = False
                self.posts.append((at, time.monotonic() - begun))
                gap = min(LONGEST_GAP, max(GAP, time.monotonic() - begun))
                if not taken:
                    self.changed = {job.id: job for job in jobs} | self.changed
                    await asyncio.sleep(1)


def iso(moment: float | None) -> str | None:
    return moment and datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def application(hall: Hall) -> web.Application:
    """The calls of the contract that Odoo makes, and those of the benchmark."""

    async def health(_request: web.Request) -> web.Response:
        return web.json_response({"status": "ok", "version": "1.0.0", "capabilities": CAPABILITIES, "services": {}})

    async def printers(_request: web.Request) -> web.Response:
        return web.json_response(
            {
                "printers": [
                    {"name": name, "model": "Zebra", "status": "busy", "connection": "network", "location": "", "jobs_in_queue": len(queue),
                     "state_reasons": []}
                    for name, queue in hall.queues.items()
                ]
            }
        )  # fmt: skip

    async def submit(request: web.Request) -> web.Response:
        content, key = await request.json(), request.headers.get("Idempotency-Key", "")
        job = hall.by_key.get(key)
        if job is None:
            job = hall.by_key[key] = Job(str(uuid.uuid4()), content["printer"], content["quantity"])
            hall.take(job)
        return web.json_response({"job_id": job.id, "status": job.state}, status=201)

    async def statuses(request: web.Request) -> web.Response:
        content = await request.json()
        known = [hall.jobs[id_] for id_ in content["job_ids"] if id_ in hall.jobs]
        unknown = [id_ for id_ in content["job_ids"] if id_ not in hall.jobs]
        return web.json_response({"jobs": [job.status(bool(content.get("labels"))) for job in known], "unknown": unknown})

    async def give_jobs(request: web.Request) -> web.Response:
        for row in await request.json():
            job = Job(**row)
            job.started_at = time.time() if job.printed else None
            hall.take(job)
        return web.json_response({})

    async def pause(_request: web.Request) -> web.Response:
        hall.is_paused = True
        return web.json_response({})

    async def labels(_request: web.Request) -> web.Response:
        """Of each job: its printer, quantity, labels printed in all, and the times of those that came out here."""
        return web.json_response({job.id: [job.printer, job.quantity, job.printed, job.labels_at] for job in hall.jobs.values() if job.labels_at})

    async def posts(_request: web.Request) -> web.Response:
        """Begin and seconds of each message to Odoo."""
        return web.json_response(hall.posts)

    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.add_routes(
        [
            web.get("/api/health", health), web.get("/api/printers", printers), web.post("/api/print", submit),
            web.post("/api/status", statuses), web.post("/bench/jobs", give_jobs), web.post("/bench/pause", pause),
            web.get("/bench/labels", labels), web.get("/bench/posts", posts),
        ]
    )  # fmt: skip
    return app


async def main(url: str, secret: str, seconds: float) -> None:
    """Serve until the standard input is closed."""
    hall = Hall(seconds)
    runner = web.AppRunner(application(hall), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    hall.tasks.add(asyncio.get_running_loop().create_task(hall.send_events(url, secret)))
    print(runner.addresses[0][1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))
