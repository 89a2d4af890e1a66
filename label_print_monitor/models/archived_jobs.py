"""Archived jobs are found, too, by whatever says what has been printed: orders, lots, evidence, the history."""

from odoo.fields import Domain

ARCHIVED_TOO = ("active", "in", [True, False])  # for domains of actions
ALL_JOBS = Domain(*ARCHIVED_TOO)


def asks_about_archived(domain):
    """Whether a domain says itself which jobs it wants, archived or not.

    Once a domain is optimized in full that is no longer seen: `active in [True, False]` is true of all, and left out.
    """
    return any(condition.field_expr == "active" for condition in Domain(domain).iter_conditions())
