"""What each field of an answer becomes: where it is looked for, what stands in its place, and where its limit is."""

from datetime import datetime

import pytest
from services.contract import label_runs
from services.contract.clean_values import clean_id, clean_odometer, clean_time
from services.contract.event_signature import FORMER_HEADER, SignatureError, StaleSignature, sign_as_before, verify
from services.contract.json_documents import MAX_JOB_ID, load_json
from services.contract.payloads import (
    LabelError,
    PayloadError,
    parse_batch,
    parse_cancel,
    parse_events,
    parse_health,
    parse_job_report,
    parse_label_account,
    parse_printer,
    parse_printers,
    parse_submission_cancel,
    parse_submit,
    validate_labels,
)
from services.contract.reports import PrinterReason
from services.contract.sizes import Limits, check_sizes, parse_limits, split_jobs

LONGEST_ID = "x" * MAX_JOB_ID
GOOD = {"zpl_code": "^XA^FDbox^FS^XZ"}


def test_all_that_the_answer_to_a_submission_says():
    answer = parse_submit(
        {"job_id": "a", "status": "printing", "message": "Printing…", "estimated_completion": "2026-03-04T09:15:00Z"}
    )
    assert answer.message == "Printing…"
    assert answer.estimated_completion == datetime(2026, 3, 4, 9, 15)


def test_the_longest_job_id():
    assert parse_submit({"job_id": LONGEST_ID}).server_job_id == LONGEST_ID
    with pytest.raises(PayloadError, match="no job id"):
        parse_submit({"job_id": LONGEST_ID + "x"})


@pytest.mark.parametrize("name", ["message", "error_message", "error"])
def test_the_words_of_a_cancel(name):
    assert parse_cancel({name: "Too late."}).message == "Too late."


def test_the_job_of_a_cancel():
    assert parse_cancel({"job_id": LONGEST_ID}).server_job_id == LONGEST_ID
    assert parse_cancel({"job_id": LONGEST_ID + "x"}).server_job_id == ""


@pytest.mark.parametrize(
    ("read", "words"),
    [
        (lambda: parse_submission_cancel({"outcome": "x"}), "no outcome of the cancelled submission"),
        (lambda: parse_submission_cancel({"outcome": "cancelled"}), "a cancelled submission without a job id"),
        (lambda: parse_health({}), "a health answer without a status"),
        (lambda: parse_events({}), "the answer has no list of events"),
        (lambda: parse_batch({}), "the answer has no list of jobs"),
        (lambda: parse_printers({}), "the answer has no list of printers"),
        (lambda: parse_printer({}), "a printer without a name"),
        (lambda: parse_label_account({"job_id": "a"}, "a"), "the answer has no list of labels"),
        (lambda: load_json(b"x"), "not JSON"),
    ],
)
def test_what_is_wrong_with_an_answer_is_said(read, words):
    with pytest.raises(PayloadError, match=words):
        read()


def test_flat_services_are_those_that_nothing_else_is_known_of():
    known = {
        "status": "ok", "version": "1", "capabilities": ["a"], "timestamp": "x", "idempotency_hours": 2, "limits": {},
        "warnings": ["w"], "services": None,
    }  # fmt: skip
    assert parse_health({**known, "database": "up"}).services == {"database": "up"}


def test_a_service_says_how_it_is_in_several_ways():
    services = {"a": {"status": "up"}, "b": {"state": "slow"}, "c": True, "d": {"status": False}}
    assert parse_health({"services": services}).services == {"a": "up", "b": "slow", "c": "ok", "d": "down"}


def test_a_server_that_does_not_say_how_it_is():
    assert parse_health({"services": {}}).status == "unknown"


def test_all_that_a_printer_says():
    printer = parse_printer(
        {
            "cups_name": "Zebra-1", "model": "ZT411", "connection": "network", "location": "Hall 2", "jobs_in_queue": 3,
            "occurred_at": "2026-03-04T09:15:00Z", "status": "online",
        }
    )  # fmt: skip
    assert (printer.cups_name, printer.model, printer.connection, printer.location) == (
        "Zebra-1", "ZT411", "network", "Hall 2",
    )  # fmt: skip
    assert (printer.jobs_in_queue, printer.occurred_at) == (3, datetime(2026, 3, 4, 9, 15))
    assert parse_printer({"name": "x"}).jobs_in_queue == 0


def test_reasons_with_commas_between():
    printer = parse_printer({"name": "x", "state_reasons": "media-empty-error,media-low-report"})
    assert printer.reasons == (PrinterReason("media-empty", "error"), PrinterReason("media-low", "report"))


def test_a_reason_that_nobody_knows_is_only_told():
    assert parse_printer({"name": "x", "state_reasons": ["vendor-thing"]}).reasons == (
        PrinterReason("vendor-thing", "report"),
    )


def test_the_lower_severity_of_a_reason_gives_way():
    for reasons in (["jam-error", "jam-report"], ["jam-report", "jam-error"]):
        (reason,) = parse_printer({"name": "x", "state_reasons": reasons}).reasons
        assert reason.severity == "error"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"status": "failed", "code": "paper_out"}, "paper_out"),
        ({"status": "printing", "code": "paper_out"}, ""),
        ({"status": "printing", "code": "paper_out", "error_message": "Stopped."}, "paper_out"),
        ({"status": "failed"}, ""),
    ],
)
def test_a_code_counts_where_something_is_wrong(fields, code):
    assert parse_job_report({"job_id": "a", **fields}).error_code == code


def test_the_message_of_a_running_job_is_small_talk():
    report = parse_job_report({"job_id": "a", "status": "printing", "message": "Out of paper"})
    assert (report.error_message, report.error_code) == ("", "")


def test_whole_numbers_of_nineteen_digits_are_read():
    assert load_json(b'{"a": %s, "b": %s}' % (b"9" * 19, b"9" * 20)) == {"a": 10**19 - 1, "b": None}


@pytest.mark.parametrize(("value", "found"), [(0, 0), (1, 1), (2**31 - 1, 2**31 - 1), (2**31, 0), (-1, 0)])
def test_ids(value, found):
    assert clean_id(value) == found


@pytest.mark.parametrize(
    ("value", "found"), [(0, 0), (0.5, 0), (1, 1), (-1, None), (2**31 - 1, 2**31 - 1), (2**31, None)]
)
def test_odometers(value, found):
    assert clean_odometer(value) == found


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-03-04T09:15:00+05:30", datetime(2026, 3, 4, 3, 45)),
        ("2026-03-04T09:15:00-0330", datetime(2026, 3, 4, 12, 45)),
        ("Wed, 04 Mar 2026 09:15 GMT", datetime(2026, 3, 4, 9, 15)),
        ("Wed, 04 Mar 2026 09:15:07 +0130", datetime(2026, 3, 4, 7, 45, 7)),
        ("2000-01-01T00:00:00Z", datetime(2000, 1, 1)),
        ("2100-12-31T23:59:59Z", datetime(2100, 12, 31, 23, 59, 59)),
        ("1999-12-31T23:59:59Z", None),
        ("2101-01-01T00:00:00Z", None),
        (1_772_615_700, datetime(2026, 3, 4, 9, 15)),
        (1_772_615_700_000, datetime(2026, 3, 4, 9, 15)),
    ],
)
def test_times(value, moment, monkeypatch):
    assert clean_time(value) == moment


def test_the_words_of_a_refused_signature():
    header = sign_as_before("secret", 1000, b"body")
    assert FORMER_HEADER == "X-Print-Signature"
    for secret, given, words in [
        ("", header, "no secret is set"),
        ("secret", "", "no usable signature header"),
        ("secret", "t=1" + "," * 1022, "no usable signature header"),
        ("secret", "t=1000", "malformed signature header"),
        ("secret", header + ",t=1000", "malformed signature header"),
        ("other", header, "wrong signature"),
    ]:
        with pytest.raises(SignatureError) as caught:
            verify(secret, {FORMER_HEADER: given}, b"body", 1000)
        assert str(caught.value) == words
    assert verify("secret", {FORMER_HEADER: header.ljust(1_024, ",")}, b"body", 1000) == 1000


def test_a_stale_signature_says_when_it_was_made():
    with pytest.raises(StaleSignature, match="too old or from the future") as caught:
        verify("secret", {FORMER_HEADER: sign_as_before("secret", 1000, b"body")}, b"body", 1301)
    assert caught.value.signed_at == 1000


def test_a_value_with_an_equals_sign_is_no_time():
    good = sign_as_before("secret", 1000, b"body")
    assert verify("secret", {FORMER_HEADER: f"x=t=999,{good}"}, b"body", 1000) == 1000
    assert verify("secret", {FORMER_HEADER: f"{good},t=t=1000"}, b"body", 1000) == 1000


@pytest.mark.parametrize(
    ("text", "most", "words"),
    [
        ("2", 1, {"text": "2"}),
        ("3", 2, {"text": "3", "last": 2}),
        ("1-" + "9" * 6, 2, {"text": "1-999999", "last": 2}),
        ("x" * 50, 2, {"text": "x" * 40}),
    ],
)
def test_label_numbers_that_there_are_not(text, most, words):
    with pytest.raises(label_runs.LabelRunsError) as caught:
        label_runs.parse_runs(text, most)
    assert caught.value.params == words
    one = "label_numbers_outside_one"
    assert (caught.value.message == label_runs.SENTENCES[one]) == (most == 1)


@pytest.mark.parametrize(
    ("labels", "quantity", "params"),
    [
        ([GOOD], 501, {"quantity": 501, "limit": 500}),
        ([GOOD] * 501, 500, {"count": 501, "limit": 500}),
        ([GOOD, "x"], 2, {"index": 2}),
        ([GOOD, {}], 2, {"index": 2}),
        ([GOOD, {"zpl_code": "^XA\x00^XZ"}], 2, {"index": 2}),
        ([GOOD, {**GOOD, "lot_number": 5}], 2, {"index": 2, "limit": 255}),
        ([GOOD, {**GOOD, "lot_id": -1}], 2, {"index": 2}),
        ([GOOD], 3, {"quantity": 3}),
        ([GOOD, GOOD], 3, {"quantity": 3, "count": 2}),
    ],
)
def test_what_is_said_of_bad_labels(labels, quantity, params):
    with pytest.raises(LabelError) as caught:
        validate_labels(labels, quantity)
    assert caught.value.params == params


def test_what_a_label_may_just_be():
    validate_labels([{**GOOD, "lot_number": "x" * 255}], 1)
    validate_labels([{**GOOD, "lot_number": ""}], 1)
    # Several formats, the first of which may come after an end that belongs to nothing.
    validate_labels([{"zpl_code": "^XZ^XA^XZ"}, {"zpl_code": "^XA^XZ^XA"}], 2)


def size_of(label):
    """What the label takes in a request that has nothing else."""
    low, high = 0, 100_000
    while low < high:
        middle = (low + high) // 2
        try:
            check_sizes([label], Limits(body_bytes=middle))
            high = middle
        except LabelError:
            low = middle + 1
    return low


def test_what_just_fits_in_a_request():
    label = {"zpl_code": "x" * 5_000}
    limit = Limits(body_bytes=size_of(label))
    assert (
        limit.body_bytes
        == 4_096 + len('{"zpl_code": "", "box_number": null, "lot_number": null, "metadata": null}') + 5_002
    )
    check_sizes([label], limit)
    assert split_jobs([label] * 2, limit) == [[label], [label]]
    twice = Limits(body_bytes=2 * limit.body_bytes - 4_096)
    assert split_jobs([label] * 2, twice) == [[label, label]]


@pytest.mark.parametrize(
    ("sizes", "lengths"),
    [([1, 1, 1, 1, 1, 2], [3, 3]), ([1, 1, 1, 1, 2, 2], [4, 2])],
)
def test_equal_parts_are_made_where_the_last_one_just_fits(sizes, lengths):
    """Of a request that has room for four labels of the smaller size."""
    unit = size_of({"zpl_code": "x" * 5_000}) - 4_096
    labels = [{"zpl_code": "x" * (5_000 + (size - 1) * unit)} for size in sizes]
    assert [len(job) for job in split_jobs(labels, Limits(body_bytes=4_096 + 4 * unit))] == lengths


def test_what_is_said_of_labels_that_are_too_large():
    large = {"zpl_code": "x" * 20_000}
    for labels, limits, params in [
        ([large], Limits(zpl_characters=19_999), {"index": 1, "size": 20, "limit": 19}),
        ([GOOD, large], Limits(body_bytes=15_900), {"index": 2, "size": 21, "limit": 15}),
        ([large, large], Limits(body_bytes=30_900), {"size": 45, "limit": 30}),
        ([GOOD] * 3, Limits(labels=2), {"count": 3, "limit": 2}),
    ]:
        with pytest.raises(LabelError) as caught:
            check_sizes(labels, limits)
        assert caught.value.params == params
        assert all(type(value) is int for value in caught.value.params.values())
    check_sizes([large], Limits(zpl_characters=20_000))


def test_the_least_limits_that_are_believed():
    least = {"labels": 1, "zpl_characters": 1_000, "body_bytes": 10_000}
    assert parse_limits(least) == Limits(**least)


@pytest.mark.parametrize("fields", [{"progress": {"total": 8}}, {"total": 8}, {"quantity": 8}])
def test_the_number_of_labels(fields):
    report = parse_job_report({"job_id": "a", "status": "printing", "current_label": 2, **fields})
    assert (report.total, report.progress_percent) == (8, 25.0)


@pytest.mark.parametrize(("value", "confirmed"), [(True, True), (False, False), (1, False), (None, False)])
def test_whether_the_printer_has_confirmed(value, confirmed):
    assert parse_job_report({"job_id": "a", "status": "completed", "confirmed": value}).confirmed is confirmed


@pytest.mark.parametrize("name", ["occurred_at", "updated_at", "timestamp"])
def test_when_it_was_so(name):
    report = parse_job_report({"job_id": "a", "status": "printing", name: "2026-03-04T09:15:00Z"})
    assert report.occurred_at == datetime(2026, 3, 4, 9, 15)


@pytest.mark.parametrize("name", ["error_message", "error"])
def test_an_error_of_a_job_that_is_printed_is_told(name):
    assert parse_job_report({"job_id": "a", "status": "printing", name: "Out of paper"}).error_message == "Out of paper"


def test_an_error_that_is_told_three_times_over():
    fields = {"error_message": "Out of paper", "error": "paper", "error_code": "paper_out"}
    report = parse_job_report({"job_id": "a", "status": "printing", **fields})
    assert (report.error_code, report.error_message) == ("paper_out", "Out of paper")


def test_of_labels_named_before_only_the_others_are_taken():
    entries = [{"index": 2, "state": "failed"}, {"index": 6, "state": "failed"}, {"index": 1, "count": 4, "state": "sent"}]
    report = parse_label_account({"job_id": "a", "labels": entries}, "a")
    assert [(run.index, run.count) for run in report.labels] == [(1, 1), (2, 1), (3, 2), (6, 1)]
