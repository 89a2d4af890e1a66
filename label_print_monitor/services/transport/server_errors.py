"""What can go wrong between Odoo and a print server, divided by what the caller must do next.

A server that cannot be reached leaves jobs as they are and is probed later; a refused key needs an administrator; a
rejected request must not be sent again. The class says which, `code` finds the advice in the catalogue, and the
message is a sentence for people. No message ever contains the API key.
"""

from __future__ import annotations

from typing import Any

from ..wording.error_catalogue import sentence
from ..wording.sentences import SENTENCES


class PrintServerError(Exception):
    """A call to the print server did not bring what was asked for.

    :ivar code: the error catalogue's code
    :ivar message: a complete English sentence, safe to store and to log
    :ivar text: the same sentence, lazily translatable inside Odoo: `env._(error.text)`
    :ivar problem: the same sentence as plain data, to be kept and said in the reader's language: `kept_sentence`
    :ivar answer: what the server said in its own words, '' for nothing
    :ivar status: HTTP status, None when there was no answer
    :ivar retry_after: seconds that the server asked to wait, None when it did not
    :ivar retryable: the same call may succeed later without anybody changing anything
    :ivar maybe_delivered: the request may have been carried out although this error came back
    :ivar web_page: the answer was a web page, so it may be a proxy's or another program's
    :ivar in_envelope: the print server itself said so, in its contract's JSON envelope, and not a proxy before it
    :ivar server_code: the code in the server's answer, in our spelling where we know it; '' for none
    :ivar server_job_id: the job that the server named in its answer, '' for none
    """

    default_code = "server_error"
    default_retryable = False

    def __init__(
        self,
        key: str,
        *,
        code: str | None = None,
        status: int | None = None,
        retry_after: float | None = None,
        retryable: bool | None = None,
        maybe_delivered: bool = False,
        in_envelope: bool = False,
        web_page: bool = False,
        server_code: str = "",
        server_job_id: str = "",
        **params: Any,
    ) -> None:
        """:param key: a sentence of `sentences.py`, filled with `params` (and `status`)"""
        if status is not None:
            params["status"] = status
        self.key = key
        self.text = sentence(key, **params)
        self.problem = {**params, "key": key}
        self.answer = params.get("answer", "")
        self.message = SENTENCES[key] % params if params else SENTENCES[key]
        self.code = code or self.default_code
        self.status = status
        self.retry_after = retry_after
        self.retryable = self.default_retryable if retryable is None else retryable
        self.maybe_delivered = maybe_delivered
        self.in_envelope = in_envelope
        self.web_page = web_page
        self.server_code = server_code
        self.server_job_id = server_job_id
        super().__init__(self.message)

    @property
    def refuses_submission(self) -> bool:
        """Whether this, in answer to a print request, is the print server's own and final no: nothing was printed.

        After all else the job is held: a redirect, a web page, a lost answer, a refused key, "not now", or an
        idempotency key that has arrived before.
        """
        final = isinstance(self, (Rejected, NotFound)) and not self.retryable
        return final and self.in_envelope and not self.maybe_delivered


class ConfigurationError(PrintServerError, ValueError):
    """The connection's settings are wrong; nothing was sent."""

    default_code = "misconfigured"


class Unreachable(PrintServerError):
    """No answer: down, refused, timed out, broken off, or its certificate is not trusted.

    :ivar connected: the connection stood, so the server is there and the trouble may be this one request's
    """

    default_code = "server_unavailable"
    default_retryable = True

    def __init__(self, key: str, *, connected: bool = False, **kwargs: Any) -> None:
        super().__init__(key, **kwargs)
        self.connected = connected


class Refused(PrintServerError):
    """401 or 403: the API key is wrong or may not do this."""

    default_code = "key_refused"


class RateLimited(PrintServerError):
    """429: too many requests."""

    default_code = "rate_limited"
    default_retryable = True


class NotFound(PrintServerError):
    """404: no such job or printer; nothing is said about them by one that is a web page."""

    default_code = "job_unknown"


class Rejected(PrintServerError):
    """Any other 4xx: the request itself is wrong."""

    default_code = "bad_request"


class ServerError(PrintServerError):
    """5xx: the server, or a proxy before it, has a problem of its own."""

    default_retryable = True


class BadAnswer(PrintServerError):
    """An answer that cannot be used: a redirect, not JSON, the wrong shape, too large."""

    default_code = "bad_answer"


class OtherProgram(BadAnswer):
    """What answers at the print server's address is none: its health or its printers are not to be had there."""

    default_code = "other_program"
