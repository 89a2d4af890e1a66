"""The tokens with which monitoring systems read the metrics: made on the settings page, shown once, kept as a hash.

A company has one, for what its people see; and there may be one for the figures of all companies together.
"""

import hmac
import secrets
from hashlib import sha256

from odoo import api, fields, models
from odoo.tools import SQL


class LabelPrintMetricsToken(models.Model):
    """Nobody has a right on it: the settings page makes and removes them, and the route compares."""

    _name = "label.print.metrics.token"
    _description = "Token of a Monitoring System"

    company_id = fields.Many2one(
        "res.company", ondelete="cascade", help="Whose figures it opens; empty: those of all companies."
    )
    # A token has 256 random bits, so that a plain hash cannot be searched for what it is of.
    token_hash = fields.Char("Hash", required=True, groups=fields.NO_ACCESS, copy=False)

    _one_each = models.UniqueIndex(
        "(COALESCE(company_id, 0))", "Somebody else has just made a token. Make yours again."
    )

    @api.model
    def _make(self, company):
        """Make a token in the place of the one there was.

        :param company: whose figures it opens; no company for those of all
        :return: the token itself, which is kept nowhere
        """
        self._of(company).unlink()
        self.env["label.print.metrics.total"].sudo()._count_again()  # else the first scrapes read the whole history
        token = secrets.token_urlsafe(32)
        self.sudo().create({"company_id": company.id, "token_hash": _hash(token)})
        return token

    @api.model
    def _of(self, company):
        """The token of a company, or with no company the one of all."""
        return self.sudo().search([("company_id", "=", company.id)])

    @api.model
    def _scope_of(self, given):
        """What a token opens.

        :param str given: what the monitoring system sent
        :return: ``(whether there is any token at all, whether this is one, its company's id or None for all)``
        """
        rows = self.env.execute_query(SQL("SELECT company_id, token_hash FROM label_print_metrics_token ORDER BY id"))
        wanted, found = _hash(given), []
        for company_id, kept in rows:
            if hmac.compare_digest(kept, wanted):
                found.append(company_id)
        return bool(rows), bool(found), found[0] if found else None


def _hash(token):
    return sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
