"""The web side: the contract's calls, each a few lines, because what they mean is decided elsewhere."""

from __future__ import annotations

from flask import Flask, Response, g, jsonify, request
from werkzeug.http import http_date

from . import __version__, envelope, health, metrics, validation
from . import capabilities as cap
from .auth import authenticate
from .clock import iso, now
from .codes import MESSAGES
from .engine import Engine
from .envelope import ApiError
from .job_store import TERMINAL, KeyBarred, KeyReused
from .rate_limit import RateLimiter
from .wrong_key_limit import WrongKeyLimit

INTERNAL = "print_server.internal"
"""In the WSGI environment of a call that Odoo handed over: no request over HTTP can set it, and it needs no key."""
MAX_BODY = 16 * 1024 * 1024
TEST_LABEL = "^XA^CF0,40^FO40,40^FDTest label^FS^FO40,100^FD{printer}^FS^FO40,160^FD{time}^FS^XZ"
TEST_WAIT = 5.0


def create_app(engine: Engine) -> Flask:
    """The WSGI application for a running engine."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.json.sort_keys = False
    app.json.compact = True
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    limiter, wrong_keys = RateLimiter(engine.settings.rate_limit), WrongKeyLimit(engine.settings.wrong_key_limit)
    envelope.install(app)
    metrics.register(engine)

    @app.before_request
    def _guard() -> Response | None:
        asks_health = request.path.rstrip("/") == "/api/health"
        if request.environ.get(INTERNAL):
            if engine.sender and not asks_health:
                engine.sender.called()
            return None
        if asks_health and "Authorization" not in request.headers:
            # A monitoring program without the key may ask whether the server is up, and is told nothing else.
            return jsonify(status=health.status_word(engine))
        if request.path.rstrip("/") == metrics.PATH:
            # Neither counted nor limited: a scrape shall not take requests from Odoo, which may have the same key.
            authenticate(request, (*engine.settings.metrics_keys, *engine.settings.api_keys), wrong_keys)
            return None
        key = authenticate(request, engine.settings.api_keys, wrong_keys)
        if not asks_health:
            g.allowance = limiter.take(key)
            if engine.sender:
                engine.sender.called()
        return None

    @app.after_request
    def _headers(response: Response) -> Response:
        if allowance := g.get("allowance"):
            response.headers.extend(allowance.headers())
        response.headers["Cache-Control"] = "no-store"
        response.headers["Date"] = http_date(now())
        engine.totals.response(response.status_code)
        if request.endpoint == "print_labels":
            engine.totals.submission(response.status_code)
        return response

    _print_routes(app, engine)
    if cap.SUBMISSION_LOOKUP in engine.capabilities:
        _submission_routes(app, engine)
    _job_routes(app, engine)
    _status_routes(app, engine)
    _printer_routes(app, engine)

    @app.get(metrics.PATH)
    def tell_metrics() -> Response:
        return metrics.answer(engine)

    return app


def _print_routes(app: Flask, engine: Engine) -> None:
    @app.post("/api/print")
    def print_labels() -> tuple[Response, int]:
        body = validation.print_request(validation.parse_object(request.get_data()))
        _known_printer(engine, body["printer"])
        key = None
        if cap.IDEMPOTENCY in engine.capabilities:
            key = validation.idempotency_key(request.headers.get("Idempotency-Key"))
        waiting = engine.jobs.waiting().get(body["printer"], (0, 0))[1] or 0
        try:
            accepted = engine.submit(body, key)
        except KeyReused as error:
            message = "This Idempotency-Key was used for a different request: use a new key for a new request."
            raise ApiError(422, "idempotency_key_reused", message) from error
        except KeyBarred as error:
            message = "This submission was cancelled before it arrived; nothing was printed."
            raise ApiError(409, "submission_barred", message) from error
        if not accepted.created:
            status = engine.jobs.get(accepted.job_id)["status"]
            return jsonify(job_id=accepted.job_id, status=status, message="This request was accepted before."), 200
        seconds = (waiting + len(body["labels"])) * engine.fleet.label_seconds(body["printer"])
        return (
            jsonify(
                job_id=accepted.job_id,
                status="queued",
                estimated_completion=iso(now() + seconds),
                message=f"{len(body['labels'])} labels queued for {body['printer']}.",
            ),
            201,
        )


def _submission_routes(app: Flask, engine: Engine) -> None:
    @app.get("/api/print/<path:key>")
    def find_submission(key: str) -> Response:
        found = engine.jobs.submission(validation.idempotency_key(key))
        if found is None or found.job_id is None:
            details = {"barred": True} if found else {}
            raise ApiError(404, "submission_unknown", "No request with this key has made a job.", **details)
        return jsonify(job_id=found.job_id, status=found.status)

    @app.delete("/api/print/<path:key>")
    def cancel_submission(key: str) -> Response:
        found = engine.cancel_submission(validation.idempotency_key(key))
        if found.job_id is None:
            message = "No request with this key has arrived; should it arrive later, it will be refused."
            return jsonify(success=True, outcome="barred", message=message)
        # Asked again after a cancel whose answer was lost, it says once more that the job is cancelled.
        if found.status in TERMINAL and found.status != "cancelled":
            raise _finished_job(found.status, job_id=found.job_id)
        return jsonify(_cancelled(found.status) | {"job_id": found.job_id})


def _job_routes(app: Flask, engine: Engine) -> None:
    @app.delete("/api/jobs/<job_id>")
    def cancel(job_id: str) -> Response:
        status = engine.cancel(job_id)
        if status is None:
            raise _unknown_job()
        if status in TERMINAL:
            raise _finished_job(status)
        return jsonify(_cancelled(status))

    if cap.LABEL_ACCOUNT in engine.capabilities:

        @app.get("/api/jobs/<job_id>/labels")
        def labels(job_id: str) -> Response:
            runs = engine.jobs.labels(job_id)
            if runs is None:
                raise _unknown_job()
            return jsonify(job_id=job_id, labels=runs)


def _status_routes(app: Flask, engine: Engine) -> None:
    @app.get("/api/status/<job_id>")
    def status(job_id: str) -> Response:
        found = engine.statuses([job_id])
        if not found:
            raise _unknown_job()
        return jsonify(found[job_id])

    if cap.BATCH_STATUS in engine.capabilities:

        @app.post("/api/status")
        def batch_status() -> Response:
            body = validation.parse_object(request.get_data())
            ids = validation.job_ids(body)
            labels = cap.LABEL_ACCOUNT in engine.capabilities and validation.wants_labels(body)
            found = engine.statuses(ids, labels)
            return jsonify(
                jobs=[found[job_id] for job_id in ids if job_id in found],
                unknown=[job_id for job_id in ids if job_id not in found],
            )


def _printer_routes(app: Flask, engine: Engine) -> None:
    @app.get("/api/printers")
    def printers() -> Response:
        return jsonify(printers=engine.fleet.views(engine.capabilities, engine.jobs.waiting()))

    @app.post("/api/test")
    def test_print() -> Response:
        name = validation.printer_name(validation.parse_object(request.get_data()))
        _known_printer(engine, name)
        reading = engine.fleet.state(name).reading
        if reading.code:
            return jsonify(success=False, message=MESSAGES[reading.code])
        safe = name.replace("^", " ").replace("~", " ")
        zpl = TEST_LABEL.format(printer=safe, time=iso(now()))
        label = {"zpl": zpl, "label_index": None, "box_number": None, "lot_number": None, "metadata": {}}
        body = {"printer": name, "labels": [label], "metadata": {"test": True}, "mo_reference": None, "priority": 0}
        job_id = engine.submit(body).job_id
        ended = engine.await_end(job_id, TEST_WAIT)
        row = engine.jobs.get(job_id)
        if ended == "failed":
            return jsonify(success=False, message=row["error_message"] or "The test label failed.", job_id=job_id)
        if ended == "completed":
            return jsonify(success=True, message=f"Test label printed on {name}.", job_id=job_id)
        return jsonify(success=True, message=f"Test label queued for {name} behind other jobs.", job_id=job_id)

    @app.get("/api/health")
    def tell_health() -> Response:
        answer = {"version": __version__, **health.report(engine)}
        if not cap.first_generation(engine.capabilities):
            answer["capabilities"] = sorted(engine.capabilities)
        if cap.IDEMPOTENCY in engine.capabilities:
            answer["idempotency_hours"] = engine.settings.keep_days * 24
        answer["printers"] = len(engine.fleet)
        answer["limits"] = {
            "labels": validation.MAX_LABELS,
            "zpl_characters": validation.MAX_ZPL,
            "body_bytes": MAX_BODY,
            "batch": validation.MAX_BATCH,
        }
        return jsonify(answer)


def _known_printer(engine: Engine, name: str) -> None:
    if name not in engine.fleet:
        raise ApiError(404, "printer_not_found", "No such printer: choose one from GET /api/printers.")


def _cancelled(status: str) -> dict[str, object]:
    """The answer to a cancel of a job that had this status."""
    if status == "printing":
        message = "Cancelling: the job stops after the label now printing."
        return {"success": True, "outcome": "cancelling", "message": message}
    return {"success": True, "outcome": "cancelled", "message": "Cancelled."}


def _finished_job(status: str, **details: object) -> ApiError:
    return ApiError(409, "job_finished", f"The job is already {status}: there is nothing left to cancel.", **details)


def _unknown_job() -> ApiError:
    return ApiError(404, "job_unknown", "No such job: it may be older than the server keeps, or of another server.")
