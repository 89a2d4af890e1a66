"""What this print server is known by at Odoo: its instance id, and the token with the secret of its events.

Each is a file of its own that only the server's user may read (mode 0600), replaced as a whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import uuid
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from ..event_signature import key_of
from ..settings import SettingsError

INSTANCE_FILE = "instance-id"
PREFIX = "lpt_"
LARGEST_FILE = 64 * 1024
LONGEST_TOKEN = 500


@dataclass(frozen=True)
class Credentials:
    """What enrolment gave.

    :ivar server: the name of the print server in Odoo
    :ivar events_path: Odoo's route for events; None when the token was put into the file by hand
    :ivar code_digest: of the one-time code that it was made with
    """

    token: str = field(repr=False)
    server: str = ""
    events_path: str | None = None
    events_secret: str | None = field(default=None, repr=False)
    code_digest: str | None = field(default=None, repr=False)


class TokenFile:
    """The file with the credentials."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Credentials | None:
        """What the file holds; None where there is none. Raises SettingsError.

        Besides what `write` makes, a file with nothing but a token is understood.
        """
        try:
            with self.path.open("rb") as file:
                text = file.read(LARGEST_FILE).decode("utf-8").strip()
        except FileNotFoundError:
            return None
        except UnicodeDecodeError as error:
            raise self._unreadable() from error
        except OSError as error:
            raise SettingsError(f"Cannot read the token file {self.path}: {error.strerror}.") from error
        if text.startswith(PREFIX):
            return Credentials(checked_token(text) or self._refuse())
        try:
            values = json.loads(text)
            found = Credentials(**values)
        except (ValueError, TypeError, RecursionError) as error:
            raise self._unreadable() from error
        texts = (found.server, found.events_path or "", found.events_secret or "", found.code_digest or "")
        if not all(isinstance(value, str) for value in texts) or not checked_token(found.token):
            raise self._unreadable()
        return found

    def write(self, credentials: Credentials) -> None:
        """Replace the file as a whole. Raises OSError."""
        write_private(self.path, json.dumps(asdict(credentials), indent=1) + "\n")

    def rotate(self, credentials: Credentials, token: str) -> Credentials:
        """Keep a new token; what is used from now on. Raises OSError: then nothing has changed."""
        changed = replace(credentials, token=token)
        self.write(changed)
        return changed

    def _refuse(self) -> str:
        raise self._unreadable()

    def _unreadable(self) -> SettingsError:
        return SettingsError(
            f"The token file {self.path} holds no token: put back a copy of it, or move it away, make a new code in"
            " Odoo and start once with --code."
        )


def checked_token(value: object) -> str | None:
    """The value when it can be a token."""
    if isinstance(value, str) and value.startswith(PREFIX) and len(PREFIX) < len(value) <= LONGEST_TOKEN:
        return value if value.isascii() and all(char.isalnum() or char in "_-." for char in value) else None
    return None


def events_path(value: object) -> str | None:
    """The path of the events' address, of which host and scheme do not count: events go where `--odoo` says."""
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
    except ValueError:
        return None
    if not parts.path.startswith("/") or not parts.path.isascii() or not parts.path.isprintable():
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")


def events_secret(value: object) -> str | None:
    """The value when events can be signed with it."""
    try:
        return value if isinstance(value, str) and value and key_of(value) else None
    except ValueError:
        return None


def digest_of(code: str) -> str:
    """By which a code that was used is recognised; a code is good once, so nothing is given away."""
    return hashlib.sha256(code.encode("utf-8")).hexdigest()


def instance_id(data_dir: Path) -> str:
    """The id of this data directory, made at its first start. Raises SettingsError."""
    path = data_dir / INSTANCE_FILE
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if path.exists():
            text = path.read_bytes()[:100].decode("ascii", "replace").strip()
            return uuid.UUID(hex=text).hex
        made = uuid.uuid4().hex
        write_private(path, made + "\n")
        return made
    except OSError as error:
        raise SettingsError(f"Cannot write to the data directory {data_dir}: {error.strerror}.") from error
    except ValueError as error:
        raise SettingsError(
            f"{path} holds no instance id: put back a copy of it, or remove it and press Release on the print server's"
            " form in Odoo."
        ) from error


def write_private(path: Path, text: str) -> None:
    """Write a file that only this user may read: all of it, or nothing. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
