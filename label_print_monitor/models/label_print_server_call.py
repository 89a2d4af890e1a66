"""The calls to print servers that call Odoo: kept until they are fetched and answered, seconds at most.

Whoever makes a call, the engine in several threads or a person in the web client, does so in transactions of its own:
what it has changed itself is not committed meanwhile, and what it has locked must not be waited for. So a row names its
print server by number and not by a reference, which would wait for locks on that server.

A call nobody waits for any more has no row, or has expired: it is handed over no more.
"""

import logging
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from odoo import SUPERUSER_ID, api, fields, models
from odoo.modules.registry import Registry
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL
from psycopg2.pool import PoolError

from ..services.contract.pull_messages import PulledAnswer
from ..services.transport.print_server_client import Unreachable
from ..services.transport.pull_session import AWAY_AFTER, Answer, Call
from .expected_conflicts import expected_conflicts

_logger = logging.getLogger(__name__)

NOTIFICATION = "label_print_call"  # on the print server's channel: fetch now
AGAIN_AFTER = 1.0  # seconds after which a call that was handed over and not answered is handed over again
MOST_CALLS = 50  # handed over in one answer
MOST_BYTES = 8 * 1024 * 1024  # of bodies in one answer, unless a single one is larger
TRIES = 3
# Connections of one process that look for answers at once. Each takes a millisecond, and Odoo's pool is bounded too.
MOST_CONNECTIONS = 8
LONGEST_TURN = 2.0  # seconds to wait for one of them
_connections = threading.BoundedSemaphore(MOST_CONNECTIONS)

NOW = SQL("(clock_timestamp() AT TIME ZONE 'UTC')")  # not `now()`: tests have one transaction for all


class LabelPrintServerCall(models.Model):
    """Nobody has a right on it: `ServerCalls` and the route of print servers read and write it."""

    _name = "label.print.server.call"
    _description = "Call That a Print Server Fetches"
    _log_access = False

    server_ref = fields.Integer("Print Server", required=True, index=True)
    # Of the computer that it is for: only that one knows what it has done under a key. Empty: for any.
    instance = fields.Char(groups=fields.NO_ACCESS)
    name = fields.Char(required=True, help="Known to the print server that fetches it; cannot be guessed.")
    state = fields.Selection(
        [("waiting", "Waiting"), ("handed_over", "Handed Over"), ("answered", "Answered")], required=True
    )
    method = fields.Char(required=True)
    path = fields.Char(required=True)
    headers = fields.Json()
    body = fields.Text(groups=fields.NO_ACCESS, help="In base64; removed with the answer.")
    expires_at = fields.Datetime(required=True)
    handed_over_at = fields.Datetime()
    answer_status = fields.Integer()
    answer_headers = fields.Json()
    answer_body = fields.Text(groups=fields.NO_ACCESS, help="In base64.")

    _name_unique = models.Constraint("UNIQUE(name)", "A call has a name of its own.")

    @api.model
    def _put(self, server_id, call: Call, instance=None):
        """
        :param instance: which print server is to carry it out, and no other that takes its place meanwhile
        :return: the name of the new call
        """
        name = secrets.token_urlsafe(24)
        self.env.cr.execute(
            SQL(
                """INSERT INTO label_print_server_call
                       (server_ref, instance, name, state, method, path, headers, body, expires_at)
                   VALUES (%s, %s, %s, 'waiting', %s, %s, %s, %s, %s + %s * interval '1 s')""",
                server_id,
                instance or None,
                name,
                call.method,
                call.path,
                psycopg2.extras.Json(dict(call.headers)),
                call.body,
                NOW,
                call.seconds,
            )
        )
        return name

    @api.model
    def _hand_over(self, server_id, instance):
        """The calls that a print server is to carry out now, which it is given once a second at most.

        :param instance: which print server asks
        :return: ``(list of calls as the print server gets them, whether there are more)``
        """
        waiting = self.env.execute_query(
            SQL(
                """SELECT id, COALESCE(length(body), 0) FROM label_print_server_call
                    WHERE server_ref = %(server)s AND expires_at > %(now)s
                      AND (instance IS NULL OR instance = %(instance)s)
                      AND (state = 'waiting'
                           OR state = 'handed_over' AND handed_over_at < %(now)s - %(again)s * interval '1 s')
                 ORDER BY id LIMIT %(most)s""",
                server=server_id,
                instance=instance,
                now=NOW,
                again=AGAIN_AFTER,
                most=MOST_CALLS + 1,
            )
        )
        if not waiting:
            return [], False
        chosen, size = [], 0
        for id_, length in waiting[:MOST_CALLS]:
            size += length
            if chosen and size > MOST_BYTES * 4 // 3:
                break
            chosen.append(id_)
        rows = self.env.execute_query_dict(
            SQL(
                """UPDATE label_print_server_call SET state = 'handed_over', handed_over_at = %(now)s
                    WHERE id IN (SELECT id FROM label_print_server_call WHERE id = ANY(%(ids)s) FOR UPDATE SKIP LOCKED)
                RETURNING id, name, method, path, headers, body,
                          EXTRACT(epoch FROM expires_at - %(now)s)::float AS seconds""",
                ids=chosen,
                now=NOW,
            )
        )
        calls = [
            {
                "call": row["name"],
                "method": row["method"],
                "path": row["path"],
                "headers": row["headers"] or {},
                "body": row["body"] or "",
                "expires_in": round(row["seconds"], 3),
            }
            for row in sorted(rows, key=lambda row: row["id"])
            if row["seconds"] > 0
        ]
        return calls, len(chosen) < len(waiting)

    @api.model
    def _answer(self, server_id, answers: tuple[PulledAnswer, ...]):
        """Keep a print server's answers to its own calls for those who wait.

        :return: the names of calls that nobody waits for, that were not this server's, or that have an answer already
        """
        unwanted = []
        for answer in answers:
            kept = self.env.execute_query(
                SQL(
                    """UPDATE label_print_server_call
                          SET state = 'answered', body = NULL, answer_status = %s, answer_headers = %s, answer_body = %s
                        WHERE name = %s AND server_ref = %s AND state = 'handed_over' AND expires_at > %s
                    RETURNING id""",
                    answer.status,
                    psycopg2.extras.Json(dict(answer.headers)),
                    answer.body,
                    answer.call,
                    server_id,
                    NOW,
                )
            )
            if not kept:
                unwanted.append(answer.call)
        return unwanted

    @api.model
    def _take(self, name, whatever_state=False):
        """Remove a call when it is answered, or whatever its state is.

        :return: ``(its state, its Answer or None)``; the state is None when there was nothing to remove
        """
        rows = self.env.execute_query_dict(
            SQL(
                """DELETE FROM label_print_server_call WHERE name = %s AND (%s OR state = 'answered')
                RETURNING state, answer_status, answer_headers, answer_body""",
                name,
                whatever_state,
            )
        )
        if not rows:
            return None, None
        row = rows[0]
        if row["state"] != "answered":
            return row["state"], None
        return row["state"], Answer(row["answer_status"], row["answer_headers"] or {}, row["answer_body"] or "")

    @api.autovacuum
    def _remove_expired(self):
        """Forget the calls of those who have died while they waited."""
        self.env.cr.execute(
            SQL(
                """DELETE FROM label_print_server_call WHERE id IN (
                    SELECT id FROM label_print_server_call WHERE expires_at < %s FOR UPDATE SKIP LOCKED)""",
                NOW,
            )
        )


class ServerCalls:
    """The calls of one print server, for threads without an environment: see `services/transport/pull_session.Calls`.

    :param dbname: the database
    :param server_id: of the print server
    :param instance: of the computer that the calls are for
    """

    def __init__(self, dbname, server_id, instance=None):
        self._dbname = dbname
        self._server_id = server_id
        self._instance = instance

    def put(self, call):
        """As the protocol says."""
        name = None
        try:
            with self._transaction() as env:
                tokens = env["label.print.server.token"]._awake(self._server_id)
                if not tokens:
                    raise Unreachable("server_away", seconds=f"{AWAY_AFTER:g}")
                kept = env["label.print.server.call"]._put(self._server_id, call, self._instance)
                for token in tokens:
                    # Sent when this transaction, which is none of the caller's, is committed.
                    env["bus.bus"]._sendone((token, NOTIFICATION), NOTIFICATION, {})
                env.cr.flush()  # with the rows of the notifications: nothing but the commit is left
                name = kept
        except OSError:
            if not name:
                raise Unreachable("not_kept") from None
            # Committed, and not told; or it is not known. The print server asks by itself, or `give_up` tells.
        return name

    def take(self, name):
        """As the protocol says."""
        with self._transaction() as env:
            return env["label.print.server.call"]._take(name)[1]

    def give_up(self, name):
        """As the protocol says."""
        for attempt in range(1, TRIES + 1):
            try:
                with self._transaction() as env:
                    state, answer = env["label.print.server.call"]._take(name, whatever_state=True)
                return state != "waiting", answer
            except _Conflict:  # it was handed over or answered in this moment
                if attempt == TRIES:
                    break
        return True, None

    @contextmanager
    def _transaction(self) -> Iterator[api.Environment]:
        if not _connections.acquire(timeout=LONGEST_TURN):
            raise OSError("no connection to the database is free")
        try:
            with expected_conflicts(), Registry(self._dbname).cursor() as cr:
                yield api.Environment(cr, SUPERUSER_ID, {})
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise _Conflict("another transaction was faster") from None
        except (psycopg2.Error, PoolError) as error:
            _logger.warning("A call to print server %s: the database did not answer (%s)", self._server_id, error)
            raise OSError("the database did not answer") from None
        finally:
            _connections.release()


class _Conflict(OSError):
    """Another transaction has changed the call in this moment."""
