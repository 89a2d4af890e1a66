"""What docs/monitoring asks Prometheus, and the metrics that the product has, read from where they are made."""

from __future__ import annotations

import ast
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from print_server.engine import Engine
from print_server.metrics import EngineCollector
from print_server.settings import PrinterConfig, Settings

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "label_print_monitor" / "models" / "label_print_metrics.py"
NAME = re.compile(r"\b(?:label_print|print_server|process)_[a-z_]+[a-z]\b")
_VARIABLES = {"$__rate_interval": "5m", "$server": ".*", "$printer": ".*"}


def expressions(dashboard: dict[str, Any]) -> Iterator[str]:
    """All questions that a Grafana dashboard asks."""
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield target["expr"]


def wider(expression: str) -> str:
    """A question with a value for each of Grafana's variables."""
    for name, value in _VARIABLES.items():
        expression = expression.replace(name, value)
    assert "$" not in expression, expression
    return expression


def odoo_metrics() -> set[str]:
    """The names that the addon's model writes, by its source: no Odoo is needed for it."""
    found = set()
    for node in ast.walk(ast.parse(MODEL.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        name = node.args[0].value
        if called in ("gauge", "counter"):
            found.add(name)
        elif called == "tell":
            found.add(f"label_print_server_{name}")
    return found


def print_server_metrics() -> set[str]:
    """The names that the print server answers with, without those of its process."""
    with tempfile.TemporaryDirectory() as folder:
        printers = (PrinterConfig("Zebra-1", "tcp://127.0.0.1:9"),)
        engine = Engine(
            Settings(Path(folder), ("key",), printers, webhook_url="http://127.0.0.1:9/", webhook_secret="x")
        )
        engine.sender.clock_ahead = 0.0
        try:
            families = [*EngineCollector(engine).collect(), *engine.totals.registry.collect()]
            return {f"{family.name}_total" if family.type == "counter" else family.name for family in families}
        finally:
            engine.database.close()
