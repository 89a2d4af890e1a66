"""Sign and check the print server's events.

The events route is open to the network, so each body is signed by Standard Webhooks 1.0.0
(https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md): `webhook-id`,
`webhook-timestamp` in unix seconds, and `webhook-signature` with "v1," and the HMAC-SHA256 of "<id>.<timestamp>.<raw
body>" in base64. The time is signed with the body, so that a recorded event cannot be played back later. While a secret
is being changed a sender may give several signatures; one that fits is enough.

An older print server sends `X-Print-Signature: t=<unix seconds>,v1=<hex HMAC>` alone, the HMAC-SHA256 of "<t>.<raw
body>". It is taken for one release.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping

ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER = "webhook-id", "webhook-timestamp", "webhook-signature"
FORMER_HEADER = "X-Print-Signature"
TOLERANCE = 300  # seconds between the sender's clock and ours
PREFIX = "whsec_"  # of a secret that is written as Standard Webhooks has it; what follows is the key in base64

_LONGEST_HEADER = 1_024
_TIMESTAMP = re.compile(r"\d{1,11}\Z", re.ASCII)
_DIGEST = re.compile(r"[0-9a-fA-F]{64}\Z", re.ASCII)
_ID = re.compile(r"[!-~]{1,256}\Z", re.ASCII)


class SignatureError(ValueError):
    """The event is not to be believed. The words are for the log; the sender learns only that it was refused."""


class StaleSignature(SignatureError):
    """The signature is right, but its time is not: the sender's clock is off, or a recorded event is played back.

    :ivar signed_at: by the sender's clock, in unix seconds
    """

    def __init__(self, signed_at: int) -> None:
        super().__init__("signature too old or from the future")
        self.signed_at = signed_at


def make_secret(key: bytes) -> str:
    """A key as Standard Webhooks writes it; 24 to 64 bytes are asked for there."""
    return PREFIX + base64.b64encode(key).decode("ascii")


def key_of(secret: str) -> bytes:
    """The bytes that a secret stands for; one without `PREFIX` stands for its own letters.

    :raises SignatureError: with `PREFIX`, and without a key in base64 behind it
    """
    if not secret.startswith(PREFIX):
        return secret.encode("utf-8")
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise SignatureError("the secret has no key in base64")
    return key


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of ``body``.

    :param message_id: the same when the body is sent again
    :param timestamp: when it is sent, in unix seconds
    """
    return {
        ID_HEADER: message_id,
        TIMESTAMP_HEADER: str(int(timestamp)),
        SIGNATURE_HEADER: f"v1,{_signature(secret, message_id, str(int(timestamp)), body)}",
    }


def sign_as_before(secret: str, timestamp: int, body: bytes) -> str:
    """The value of `FORMER_HEADER` for ``body`` sent at ``timestamp`` (unix seconds)."""
    return f"t={int(timestamp)},v1={_former_digest(secret, str(int(timestamp)), body)}"


def verify(
    secret: str, headers: Mapping[str, str], body: bytes, now: float, tolerance: float = TOLERANCE
) -> int:
    """Return when the signature was made, by the sender's clock in unix seconds, if it is right and fresh.

    The former header counts only where there is no `SIGNATURE_HEADER`.

    :param headers: of the request, whose names are found in any case
    :param now: unix seconds
    :param tolerance: seconds that the sender's time may lie before or after `now`
    :raises SignatureError: missing, malformed or wrong; also when no secret is set, because an empty one is known to
        everybody
    :raises StaleSignature: right, but made too long before or after `now`
    """
    if not secret:
        raise SignatureError("no secret is set")
    signature = headers.get(SIGNATURE_HEADER)
    if signature is None:
        signed_at = _verify_as_before(secret, headers.get(FORMER_HEADER), body)
    else:
        signed_at = _verify_webhook(secret, signature, headers, body)
    if not abs(now - signed_at) <= tolerance:
        raise StaleSignature(signed_at)
    return signed_at


def _verify_webhook(secret: str, signature: str, headers: Mapping[str, str], body: bytes) -> int:
    message_id, timestamp = headers.get(ID_HEADER) or "", headers.get(TIMESTAMP_HEADER) or ""
    if len(signature) > _LONGEST_HEADER:
        raise SignatureError("no usable signature header")
    if not _ID.match(message_id) or not _TIMESTAMP.match(timestamp):
        raise SignatureError("malformed id or time")
    given = [part.removeprefix("v1,") for part in signature.split(" ") if part.startswith("v1,") and part.isascii()]
    if not given:
        raise SignatureError("malformed signature header")
    expected = _signature(secret, message_id, timestamp, body)
    if not any(hmac.compare_digest(expected, one) for one in given):
        raise SignatureError("wrong signature")
    return int(timestamp)


def _verify_as_before(secret: str, header: str | None, body: bytes) -> int:
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
    expected = _former_digest(secret, timestamps[0], body)
    if not any(hmac.compare_digest(expected, digest) for digest in digests):
        raise SignatureError("wrong signature")
    return int(timestamps[0])


def _signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    content = f"{message_id}.{timestamp}.".encode("ascii") + body
    return base64.b64encode(hmac.new(key_of(secret), content, hashlib.sha256).digest()).decode("ascii")


def _former_digest(secret: str, timestamp: str, body: bytes) -> str:
    return hmac.new(secret.encode("utf-8"), timestamp.encode("ascii") + b"." + body, hashlib.sha256).hexdigest()
