"""Every oddity of the contract ends in `payloads`: both generations of servers, and JSON that no server should send."""

import json
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from services.contract import event_signature
from services.contract.payloads import (
    CancelAnswer,
    FailedLabel,
    LookupAnswer,
    PayloadError,
    PrinterReason,
    load_json,
    parse_batch,
    parse_cancel,
    parse_events,
    parse_health,
    parse_job_report,
    parse_label_account,
    parse_lookup,
    parse_printer,
    parse_printers,
    parse_submission_cancel,
    parse_submit,
)
from services.lifecycle.job_lifecycle import STATUSES

KNOWN = {status for status, _label in STATUSES}
PARSERS = (
    parse_job_report, parse_batch, parse_printers, parse_submit, parse_health, parse_events, parse_lookup, parse_cancel,
    parse_submission_cancel,
)  # fmt: skip

# JSON that looks like the contract in places, so that the search gets past the first check.
_KEYS = st.sampled_from(
    ["job_id", "id", "status", "progress", "current_label", "progress_percent", "failed", "failed_labels", "error",
     "error_message", "message", "error_code", "code", "confirmed", "jobs", "unknown", "printers", "name", "type",
     "state_reasons", "events", "services", "capabilities", "index", "total", "completed", "occurred_at",
     "estimated_completion", "jobs_in_queue", "labels", "counts", "printed", "state", "count", "at", "started_at",
     "success", "outcome", "idempotency_hours", "x"]
)  # fmt: skip
_LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
    st.sampled_from(["job", "printer", "completed", "printing", "media-empty-error", "2026-01-01T00:00:00Z", 10**40, -1]),
)  # fmt: skip
ANY_JSON = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=8), max_leaves=20
)


@given(ANY_JSON)
@example({"job_id": "a", "status": "completed", "failed_labels": [{"index": True}, {"index": 10**40}, None, "x", 3]})
@example({"jobs": [{"status": []}], "unknown": [None, {}, 5]})
@example({"events": [{"type": ["job"]}, {"type": "job", "status": {}}]})
def test_any_json_is_read_or_refused_in_one_way(data):
    for parse in PARSERS:
        try:
            parse(data)
        except PayloadError as error:
            assert str(error)


@given(st.dictionaries(_KEYS, ANY_JSON, max_size=10))
def test_a_report_is_always_storable(data):
    try:
        report = parse_job_report({**data, "job_id": "a", "status": data.get("status") or "printing"})
    except PayloadError:
        return
    assert report.status is None or report.status in KNOWN
    assert 0 < len(report.word) <= 64
    assert report.current_label is None or report.current_label >= 0
    assert report.progress_percent is None or 0 <= report.progress_percent <= 100
    assert report.failed_count >= len(report.failed_labels)
    json.dumps([report.error_code, report.error_message, report.word]).encode()


def test_flat_and_nested_progress_say_the_same():
    flat = parse_job_report({"job_id": "a", "status": "printing", "current_label": 50, "progress_percent": 25})
    nested = parse_job_report(
        {"job_id": "a", "status": "printing", "progress": {"total": 200, "completed": 50, "failed": 0}}
    )
    assert (flat.current_label, flat.progress_percent) == (nested.current_label, nested.progress_percent) == (50, 25.0)
    assert nested.total == 200


@pytest.mark.parametrize(
    ("fields", "code", "message"),
    [
        ({"error_message": "Out of paper", "error": "x", "message": "y"}, "paper_out", "Out of paper"),
        ({"error": "Head open"}, "head_open", "Head open"),
        ({"error": None, "message": "ribbon out"}, "ribbon_out", "ribbon out"),
        ({"error": {"code": "MEDIA-OUT", "message": "no more"}}, "paper_out", "no more"),
        ({"error_code": "E-4711", "error_message": "Strange"}, "E-4711", "Strange"),
        ({}, "", ""),
    ],
)
def test_the_error_is_found_wherever_it_is(fields, code, message):
    report = parse_job_report({"job_id": "a", "status": "failed", **fields})
    assert (report.error_code, report.error_message) == (code, message)


def test_small_talk_is_no_error():
    assert parse_job_report({"job_id": "a", "status": "printing", "message": "Printing label 5"}).error_message == ""
    cancelled = parse_job_report({"job_id": "a", "status": "cancelled", "error_code": "cancelled"})
    assert cancelled.error_code == ""


@pytest.mark.parametrize(
    "fields", [{"failed": 2}, {"progress": {"total": 9, "completed": 7, "failed": 2}}, {"failed_labels": [1, 2]}]
)
def test_completed_with_failures_is_completed_with_errors(fields):
    report = parse_job_report({"job_id": "a", "status": "completed", **fields})
    assert (report.status, report.failed_count) == ("completed_with_errors", 2)


@pytest.mark.parametrize(
    ("word", "status"),
    [("pending", "queued"), ("pending-held", "queued"), ("processing", "printing"), ("processing-stopped", "printing"),
     ("canceled", "cancelled"), ("aborted", "failed"), (3, "queued"), (4, "queued"), ("5", "printing"), (6, "printing"),
     (7, "cancelled"), (8, "failed"), (9, "completed"), ("sent_to_client", "queued"), ("expired", "failed"), (10, None)],
)  # fmt: skip
def test_the_words_of_ipp_and_printnode(word, status):
    assert parse_job_report({"job_id": "a", "status": word}).status == status


def test_an_unknown_word_is_kept_and_shortened():
    report = parse_job_report({"job_id": "a", "status": "Defragmenting " * 20})
    assert report.status is None
    assert report.word.startswith("Defragmenting")
    assert len(report.word) == 64


def test_failed_labels_are_sorted_unique_and_real():
    labels = [{"index": 51, "code": "PAPER_OUT", "message": "m"}, {"index": "3", "message": "Head open"}, {"index": 3},
              {"index": 0}, {"index": 501}, {"index": 1.5}, {"index": None}, "x", {}]  # fmt: skip
    report = parse_job_report({"job_id": "a", "status": "failed", "failed_labels": labels})
    assert report.failed_labels == (FailedLabel(3, "head_open", "Head open"), FailedLabel(51, "paper_out", "m"))


def test_an_answer_about_another_job_is_refused():
    with pytest.raises(PayloadError):
        parse_job_report({"job_id": "b", "status": "printing"}, "a")
    assert parse_job_report({"status": "printing"}, "a").server_job_id == "a"
    assert parse_job_report({"job_id": 7, "status": "printing"}, "7").server_job_id == "7"


def test_malformed_entries_do_not_affect_others():
    answer = parse_batch(
        {"jobs": [{"job_id": "a", "status": "queued"}, None, {"status": "x"}, [], 5], "unknown": ["b", "b", None]}
    )
    assert [report.server_job_id for report in answer.reports] == ["a"]
    assert answer.unknown == ("b",)
    assert answer.rejected == 4


@pytest.mark.parametrize("data", [None, [], "x", {"jobs": None}, {"jobs": {}}, {}])
def test_a_batch_of_the_wrong_shape_is_refused(data):
    with pytest.raises(PayloadError):
        parse_batch(data)


@pytest.mark.parametrize(
    ("word", "reasons", "status"),
    [
        ("online", [], "online"), ("Idle", ["none"], "online"), ("printing", [], "busy"), ("error", [], "attention"),
        ("online", ["media-empty-error"], "attention"), ("busy", ["media-empty"], "attention"),
        ("online", ["media-low-warning"], "online"), ("offline", ["media-empty-error"], "offline"),
        ("on fire", [], "unknown"), (None, None, "unknown"), (5, "media-low,door-open", "unknown"),
    ],
)  # fmt: skip
def test_printer_status(word, reasons, status):
    (report,) = parse_printers({"printers": [{"name": "Z", "status": word, "state_reasons": reasons}]})
    assert report.status == status


def test_reasons_keep_the_worst_severity_once():
    reasons = ["media-low-report", "media-low-warning", "media-empty", "toner-low", "none", "", None, "odd thing-error"]
    (report,) = parse_printers({"printers": [{"name": "Z", "status": "online", "state_reasons": reasons}]})
    assert report.reasons == (
        PrinterReason("media-empty", "error"),
        PrinterReason("media-low", "warning"),
        PrinterReason("odd thing", "error"),
        PrinterReason("toner-low", "warning"),  # without a severity: an early warning warns
    )


def test_printers_without_a_name_are_left_out():
    reports = parse_printers({"printers": [{"status": "online"}, {"name": "Z", "jobs_in_queue": -4}, 3]})
    assert [(report.cups_name, report.jobs_in_queue) for report in reports] == [("Z", 0)]


def test_health_nested_and_flat():
    nested = parse_health(
        {"status": "OK", "version": "2", "services": {"queue": True}, "capabilities": ["batch_status", 5, None]}
    )
    assert (nested.status, nested.version, nested.services) == ("ok", "2", {"queue": "ok"})
    assert "batch_status" in nested.capabilities
    assert parse_health({"status": "healthy", "cups": {"status": "ok"}, "redis": False}).services == {
        "cups": "ok",
        "redis": "down",
    }
    with pytest.raises(PayloadError):
        parse_health({"welcome": "to something else"})


@pytest.mark.parametrize(
    ("said", "hours"),
    [(None, 24), (48, 48), ("48", 48), (1, 1), (0.5, 24), (0, 24), (-5, 24), (87_660, 87_660), (87_661, 24),
     (float("nan"), 24), (float("inf"), 24), (True, 24), ("long", 24), ([], 24)],
)  # fmt: skip
def test_how_long_idempotency_keys_live(said, hours):
    health = parse_health({"status": "ok", "idempotency_hours": said})
    assert health.idempotency_hours == hours
    assert "idempotency_hours" not in health.services


def test_what_became_of_a_submission():
    assert parse_lookup({"job_id": "a", "status": "processing"}) == LookupAnswer("a", "printing")
    for data in ({}, {"job_id": ""}, []):
        with pytest.raises(PayloadError):
            parse_lookup(data)


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        ({"success": True, "message": "Cancelled."}, CancelAnswer("cancelled", "Cancelled.")),
        ({"success": True, "outcome": "cancelling", "job_id": 7}, CancelAnswer("cancelling", "", "7")),
        ({}, CancelAnswer("cancelled")), ({"outcome": "gone fishing"}, CancelAnswer("cancelled")),
        ({"success": False, "error": "Printer is busy"}, CancelAnswer("", "Printer is busy")),
        ({"success": "yes", "job_id": "x" * 300}, CancelAnswer("")),
    ],
)  # fmt: skip
def test_the_answer_to_a_cancel(data, answer):
    assert parse_cancel(data) == answer


def test_a_cancelled_submission_says_what_became_of_it():
    assert parse_submission_cancel({"success": True, "outcome": "barred"}) == CancelAnswer("barred")
    assert parse_submission_cancel({"outcome": "Cancelled", "job_id": "a"}) == CancelAnswer("cancelled", "", "a")
    assert parse_submission_cancel({"success": False, "message": "no"}) == CancelAnswer("", "no")
    for data in ({}, {"success": True}, {"outcome": "finished"}, {"outcome": "cancelled"}, {"outcome": "cancelling"}):
        with pytest.raises(PayloadError):
            parse_submission_cancel(data)


def test_a_submission_needs_an_id():
    assert parse_submit({"job_id": "a"}).status == "queued"
    assert parse_submit({"id": 5, "status": "printing"}).server_job_id == "5"
    for data in ({}, {"job_id": ""}, {"job_id": "x" * 300}, []):
        with pytest.raises(PayloadError):
            parse_submit(data)


def test_events_of_both_kinds_and_malformed_ones():
    batch = parse_events({
        "events": [
            {"id": "e1", "type": "job", "job_id": "a", "status": "printing", "occurred_at": "2026-03-04T09:15:30Z"},
            {"id": "e2", "type": "printer", "name": "Z", "status": "online"},
            {"id": "e3", "type": "weather"}, {"type": "job"}, None,
        ]
    })  # fmt: skip
    assert [(job.server_job_id, job.occurred_at) for job in batch.jobs] == [("a", datetime(2026, 3, 4, 9, 15, 30))]
    assert [printer.cups_name for printer in batch.printers] == ["Z"]
    assert batch.rejected == 3


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe{", b"<html>", b"[" * 100_000, b'"\\ud8', b"nul"])
def test_not_json(raw):
    with pytest.raises(PayloadError):
        load_json(raw)


def test_numbers_of_a_million_digits_cost_nothing():
    assert load_json(b'{"a": ' + b"9" * 1_000_000 + b', "b": NaN}')["a"] is None


KEY = "s3cret-k3y"


@pytest.mark.parametrize("spelling", [KEY, "s3cret\\u002dk3y", "\\u00733cret-k3y"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_the_key_is_not_repeated_in_words(spelling, encoding):
    text = f'''{{"jobs": [{{"job_id": "{spelling}", "status": "Lost {spelling}", "error_message": "{"x" * 990} {spelling}",
        "labels": [{{"index": 1, "state": "failed", "code": "{spelling}"}}],
        "failed_labels": [{{"index": 1, "code": "{spelling}", "message": "key {spelling}"}}]}}]}}'''
    (report,) = parse_batch(load_json(text.encode(encoding), KEY)).reports
    assert report.server_job_id == KEY, "an id is sent back as it came"
    assert KEY[:4] not in repr(report).replace(f"server_job_id={KEY!r}", "")
    assert KEY in repr(parse_batch(load_json(text.encode(encoding))).reports), "as the server sent it"


def test_a_weak_key_changes_no_word_that_decides():
    data = {"job_id": "print-1", "status": "printing", "labels": [{"index": 1, "state": "sent"}], "message": "print é"}
    report = parse_job_report(load_json(json.dumps(data).encode(), "print"))
    assert (report.server_job_id, report.status) == ("print-1", "printing")
    assert load_json(b'"a print"', "print") == "a ***"
    deep = b"[" * 500 + b'"print"' + b"]" * 500
    assert b"print" not in json.dumps(load_json(deep, "print")).encode()


# The examples of the published contract.

CONTRACT = Path(__file__).resolve().parents[3] / "docs" / "print-server-api.yaml"


def _parse_account(value):
    return parse_label_account(value, value["job_id"])


def _contract_examples():
    """Every example of an answer or event in the contract: (name, parser, value)."""
    document = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))

    def values(media, where):
        for name, case in media["application/json"].get("examples", {}).items():
            if "$ref" in case:
                case = document["components"]["examples"][case["$ref"].rsplit("/", 1)[1]]
            yield f"{where} {name}", case["value"]

    parsers = {
        ("/api/print", "post"): parse_submit, ("/api/status/{job_id}", "get"): parse_job_report,
        ("/api/status", "post"): parse_batch, ("/api/printers", "get"): parse_printers,
        ("/api/health", "get"): parse_health, ("/api/print/{key}", "get"): parse_lookup,
        ("/api/print/{key}", "delete"): parse_submission_cancel, ("/api/jobs/{job_id}", "delete"): parse_cancel,
        ("/api/jobs/{job_id}/labels", "get"): _parse_account,
    }  # fmt: skip
    for (path, method), parse in parsers.items():
        for status, response in document["paths"][path][method]["responses"].items():
            if status.startswith("2"):
                for name, value in values(response["content"], f"{path} {status}"):
                    yield name, parse, value
    for name, value in values(document["webhooks"]["events"]["post"]["requestBody"]["content"], "events"):
        yield name, parse_events, value


@pytest.mark.parametrize(("name", "parse", "value"), [pytest.param(*case, id=case[0]) for case in _contract_examples()])
def test_every_example_of_the_contract_is_understood(name, parse, value):
    parsed = parse(value)
    assert getattr(parsed, "rejected", 0) == 0
    if parse in (parse_cancel, parse_submission_cancel):
        assert parsed.outcome == value.get("outcome", "cancelled")
        assert parsed.server_job_id == value.get("job_id", "")
    if parse is _parse_account:
        assert parsed.label_problems == 0
        assert [run.index for run in parsed.labels] == [run["index"] for run in value["labels"]]
        assert [run.code for run in parsed.labels] == [run.get("code", "") for run in value["labels"]]
        assert all(run.at for run, said in zip(parsed.labels, value["labels"], strict=True) if "at" in said)
    if parse is parse_printers:
        assert len(parsed) == len(value["printers"])
        assert all(printer.status != "unknown" for printer in parsed)
    for report in [parsed] if parse is parse_job_report else getattr(parsed, "reports", getattr(parsed, "jobs", ())):
        assert report.status is not None
        assert report.label_problems == 0
        assert report.current_label is None or report.total is None or report.current_label <= report.total
    if parse is parse_job_report:
        assert (parsed.counts is not None) == ("counts" in value)
        assert (parsed.completed_at is not None) == bool(value.get("completed_at"))
    if parse is parse_job_report and value["status"] == "failed":
        assert report.error_message or "nested" in name


def test_the_contracts_signature_example():
    event_signature.verify(
        "test-secret",
        {"X-Print-Signature": "t=1700000000,v1=701cff562429740008efe21fbe67b094cde993ac4e1efd061122119d53a6d2c9"},
        b'{"events":[]}',
        now=1700000000,
    )


def test_what_a_job_waits_for():
    since = "2026-03-04T09:15:25.000Z"
    found = parse_job_report({"job_id": "a", "status": "printing", "waiting_for": "Media-Out", "waiting_since": since})
    assert (found.waiting_for, found.waiting_since) == ("paper_out", datetime(2026, 3, 4, 9, 15, 25))
    for nothing in (None, "", 0, False, [], {}):
        found = parse_job_report({"job_id": "a", "status": "printing", "waiting_for": nothing})
        assert found.waiting_for == ""


def test_what_a_printer_says_of_itself():
    found = parse_printer(
        {"name": "Z", "serial_number": "50J1", "firmware": "V84.20", "odometer": 81234, "confirms_labels": False}
    )
    assert (found.serial_number, found.firmware, found.odometer, found.confirms_labels) == (
        "50J1", "V84.20", 81234, False
    )  # fmt: skip
    assert parse_printer({"name": "Z"}).confirms_labels is None
    assert parse_printer({"name": "Z", "odometer": 3_000_000}).odometer == 3_000_000
    assert parse_printer({"name": "Z", "odometer": 2**31}).odometer is None
    found = parse_printer({"name": "Z", "serial_number": 12, "odometer": "many", "confirms_labels": "no"})
    assert (found.odometer, found.confirms_labels) == (None, None)


def test_what_a_server_says_is_wrong_with_it():
    found = parse_health({"status": "degraded", "warnings": ["The disk is nearly full.", 5, None, ["x"]]})
    assert found.warnings == ("The disk is nearly full.", "5")
    assert parse_health({"status": "ok", "warnings": "x"}).warnings == ()
    assert len(parse_health({"status": "ok", "warnings": ["x"] * 50}).warnings) == 10
