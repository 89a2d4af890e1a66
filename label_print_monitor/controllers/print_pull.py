"""The routes that print servers call which Odoo cannot reach: exchange a code for a token, and fetch calls with it.

Whoever has no token learns nothing but that. Nothing of a body is parsed before its token is known, and no token is
ever part of an answer's words or of a log.
"""

import logging

from odoo import SUPERUSER_ID, http
from odoo.addons.bus.websocket import WebsocketConnectionHandler
from odoo.http import get_default_session, request, root

from ..models.expected_conflicts import expected_conflicts
from ..models.label_print_server_call import NOTIFICATION
from ..services.contract.payloads import PayloadError, load_json
from ..services.contract.pull_messages import (
    MAX_ENROLMENT,
    MAX_REQUEST,
    PROTOCOL,
    parse_enrolment,
    parse_protocol,
    parse_pull,
)

_logger = logging.getLogger(__name__)

ASK_EVERY = 25  # seconds between two questions of a print server that is woken by its websocket
# Without `readonly`, Odoo takes a route that asks for no user for one that only reads.
ROUTE = {
    "type": "http", "auth": "none", "methods": ["POST"], "csrf": False, "readonly": False, "save_session": False,
}  # fmt: skip
CODE_WORDS = {
    "code_unknown": "Odoo does not know this code. Make a new one on the print server's form in Odoo.",
    "code_expired": "This code is too old: it is good for 15 minutes. "
    "Make a new one on the print server's form in Odoo.",
    "code_used": "This code has been used already. Make a new one on the print server's form in Odoo.",
}


class PrintPull(http.Controller):
    @http.route("/label_print_monitor/enroll", **ROUTE)
    def enroll(self, **_params):
        """Exchange a one-time code for a token (docs/architecture.md, "Pull mode")."""
        if refusal := self._refuse_body(MAX_ENROLMENT):
            return refusal
        try:
            data = load_json(request.httprequest.get_data())
            if refusal := self._refuse_protocol(parse_protocol(data)):
                return refusal
            enrolment = parse_enrolment(data)
        except PayloadError:
            return self._refuse(400, "bad_request", "This is no enrolment of a print server.")
        env = request.env(user=SUPERUSER_ID)
        with expected_conflicts():
            server, problem = env["label.print.server.code"]._exchange(enrolment.code)
            if problem:
                env.flush_all()
                _logger.info("A print server was refused: %s (it says that it runs on %s)", problem, enrolment.host)
                return self._refuse(403, problem, CODE_WORDS[problem])
            if not server.active:
                return self._refuse(410, "server_archived", f"Print server {server.name} is archived in Odoo.")
            token = server._enroll(enrolment)
            env.flush_all()
        _logger.info("Print server %s was connected: it runs on %s", server.id, enrolment.host)
        return self._answer(
            {
                "protocol": PROTOCOL,
                "token": token,
                "server": server.name,
                "events": {
                    "url": f"/label_print_monitor/events/{server.id}",
                    "secret": server._secret("webhook_secret"),
                },
            }
        )

    @http.route("/label_print_monitor/pull", **ROUTE)
    def pull(self, **_params):
        """Take a print server's answers, and give it the calls that wait for it (docs/architecture.md, "Pull mode")."""
        if refusal := self._refuse_body(MAX_REQUEST):
            return refusal
        scheme, _space, given = request.httprequest.headers.get("Authorization", "").partition(" ")
        given = given.strip() if scheme.lower() == "bearer" else ""
        env = request.env(user=SUPERUSER_ID)
        row = env["label.print.server.token"]._find(given) if given else None
        if not row:
            words = "Odoo does not know this token. Connect this print server with a code."
            return self._refuse(401, "token_unknown", words)
        try:
            data = load_json(request.httprequest.get_data(), given)
            if refusal := self._refuse_protocol(parse_protocol(data)):
                return refusal
            pull = parse_pull(data)
        except PayloadError:
            return self._refuse(400, "bad_request", "This is no question of a print server.")
        if refusal := env["label.print.server"]._refuse_pull(row, pull):
            _logger.info("Print server %s was refused: %s", row["server_id"], refusal[1])
            # A start that is being stopped may ask after the next one has.
            if refusal[0] == 409 and not pull.is_stopping:
                with expected_conflicts():
                    env["label.print.server"]._note_refused(row, pull)
                    env.flush_all()
            return self._refuse(*refusal)
        with expected_conflicts():
            answer = self._serve(env, row, pull)
            env.flush_all()  # here, because what Odoo writes after the request would be logged
        return self._answer(answer)

    def _serve(self, env, row, pull):
        calls = env["label.print.server.call"]
        token = env["label.print.server"]._note_pull(row, pull)
        unwanted = [*pull.unreadable, *calls._answer(row["server_id"], pull.answers)]
        # Whoever stops would throw away what it is given; its answers, and a token that it keeps, are for the next run.
        to_do, more = ([], False) if pull.is_stopping else calls._hand_over(row["server_id"], pull.instance)
        answer = {
            "protocol": PROTOCOL,
            "calls": to_do,
            "more": more,
            "again_in": ASK_EVERY,
            "websocket": {
                "path": f"/websocket?version={WebsocketConnectionHandler._VERSION}",
                "channel": row["channel"],
                "notification": NOTIFICATION,
            },
            "unwanted": unwanted,
        }
        if pull.opens_websocket and request.httprequest.headers.get("X-Odoo-Database"):
            answer["websocket"]["cookie"] = self._session_cookie()
        if row["is_rotated"] and (successor := token._successor()):
            answer["token"] = successor
        return answer

    def _session_cookie(self):
        """A session of nobody that says which database is meant: Odoo's websocket knows no other way to be told."""
        session = root.session_store.new()
        session.update(get_default_session(), db=request.db)
        root.session_store.save(session)
        return f"session_id={session.sid}"

    def _refuse_body(self, limit):
        """An answer to a request that is not worth reading, None for any other."""
        web_request = request.httprequest
        if web_request.mimetype != "application/json":
            return self._refuse(415, "bad_request", "Send application/json.")
        if web_request.content_length is None:
            return self._refuse(411, "bad_request", "Content-Length is required.")
        if web_request.content_length > limit:
            return self._refuse(413, "too_large", f"At most {limit} bytes in one request.")
        return None

    def _refuse_protocol(self, protocol):
        if protocol == PROTOCOL:
            return None
        older = "Odoo's module Label Print Monitor" if protocol > PROTOCOL else "the print server"
        return self._refuse(
            426,
            "protocol_unsupported",
            f"Odoo speaks version {PROTOCOL} of this protocol and the print server version {protocol}: update {older}.",
        )

    def _refuse(self, status, code, words):
        return self._answer({"error": {"code": code, "message": words}}, status)

    def _answer(self, data, status=200):
        return request.make_json_response(data, [("Cache-Control", "no-store")], status=status)
