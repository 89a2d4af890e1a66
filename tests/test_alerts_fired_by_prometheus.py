"""A real Prometheus reads a print server; the alert fires when that is killed, and clears when it is back."""

import json
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

import yaml

from tests.support.monitoring import expressions, wider
from tests.support.print_server import start_print_server, start_virtual_zebra
from tests.support.prometheus_server import running_prometheus

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "monitoring"
PRINTER, KEY = "Zebra-1", "only-for-metrics"
LABEL = "^XA^FDBox^FS^XZ"
AWAY = ("LabelPrintServerAway", "label-print-server")
PATIENCE = 120  # seconds that anything may take on a machine with other work; it takes a few


def configure(folder: Path, port: int, key: str) -> Path:
    """The configuration and the alerts of docs/monitoring, with this address and with seconds for minutes."""
    given = yaml.safe_load((FOLDER / "prometheus.yml").read_text("utf-8"))
    given["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    [job] = given["scrape_configs"] = [
        job for job in given["scrape_configs"] if job["job_name"] == "label-print-server"
    ]
    (folder / "key").write_text(f"{key}\n")
    job["authorization"] = {"credentials_file": str(folder / "key")}
    job["static_configs"] = [{"targets": [f"127.0.0.1:{port}"]}]
    rules = yaml.safe_load((FOLDER / "alerts.yml").read_text("utf-8"))
    for rule in rules["groups"][0]["rules"]:
        rule["for"] = "1s"
    (folder / "alerts.yml").write_text(yaml.safe_dump(rules))
    (folder / "prometheus.yml").write_text(yaml.safe_dump(given))
    return folder / "prometheus.yml"


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
        # There is neither push nor Odoo in this test.
        assert [
            each for each in empty if "print_server_events_waiting" not in each and "label_print_" not in each
        ] == []


def test_a_wrong_key_shows_as_a_target_that_is_down(tmp_path):
    with (
        start_print_server({}) as server,
        running_prometheus(tmp_path, configure(tmp_path, server.port, "wrong")) as monitoring,
    ):
        until(lambda: monitoring.firing() == [AWAY], "the alert does not fire")
        [target] = monitoring.get("targets")["activeTargets"]
        assert "401" in target["lastError"]
