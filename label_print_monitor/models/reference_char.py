"""A Char that holds references (WH/MO/00042, ids of other systems) and is searched for parts of them."""

import re

from odoo import fields
from odoo.tools import SQL

_RUNS = re.compile(r"[0-9A-Za-z]+")
MOST_CHARACTERS, LEAST_CHARACTERS = 8, 4


def rarest_part(text):
    """The part of a searched reference that fewest others have: where most of its digits stand together.

    :return: a part without wildcards, or None where none is worth looking up by itself
    """
    runs = _RUNS.findall(text)
    best = max(runs, key=lambda run: min(sum(map(str.isdigit, run)), MOST_CHARACTERS), default="")
    digits = [place for place, character in enumerate(best) if character.isdigit()]
    if not digits:
        return None
    # The digits at the end differ between neighbours; in front of them there may be a prefix that all have.
    end = digits[-1] + 1
    part = best[max(0, end - MOST_CHARACTERS) : end]
    return part if len(part) >= LEAST_CHARACTERS and part != text else None


class ReferenceChar(fields.Char):
    """Found by a part at once where a trigram index is, however many records there are.

    Of a text PostgreSQL looks up each group of three letters. Those of "WH/MO/" are in every reference, so going
    through their lists takes longer than all the rest. Here the index finds the rarest part, and the whole is compared
    with what it finds.
    """

    def _condition_to_sql(self, field_expr, operator, value, model, alias, query):
        whole = super()._condition_to_sql(field_expr, operator, value, model, alias, query)
        part = rarest_part(value) if operator == "ilike" and isinstance(value, str) else None
        if part is None:
            return whole
        found = super()._condition_to_sql(field_expr, operator, part, model, alias, query)
        # Joined to an empty text, so that no index is used for it.
        text = SQL("(%s || '')", model.env.registry.unaccent(model._field_to_sql(alias, field_expr, query)))
        pattern = model.env.registry.unaccent(SQL("%s", f"%{value}%"))
        return SQL("(%s AND %s ILIKE %s)", found, text, pattern)
