"""The server's own certificate: read at start and again on SIGHUP, with words for what is wrong with it."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path

from .settings import SettingsError

_logger = logging.getLogger(__name__)


class Certificate:
    """A certificate chain with its private key, as files that a certificate client renews in place.

    :ivar context: for connections from now on; connections that are open keep theirs
    :raises SettingsError: in words, when the files cannot be used
    """

    def __init__(self, chain: Path, key: Path) -> None:
        self._chain, self._key = chain, key
        self.context = self._read()

    def reload(self) -> None:
        """Read the files again. What cannot be used leaves the certificate as it is, and the log says why."""
        try:
            self.context = self._read()
        except SettingsError as error:
            _logger.error("The certificate is not read again: %s The one that was in use stays in use.", error)
        else:
            _logger.info("The certificate was read again: new connections get it")

    def _read(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        for path in (self._chain, self._key):
            try:
                with path.open("rb"):
                    pass
            except OSError as error:
                raise SettingsError(f"Cannot read {path}: {error.strerror}.") from error
        try:
            context.load_cert_chain(self._chain, self._key, password=_refuse_password)
        except _PasswordAsked as error:
            raise SettingsError(f"The private key in {self._key} has a password: give a key without one.") from error
        except (ssl.SSLError, ValueError) as error:
            reason = getattr(error, "reason", "") or ""
            if reason == "KEY_VALUES_MISMATCH":
                raise SettingsError(
                    f"The key in {self._key} is not that of the certificate in {self._chain}."
                ) from error
            raise SettingsError(
                f"No certificate in {self._chain}, or no private key in {self._key}: both have to be PEM files."
            ) from error
        return context


class _PasswordAsked(Exception):
    pass


def _refuse_password() -> str:
    # OpenSSL would ask at the terminal, and a service has none.
    raise _PasswordAsked
