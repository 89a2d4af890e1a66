"""Sign and check the print server's events.

The events route is open to the network, so each body carries `X-Print-Signature: t=<unix seconds>,v1=<hex HMAC>`: the
HMAC-SHA256 of "<t>.<raw body>" under a shared secret. The time is signed with the body, so that a recorded event
cannot be played back later. While a secret is being changed a sender may give several `v1`; one that fits is enough.
"""

from __future__ import annotations

import hashlib
import hmac
import re

HEADER = "X-Print-Signature"
TOLERANCE = 300  # seconds between the sender's clock and ours

_LONGEST_HEADER = 1_024
_TIMESTAMP = re.compile(r"\d{1,11}\Z", re.ASCII)
_DIGEST = re.compile(r"[0-9a-fA-F]{64}\Z", re.ASCII)


class SignatureError(ValueError):
    """The event is not to be believed. The words are for the log; the sender learns only that it was refused."""


class StaleSignature(SignatureError):
    """The signature is right, but its time is not: the sender's clock is off, or a recorded event is played back.

    :ivar signed_at: by the sender's clock, in unix seconds
    """

    def __init__(self, signed_at: int) -> None:
        super().__init__("signature too old or from the future")
        self.signed_at = signed_at


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """The header's value for `body` sent at `timestamp` (unix seconds)."""
    return f"t={int(timestamp)},v1={_digest(secret, str(int(timestamp)), body)}"


def verify(secret: str, header: str | None, body: bytes, now: float, tolerance: float = TOLERANCE) -> int:
    """Return when the signature was made, by the sender's clock in unix seconds, if it is right and fresh.

    :param now: unix seconds
    :param tolerance: seconds that `t` may lie before or after `now`
    :raises SignatureError: missing, malformed or wrong; also when no secret is set, because an empty one is known to
        everybody
    :raises StaleSignature: right, but made too long before or after `now`
    """
    if not secret:
        raise SignatureError("no secret is set")
    if not header or len(header) > _LONGEST_HEADER:
        raise SignatureError("no usable signature header")
    timestamps: list[str] = []
    digests: list[str] = []
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        if name == "t" and _TIMESTAMP.match(value):
            timestamps.append(value)
        elif name == "v1" and _DIGEST.match(value):
            digests.append(value.lower())
    if len(timestamps) != 1 or not digests:
        raise SignatureError("malformed signature header")
    expected = _digest(secret, timestamps[0], body)
    if not any(hmac.compare_digest(expected, digest) for digest in digests):
        raise SignatureError("wrong signature")
    if not abs(now - int(timestamps[0])) <= tolerance:
        raise StaleSignature(int(timestamps[0]))
    return int(timestamps[0])


def _digest(secret: str, timestamp: str, body: bytes) -> str:
    return hmac.new(secret.encode("utf-8"), timestamp.encode("ascii") + b"." + body, hashlib.sha256).hexdigest()
