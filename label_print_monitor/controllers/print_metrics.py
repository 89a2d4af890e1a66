"""The route from which a monitoring system reads: a token instead of a user, and nothing is written."""

import logging

from odoo import http
from odoo.http import request
from psycopg2.errors import QueryCanceled

from ..services.export.exposition import CONTENT_TYPE

_logger = logging.getLogger(__name__)


class PrintMetrics(http.Controller):
    @http.route(
        "/label_print_monitor/metrics", type="http", auth="none", methods=["GET"], readonly=True, save_session=False
    )
    def metrics(self, **_params):
        """The figures that the token is for, in Prometheus' text format (docs/monitoring.md).

        Answers 404 while the settings have no token, 401 for a request without one or with another, 503 when the
        database does not answer in time.
        """
        tokens = request.env(su=True)["label.print.metrics.token"]
        scheme, _space, given = request.httprequest.headers.get("Authorization", "").partition(" ")
        given = given.strip() if scheme.lower() == "bearer" else ""
        is_offered, is_right, company_id = tokens._scope_of(given)
        if not is_offered:
            return self._refuse(404, "No token has been made: Label Printing > Configuration > Settings > Metrics.")
        if not given:
            return self._refuse(401, "Send the token as 'Authorization: Bearer <token>'.")
        if not is_right:
            return self._refuse(
                401, "The token is not, or no longer, one of this database: make another one in the settings."
            )
        try:
            text = tokens._exposition(company_id)
        except QueryCanceled:
            request.env.cr.rollback()
            _logger.warning("The metrics were not read: the database did not answer in time.")
            return self._refuse(503, "The database did not answer in time.")
        return request.make_response(text, [("Content-Type", CONTENT_TYPE), ("Cache-Control", "no-store")])

    def _refuse(self, status, words):
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")]
        if status == 401:
            headers.append(("WWW-Authenticate", 'Bearer realm="label print metrics"'))
        return request.make_response(f"{words}\n", headers, status=status)
