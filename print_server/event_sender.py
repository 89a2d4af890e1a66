"""Carries the outbox to Odoo: signed, oldest first, again and again with growing pauses until it is taken."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime

import requests
import urllib3

from .clock import NOTED_SKEW, now
from .event_signature import sign
from .outbox import Event, Outbox
from .totals import Totals

_logger = logging.getLogger(__name__)

BATCH = 50
MOST_BYTES = 512 * 1024
"""Events of one post together, unless a single one is larger: the addon takes bodies of up to 1 MB."""
TIMEOUT = 10.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0
GAP, LONGEST_GAP = 0.05, 1.0
"""Seconds between two posts, or as long as the last one took: what happens meanwhile travels together, and the more of
it the busier Odoo is."""
UNREADABLE = {400, 413, 415, 422}
"""Answers of the addon to content that will never be accepted. Every other failure is the network's or a setting's, and
passes: so is such an answer of a proxy, which is not the addon's JSON."""
MOST_ANSWER = 4096
"""Bytes of an answer that are looked at."""
BUSY = 503
"""With Retry-After the addon's answer to events of a job that somebody else is changing."""
GONE = 410
"""Nobody wants these events any more, and none is to be sent (Standard Webhooks 1.0.0, "Disable endpoint")."""


class EventSender(threading.Thread):
    """Delivers in the background. `wake()` after new events."""

    def __init__(
        self, outbox: Outbox, url: str, secret: str, ca_bundle: str | None = None, totals: Totals | None = None,
        session: requests.Session | None = None, may_send: Callable[[], bool] = lambda: True,
    ) -> None:  # fmt: skip
        """
        :param session: for an address that needs more than its CA bundle
        :param may_send: whether Odoo knows this print server; while it does not, events wait
        """
        super().__init__(name="events", daemon=True)
        self._totals = totals or Totals()
        self._outbox, self._url, self._secret = outbox, url, secret
        self._retry_after: float | None = None
        self._is_addons_own = False
        self._session = session or _session(ca_bundle)
        self._may_send = may_send
        self._woken = threading.Event()
        self._stopping = False
        self.failures = 0
        self.refused_with: int | None = None
        """The HTTP status of the last answer that was no success."""
        self.is_unwanted = False
        """Odoo has answered 410: nothing is sent until it calls again."""
        self.clock_ahead: float | None = None
        """Seconds by which this machine's clock is ahead of Odoo's, by the Date of its answers."""

    def wake(self) -> None:
        """There may be something to deliver."""
        self._woken.set()

    def called(self) -> None:
        """Odoo has called this print server: it wants its events, also if it has refused them for good before."""
        if self.is_unwanted:
            _logger.info("Odoo calls again: events are sent to it again")
            self.is_unwanted = False

    def use(self, url: str, secret: str) -> None:
        """Another address and secret, from the next post on."""
        self._url, self._secret = url, secret

    def stop(self) -> None:
        """Stop; what is left goes out after the next start."""
        self._stopping = True
        self._woken.set()

    def run(self) -> None:
        """Deliver until stopped."""
        batch = BATCH
        while not self._stopping:
            try:
                self._woken.clear()
                if self._is_held():
                    self._outbox.drop_old()
                    self._await_leave()
                    continue
                events = _within(self._outbox.oldest(batch), MOST_BYTES)
                if not events:
                    batch = BATCH
                    self._woken.wait(5)
                    continue
                batch = self._deliver(events, batch)
            except Exception:
                _logger.exception("The event sender met a fault and starts again")
                self._rest(FIRST_PAUSE)

    def _deliver(self, events: list[Event], batch: int) -> int:
        """Post some events; returns how many to take next time."""
        begun = time.monotonic()
        answer = self._post(events)
        self._totals.event_post(answer)
        if answer is not None and 200 <= answer < 300:
            self.failures, self.refused_with = 0, None
            self._outbox.delivered(events)
            time.sleep(min(LONGEST_GAP, max(GAP, time.monotonic() - begun)))
            return BATCH
        if answer in UNREADABLE:
            if len(events) > 1:
                # One of them is at fault: find it by sending fewer, so that it does not hold up the others.
                return max(1, len(events) // 2)
            if self._is_addons_own:
                _logger.error("Odoo refuses an event for good (HTTP %s); it is dropped: %.200s", answer, events[0].body)
                self._outbox.delivered(events)
                return batch
        if answer == BUSY and self._retry_after is not None:
            # Odoo is there, and is just changing one of these jobs: that is no outage, after which pauses would grow.
            self.failures = 0
            self._rest(self._retry_after)
            return batch
        self.failures, self.refused_with = self.failures + 1, answer
        if answer == GONE:
            self.is_unwanted = True
            _logger.error(
                "Odoo wants no events of this print server any more (HTTP 410): it is archived there. Nothing is sent"
                " until Odoo calls this print server again, or until it is restarted"
            )
            return batch
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self.failures - 1, 10))
        if self.failures in (1, 10) or self.failures % 60 == 0:
            _logger.warning(
                "Events not delivered (%s): next try in %.0f s%s", answer or "no answer", pause, self._clock_hint()
            )
            self._outbox.drop_old()
        self._rest(pause)
        return batch

    def _post(self, events: list[Event]) -> int | None:
        body = b'{"events":[' + b",".join(event.body.encode("utf-8") for event in events) + b"]}"
        headers = {"Content-Type": "application/json", **sign(self._secret, int(now()), body)}
        try:
            answer = self._session.post(
                self._url, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False, stream=True
            )
            self._is_addons_own = answer.status_code in UNREADABLE and _is_addons_own(answer)
            if answer.status_code == 204:
                _ = answer.content  # nothing: the connection is used again
            else:
                answer.close()  # a proxy's page may be long, or come slowly
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            _logger.debug("Event delivery: %s", error)
            return None
        self._compare_clocks(answer)
        self._retry_after = _seconds(answer.headers.get("Retry-After"))
        return answer.status_code

    def _compare_clocks(self, answer: requests.Response) -> None:
        """Odoo refuses events of another time, and a proxy's or Odoo's answer carries its time, in whole seconds."""
        try:
            self.clock_ahead = now() - parsedate_to_datetime(answer.headers["Date"]).timestamp()
        except (KeyError, TypeError, ValueError):
            self.clock_ahead = None

    def _clock_hint(self) -> str:
        if self.clock_ahead is None or abs(self.clock_ahead) < NOTED_SKEW:
            return ""
        return f"; the clock of this machine differs from Odoo's by {self.clock_ahead:.0f} s, which it refuses"

    def _is_held(self) -> bool:
        return self.is_unwanted or not self._may_send()

    def _await_leave(self) -> None:
        """A minute, or until Odoo calls or takes this print server's questions."""
        deadline = time.monotonic() + 60
        while self._is_held() and not self._stopping and time.monotonic() < deadline:
            time.sleep(0.2)

    def _rest(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self._stopping and (left := deadline - time.monotonic()) > 0:
            time.sleep(min(left, 0.5))


def _session(ca_bundle: str | None) -> requests.Session:
    session = requests.Session()
    # Proxies and .netrc of the account that runs the server are not meant for this traffic.
    session.trust_env = False
    session.verify = ca_bundle or True
    return session


def _seconds(retry_after: str | None) -> float | None:
    """The pause that a Retry-After header asks for, None where it is missing or a date (RFC 9110, 10.2.3)."""
    if retry_after is None or not (retry_after.isascii() and retry_after.isdigit()):
        return None
    return min(LONGEST_PAUSE, max(FIRST_PAUSE, float(retry_after)))


def _within(events: list[Event], size: int) -> list[Event]:
    """The first events whose bodies have at most `size` bytes together, at least one."""
    total = 0
    for number, event in enumerate(events):
        total += len(event.body.encode("utf-8"))
        if number and total > size:
            return events[:number]
    return events


def _is_addons_own(answer: requests.Response) -> bool:
    """Whether it is the JSON in which the addon says what is wrong, by what of it comes at once."""
    try:
        content = json.loads(answer.raw.read1(MOST_ANSWER, decode_content=True))
    except ValueError:
        return False
    return isinstance(content, dict) and isinstance(content.get("error"), str)
