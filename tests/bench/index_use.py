"""Which question uses which index, as PostgreSQL counts it, and what each index takes on disk.

A connection counts its own scans before it adds them to the statistics, and `pg_stat_get_xact_numscans` tells them. A
process that helps with a statement counts for itself, so the questions are asked without such helpers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from odoo import api

NAMED = 5  # questions that the table names for an index
TABLES = ("label_print_job", "label_print_attempt", "label_print_failed_label")
SCANS = """
SELECT indexrelname, pg_stat_get_xact_numscans(indexrelid) FROM pg_stat_user_indexes
 WHERE relname = ANY(%s) AND pg_stat_get_xact_numscans(indexrelid) > 0
"""
SIZES = """
SELECT relname, indexrelname, pg_relation_size(indexrelid), indisprimary OR indisunique
  FROM pg_stat_user_indexes JOIN pg_index USING (indexrelid) WHERE relname = ANY(%s) ORDER BY 1, 2
"""


@dataclass
class IndexUse:
    """For each index the questions that read it, in the order in which they were asked."""

    questions: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def ask(self, question: str, env: api.Environment, call: Callable[[Any], Any]) -> None:
        """Ask within the environment's transaction, which is rolled back."""
        env.cr.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        try:
            before = self._scans(env)
            call(env)
            env.flush_all()
            for name, scans in self._scans(env).items():
                if scans > before.get(name, 0):
                    self.questions[name].append(question)
        finally:
            env.cr.rollback()

    def _scans(self, env: api.Environment) -> dict[str, int]:
        """Scans of each index that this connection has not added to the statistics yet."""
        env.cr.execute(SCANS, [list(TABLES)])
        return dict(env.cr.fetchall())

    def rows(self, env: api.Environment) -> list[tuple[str, str, float, bool, list[str]]]:
        """Each index: its table, its name, its megabytes, whether it also keeps values unique, what uses it."""
        env.cr.execute(SIZES, [list(TABLES)])
        return [
            (table, name, size / 1e6, unique, self.questions.get(name, []))
            for table, name, size, unique in env.cr.fetchall()
        ]

    def table(self, env: api.Environment) -> str:
        """The rows as a table for docs/performance.md, each with some of the questions."""
        lines = ["| index | MB | read by |", "|---|---|---|"]
        for _table, name, size, unique, questions in self.rows(env):
            uses = ", ".join(questions[:NAMED]) or ("nothing: it keeps values unique" if unique else "**nothing**")
            more = f", and {len(questions) - NAMED} more" if len(questions) > NAMED else ""
            lines.append(f"| `{name}` | {size:.1f} | {uses}{more} |")
        return "\n".join(lines)
