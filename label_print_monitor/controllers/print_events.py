"""The route to which print servers push events. The signature is checked before the body is parsed."""

import logging
import time

from odoo import fields, http
from odoo.http import request

from ..models.expected_conflicts import expected_conflicts
from ..services.contract.event_signature import TOLERANCE, SignatureError, StaleSignature, verify
from ..services.contract.payloads import PayloadError, load_json, parse_events

_logger = logging.getLogger(__name__)

MAX_BODY = 1024 * 1024
PUSH_NOTE_EVERY = 30  # seconds


class PrintEvents(http.Controller):
    @http.route(
        ["/label_print_monitor/events", "/label_print_monitor/events/<int:server_id>"],
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
    )
    def receive(self, server_id=None, **_params):
        """Apply signed events (see the print server's API description, "events").

        :param server_id: the print server that the address is of; without it the signature alone tells

        Answers 204 when all is applied, 503 when a row was busy and the server should send again, 410 when the print
        server is archived and should send nothing more, another 4xx when the request itself is wrong and must not be
        repeated.
        """
        web_request = request.httprequest
        if web_request.mimetype != "application/json":
            return self._answer(415, "Send application/json.")
        length = web_request.content_length
        if length is None:
            return self._answer(411, "Content-Length is required.")
        if length > MAX_BODY:
            return self._answer(413, f"At most {MAX_BODY} bytes in one request.")
        if not isinstance(server_id, int):
            server_id = None  # a query's word, and no part of the address
        # Kept, because Odoo runs the request again after a serialization failure.
        body = web_request.get_data()
        server, signed_at = self._signer(web_request.headers, body, server_id)
        if not server:
            return self._answer(401, "The signature is missing or wrong: no print server's secret fits.")
        if server_id is not None and server.id != server_id:
            # Whoever has signed this knows a secret: that this is not its address is no news to a stranger.
            _logger.info("Events of print server %s were refused: they came to the address of another", server.id)
            return self._answer(
                403,
                "The signature fits, but this is the address of another print server. "
                "Copy the address from this print server's own form in Odoo.",
            )
        if not server.active:
            return self._answer(410, "This print server is archived in Odoo: its events are not wanted any more.")
        if refusal := server._refuse_events(web_request.headers.get("X-Print-Server-Instance")):
            _logger.info("Events of print server %s were refused: they came from another computer", server.id)
            return self._answer(403, refusal)
        if abs(signed_at - time.time()) > TOLERANCE:
            return self._refuse_clock(server, signed_at)
        try:
            events = parse_events(load_json(body, server._secret("api_key"), server._secret("webhook_secret")))
        except PayloadError:
            return self._answer(400, "The body is not a list of events.")
        with expected_conflicts():
            skipped = self._apply(server, events, signed_at - time.time())
            request.env.flush_all()  # here, because what Odoo writes after the request would be logged
        if skipped:
            return self._answer(
                503, "Some jobs are being changed just now; send these events again.", {"Retry-After": "1"}
            )
        return self._answer(204)

    def _apply(self, server, events, skew):
        """:return: the ids of jobs that could not be changed just now"""
        env = request.env(su=True)
        # Printer events name single printers: one that is not named has not changed. They come first, so that what a
        # printer has stopped is known to be its doing.
        env["printer.configuration"]._apply_reports(server, events.printers)
        skipped = env["print.job.status.poller"].apply_reports(server, events.jobs)
        server._note_sign_of_life()
        env["label.print.job"]._wake_engine_if_late()
        now = fields.Datetime.now()
        if not server.push_last_at or (now - server.push_last_at).total_seconds() > PUSH_NOTE_EVERY:
            server = server.try_lock_for_update(allow_referencing=True)
            server.push_last_at = now
            if server:
                server._note_clock(skew)
        return skipped

    def _refuse_clock(self, server, signed_at):
        """The secret fits and the time does not: shown on the print server's form, since nobody reads its log."""
        skew = signed_at - time.time()
        if not server._push_is_live(fields.Datetime.now()):
            # Else its clock is right, and somebody sends again what was recorded long ago.
            server._note_refused_events(skew)
        _logger.info("Events of print server %s were refused: its clock is off by %d s", server.id, skew)
        return self._answer(
            401,
            f"The signature fits, but its time differs by {abs(round(skew))} seconds from Odoo's clock: "
            "set both clocks by NTP.",
        )

    def _signer(self, headers, body, server_id):
        """The print server whose secret signed ``body`` and when, in unix seconds; nothing when none did.

        The one that the address is of comes first: databases of the first release may have one secret at two servers.
        Archived ones come last. The time may be too far from ours: see `TOLERANCE`.
        """
        servers = request.env["label.print.server"].sudo().with_context(active_test=False).search([])
        servers = servers.sorted(lambda server: (not server.active, server.id != server_id))
        now = time.time()
        for server in servers:
            secret = server._secret("webhook_secret")
            if not secret:
                continue
            try:
                return server, verify(secret, headers, body, now)
            except StaleSignature as error:
                return server, error.signed_at
            except SignatureError:
                continue
        _logger.info("A pushed event was refused: no print server's secret matches its signature")
        return None, 0

    def _answer(self, status, message="", headers=None):
        return request.make_json_response({"error": message} if message else {}, status=status, headers=headers)
