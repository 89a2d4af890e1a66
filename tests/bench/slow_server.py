"""A print server that takes 20 ms for every request, and no time to compute: `python -m tests.bench.slow_server`.

A process of its own, so that what is measured has a processor to itself, and with as many requests at once as come.
Each request for a job's status moves it on by one label, so that a sweep has something to write; `POST /freeze` ends that.
The first line it prints is its port. It ends when its standard input is closed.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import defaultdict

LATENCY = 0.02
QUANTITY = 500

labels: dict[str, int] = defaultdict(int)
moving = True


def status_of(job_id: str) -> dict[str, object]:
    """The contract's status object."""
    if moving:
        labels[job_id] = min(labels[job_id] + 1, QUANTITY - 1)
    printed = labels[job_id]
    return {
        "job_id": job_id, "status": "printing", "current_label": printed,
        "progress_percent": round(100 * printed / QUANTITY, 2), "error_message": None,
    }  # fmt: skip


def answer(method: str, path: str, body: bytes) -> object:
    """The answer to one request."""
    global moving
    if path == "/api/status":
        return {"jobs": [status_of(job_id) for job_id in json.loads(body)["job_ids"]], "unknown": []}
    if path.startswith("/api/status/"):
        return status_of(path.rpartition("/")[2])
    if path == "/api/printers":
        return {"printers": []}
    if path == "/freeze":
        moving = False
    elif path == "/move":
        moving = True
    return {"status": "ok", "capabilities": ["batch_status"]}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One kept-alive connection."""
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            method, path, _version = head.split("\r\n", 1)[0].split(" ")
            length = next(
                (int(line.partition(":")[2]) for line in head.split("\r\n") if line.lower().startswith("content-length:")), 0
            )
            body = await reader.readexactly(length) if length else b""
            await asyncio.sleep(LATENCY)
            content = json.dumps(answer(method, path, body)).encode()
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(content), content)
            )
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    """Serve until the standard input is closed."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
