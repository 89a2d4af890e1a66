"""The loop that asks Odoo: brings answers, takes calls, and waits as long as it may until the next time."""

from __future__ import annotations

import logging
import random
import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Flask

from .. import __version__
from ..settings import SettingsError
from .answer_memory import AnswerMemory
from .calls import Calls, own_answer
from .credentials import Credentials, TokenFile
from .failures import NO_ROUTE, LinkFailure, NotOdoo, Refused, TooMuch, Unreachable, no_route_now
from .notices import Notices
from .odoo_http import OdooHttp
from .options import OdooSettings
from .protocol import PATH, PROTOCOL, Answer, Reply, read_reply
from .runs import Runs
from .short_polls import SHORTEST, ShortPolls

if TYPE_CHECKING:
    from ..database import Database

_logger = logging.getLogger(__name__)
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
"""Seconds after a failure that passes by itself, doubled after each further one."""
REFUSED_PAUSE = 60.0
LAST_ANSWERS = 3.0
"""Seconds for what is under way when the server stops."""


class OdooLink(threading.Thread):
    """The connection of a running print server to Odoo.

    :param settings: where Odoo is
    :param credentials: what this server is known by there
    :param instance: the id of the data directory
    :param runs: which start of the data directory this is
    :param knows_keys: `app` knows a submission again by its `Idempotency-Key`
    :param renewed: called with other credentials that were found in the token file
    :ivar failure: why the last call to Odoo failed; None when it did not
    :ivar fetched_at: the moment (monotonic) of the last call that Odoo answered
    :ivar is_accepted: Odoo has taken this server's questions in this run, and has not refused one since
    """

    def __init__(
        self, settings: OdooSettings, credentials: Credentials, instance: str, app: Flask, database: Database,
        runs: Runs, knows_keys: bool = True, renewed: Callable[[Credentials], None] = lambda _credentials: None,
    ) -> None:  # fmt: skip
        super().__init__(name="odoo-link", daemon=True)
        self._settings, self._credentials, self._instance, self._runs = settings, credentials, instance, runs
        self._http = OdooHttp(settings)
        self._woken, self._stopping = threading.Event(), threading.Event()
        self._calls = Calls(app, AnswerMemory(database), self._woken.set, knows_keys)
        self._renewed = renewed
        self._notices = Notices(settings, self._woken.set)
        self._polls = ShortPolls()
        self._batch: int | None = None
        self._replaced: set[str] = set()
        self._failures = 0
        self.failure: LinkFailure | None = None
        self.fetched_at: float | None = None
        self.is_accepted = False

    def run(self) -> None:
        """Ask until stopped."""
        self._notices.start()
        while not self._stopping.is_set():
            self._woken.clear()
            begun = time.monotonic()
            try:
                pause = self._took(self._fetch(), begun)
            except LinkFailure as failure:
                self._stopping.wait(self._failed(failure))
                continue
            except Exception:
                _logger.exception("The connection to Odoo met a fault and goes on")
                self._stopping.wait(FIRST_PAUSE)
                continue
            self._woken.wait(pause)
        self._notices.stop()
        self._bring_last()

    def stop(self) -> None:
        """Take no more calls; those under way end, and their answers are brought."""
        self._stopping.set()
        self._woken.set()

    @property
    def is_refused(self) -> bool:
        """Whether somebody has to do something, because Odoo refuses this server."""
        return isinstance(self.failure, Refused | NotOdoo)

    def word(self) -> str:
        """For the health: ok, starting, refused or unreachable."""
        if self.failure is not None:
            return "refused" if self.is_refused else "unreachable"
        return "starting" if self.fetched_at is None else "ok"

    def _fetch(self, is_last: bool = False) -> tuple[list[Answer], Reply]:
        asks_cookie = self._notices.needs_cookie
        answers = self._calls.answers()[: self._batch]
        document = {
            "protocol": PROTOCOL, "instance": self._instance, "version": __version__,
            "answers": [answer.document() for answer in answers], "host": socket.gethostname()[:200],
            **self._runs.document(),
        }  # fmt: skip
        if asks_cookie:
            document["websocket"] = "open"
        if is_last:
            document["stopping"] = True  # Odoo then hands over nothing
        try:
            reply = read_reply(self._http.post(PATH, document, self._credentials.token))
        except TooMuch as failure:
            if not answers:
                raise Refused(400, failure.code, str(failure)) from None
            self._not_taken(answers, failure)
            raise
        self._notices.follow(reply.websocket, asks_cookie)
        return answers, reply

    def _took(self, fetched: tuple[list[Answer], Reply], begun: float) -> float:
        """Deal with what Odoo said; seconds until the next fetch, unless something wakes it."""
        answers, reply = fetched
        self._runs.accepted()
        self._succeeded()
        self._calls.brought(answers)
        self._batch = None
        self._replaced.clear()
        if reply.unwanted:
            _logger.info("Odoo did not want %d answers any more: their callers have gone", len(reply.unwanted))
        self._keep(reply.token)
        if reply.unreadable:
            _logger.error("Odoo handed over %d calls without an id: they are left out", reply.unreadable)
        for call in reply.calls:
            self._calls.take(call, begun)
        if reply.more or (answers and self._calls.has_answers()):
            return 0.0
        if self._notices.connected:
            self._polls.hurry()
            return reply.again_in
        if answers or reply.calls:
            self._polls.hurry()
            return SHORTEST
        return self._polls.next()

    def _keep(self, token: str | None) -> None:
        """Use the token that Odoo has given, if it is a new one, once it is on the disk."""
        if not token or token == self._credentials.token:
            return
        try:
            self._credentials = TokenFile(self._settings.token_file).rotate(self._credentials, token)
            _logger.info("Odoo has renewed the token of this print server; it is kept in %s", self._settings.token_file)
        except OSError as error:
            _logger.error(
                "The new token of this print server cannot be kept in %s (%s): the old one is used on for as long as"
                " Odoo takes it", self._settings.token_file, error.strerror or error,
            )  # fmt: skip

    def _not_taken(self, answers: list[Answer], failure: TooMuch) -> None:
        """Find the answer that Odoo cannot take by bringing fewer; a single one gives way to an error."""
        if len(answers) > 1:
            self._batch = len(answers) // 2
            return
        self._batch = None
        (answer,) = answers
        _logger.error("Odoo does not take the answer to a call, %d bytes: %s", len(answer.body), failure)
        if answer.call in self._replaced:
            self._replaced.discard(answer.call)
            self._calls.brought(answers)
            return
        self._replaced.add(answer.call)
        words = "Odoo does not take the print server's answer; the print server's log says why."
        self._calls.replace(own_answer(answer.call, 500, "answer_not_taken", words))

    def _succeeded(self) -> None:
        if self.failure is not None:
            _logger.info("Odoo at %s answers this print server again", self._settings.url)
            self._notices.hurry()
        elif self.fetched_at is None:
            _logger.info("This print server asks Odoo at %s for its jobs", self._settings.url)
        self.failure, self._failures, self.fetched_at, self.is_accepted = None, 0, time.monotonic(), True

    def _failed(self, failure: LinkFailure) -> float:
        """Seconds until the next try."""
        if isinstance(failure, TooMuch):
            return FIRST_PAUSE
        if isinstance(failure, Refused) and failure.code == NO_ROUTE and self.fetched_at is not None:
            failure = no_route_now()
        if isinstance(failure, Refused) and failure.code.startswith("token_") and self._found_another_token():
            return FIRST_PAUSE
        self._failures += 1
        needs_hand = isinstance(failure, Refused | NotOdoo)
        if self.failure is None or str(self.failure) != str(failure) or self._failures % 100 == 0:
            end = " Nothing is printed for Odoo until then." if needs_hand else ""
            _logger.log(logging.ERROR if needs_hand else logging.WARNING, "%s%s", failure, end)
        self.failure = failure
        self.is_accepted = self.is_accepted and not needs_hand
        if isinstance(failure, Refused):
            self._notices.follow(None)
            return REFUSED_PAUSE * random.uniform(0.9, 1.0)  # noqa: S311 - spreads retries, no secret
        # Its line may be as dead as the one of this call, without knowing it.
        self._notices.renew()
        if isinstance(failure, Unreachable) and failure.wait is not None:
            return max(FIRST_PAUSE, failure.wait)
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self._failures - 1, 10))
        return pause * random.uniform(0.7, 1.3)  # noqa: S311 - spreads retries, no secret

    def _found_another_token(self) -> bool:
        """Whether the token file holds another token than the one that Odoo refuses; it is used from now on."""
        try:
            found = TokenFile(self._settings.token_file).read()
        except SettingsError as error:
            _logger.error("%s", error)
            return False
        if found is None or found.token == self._credentials.token:
            return False
        _logger.info("Odoo refuses the token; another one is in %s, and is used now", self._settings.token_file)
        self._credentials = found
        self._renewed(found)
        return True

    def _bring_last(self) -> None:
        """An Odoo that does not know `stopping` may hand over calls: they are left to it, and handed over again."""
        self._calls.close(LAST_ANSWERS)
        try:
            if self._calls.has_answers():
                self._keep(self._fetch(is_last=True)[1].token)
        except (LinkFailure, sqlite3.Error) as error:
            _logger.warning("The last answers were not brought: %s", error)
        self._http.close()
