"""What can go wrong between this print server and Odoo, in words for the administrator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

LONGEST = 400
_REMEDIES = {
    "code_unknown": "Compare the code with the one that Odoo shows, or make a new one there.",
    "code_expired": "Make a new code in Odoo: one is good for 15 minutes.",
    "code_used": "Make a new code in Odoo: each is good for one print server.",
    "token_unknown": "Make a new code in Odoo, and start this print server once with --code.",
    "token_revoked": "Make a new code in Odoo, and start this print server once with --code.",
    "token_expired": "Make a new code in Odoo, and start this print server once with --code.",
    "other_instance": "Two print servers with one token would print twice. If this one takes the other's place, stop"
    " the other print server first, then press Release on the print server's form in Odoo; else stop this one.",
    "copied_data": "Two print servers with one data directory would print twice. If this one takes the other's place,"
    " stop the other print server first, then press Release on the print server's form in Odoo; else stop this one.",
    "server_archived": "Unarchive the print server in Odoo, or stop this one.",
}
NO_ROUTE = "no_route"
_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE")
_STATUS_CODES = {401: "token_unknown", 409: "other_instance", 410: "server_archived", 426: "protocol_unsupported"}
_TOO_OLD = (
    "This Odoo has no label_print_monitor that print servers can call (19.0.2.0.0 or newer), or --odoo"
    " is not its address. On a host with several databases give --odoo-database, too."
)


class LinkFailure(Exception):
    """A call to Odoo that failed; the text says why and what to do.

    :ivar code: for machines
    """

    code = "unreachable"


class Unreachable(LinkFailure):
    """No answer, or one that says "later": it passes by itself.

    :ivar wait: seconds that Odoo asked to wait
    """

    def __init__(self, words: str, wait: float | None = None) -> None:
        super().__init__(words)
        self.wait = wait


class NotOdoo(LinkFailure):
    """What answers is no Odoo with this addon, or something between changes the answers."""

    code = "not_odoo"


class Refused(LinkFailure):
    """Odoo refuses this print server: a person has to do something.

    :ivar status: the HTTP status
    """

    def __init__(self, status: int, code: str, words: str) -> None:
        super().__init__(words)
        self.status, self.code = status, code


class TooMuch(LinkFailure):
    """Odoo cannot take what was sent (400 or 413)."""

    code = "not_taken"


def refusal(status: int, document: Any, secret: str | None = None) -> LinkFailure:
    """The failure that an answer which is no success stands for.

    :param document: its JSON, or None where it is none
    :param secret: is in no text of it, whatever Odoo says
    """
    error = document.get("error") if isinstance(document, dict) else None
    error = error if isinstance(error, dict) else {}
    code = error.get("code") if isinstance(error.get("code"), str) else _STATUS_CODES.get(status, f"http_{status}")
    code = plain(code, secret)[:40]
    said = plain(error.get("message"), secret)
    if status == 404 and not error:
        return Refused(status, NO_ROUTE, _TOO_OLD)
    if status in (400, 413):
        return TooMuch(f"Odoo cannot take what this print server sent (HTTP {status}, {code}). {said}".strip())
    if status in (401, 403, 409, 410, 426) and error:
        words = [f"Odoo refuses this print server ({code}).", said, _REMEDIES.get(code, "")]
        return Refused(status, code, " ".join(word for word in words if word))
    if status in (401, 403, 407):
        words = f"Something before Odoo refuses the call (HTTP {status}): a proxy or a log-in page. {said}"
        return NotOdoo(words.strip())
    return Unreachable(f"Odoo cannot answer now (HTTP {status}). {said}".strip())


def no_route_now() -> NotOdoo:
    """The failure of a route that is missing where it has been: as a rule it passes."""
    return NotOdoo(
        "Odoo's address does not know the route any more (HTTP 404): Odoo or a proxy before it may be starting. If it"
        f" stays so: {_TOO_OLD}"
    )


def redirected(target: str, path: str = "") -> NotOdoo:
    """The failure of an answer that sends this print server elsewhere.

    :param path: what was asked for; where it is part of the target, too, the rest is an address for --odoo
    """
    to = plain(target.removesuffix(path) if path else target)[:100]
    return NotOdoo(
        f"What answers at Odoo's address redirects to {to or 'another address'}: give --odoo that"
        " address, or the database with --odoo-database; or it is a log-in page of the network."
    )


def speaks_https(url: str) -> NotOdoo:
    """The failure of a call by plain http to a port that speaks https."""
    return NotOdoo(f"What answers at {url} speaks https there: write --odoo {url.replace('http:', 'https:', 1)}.")


def plain(value: Any, secret: str | None = None) -> str:
    """Text of somebody else for a log: one line, not long, without control characters and without the secret."""
    if not isinstance(value, str):
        return ""
    text = value.replace(secret, "…") if secret else value
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def unreachable(error: BaseException, url: str) -> LinkFailure:
    """The failure that an exception of the HTTP library stands for."""
    causes = list(_causes(error))
    names = {kind.__name__ for cause in causes for kind in type(cause).__mro__}
    if names & {"SSLError", "CertificateError"}:
        reason = next((word for cause in causes if (word := getattr(cause, "verify_message", ""))), "")
        if not reason and any(getattr(cause, "reason", "") in _NO_TLS for cause in causes):
            return Unreachable(
                f"Odoo at {url} cannot be reached: what answers there does not speak https. Check the port; an Odoo"
                f" without a certificate is at {url.replace('https:', 'http:', 1)}."
            )
        hint = f"its certificate is not trusted ({plain(reason)})" if reason else "the TLS connection cannot be made"
        return Unreachable(f"Odoo at {url} cannot be reached: {hint}. For a certificate of your own give --odoo-ca.")
    if names & {"NameResolutionError", "gaierror"} or "getaddrinfo" in str(error):
        reason = "its name is not known here"
    elif names & {"InvalidSchema", "InvalidProxyURL"}:
        reason = "the proxy of the environment (HTTPS_PROXY) is none that can be used: its address begins with http://"
    elif "ProxyError" in names:
        reason = "the proxy of the environment (HTTPS_PROXY) does not let this server through"
    elif names & {"NewConnectionError", "ConnectionRefusedError"}:
        reason = "nothing accepts connections there"
    elif names & {"Timeout", "TimeoutError", "ReadTimeoutError"}:
        reason = "it does not answer in time"
    else:
        reason = "the connection breaks off"
        if url.startswith("http:"):
            reason += "; if it speaks https there, write https:// in --odoo"
    return Unreachable(f"Odoo at {url} cannot be reached: {reason}.")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and all that it wraps."""
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
