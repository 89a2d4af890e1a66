"""docs/monitoring, held against Prometheus' own `promtool`: its configuration, the alerts and their tests, the dashboard."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from scripts import prometheus
from tests.support.monitoring import expressions, wider

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "monitoring"


def promtool(*arguments: str, folder: Path = FOLDER) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [prometheus.program("promtool"), *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_rules_are_valid():
    done = promtool("check", "rules", "--lint=all", "--lint-fatal", "alerts.yml")
    assert done.returncode == 0, done.stdout
    assert "4 rules found" in done.stdout


def test_the_alerts_fire_and_clear():
    done = promtool("test", "rules", "alerts.test.yml")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("label_print_server_up == 0", "label_print_server_up == 1"),
        ("or label_print_server_connected == 0", ""),
        ("seconds > 900", "seconds > 9000"),
        ("for: 1m", "for: 5m"),
        ("print_server_healthy == 0 or ", ""),
        (" or print_server_oldest_event_age_seconds > 300", ""),
        (
            "- label_print_action_last_run_timestamp_seconds > 300",
            "- label_print_action_last_run_timestamp_seconds > 9000",
        ),
        ('up{job="label-print-odoo"} == 0', 'up{job="label-print-odoo"} == 2'),
    ],
)
def test_their_tests_notice_another_rule(tmp_path, written, instead):
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    rules = (tmp_path / "alerts.yml").read_text()
    assert written in rules
    (tmp_path / "alerts.yml").write_text(rules.replace(written, instead))
    done = promtool("test", "rules", "alerts.test.yml", folder=tmp_path)
    assert done.returncode != 0, done.stdout


def test_the_configuration_is_valid():
    done = promtool("check", "config", "--syntax-only", "prometheus.yml")
    assert done.returncode == 0, done.stdout


def test_each_question_of_the_dashboard_is_valid(tmp_path):
    """As rules, which promtool reads; Grafana's variables in them have a value before Prometheus sees them."""
    dashboard = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
    rules = [{"record": f"panel:{number}", "expr": wider(each)} for number, each in enumerate(expressions(dashboard))]
    assert len(rules) > 10
    (tmp_path / "panels.yml").write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    done = promtool("check", "rules", "panels.yml", folder=tmp_path)
    assert done.returncode == 0, done.stdout
    assert f"{len(rules)} rules found" in done.stdout
    (tmp_path / "panels.yml").write_text(
        yaml.safe_dump({"groups": [{"name": "panels", "rules": [*rules, {"record": "a:b", "expr": "sum(("}]}]})
    )
    assert promtool("check", "rules", "panels.yml", folder=tmp_path).returncode != 0
