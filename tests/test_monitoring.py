"""docs/monitoring.md and docs/monitoring name the metrics that there are, all of them and no others."""

import json
import re
from pathlib import Path

import yaml

from tests.support.monitoring import NAME, expressions, odoo_metrics, print_server_metrics

DOCS = Path(__file__).resolve().parents[1] / "docs"
FOLDER = DOCS / "monitoring"
# Of Prometheus itself, of the print server's process, and words that are no metrics.
OTHERS = {"label_print_monitor", "process_resident_memory_bytes", "process_start_time_seconds"}


def metrics() -> set[str]:
    return odoo_metrics() | print_server_metrics()


def test_the_table_names_each_metric():
    rows = re.findall(
        r"^\| `((?:label_print|print_server)_\w+)`", (DOCS / "monitoring.md").read_text("utf-8"), re.MULTILINE
    )
    assert len(rows) == len(set(rows))
    assert set(rows) == metrics()


def test_what_is_asked_exists():
    dashboard = json.loads((FOLDER / "dashboard.json").read_text("utf-8"))
    rules = yaml.safe_load((FOLDER / "alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
    asked = " ".join([*expressions(dashboard), *(rule["expr"] for rule in rules), *_variables(dashboard)])
    named = set(NAME.findall(asked))
    assert len(named) > 15
    assert named - metrics() - OTHERS == set()


def _variables(dashboard):
    return [each["query"]["query"] for each in dashboard["templating"]["list"] if each["type"] == "query"]


def test_every_alert_is_explained():
    rules = yaml.safe_load((FOLDER / "alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
    words = (DOCS / "monitoring.md").read_text("utf-8")
    assert len(rules) == 4
    for rule in rules:
        assert f"**{rule['alert']}**" in words
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert {"summary", "description"} == set(rule["annotations"])


def test_the_dashboard_has_a_place_for_each_panel():
    panels = json.loads((FOLDER / "dashboard.json").read_text("utf-8"))["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        assert panel["title"] and panel["description"].endswith(".")
        taken |= cells
