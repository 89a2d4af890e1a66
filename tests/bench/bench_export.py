"""How fast the history becomes a file: by the specification's listing, by ours, and by PostgreSQL's COPY alone.

At 100,000 jobs ours against the listing, at 1,000,000 against a COPY of the same seven columns, which knows neither
record rules nor formulas nor time zones. Each by a person whose record rules apply, in a transaction of its own with
an empty cache. Memory is what this process had at most, above what it had before and above the size of the file.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

from odoo import api

from tests.bench import bench_history, specification_export
from tests.bench.bench_sweep import figure
from tests.bench.odoo_environment import environment

SMALL, LARGE = 100_000, 1_000_000
FLOOR_SPEC, FLOOR_COPY, CEILING_MB = 8, 0.5, 100
MEGABYTE = 1024 * 1024
SEVEN_COLUMNS = """
COPY (SELECT job.create_date, COALESCE(mo.name, '-'), job.quantity, job.status, job.job_type, partner.name, COALESCE(job.error_message, '')
        FROM label_print_job job LEFT JOIN mrp_production mo ON mo.id = job.mo_id
             LEFT JOIN res_users person ON person.id = job.submitted_by LEFT JOIN res_partner partner ON partner.id = person.partner_id
       ORDER BY job.id DESC) TO STDOUT CSV
"""


def measure() -> list[dict[str, Any]]:
    """The figures `export.*`."""
    with environment() as env:
        bench = Bench(env)
        bench.history._fill(SMALL)
        spec = bench.seconds(specification_export.action_export_history, turns=1)
        ours = bench.seconds(lambda jobs: jobs.action_export_history(), turns=3)
        bench.history._fill(LARGE)
        copy = bench.seconds(bench.copy, turns=3)
        large = bench.seconds(bench.in_the_background, turns=3)
        extra = bench.extra_megabytes(bench.in_the_background)
        extended = bench.seconds(lambda jobs: bench.in_the_background(jobs, extended=True), turns=1)
    return [
        figure("export.spec.seconds_100k", spec, "s"),
        figure("export.seconds_100k", ours, "s", spec),
        figure("export.ratio_to_spec", spec / ours, "×", 1.0, floor=FLOOR_SPEC),
        figure("export.copy.seconds_1m", copy, "s"),
        figure("export.seconds_1m", large, "s", copy),
        figure("export.extended.seconds_1m", extended, "s", copy),
        figure("export.ratio_to_copy", copy / large, "×", 1.0, floor=FLOOR_COPY),
        figure("export.extra_mb_1m", extra, "MB", ceiling=CEILING_MB),
    ]


class Bench:
    """A person who may export, and the three ways to a file."""

    def __init__(self, env: Any) -> None:
        self.env = env
        self.history = bench_history.Bench(env)
        self.history.users[0].group_ids += env.ref("base.group_allow_export")
        env.cr.commit()
        self.file_size = 0

    def seconds(self, export: Callable[[Any], Any], turns: int) -> float:
        """The median of some exports, from the call to the commit; one before them warms up."""
        times = []
        for _turn in range(turns + (turns > 1)):
            with self.env.registry.cursor() as cr:
                jobs = api.Environment(cr, self.history.uid, dict(self.history.reader.context))["label.print.job"]
                started = time.monotonic()
                export(jobs)
                cr.commit()
                times.append(time.monotonic() - started)
        return median(times[-turns:])

    def copy(self, jobs: Any) -> None:
        """What PostgreSQL needs for the seven columns alone."""
        with tempfile.TemporaryFile() as file:
            jobs.env.cr.copy_expert(SEVEN_COLUMNS, file)

    def in_the_background(self, jobs: Any, extended: bool = False) -> None:
        """A long history, from the click to the file, without the wait for the scheduled action."""
        Cron = self.env.registry["ir.cron"]
        with patch.object(Cron, "_trigger", lambda *_args, **_options: None):
            jobs._export_history(extended)
        export = jobs.env["label.print.export"].sudo().search([], limit=1)
        jobs.env(user=api.SUPERUSER_ID)["label.print.export"]._cron_write_exports()
        if export.state != "done" or export.row_count != LARGE:
            raise RuntimeError(f"the export is {export.state} with {export.row_count} rows")
        self.file_size = export.file_size

    def extra_megabytes(self, export: Callable[[Any], Any]) -> float:
        """The most memory above the memory before and above the file."""
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
        before = _status("VmRSS")
        self.seconds(export, turns=1)
        return _status("VmHWM") - before - self.file_size / MEGABYTE


def _status(name: str) -> float:
    """One of this process's memory figures, in megabytes."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1024
