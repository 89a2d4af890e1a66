"""The contract's one form of an error, whoever found it: our checks, Flask, or an unexpected exception."""

from __future__ import annotations

import logging
import sqlite3
from http import HTTPStatus

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from .clock import iso, now

_logger = logging.getLogger(__name__)

_BY_STATUS = {
    400: ("bad_request", "The request could not be understood."),
    404: ("not_found", "There is nothing at this address: compare it with the API description."),
    405: ("method_not_allowed", "This address does not take that method."),
    413: ("body_too_large", "The body is larger than 16 MB: send fewer or smaller labels."),
}


class ApiError(Exception):
    """An answer other than success. `code` is for machines, `message` tells a person what to do.

    `details` are further keys of the answer.
    """

    def __init__(
        self, status: int, code: str, message: str, headers: dict[str, str] | None = None, **details: object
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.headers, self.details = headers or {}, details


def error_response(error: ApiError) -> Response:
    """The envelope as a response."""
    title = HTTPStatus(error.status).phrase
    body = {"error": title, "message": error.message, "code": error.code, "timestamp": iso(now())} | error.details
    response = jsonify(body)
    response.status_code = error.status
    response.headers.extend(error.headers)
    return response


def install(app: Flask) -> None:
    """Make every error of the application leave in the envelope."""

    @app.errorhandler(ApiError)
    def _ours(error: ApiError) -> Response:
        return error_response(error)

    @app.errorhandler(HTTPException)
    def _flasks(error: HTTPException) -> Response:
        status = error.code or 500
        if 300 <= status < 400:
            # A redirect (a path with doubled slashes) would make a client repeat a POST: it is simply not our address.
            status = 404
        code, message = _BY_STATUS.get(status, ("http_error", "The request was refused."))
        headers = {"Allow": ", ".join(sorted(error.valid_methods))} if getattr(error, "valid_methods", None) else {}
        return error_response(ApiError(status, code, message, headers))

    @app.errorhandler(sqlite3.Error)
    def _storage(error: sqlite3.Error) -> Response:
        _logger.error("Storage failed: %s", error)
        message = "The job store is not available: check the disk of the print server, then try again."
        return error_response(ApiError(503, "storage_unavailable", message, {"Retry-After": "10"}))

    @app.errorhandler(Exception)
    def _unforeseen(error: Exception) -> Response:
        _logger.exception("Unforeseen error", exc_info=error)
        message = "The print server met a fault of its own; its log says more. Nothing was printed by this request."
        return error_response(ApiError(500, "internal_error", message))
