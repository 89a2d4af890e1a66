"""`make bench [ONLY=name]`: measure, print one table, keep the figures in build/bench.json.

A figure is `{"name", "value", "unit", "yardstick", "ratio"}`; where there is a target it also has `floor` (at least)
or `ceiling` (at most). The exit code says whether all targets were met.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any

BUILD = Path(__file__).resolve().parents[2] / "build"
# The part's name for ONLY, and the module that measures it. Parts that were not chosen keep their last figures.
PARTS = {
    "sweep": "tests.bench.bench_sweep",
    "latency": "tests.bench.bench_latency",
    "pages": "tests.bench.bench_pages",
    "server": "tests.bench.bench_print_server",
    "printing": "tests.bench.bench_printing",
    "history": "tests.bench.bench_history",
    "figures": "tests.bench.bench_figures",
    "export": "tests.bench.bench_export",
    "retention": "tests.bench.bench_retention",
    "reach": "tests.bench.bench_reach",
    "load": "tests.bench.bench_load",
    "hosts": "tests.bench.bench_hosts",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--only", choices=sorted(PARTS), action="append")
    chosen = parser.parse_args().only or list(PARTS)
    figures: list[dict[str, Any]] = []
    for part in chosen:
        started = time.monotonic()
        print(f"· {part} …", flush=True)
        figures += importlib.import_module(PARTS[part]).measure()
        print(f"  done in {time.monotonic() - started:.0f} s", flush=True)
    _save(figures)
    print(table(figures))
    missed = [figure["name"] for figure in figures if not meets_target(figure)]
    if missed:
        print(f"\nTargets missed: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


def meets_target(figure: dict[str, Any]) -> bool:
    """Whether a figure is within its floor and ceiling."""
    return figure["value"] >= figure.get("floor", float("-inf")) and figure["value"] <= figure.get("ceiling", float("inf"))


def table(figures: list[dict[str, Any]]) -> str:
    """The figures as a text table."""
    rows = [("figure", "value", "unit", "yardstick", "ratio", "target")]
    for figure in figures:
        target = next((f"{sign} {figure[key]:g}" for key, sign in (("floor", "≥"), ("ceiling", "≤")) if key in figure), "")
        numbers = [f"{figure[key]:,.4g}" if figure.get(key) is not None else "" for key in ("yardstick", "ratio")]
        value = f"{figure['value']:,.4g}" if abs(figure["value"]) < 1000 else f"{figure['value']:,.0f}"
        rows.append((figure["name"], value, figure["unit"], *numbers, f"{target} {'✓' if meets_target(figure) else '✗'}" if target else ""))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) if column in (0, 2, 5) else cell.rjust(width) for column, (cell, width) in enumerate(zip(row, widths, strict=True)))
        for row in rows
    ]
    return "\n".join([lines[0], "─" * sum(widths, 2 * len(widths) - 2), *(line.rstrip() for line in lines[1:])])


def _save(figures: list[dict[str, Any]]) -> None:
    file = BUILD / "bench.json"
    file.parent.mkdir(exist_ok=True)
    known: dict[str, Any] = {}
    if file.exists():
        known = {figure["name"]: figure for figure in json.loads(file.read_text(encoding="utf-8"))["figures"]}
    known.update({figure["name"]: figure for figure in figures})
    file.write_text(json.dumps({"figures": list(known.values())}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
