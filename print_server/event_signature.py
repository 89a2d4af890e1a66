"""Signs events for Odoo by Standard Webhooks 1.0.0, and by the former header, which an older addon wants."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

PREFIX = "whsec_"
"""Of a secret that is written as Standard Webhooks has it: what follows is the key in base64."""


def key_of(secret: str) -> bytes:
    """The bytes that a secret stands for; one without `PREFIX` stands for its own letters.

    :raises ValueError: with `PREFIX`, and without a key in base64 behind it
    """
    if not secret.startswith(PREFIX):
        return secret.encode("utf-8")
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise ValueError("no key in base64")
    return key


def sign(secret: str, moment: int, body: bytes) -> dict[str, str]:
    """The headers for a body sent at `moment` (Unix seconds).

    The id is that of the content, so that a body that is sent again has the same one.

    :raises ValueError: see `key_of`
    """
    message_id = f"msg_{hashlib.sha256(body).hexdigest()[:32]}"
    digest = hmac.new(key_of(secret), f"{message_id}.{moment}.".encode("ascii") + body, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(moment),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode('ascii')}",
        "X-Print-Signature": _sign_as_before(secret, moment, body),
    }


def _sign_as_before(secret: str, moment: int, body: bytes) -> str:
    digest = hmac.new(secret.encode("utf-8"), b"%d." % moment + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"
