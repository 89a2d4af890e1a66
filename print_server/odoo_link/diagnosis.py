"""`python -m print_server doctor --odoo URL`: what is in the way between here and Odoo, in words.

It fetches nothing, so it may run beside a running print server.
"""

from __future__ import annotations

import contextlib
from urllib.parse import urlsplit

import websocket

from .credentials import TokenFile
from .failures import LinkFailure, Refused
from .notices import connect, words_of
from .odoo_http import OdooHttp
from .options import OdooSettings
from .protocol import PATH, PROTOCOL, Websocket
from .short_polls import LONGEST_IDLE

GOOD, NEEDS_A_HAND, NOT_USABLE = 0, 1, 2
"""Exit codes, as those of the doctor for printers."""


def report(settings: OdooSettings) -> tuple[list[str], int]:
    """Lines to show, and the exit code. Raises SettingsError for a token file that holds no token."""
    lines = [f"Odoo at {settings.url}"]
    with contextlib.closing(OdooHttp(settings)) as odoo:
        try:
            # Without a token Odoo says only that it knows none: enough to see that it is there.
            odoo.post(PATH, {"protocol": PROTOCOL, "instance": "doctor-asks", "answers": []})
        except Refused as refused:
            if refused.code != "token_unknown":
                return [*lines, f"- {refused}"], NOT_USABLE
        except LinkFailure as failure:
            return [*lines, f"- {failure}"], NOT_USABLE
    lines.append("- It answers, and has the routes for print servers that call it.")
    line, outcome = _websocket_line(settings)
    lines.append(line)
    known = TokenFile(settings.token_file).read()
    if known is None:
        lines.append(f"- There is no token in {settings.token_file} yet: start once with the --code that Odoo shows.")
        return lines, NEEDS_A_HAND
    lines.append(f"- The token of print server {known.server or '(put there by hand)'} is in {settings.token_file}.")
    if settings.url.startswith("http:") and urlsplit(settings.url).hostname not in ("127.0.0.1", "localhost", "::1"):
        lines.append("- It is plain http: whoever is on the way can read the token and the labels.")
    return lines, outcome


def _websocket_line(settings: OdooSettings) -> tuple[str, int]:
    """Whether a websocket comes through, and the exit code that it makes."""
    if settings.database:
        # It needs a cookie that Odoo gives for the token only, with which the doctor does not ask.
        words = "- Whether it lets a websocket through is not tried: several databases. The print server's log says it."
        return words, GOOD
    try:
        connect(settings, Websocket("/websocket", "", "")).shutdown()
    except (websocket.WebSocketException, OSError, ValueError) as error:
        words = (
            f"- It lets no websocket through ({words_of(error)}): jobs are fetched by polls, up to {LONGEST_IDLE:g} s"
            " later. Look at the proxies in between, and at Odoo's rule for /websocket."
        )
        return words, NEEDS_A_HAND
    return "- It lets a websocket through: jobs are fetched at once.", GOOD
