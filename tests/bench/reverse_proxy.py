"""A minimal reverse proxy in front of Odoo's workers: `python -m tests.bench.reverse_proxy HTTP_PORT GEVENT_PORT MOST`.

As nginx does in production, it sends `/websocket` to the gevent port and everything else to the HTTP port. A browser opens
a connection of its own for a websocket, so the request line decides for the whole connection.

At most MOST connections lead to the HTTP port at once, the others wait here, as with HAProxy's `maxconn`: Odoo lets eight a worker wait, and
what comes on top of that is not answered by the system and tried again after 1, 3 and 7 seconds.
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


async def pass_on(line: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    """A whole connection, of which the first line has been read; raises OSError when nobody listens at the port."""
    upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", port)
    upstream_writer.write(line)
    await asyncio.gather(forward(reader, upstream_writer), forward(upstream_reader, writer))


async def main(http_port: int, gevent_port: int, most: int) -> None:
    """Serve until the standard input is closed."""
    places = asyncio.Semaphore(most)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = await reader.readline()
            if not line:
                return
            if line.split(b" ")[1:2] and line.split(b" ")[1].startswith(b"/websocket"):
                await pass_on(line, reader, writer, gevent_port)
            else:
                async with places:
                    await pass_on(line, reader, writer, http_port)
        except (OSError, ValueError, asyncio.CancelledError):
            pass  # cancelled at the end only, when websockets are still open
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:4])))
