"""A real Prometheus reads Odoo and the print server; an alert fires when the print server is killed, and clears."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from scripts.product import PRINTER_NAMES, Product, running_product
from tests.e2e.followed_jobs import discover_printers
from tests.e2e.remote import Remote, until
from tests.support.monitoring import expressions, wider
from tests.support.prometheus_server import running_prometheus

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "monitoring"
ODOO, PRINT_SERVER = "label-print-odoo", "label-print-server"
AWAY = [("LabelPrintServerAway", ODOO), ("LabelPrintServerAway", PRINT_SERVER)]
PATIENCE = 120  # seconds that anything may take on a machine with other work; it takes a few
# What only troubles have, and what needs more than a minute of history.
MAY_BE_EMPTY = ("incidents_open",)
pytestmark = pytest.mark.slow


def configure(folder: Path, product: Product, token: str, metrics_key: str) -> Path:
    """The configuration and the alerts of docs/monitoring, with this product's addresses and with seconds for minutes."""
    given = yaml.safe_load((FOLDER / "prometheus.yml").read_text("utf-8"))
    given["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    targets = {ODOO: (product.port, token), PRINT_SERVER: (product.print_server.port, metrics_key)}
    assert {job["job_name"] for job in given["scrape_configs"]} == targets.keys()
    for job in given["scrape_configs"]:
        port, secret = targets[job["job_name"]]
        secret_file = folder / job["job_name"]
        secret_file.write_text(secret)
        job["scheme"] = "http"
        job["authorization"] = {"credentials_file": str(secret_file)}
        job["static_configs"] = [{"targets": [f"127.0.0.1:{port}"]}]
    rules = yaml.safe_load((FOLDER / "alerts.yml").read_text("utf-8"))
    for rule in rules["groups"][0]["rules"]:
        rule["for"] = "1s"
    (folder / "alerts.yml").write_text(yaml.safe_dump(rules))
    (folder / "prometheus.yml").write_text(yaml.safe_dump(given))
    return folder / "prometheus.yml"


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    key = tmp_path_factory.mktemp("keys") / "metrics-key"
    key.write_text("only-for-metrics\n")
    with running_product(print_server_options={"metrics_key_file": key}) as running:
        discover_printers(running)
        yield running


def make_token(product: Product) -> str:
    """As an administrator does, with the button in the settings."""
    admin = Remote(product, "admin")
    page = admin.call("res.config.settings", "create", {})
    answer = admin.call("res.config.settings", "action_make_label_print_metrics_token", [page])
    return answer["params"]["message"].split()[-1]


def test_prometheus_reads_both_and_an_alert_fires_and_clears(product: Product, tmp_path: Path):
    config = configure(tmp_path, product, make_token(product), "only-for-metrics")
    with running_prometheus(tmp_path, config) as monitoring:
        until(lambda: monitoring.up() == {ODOO, PRINT_SERVER}, "Prometheus does not read both", PATIENCE)
        until(lambda: monitoring.value("label_print_server_up") == 1, "Odoo says nothing of its server", PATIENCE)
        names = {labels["printer"] for labels, up in monitoring.series("print_server_printer_up == 1")}
        assert names == set(PRINTER_NAMES)
        assert {labels["printer"] for labels, _up in monitoring.series("label_print_printer_up")} == names
        assert monitoring.firing() == []

        # Both sides call a printer the same, so that one question can ask both.
        supervisor = Remote(product)
        supervisor.wait(supervisor.print_labels(PRINTER_NAMES[0], 3), "completed", seconds=PATIENCE)
        both = (
            "sum by (printer) (label_print_last_day_labels{outcome='confirmed'})"
            " == sum by (printer) (print_server_labels_total{outcome='confirmed'}) > 0"
        )
        until(lambda: [value for _labels, value in monitoring.series(both)] == [3], "3 labels are counted", PATIENCE)

        product.print_server.kill()
        until(lambda: AWAY[1] in monitoring.firing(), "the alert does not fire", PATIENCE)
        waits = supervisor.print_labels(PRINTER_NAMES[0], 2)  # Odoo notices when it cannot hand this over
        until(lambda: monitoring.firing() == AWAY, "Odoo does not say it", PATIENCE)
        assert monitoring.value("label_print_incidents_open{cause='server_away'}") == 1
        until(lambda: monitoring.value("label_print_oldest_waiting_job_age_seconds") > 0, "no job waits", PATIENCE)

        product.print_server.restart()
        until(lambda: monitoring.firing() == [], "the alert does not clear", PATIENCE)
        supervisor.wait(waits, "completed", seconds=PATIENCE)
        until(lambda: monitoring.value("label_print_incidents_open") == 0, "the incident is still open", PATIENCE)

        dashboard = json.loads((FOLDER / "dashboard.json").read_text("utf-8"))
        needed = {each for each in expressions(dashboard) if not any(word in each for word in MAY_BE_EMPTY)}
        assert needed

        def empty() -> list[str]:
            return [each for each in needed if not monitoring.series(wider(each))]

        # One reading that takes longer than its second leaves all of a target's series without a value until the next.
        until(lambda: not empty(), "panels of the dashboard stay empty", PATIENCE)
