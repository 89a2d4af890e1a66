"""How a real printer behaves beside printing; each part of it can be switched off for tests of something else.

Where they were read: Zebra's ZPL II programming guide (`~HS`, `~HQ`, `^CI`, the memory page) and its SGD reference.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Behaviour:
    """The defaults are those of a Zebra as it is."""

    silent_when_stopped: bool = True
    """No answer to `~HS` with media out, ribbon out or the head open; `~HQES` is answered."""
    host_query: bool = True
    """Answers `~HQES`."""
    odometer: bool = True
    """Answers `! U1 getvar "odometer.total_label_count"` and `"device.unique_id"`."""
    parse_bytes_per_second: float = 500_000.0
    """How fast formats are parsed; until then `~HS` shows a partial format and does not count it. 0: at once."""
    buffer_bytes: int = 512 * 1024
    """When so much is waiting, no more is read from the line, `~HS` neither."""
    stop_seconds: float = 0.4
    """What the engine needs in addition for a label that it could not print without a stop."""
    answer_seconds: float = 0.03
    """How long an answer takes."""
    peel_off: bool = False
    """A label waits to be taken before the next one is printed."""
    alerts: bool = True
    """Understands `^SX` and `~HU`, and sends alerts. False: ignores both."""
    connections: int = 0
    """How many connections are served at once, the others waiting for their turn; 0: all."""
