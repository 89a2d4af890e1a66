"""The one-time codes by which a print server becomes one of Odoo's: typed or copied, good for a quarter of an hour.

Whoever does not have the whole code learns nothing: not whether there is one, nor whether it has been used.
"""

import hmac
import re
import secrets
from datetime import timedelta
from hashlib import pbkdf2_hmac

from odoo import api, fields, models

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no I, O, 0 and 1, which are read as one another
GROUPS, LETTERS = 3, 4
VALID_FOR = timedelta(minutes=15)
MOST_TRIES = 5  # with the right first group and a wrong rest
ROUNDS = 100_000


class LabelPrintServerCode(models.Model):
    """Nobody has a right on it: people see a code once, when it is made."""

    _name = "label.print.server.code"
    _description = "Code That Connects a Print Server"

    server_id = fields.Many2one("label.print.server", "Print Server", required=True, index=True, ondelete="cascade")
    # By its first group a code is found; the others, 40 bits, are kept as a hash that is slow to compute.
    first_group = fields.Char(required=True, index=True, groups=fields.NO_ACCESS, copy=False)
    code_hash = fields.Char(required=True, groups=fields.NO_ACCESS, copy=False)
    expires_at = fields.Datetime(required=True)
    used_at = fields.Datetime()
    failed_tries = fields.Integer()

    @api.model
    def _make(self, server):
        """Make a code, in the place of any other of this print server.

        :return: the code itself, which is kept nowhere
        """
        self.sudo().search([("server_id", "=", server.id)]).unlink()
        code = "-".join("".join(secrets.choice(ALPHABET) for _letter in range(LETTERS)) for _group in range(GROUPS))
        letters = _letters(code)
        self.sudo().create(
            {
                "server_id": server.id,
                "first_group": letters[:LETTERS],
                "code_hash": _hash(letters),
                "expires_at": fields.Datetime.now() + VALID_FOR,
            }
        )
        return code

    @api.model
    def _exchange(self, given):
        """Use a code up.

        :param str given: what somebody sent
        :return: ``(its print server, "")``, or no print server and why: ``code_unknown``, ``code_expired``,
            ``code_used``; the last two only to whoever has the whole code
        """
        letters, nobody = _letters(given), self.env["label.print.server"]
        if len(letters) != GROUPS * LETTERS or not set(letters) <= set(ALPHABET):
            return nobody, "code_unknown"
        given_hash = _hash(letters)  # whatever there is: it takes so long that it would tell
        for code in self.sudo().search([("first_group", "=", letters[:LETTERS])]):
            if code.failed_tries >= MOST_TRIES:
                continue
            if not hmac.compare_digest(code.code_hash, given_hash):
                code.failed_tries += 1
                continue
            if code.used_at:
                return nobody, "code_used"
            if code.expires_at <= fields.Datetime.now():
                return nobody, "code_expired"
            code.used_at = fields.Datetime.now()
            return code.server_id, ""
        return nobody, "code_unknown"

    @api.autovacuum
    def _remove_old(self):
        self.sudo().search([("expires_at", "<", fields.Datetime.now() - timedelta(days=1))]).unlink()


def _letters(code):
    """A code as it counts: in capitals, without spaces and dashes, of which programs that lay out text make others."""
    return re.sub(r"[\W_]", "", code).upper()


def _hash(letters):
    return pbkdf2_hmac("sha256", letters.encode("ascii"), letters[:LETTERS].encode("ascii"), ROUNDS).hex()
