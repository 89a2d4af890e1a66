"""A real Prometheus reads a print server; the alert fires when that is killed, and clears when it is back."""

import json
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import yaml

from scripts import prometheus
from scripts.processes import Service, free_port
from tests.support.monitoring import expressions, wider
from tests.support.print_server import start_print_server, start_virtual_zebra

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "monitoring"
PRINTER, KEY = "Zebra-1", "only-for-metrics"
LABEL = "^XA^FDBox^FS^XZ"
AWAY = "LabelPrintServerAway"
PATIENCE = 120  # seconds that anything may take on a machine with other work; it takes a few


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

    def firing(self) -> list[str]:
        return [one["labels"]["alertname"] for one in self.get("alerts")["alerts"] if one["state"] == "firing"]


def configure(folder: Path, port: int, key: str) -> Path:
    """The configuration and the alerts of docs/monitoring, with this address and with seconds for minutes."""
    given = yaml.safe_load((FOLDER / "prometheus.yml").read_text("utf-8"))
    given["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    [job] = given["scrape_configs"]
    (folder / "key").write_text(f"{key}\n")
    job["authorization"] = {"credentials_file": str(folder / "key")}
    job["static_configs"] = [{"targets": [f"127.0.0.1:{port}"]}]
    rules = yaml.safe_load((FOLDER / "alerts.yml").read_text("utf-8"))
    for rule in rules["groups"][0]["rules"]:
        rule["for"] = "1s"
    (folder / "alerts.yml").write_text(yaml.safe_dump(rules))
    (folder / "prometheus.yml").write_text(yaml.safe_dump(given))
    return folder / "prometheus.yml"


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


def until(condition: Callable[[], bool], what: str) -> None:
    ends = monotonic() + PATIENCE
    while not condition():
        assert monotonic() < ends, what
        sleep(0.2)


def test_an_alert_fires_when_the_print_server_is_killed_and_clears_when_it_is_back(tmp_path):
    key = tmp_path / "metrics-key"
    key.write_text(f"{KEY}\n")
    with (
        start_virtual_zebra(PRINTER) as zebra,
        start_print_server({PRINTER: zebra}, metrics_key_file=key) as server,
        running_prometheus(tmp_path, configure(tmp_path, server.port, KEY)) as monitoring,
    ):
        until(lambda: monitoring.value("up") == 1, "Prometheus does not read the print server")
        server.wait(server.print_labels(PRINTER, [LABEL] * 3))
        confirmed = f"print_server_labels_total{{printer='{PRINTER}',outcome='confirmed'}}"
        until(lambda: monitoring.value(confirmed) == 3, "three labels are not counted")
        assert monitoring.value("print_server_printer_up") == 1
        assert monitoring.firing() == []

        server.kill()
        until(lambda: monitoring.firing() == [AWAY], "the alert does not fire")
        server.restart()
        until(lambda: monitoring.firing() == [], "the alert does not clear")

        # The counter began again at 0, which Prometheus takes into account.
        server.wait(server.print_labels(PRINTER, [LABEL] * 2))
        until(lambda: monitoring.value(confirmed) == 2, "two labels are not counted")
        assert monitoring.value(f"resets({confirmed}[10m])") == 1

        dashboard = json.loads((FOLDER / "dashboard.json").read_text("utf-8"))
        empty = [each for each in expressions(dashboard) if not monitoring.series(wider(each))]
        # There is no push in this test.
        assert [each for each in empty if "print_server_events_waiting" not in each] == []


def test_a_wrong_key_shows_as_a_target_that_is_down(tmp_path):
    with (
        start_print_server({}) as server,
        running_prometheus(tmp_path, configure(tmp_path, server.port, "wrong")) as monitoring,
    ):
        until(lambda: monitoring.firing() == [AWAY], "the alert does not fire")
        [target] = monitoring.get("targets")["activeTargets"]
        assert "401" in target["lastError"]
