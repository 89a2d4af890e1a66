"""What each HTTP answer to a print request means: refused for good, to be held, and whether the labels may be printed.

The addon fails a job only where `refuses_submission` is true; everything else is held until it is known what became of
the request.
"""

import json

import pytest
import requests
import responses
from services.contract.reports import CancelAnswer, LookupAnswer
from services.transport.print_server_client import (
    BadAnswer,
    Connection,
    NotFound,
    PrintServerClient,
    PrintServerError,
    RateLimited,
    Refused,
    Rejected,
    ServerError,
    Unreachable,
)
from services.wording.error_catalogue import advice

BASE = "http://print:5000"
PRINT = BASE + "/api/print"
KEY = "s3cret-k3y"

PAGE = "<!doctype html><title>nginx</title>"
SAID = {"error": "Bad", "message": "What happened", "code": "x", "timestamp": "now"}
ONLY_ERROR = {"error": "What happened"}
NESTED = {"error": {"message": "What happened"}}
NO_ENVELOPE = {"detail": "What happened"}


def coded(code):
    return {"error": "Bad", "code": code}


@pytest.fixture
def client():
    with PrintServerClient(Connection(BASE, KEY)) as client:
        yield client


@pytest.fixture
def server():
    with responses.RequestsMock() as mock:
        yield mock


# status, body, class, code, maybe_delivered, in_envelope, retryable, refuses_submission
ANSWERS = [
    # 2xx without a job: taken, perhaps printed, and nobody knows under which id
    (200, PAGE, BadAnswer, "bad_answer", True, False, False, False),
    (201, "", BadAnswer, "bad_answer", True, False, False, False),
    (201, "accepted", BadAnswer, "bad_answer", True, False, False, False),
    (201, '{"job_id": "a", "sta', BadAnswer, "bad_answer", True, False, False, False),
    (201, {"status": "queued"}, BadAnswer, "bad_answer", True, False, False, False),
    (200, ONLY_ERROR, BadAnswer, "bad_answer", True, False, False, False),
    (200, [], BadAnswer, "bad_answer", True, False, False, False),
    (202, "", BadAnswer, "bad_answer", True, False, False, False),
    (204, "", BadAnswer, "bad_answer", True, False, False, False),
    # Redirects: a load balancer may have handed the request on before
    *((status, "", BadAnswer, "bad_answer", True, False, False, False) for status in (301, 302, 303, 304, 307, 308)),
    (302, PAGE, BadAnswer, "bad_answer", True, False, False, False),
    # The print server's own no
    *((400, body, Rejected, "bad_request", False, True, False, True) for body in (SAID, ONLY_ERROR, NESTED)),
    (400, coded("invalid_zpl"), Rejected, "invalid_zpl", False, True, False, True),
    (404, SAID, NotFound, "printer_not_found", False, True, False, True),
    (405, SAID, Rejected, "bad_request", False, True, False, True),
    (409, SAID, Rejected, "bad_request", False, True, False, True),
    (409, coded("submission_barred"), Rejected, "submission_barred", False, True, False, True),
    (413, SAID, Rejected, "bad_request", False, True, False, True),
    (415, SAID, Rejected, "bad_request", False, True, False, True),
    # A no that somebody mends: the job waits for it
    (401, SAID, Refused, "key_refused", False, True, False, False),
    (403, SAID, Refused, "key_refused", False, True, False, False),
    # "Not now"
    (408, SAID, Rejected, "network_timeout", False, True, True, False),
    (425, SAID, Rejected, "server_unavailable", False, True, True, False),
    (429, SAID, RateLimited, "rate_limited", False, True, True, False),
    (503, SAID, ServerError, "server_unavailable", False, True, True, False),
    (503, coded("storage_unavailable"), ServerError, "server_unavailable", False, True, True, False),
    # The key has arrived before, whatever the answer looks like
    *(
        (422, body, Rejected, "idempotency_key_reused", True, enveloped, False, False)
        for body, enveloped in [
            (coded("idempotency_key_reused"), True), (coded("IDEMPOTENCY_MISMATCH"), True), (ONLY_ERROR, True),
            (coded("validation_error"), True), (NO_ENVELOPE, False), (PAGE, False), ("", False),
        ]
    ),
    (422, coded("invalid_zpl"), Rejected, "invalid_zpl", False, True, False, True),
    # A no of unknown origin: a proxy, a log-in page, another program at this address
    *((400, body, Rejected, "bad_request", True, False, False, False) for body in (PAGE, "", "?", [], NO_ENVELOPE, {})),
    *((status, PAGE, Refused, "key_refused", True, False, False, False) for status in (401, 403)),
    *((status, "", Refused, "key_refused", True, False, False, False) for status in (401, 403)),
    (403, NO_ENVELOPE, Refused, "key_refused", True, False, False, False),
    (404, PAGE, NotFound, "bad_answer", True, False, False, False),
    (404, "", NotFound, "bad_answer", True, False, False, False),
    (404, NO_ENVELOPE, NotFound, "bad_answer", True, False, False, False),
    (404, {"error": ""}, NotFound, "bad_answer", True, False, False, False),
    (404, {"error": True}, NotFound, "bad_answer", True, False, False, False),
    (405, PAGE, Rejected, "bad_request", True, False, False, False),
    (407, PAGE, Rejected, "bad_request", True, False, False, False),
    (408, PAGE, Rejected, "network_timeout", True, False, True, False),
    (409, PAGE, Rejected, "bad_request", True, False, False, False),
    (413, PAGE, Rejected, "bad_request", True, False, False, False),
    # Refused before anything is done with it, whoever says so
    (425, PAGE, Rejected, "server_unavailable", False, False, True, False),
    (429, PAGE, RateLimited, "rate_limited", False, False, True, False),
    (429, "", RateLimited, "rate_limited", False, False, True, False),
    # A maintenance page
    (503, PAGE, ServerError, "server_unavailable", True, False, True, False),
    (503, "", ServerError, "server_unavailable", True, False, True, False),
    # Broken on the way, or in the server while it worked on the request
    *((500, body, ServerError, "server_error", True, enveloped, True, False) for body, enveloped in [(SAID, True), (PAGE, False), ("", False)]),
    (501, SAID, ServerError, "server_error", True, True, True, False),
    *((502, body, ServerError, "server_unavailable", True, enveloped, True, False) for body, enveloped in [(SAID, True), (PAGE, False)]),
    *((504, body, ServerError, "network_timeout", True, enveloped, True, False) for body, enveloped in [(SAID, True), (PAGE, False)]),
    # No status of HTTP at all
    (600, SAID, BadAnswer, "bad_answer", True, True, False, False),
    (999, PAGE, BadAnswer, "bad_answer", True, False, False, False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "body", "kind", "code", "maybe_delivered", "in_envelope", "retryable", "refuses"),
    [pytest.param(*case, id=f"{case[0]}-{str(case[1])[:40] or 'empty'}") for case in ANSWERS],
)
def test_answers(client, server, status, body, kind, code, maybe_delivered, in_envelope, retryable, refuses):
    text = body if isinstance(body, str) else json.dumps(body)
    server.post(PRINT, status=status, body=text, content_type="text/html" if body == PAGE else "application/json")
    with pytest.raises(PrintServerError) as caught:
        client.submit({"printer": "Z"}, "uuid-1")
    error = caught.value
    assert type(error) is kind
    assert (error.code, error.maybe_delivered, error.in_envelope) == (code, maybe_delivered, in_envelope)
    assert (error.retryable, error.refuses_submission) == (retryable, refuses)
    assert error.status == status
    assert advice(code)
    assert "nginx" not in error.message
    assert len(server.calls) == 1, "a submission is never repeated by itself"


@pytest.mark.parametrize("body", [PAGE, "", {}, [], NO_ENVELOPE])
@pytest.mark.parametrize("status", [*range(300, 309), *range(400, 418), 421, 423, 424, 426, 428, 431, 451])
def test_only_the_servers_own_words_refuse(client, server, status, body):
    server.post(PRINT, status=status, body=body if isinstance(body, str) else json.dumps(body))
    with pytest.raises(PrintServerError) as caught:
        client.submit({})
    assert caught.value.maybe_delivered
    assert not caught.value.refuses_submission


def test_a_json_envelope_labelled_as_a_web_page_is_an_envelope(client, server):
    """Flask says text/html of every text that a view returns."""
    server.post(PRINT, status=404, body=json.dumps(ONLY_ERROR), content_type="text/html")
    with pytest.raises(NotFound, match="What happened") as caught:
        client.submit({})
    assert (caught.value.web_page, caught.value.refuses_submission) == (False, True)


def test_422_without_a_key_is_a_refusal(client, server):
    server.post(PRINT, status=422, json=SAID)
    with pytest.raises(Rejected) as caught:
        client.submit({})
    assert (caught.value.code, caught.value.refuses_submission) == ("bad_request", True)


@pytest.mark.parametrize(
    ("error", "maybe_delivered"),
    [(requests.ConnectTimeout("x"), False), (requests.ReadTimeout("x"), True), (requests.ConnectionError("x"), True),
     (requests.exceptions.SSLError("x"), False), (requests.exceptions.ProxyError("x"), False),
     (requests.exceptions.ChunkedEncodingError("x"), True)],
)  # fmt: skip
def test_no_answer(client, server, error, maybe_delivered):
    server.post(PRINT, body=error)
    with pytest.raises(Unreachable) as caught:
        client.submit({}, "uuid-1")
    assert (caught.value.maybe_delivered, caught.value.in_envelope) == (maybe_delivered, False)
    assert caught.value.retryable
    assert not caught.value.refuses_submission


def test_a_question_is_carried_out_or_not_without_harm(client, server):
    for status, body in ((302, ""), (404, ""), (500, PAGE), (200, PAGE)):
        server.get(BASE + "/api/printers", status=status, body=body)
        with pytest.raises(PrintServerError) as caught:
            client.printers()
        assert not caught.value.maybe_delivered
        server.reset()


# What became of a submission, by its key

LOOKUP = PRINT + "/uuid-1"


def test_lookup_finds_the_job(client, server):
    server.get(LOOKUP, json={"job_id": "a", "status": "printing"})
    assert client.lookup("uuid-1") == LookupAnswer("a", "printing")
    server.get(PRINT + "/a%2Fb", json={"job_id": "b"})
    assert client.lookup("a/b").server_job_id == "b"


@pytest.mark.parametrize("more", [{}, {"barred": True}])
def test_lookup_of_a_submission_that_has_not_arrived(client, server, more):
    server.get(LOOKUP, status=404, json={**coded("submission_unknown"), **more})
    assert client.lookup("uuid-1") is None
    server.delete(LOOKUP, status=404, json={**coded("submission_unknown"), **more})
    assert client.cancel_submission("uuid-1").outcome == "unknown"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [(404, SAID, NotFound), (404, PAGE, NotFound), (404, "", NotFound), (404, {"code": "submission_unknown"}, NotFound),
     (405, SAID, Rejected), (409, SAID, Rejected), (409, PAGE, Rejected), (401, SAID, Refused), (302, "", BadAnswer),
     (500, SAID, ServerError), (503, PAGE, ServerError), (200, PAGE, BadAnswer), (200, {}, BadAnswer), (200, [], BadAnswer),
     (429, SAID, RateLimited)],
)  # fmt: skip
def test_what_proves_nothing_is_an_error(client, server, status, body, kind):
    text = body if isinstance(body, str) else json.dumps(body)
    for method in ("GET", "DELETE"):
        server.add(method, LOOKUP, status=status, body=text)
    for call in (client.lookup, client.cancel_submission):
        with pytest.raises(kind) as caught:
            call("uuid-1")
        assert advice(caught.value.code)


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (
            {"success": True, "outcome": "barred", "message": "Will be refused."},
            CancelAnswer("barred", "Will be refused."),
        ),
        ({"success": True, "outcome": "cancelled", "job_id": "a"}, CancelAnswer("cancelled", "", "a")),
        ({"success": True, "outcome": "cancelling", "job_id": "a"}, CancelAnswer("cancelling", "", "a")),
    ],
)
def test_cancel_by_key(client, server, body, answer):
    server.delete(LOOKUP, json=body)
    assert client.cancel_submission("uuid-1") == answer


def test_cancel_by_key_of_a_job_that_had_ended(client, server):
    server.delete(LOOKUP, status=409, json={**coded("job_finished"), "message": "Completed already.", "job_id": "a"})
    answer = client.cancel_submission("uuid-1")
    assert (answer.outcome, answer.server_job_id) == ("finished", "a")
    assert "Completed already." in answer.message


def test_cancel_by_key_that_the_server_does_not_do(client, server):
    server.delete(LOOKUP, json={"success": False, "message": "Printer is busy"})
    with pytest.raises(Rejected, match="Printer is busy"):
        client.cancel_submission("uuid-1")


def test_the_key_is_in_no_report(client, server):
    job = {"job_id": "a", "status": "failed", "error_message": "x" * 995 + KEY, "code": KEY,
           "failed_labels": [{"index": 1, "message": f"with {KEY}"}]}  # fmt: skip
    server.post(BASE + "/api/status", json={"jobs": [job], "unknown": []})
    server.get(
        BASE + "/api/printers", json={"printers": [{"name": "Z", "location": f"at {KEY}", "state_reasons": [KEY]}]}
    )
    server.post(BASE + "/api/test", json={"success": False, "message": f"not with {KEY}"})
    shown = repr(client.batch_status(["a"])) + repr(client.printers()) + repr(client.test_printer("Z"))
    assert KEY[:4] not in shown
    assert "***" in shown


def test_the_webhook_secret_is_in_no_report_either(server):
    secret = "the-webhook-secret"
    said = {"job_id": "a", "status": "failed", "error_message": f"signed by {secret}"}
    server.post(BASE + "/api/status", json={"jobs": [said], "unknown": []})
    server.get(BASE + "/api/printers", status=500, json={"success": False, "error": f"not with {secret}"})
    with PrintServerClient(Connection(BASE, KEY, webhook_secret=secret)) as client:
        shown = repr(client.batch_status(["a"]))
        with pytest.raises(PrintServerError) as failed:
            client.printers()
    assert secret not in shown + str(failed.value) + repr(Connection(BASE, KEY, webhook_secret=secret))
    assert "***" in shown
