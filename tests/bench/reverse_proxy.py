"""A minimal reverse proxy in front of Odoo's workers: `python -m tests.bench.reverse_proxy HTTP_PORT GEVENT_PORT`.

As nginx does in production, it sends `/websocket` to the gevent port and everything else to the HTTP port. A browser opens
a connection of its own for a websocket, so the request line decides for the whole connection.
The first line it prints is its port. It ends when its standard input is closed.
"""

from __future__ import annotations

import asyncio
import sys


async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy bytes in one direction until either side closes."""
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
            upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", port)
        except (OSError, ValueError):
            writer.close()
            return
        upstream_writer.write(line)
        await asyncio.gather(forward(reader, upstream_writer), forward(upstream_reader, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
