"""Which of our errors an exception of the HTTP libraries is, and whether the request may have arrived.

The libraries wrap each other's exceptions three deep and in different ways from version to version, so all causes are
looked at, by the names of their classes: `requests` itself is imported in one place only.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..contract.clean_values import clean_text
from ..wording.translatable import _lt
from .server_errors import BadAnswer, ConfigurationError, PrintServerError, Unreachable


def failure_for(error: BaseException, server: str, timeout: float) -> PrintServerError:
    """The error to raise instead of `error`.

    :param server: host and port, for the message
    :param timeout: the time limit in seconds, for the message
    """
    chain = list(_causes(error))
    names = {kind.__name__ for cause in chain for kind in type(cause).__mro__}
    seconds = f"{timeout:g}"
    if names & {"SSLEOFError", "SSLZeroReturnError"}:
        return Unreachable("broken_off", connected=True, maybe_delivered=True)
    if "SSLError" in names:
        words = [getattr(cause, "verify_message", "") or getattr(cause, "reason", "") for cause in chain]
        reason = next((word for word in words if isinstance(word, str) and word), "TLS")
        if any(word in reason for word in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "record layer failure")):
            return Unreachable("no_tls", code="other_program", server=server)
        return Unreachable("not_trusted", code="tls_failure", reason=clean_text(reason, 200))
    if "ProxyError" in names:
        return Unreachable("proxy_failed")
    # To urllib3 a refused connection is a kind of time limit, so refusals come before those.
    if "NewConnectionError" in names:
        unknown = "NameResolutionError" in names or "gaierror" in names or "getaddrinfo" in str(error)
        return Unreachable("unknown_host" if unknown else "unreachable", server=server)
    if names & {"ConnectTimeout", "ConnectTimeoutError"}:
        return Unreachable("timed_out", code="network_timeout", seconds=seconds)
    if names & {"Timeout", "ReadTimeoutError", "TimeoutError"}:
        return Unreachable("timed_out", code="network_timeout", connected=True, maybe_delivered=True, seconds=seconds)
    if names & {"ContentDecodingError", "DecodeError"}:
        return BadAnswer("not_understood", maybe_delivered=True, reason=_lt("its encoding cannot be read"))
    if names & {"InvalidURL", "LocationValueError"}:
        return ConfigurationError("address_invalid")
    return Unreachable("broken_off", connected=True, maybe_delivered=True)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """`error` and all that it wraps, by every way in which the libraries wrap."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        cause = waiting.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        wrapped = (*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__)
        waiting.extend(inner for inner in wrapped if isinstance(inner, BaseException))
