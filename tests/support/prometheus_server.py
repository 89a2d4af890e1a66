"""A real Prometheus for tests, and what is asked of it."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scripts import prometheus
from scripts.processes import Service, free_port


class Prometheus:
    """Its HTTP API."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        # Proxies of the environment must not be used for this machine's own ports.
        self._direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ready(self) -> bool:
        try:
            with self._direct.open(f"{self.url}/-/ready", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def get(self, path: str, **query: str) -> Any:
        address = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        with self._direct.open(address, timeout=30) as answer:
            return json.load(answer)["data"]

    def series(self, expression: str) -> list[tuple[dict[str, str], float]]:
        found = self.get("query", query=expression)["result"]
        return [(one["metric"], float(one["value"][1])) for one in found]

    def value(self, expression: str) -> float:
        """The sum of what is found; 0 for nothing."""
        return sum(value for _labels, value in self.series(expression))

    def up(self) -> set[str]:
        """The jobs whose targets are read."""
        return {one["labels"]["job"] for one in self.get("targets")["activeTargets"] if one["health"] == "up"}

    def firing(self) -> list[tuple[str, str]]:
        """Name and job of each alert that fires."""
        labels = [one["labels"] for one in self.get("alerts")["alerts"] if one["state"] == "firing"]
        return sorted((one["alertname"], one.get("job", "")) for one in labels)


@contextmanager
def running_prometheus(folder: Path, config: Path) -> Iterator[Prometheus]:
    port = free_port()
    found = Prometheus(port)
    command = [
        prometheus.program("prometheus"), f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}",
        f"--storage.tsdb.path={folder / 'data'}",
    ]  # fmt: skip
    service = Service("Prometheus", command, folder / "prometheus.log", found.ready)
    service.start()
    try:
        yield found
    finally:
        service.stop()
