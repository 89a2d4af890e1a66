"""The tokens with which print servers call Odoo: shown once, kept as a hash, bound to the first that uses one.

A token is given out when a code is exchanged (label_print_server_code.py), and when a manager has it rotated: then the
print server is given another one with the next answer, and the former one ends when the new one is used.
"""

import secrets
from datetime import timedelta
from hashlib import sha256

from odoo import api, fields, models
from odoo.tools import SQL

from ..services.transport.pull_session import AWAY_AFTER
from .label_print_server_call import NOW

PREFIX = "lpt_"
CHANNEL = "label_print_call/"
ASKED_NOTE_EVERY = timedelta(seconds=20)  # a note is a write, and print servers ask all the time
SUCCESSOR_EVERY = timedelta(minutes=1)  # so that two answers under way do not carry two different ones
MOST_SUCCESSORS = 3  # of one token that are good at once: the answers that carried the others were lost
KEPT_FOR = timedelta(days=30)  # of tokens that have ended, so that their users are told in words


class LabelPrintServerToken(models.Model):
    _name = "label.print.server.token"
    _description = "Token of a Print Server"
    _order = "id desc"
    _rec_name = "host"

    server_id = fields.Many2one(
        "label.print.server", "Print Server", required=True, readonly=True, index=True, ondelete="cascade"
    )
    # A token has 256 random bits, so that a plain hash cannot be searched for what it is of.
    token_hash = fields.Char(required=True, groups=fields.NO_ACCESS, copy=False)
    channel = fields.Char(required=True, groups=fields.NO_ACCESS, copy=False)
    instance = fields.Char(groups=fields.NO_ACCESS, copy=False, help="Which print server uses it: no other one may.")
    former_instance = fields.Char(
        groups=fields.NO_ACCESS, copy=False, help="Which one used it until a manager released it."
    )
    # Which start of the print server's data directory uses it: a copy of that directory has the same `instance`.
    run = fields.Char(groups=fields.NO_ACCESS, copy=False)
    former_run = fields.Char(groups=fields.NO_ACCESS, copy=False, help="The last one until a manager released it.")
    refused_at = fields.Datetime(readonly=True, copy=False, help="When another one was last refused that had it.")
    refused_host = fields.Char(readonly=True, copy=False)
    # Nothing that was sent before that can be asked about: another print server has it, with another memory.
    taken_over_at = fields.Datetime(readonly=True, groups=fields.NO_ACCESS, copy=False)
    host = fields.Char("Computer", readonly=True)
    version = fields.Char(readonly=True)
    asked_at = fields.Datetime("Last Asked", readonly=True)
    replaces_id = fields.Many2one(
        "label.print.server.token", readonly=True, ondelete="set null", groups=fields.NO_ACCESS
    )
    is_rotated = fields.Boolean(readonly=True, groups=fields.NO_ACCESS, help="Its print server is to be given another.")
    successor_at = fields.Datetime(readonly=True, groups=fields.NO_ACCESS)
    expires_at = fields.Datetime("Ends", readonly=True)
    revoked_at = fields.Datetime("Revoked", readonly=True)
    state = fields.Selection(
        [
            ("new", "Not used yet"),
            ("used", "In use"),
            ("released", "Free for another computer"),
            ("rotated", "Being replaced"),
            ("replaced", "Replaced"),
            ("revoked", "Revoked"),
        ],
        compute="_compute_state",
    )

    _hash_unique = models.Constraint("UNIQUE(token_hash)", "A token is given out once.")
    _channel_unique = models.Constraint("UNIQUE(channel)", "A channel is given out once.")

    @api.depends("asked_at", "instance", "is_rotated", "expires_at", "revoked_at")
    def _compute_state(self):
        now = fields.Datetime.now()
        for token in self:
            own = token.sudo()
            if own.revoked_at:
                token.state = "revoked"
            elif own.expires_at and own.expires_at <= now:
                token.state = "replaced"
            elif own.is_rotated:
                token.state = "rotated"
            elif not own.instance:
                token.state = "released"
            else:
                token.state = "used" if own.asked_at else "new"

    @api.model
    def _make(self, server, **values):
        """:return: ``(the record, the token itself, which is kept nowhere)``"""
        token = PREFIX + secrets.token_urlsafe(32)
        channel = CHANNEL + secrets.token_urlsafe(32)
        values = {"server_id": server.id, "token_hash": hash_of(token), "channel": channel, **values}
        return self.sudo().create(values), token

    @api.model
    def _find(self, given):
        """The row of a token and what decides about its server, in one query. None for what is no token.

        :param str given: what somebody sent
        """
        rows = self.env.execute_query_dict(
            SQL(
                """SELECT t.id, t.server_id, t.channel, t.instance, t.former_instance, t.run, t.former_run,
                          t.refused_at, t.host, t.version, t.asked_at,
                          t.replaces_id, t.is_rotated, t.successor_at, t.expires_at, t.revoked_at, %s AS now,
                          s.name AS server_name, s.active AS server_active, s.connection_mode
                     FROM label_print_server_token t JOIN label_print_server s ON s.id = t.server_id
                    WHERE t.token_hash = %s""",
                NOW,
                hash_of(given),
            )
        )
        return rows[0] if rows else None

    @api.model
    def _awake(self, server_id):
        """The tokens with which a print server has asked within the last minute.

        By the database's clock, as `asked_at`: Odoo may run on several hosts.
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM label_print_server_token
                    WHERE server_id = %s AND revoked_at IS NULL AND asked_at > %s - %s * interval '1 s'
                      AND (expires_at IS NULL OR expires_at > %s)""",
                server_id,
                NOW,
                AWAY_AFTER,
                NOW,
            )
        )
        return self.browse(id_ for (id_,) in rows)

    def _live(self):
        """Those of these tokens that are good for anything."""
        now = fields.Datetime.now()
        return self.sudo().filtered(
            lambda token: not token.revoked_at and not (token.expires_at and token.expires_at <= now)
        )

    @api.model
    def _of_channel(self, channel):
        """The token that a channel was given out with, while it is good."""
        return self.sudo().search([("channel", "=", channel)])._live()

    def _revoke(self):
        """From now on nobody gets anything for these tokens."""
        live = self._live()
        live.write({"revoked_at": fields.Datetime.now(), "is_rotated": False})

    def _successor(self):
        """Another token for the print server that uses this one; None where it was given one a moment ago."""
        self.ensure_one()
        now = fields.Datetime.now()
        if self.successor_at and now - self.successor_at < SUCCESSOR_EVERY:
            return None
        unused = self.sudo().search([("replaces_id", "=", self.id), ("asked_at", "=", False)], order="id desc")
        unused[MOST_SUCCESSORS - 1 :].unlink()
        _record, token = self._make(
            self.server_id,
            replaces_id=self.id,
            instance=self.instance,
            run=self.run,
            taken_over_at=self.taken_over_at,
            host=self.host,
            version=self.version,
        )
        # This one stays good until another is used: the answer that carries it may be lost.
        self.successor_at = now
        return token

    def _end_predecessor(self):
        """The first use of a token ends the one that it replaces, and others that were given out in its place."""
        self.ensure_one()
        former = self.replaces_id
        now = fields.Datetime.now()
        self.search([("replaces_id", "=", former.id), ("id", "!=", self.id), ("asked_at", "=", False)]).unlink()
        former.write({"expires_at": now, "is_rotated": False})

    @api.autovacuum
    def _remove_ended(self):
        long_ago = fields.Datetime.now() - KEPT_FOR
        self.sudo().search(["|", ("revoked_at", "<", long_ago), ("expires_at", "<", long_ago)]).unlink()


def hash_of(token):
    """What is kept of a token."""
    return sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
