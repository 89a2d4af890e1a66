"""Who may call: one bearer key, compared in constant time, before anything else is looked at."""

from __future__ import annotations

import hmac
import logging

from flask import Request

from .envelope import ApiError
from .wrong_key_limit import WrongKeyLimit

_logger = logging.getLogger(__name__)


def authenticate(request: Request, keys: tuple[str, ...], wrong_keys: WrongKeyLimit) -> str:
    """The key the caller used. Raises ApiError 401 when it is missing or not one of ours, 429 after many wrong ones."""
    header = request.headers.get("Authorization", "")
    scheme, _space, given = header.partition(" ")
    if scheme.lower() != "bearer" or not given.strip():
        raise _refused("missing_key", "Send the API key as 'Authorization: Bearer <key>'.")
    address = request.remote_addr or ""
    wrong_keys.check(address, given.strip())
    raw = given.strip().encode("utf-8", "surrogateescape")
    matches = [key for key in keys if hmac.compare_digest(key.encode("utf-8"), raw)]
    if not matches:
        if wrong_keys.wrong(address):
            _logger.warning("Many wrong API keys from %s: for a minute no other key is taken from there", address)
        raise _refused("invalid_key", "The API key is not the print server's: copy it again from its configuration.")
    wrong_keys.right(address, given.strip())
    return matches[0]


def _refused(code: str, message: str) -> ApiError:
    return ApiError(401, code, message, {"WWW-Authenticate": 'Bearer realm="print server"'})
