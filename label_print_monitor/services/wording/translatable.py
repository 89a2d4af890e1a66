"""Mark a sentence for translation without translating it yet.

Odoo's term export collects the literals inside calls named ``_lt``. The tables of sentences in this package are plain
data that must load without Odoo, so here ``_lt`` only marks; `error_catalogue` makes the marked sentences lazy.
"""

from __future__ import annotations


def _lt(source: str) -> str:
    """Return `source` unchanged; its name is what makes Odoo's export see it."""
    return source
