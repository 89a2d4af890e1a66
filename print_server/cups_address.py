"""Where a queue is: `cups://queue` at the machine's own spooler, `cups://host:port/queue` at another."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

USUAL_PORT = 631


@dataclass(frozen=True)
class CupsAddress:
    """`host` may be the path of a socket; None: the spooler that this machine's programs use, with `port` 0."""

    host: str | None
    port: int
    queue: str


def parse_address(uri: str) -> CupsAddress:
    """Read a printer's uri. Raises ValueError."""
    parts = urlsplit(uri)
    queue = unquote(parts.path.lstrip("/"))
    if parts.scheme != "cups" or not parts.netloc or "/" in queue or parts.query or parts.fragment:
        raise ValueError(uri)
    if not queue:
        return CupsAddress(None, 0, unquote(parts.netloc))
    if not parts.hostname:
        raise ValueError(uri)
    return CupsAddress(parts.hostname, parts.port or USUAL_PORT, queue)
