"""Another program at the print server's address: a web site, an Odoo, a router's login page.

People mistype ports and paths, and nearly everything on a network answers HTTP. What every print server must answer,
its health and its printers, tells them apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .server_errors import BadAnswer, NotFound, OtherProgram, PrintServerError, Refused, Rejected

_SENTENCE_OF = {
    "redirected": "other_program_redirects",
    "web_page": "other_program_page",
    "not_json": "other_program_answer",
    "not_understood": "other_program_answer",
}


@contextmanager
def print_server_expected(server: str, shape: bool = True) -> Iterator[None]:
    """Raise OtherProgram for what no print server answers to a question that each must answer.

    :param server: host and port, for the message
    :param shape: False where a JSON document of another shape is a print server's mistake rather than another program
    """
    try:
        yield
    except PrintServerError as error:
        key = _sentence_about(error)
        if not key or (error.key == "not_understood" and not shape):
            raise
        raise OtherProgram(key, status=error.status, server=server) from None


def _sentence_about(error: PrintServerError) -> str:
    if isinstance(error, Refused):
        return "other_program_login" if error.web_page else ""
    if isinstance(error, NotFound) or (isinstance(error, Rejected) and not error.retryable):
        return "other_program_path"
    return _SENTENCE_OF.get(error.key, "") if isinstance(error, BadAnswer) else ""
