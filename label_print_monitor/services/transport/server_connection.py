"""Where a print server is and how to be trusted by it, checked before anything is sent.

Addresses are typed by people: with a slash or `/api` at the end, with a password inside, with a line break from a
mail. Everything that would fail later in the depths of an HTTP library, or leak there, is refused here in words.
"""

from __future__ import annotations

import math
import os
import re
import ssl
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .server_errors import ConfigurationError

# In a folder OpenSSL finds a certificate by such a name alone.
_HASHED_CERTIFICATE = re.compile(r"[0-9a-f]{8}\.\d+")


@dataclass(frozen=True)
class Connection:
    """Address, key and trust of one print server.

    :ivar base_url: as typed; `normalise_base_url` decides
    :ivar api_key: kept out of `repr`
    :ivar webhook_secret: the same; no request has it, but what the server says may
    :ivar ca_bundle: path of a file or folder with the certificates to trust instead of the usual ones
    :ivar timeout: seconds that a whole call may take
    :ivar verify: False switches TLS verification off; only ever by a person's explicit choice
    :raises ConfigurationError: when anything of it cannot work
    """

    base_url: str
    api_key: str = field(repr=False)
    ca_bundle: str | None = None
    timeout: float = 5.0
    verify: bool = True
    webhook_secret: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "base_url", normalise_base_url(self.base_url))
        object.__setattr__(self, "api_key", _checked_key(self.api_key))
        object.__setattr__(self, "ca_bundle", _checked_bundle(self.ca_bundle))
        timeout = self.timeout
        if isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or not 0 < timeout < math.inf:
            raise ConfigurationError("timeout_invalid")
        object.__setattr__(self, "timeout", float(timeout))

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must be kept nowhere, whatever the server repeats of it."""
        return self.api_key, self.webhook_secret

    @property
    def server(self) -> str:
        """Host and port, for messages."""
        return urlsplit(self.base_url).netloc

    @property
    def trust(self) -> bool | str:
        """What the HTTP library is to verify the server's certificate with."""
        return (self.ca_bundle or True) if self.verify else False


def normalise_base_url(text: str | None) -> str:
    """The address without a trailing slash and without a trailing `/api`, so that every call can add `/api/…`.

    :raises ConfigurationError: not http(s), no host, a user or password inside, spaces, a query or a fragment
    """
    address = (text or "").strip()
    if not address:
        raise ConfigurationError("address_missing")
    if re.search(r"[\s\x00-\x1f\x7f\\]", address):
        raise ConfigurationError("address_invalid")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise ConfigurationError("address_invalid") from None
    if parts.scheme not in ("http", "https"):
        raise ConfigurationError("address_scheme")
    if "@" in parts.netloc:
        raise ConfigurationError("address_credentials")
    if not parts.hostname or port == 0:
        raise ConfigurationError("address_invalid")
    if "?" in address or "#" in address:
        raise ConfigurationError("address_extra")
    path = parts.path.rstrip("/")
    path = path.removesuffix("/api")
    return f"{parts.scheme}://{parts.netloc}{path.rstrip('/')}"


def _checked_key(api_key: str | None) -> str:
    # An HTTP library names the offending header, key and all, in its own error: so it never gets one.
    key = (api_key or "").strip()
    if not re.fullmatch(r"[\x21-\x7e]*", key):
        raise ConfigurationError("key_invalid")
    return key


def _checked_bundle(path: str | None) -> str | None:
    path = (path or "").strip()
    if not path:
        return None
    # One error for all that is wrong with it: what files Odoo's machine has is nobody's business.
    try:
        if os.path.isdir(path):
            usable = any(_HASHED_CERTIFICATE.fullmatch(name) for name in os.listdir(path))
        else:
            usable = os.path.isfile(path)  # reading a device or a pipe might never end
            if usable:
                ssl.create_default_context(cafile=path)
    except (OSError, ValueError):  # an SSLError is an OSError
        usable = False
    if not usable:
        raise ConfigurationError("ca_bundle_unusable", path=path)
    return path
