"""`make soak [MINUTES=5] [SEED=…] [ARGS=…]`: run, print the table, keep build/soak.json; fails unless all is well."""

from __future__ import annotations

import argparse
import os
import shlex
import sys

from scripts import odoo
from scripts.console import exit_code_of, say
from scripts.system_packages import check
from tests.soak import report
from tests.soak.run import JOBS_A_MINUTE, soak


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak")
    parser.add_argument("--minutes", type=float, default=float(os.environ.get("MINUTES") or 5))
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED") or 0))
    parser.add_argument("--jobs", type=int, help=f"by default {JOBS_A_MINUTE} a minute")
    parser.add_argument(
        "--drain", type=float, default=60, help="seconds after the last fault until all must be at rest"
    )
    parser.add_argument("--no-faults", action="store_true")
    parser.add_argument("--only", default="", help="kinds of faults, by how their names begin, with commas between")
    options = parser.parse_args(shlex.split(os.environ.get("ARGS", "")))
    check(odoo.programs())
    seed = options.seed or int.from_bytes(os.urandom(3), "big")
    jobs = options.jobs or round(options.minutes * JOBS_A_MINUTE)
    say(f"Seed {seed}: {jobs} jobs in {options.minutes:g} minutes")
    outcome = soak(
        seed, options.minutes * 60, jobs, drain=options.drain, faults=not options.no_faults, only=options.only
    )
    print(report.table(outcome))
    for line in [*outcome.uncertain[:40], *outcome.findings[:60], *outcome.histories]:
        print(line)
    if not outcome.ok:
        print(
            f"\nNot as it should be. To repeat it: make soak MINUTES={options.minutes:g} SEED={seed}", file=sys.stderr
        )
    return 0 if outcome.ok else 1


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
