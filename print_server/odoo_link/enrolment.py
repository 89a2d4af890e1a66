"""The first start: a one-time code of Odoo becomes a token."""

from __future__ import annotations

import logging
import socket
import unicodedata

from .. import __version__
from ..settings import SettingsError
from .credentials import Credentials, TokenFile, checked_token, digest_of, events_path, events_secret
from .failures import LinkFailure, Refused, plain
from .odoo_http import OdooHttp
from .options import OdooSettings

_logger = logging.getLogger(__name__)
PATH = "/label_print_monitor/enroll"
PROTOCOL = 1


def credentials_for(settings: OdooSettings, instance: str) -> Credentials:
    """Those of the token file, or with a code that has not been used here those that Odoo gives for it.

    A code that Odoo refuses keeps no print server from starting that has a token.

    Raises SettingsError, whose text says what to do.
    """
    file = TokenFile(settings.token_file)
    known = file.read()
    if settings.code is None:
        if known is None:
            raise SettingsError(
                f"There is no token in {file.path}. Where this print server has been started before, give the same"
                " --data-dir again; a new one starts once with the --code that Connect by Code shows in Odoo."
            )
        return known
    digest = digest_of(settings.code)
    if known and known.code_digest == digest:
        return known
    try:
        given = _exchange(settings, instance, digest)
    except LinkFailure as error:
        if known and isinstance(error, Refused) and error.code.startswith("code_"):
            # As after a restart of a service that still has the code of an earlier day among its options.
            _logger.warning("%s The token in %s is used on: take --code away.", error, file.path)
            return known
        raise SettingsError(f"This print server is not enrolled: {error}") from error
    try:
        file.write(given)
    except OSError as error:
        raise SettingsError(
            f"The token cannot be kept in {file.path}: {error.strerror}. Correct that, and make a new code in Odoo."
        ) from error
    _logger.info("Enrolled at %s as print server %s; the token is in %s", settings.url, given.server, file.path)
    return given


def as_shown(code: str) -> str:
    """A code with plain dashes: programs that lay out text make others of them, or hyphens that are not seen."""
    return "".join("-" if unicodedata.category(char) == "Pd" else char for char in code if char.isprintable())


def _exchange(settings: OdooSettings, instance: str, digest: str) -> Credentials:
    odoo = OdooHttp(settings)
    try:
        document = odoo.post(
            PATH,
            {
                "code": as_shown(settings.code), "instance": instance, "host": socket.gethostname()[:200],
                "version": __version__, "protocol": PROTOCOL,
            },
        )  # fmt: skip
    finally:
        odoo.close()
    events = document.get("events") if isinstance(document.get("events"), dict) else {}
    token, path, secret = (
        checked_token(document.get("token")), events_path(events.get("url")), events_secret(events.get("secret")),
    )  # fmt: skip
    if not token or not path or not secret:
        raise SettingsError("Odoo's answer to the code has no token in it: update this print server, or Odoo's addon.")
    return Credentials(token, plain(document.get("server")), path, secret, digest)
