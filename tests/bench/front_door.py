"""What the reverse proxy does in production, for one machine: `python -m tests.bench.front_door HTTP_PORT GEVENT_PORT`.

Odoo's worker processes answer pages and calls on one port and live connections on another; a browser knows one address
only. A browser opens a connection of its own for a websocket, so the first line of a connection decides for all of it.
The first line this prints is its port. It ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import sys


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Bytes in one direction until either side has had enough."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main(http_port: int, gevent_port: int) -> None:
    """Serve until the standard input is closed."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = await reader.readline()
            port = gevent_port if line.split(b" ")[1:2] and line.split(b" ")[1].startswith(b"/websocket") else http_port
            there = await asyncio.open_connection("127.0.0.1", port)
        except (ConnectionError, ValueError):
            writer.close()
            return
        there[1].write(line)
        await asyncio.gather(carry(reader, there[1]), carry(there[0], writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
