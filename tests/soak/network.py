"""The network between Odoo and the print servers: a proxy before each print server, and those before both Odoo.

What they lose, delay and cut is `FaultyProxy`'s. The one before Odoo shares events out to two processes, as a load
balancer does, and can deliver a request once more after others have passed it.
"""

from __future__ import annotations

import http.client
import random
import threading
from collections.abc import Sequence

from tests.support.faulty_proxy import Answer, FaultyProxy

LONGEST_DETOUR = 6.0  # seconds by which the second delivery of a request comes late


class EventsProxy(FaultyProxy):
    """Before several Odoo processes.

    :ivar repeating: the share of requests, 0 to 1, that are delivered a second time, late
    """

    def __init__(self, ports: Sequence[int], seed: int) -> None:
        super().__init__(f"http://127.0.0.1:{ports[0]}")
        self._ports = list(ports)
        self._random = random.Random(seed)
        self.repeating = 0.0
        self.repeated = 0

    def handle(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        answer = super().handle(method, path, headers, body)
        if self._random.random() < self.repeating:
            self.repeated += 1
            again = threading.Timer(
                self._random.uniform(0.1, LONGEST_DETOUR), self._again, args=(method, path, headers, body)
            )
            again.daemon = True
            again.start()
        return answer

    def _again(self, *request) -> None:
        try:
            self._ask(*request)
        except (OSError, http.client.HTTPException):
            pass  # nobody listens: it is lost, as such a delivery may be

    def _ask(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        ports = self._random.sample(self._ports, len(self._ports))
        for port in ports[:-1]:
            try:
                return self._ask_port(port, method, path, headers, body)
            except ConnectionRefusedError:
                continue  # as a load balancer does with a process that is gone
        return self._ask_port(ports[-1], method, path, headers, body)
