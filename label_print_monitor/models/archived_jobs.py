"""Archived jobs are found, too, by whatever says what has been printed: orders, lots, evidence, the history."""

from odoo.fields import Domain

ARCHIVED_TOO = ("active", "in", [True, False])  # for domains of actions
ALL_JOBS = Domain(*ARCHIVED_TOO)
