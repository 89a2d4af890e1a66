"""What a checked request looks like, and where exactly the limits are. Through HTTP: test_server_validation.py."""

from __future__ import annotations

import json

import pytest
from bad_requests import BAD_BODIES, BAD_PRINTS, GOOD, LABEL, but, one

from print_server import validation
from print_server.envelope import ApiError

LARGEST_NUMBER = 2**31


def refused(call, *arguments) -> ApiError:
    with pytest.raises(ApiError) as caught:
        call(*arguments)
    assert caught.value.status == 400
    assert caught.value.message
    return caught.value


def checked(body: dict) -> dict:
    return validation.print_request(body)


def checked_label(**changes) -> dict:
    return checked(one(**changes))["labels"][0]


@pytest.mark.parametrize("name", [name for name, case in BAD_PRINTS.items() if case[1] == 400])
def test_bad_print(name):
    body, _status, code = BAD_PRINTS[name]
    assert refused(lambda: checked(validation.parse_object(json.dumps(body).encode()))).code == code


@pytest.mark.parametrize("name", BAD_BODIES)
def test_bad_body(name):
    assert refused(validation.parse_object, BAD_BODIES[name]).code == "invalid_json"


@pytest.mark.parametrize("raw", [b"[]", b"1", b"null"])
def test_json_that_is_no_object_is_told_from_what_is_no_json(raw):
    assert "not a list" in refused(validation.parse_object, raw).message
    assert "not JSON" in refused(validation.parse_object, b"{").message


def test_a_body_in_utf_8_is_read():
    assert validation.parse_object('{"name": "Żółć 🏷"}'.encode()) == {"name": "Żółć 🏷"}


def test_a_checked_request():
    assert checked(GOOD) == {
        "printer": "Zebra-1",
        "labels": [
            {"zpl": LABEL["zpl_code"], "label_index": None, "box_number": None, "lot_number": None, "metadata": {}}
        ],
        "metadata": {},
        "mo_reference": None,
        "priority": 1,
    }


def test_a_checked_request_with_all_that_it_may_have():
    metadata = {"mo_reference": "WH/MO/1", "priority": "high", "more": [1]}
    label = {**LABEL, "label_index": 7, "box_number": "B7", "lot_number": 12, "metadata": {"a": 1}}
    found = checked(but(job_metadata=metadata, labels=[label]))
    assert (found["metadata"], found["mo_reference"], found["priority"]) == (metadata, "WH/MO/1", 0)
    assert found["labels"] == [
        {"zpl": LABEL["zpl_code"], "label_index": 7, "box_number": "B7", "lot_number": 12, "metadata": {"a": 1}}
    ]


@pytest.mark.parametrize(("word", "number"), [("high", 0), ("normal", 1), ("low", 2)])
def test_priorities(word, number):
    assert checked(but(job_metadata={"priority": word}))["priority"] == number


def test_the_most_labels():
    assert len(checked(but(labels=[LABEL] * 500, quantity=500))["labels"]) == 500
    assert refused(checked, but(labels=[LABEL] * 501, quantity=500)).code == "too_many_labels"
    assert refused(checked, but(labels=[LABEL] * 500, quantity=501)).code == "too_many_labels"


def test_a_quantity_may_be_written_with_a_decimal_point():
    assert len(checked(but(quantity=1.0))["labels"]) == 1


def test_a_label_is_called_by_its_place_from_0():
    body = but(labels=[LABEL, {}], quantity=2)
    assert refused(checked, body).message.startswith("labels[1] ")
    assert refused(checked, but(labels=[None])).message.startswith("labels[0] ")


@pytest.mark.parametrize(
    ("change", "start"),
    [
        ({"zpl_code": ...}, "labels[0] "),
        ({"zpl_code": 1}, "labels[0].zpl_code "),
        ({"zpl_code": "x" * 4_194_305}, "labels[0].zpl_code "),
        ({"zpl_code": "x"}, "labels[0].zpl_code "),
        ({"label_index": "x"}, "labels[0].label_index "),
        ({"box_number": []}, "labels[0].box_number "),
        ({"lot_number": []}, "labels[0].lot_number "),
        ({"metadata": []}, "labels[0].metadata "),
    ],
)
def test_the_message_names_the_place(change, start):
    assert refused(checked, one(**change)).message.startswith(start)


def test_the_message_names_the_place_in_the_metadata_of_the_job():
    assert refused(checked, but(job_metadata=[])).message.startswith("job_metadata ")
    reference = but(job_metadata={"mo_reference": 1})
    assert refused(checked, reference).message.startswith("job_metadata.mo_reference ")


def test_the_longest_zpl():
    longest = "^XA" + "x" * (4_194_304 - 6) + "^XZ"
    assert checked_label(zpl_code=longest)["zpl"] == longest
    assert refused(checked, one(zpl_code=longest + " ")).code == "zpl_too_long"


@pytest.mark.parametrize("text", ["^xa^xz", "~JA^XA\n^FDx\n^XZ\n", "^XA^XZ^XA^XZ"])
def test_what_counts_as_a_format(text):
    assert checked_label(zpl_code=text)["zpl"] == text


@pytest.mark.parametrize("number", [0, -LARGEST_NUMBER, LARGEST_NUMBER])
def test_numbers_of_a_label(number):
    found = checked_label(label_index=number, box_number=number, lot_number=number)
    assert (found["label_index"], found["box_number"], found["lot_number"]) == (number,) * 3


@pytest.mark.parametrize("number", [-LARGEST_NUMBER - 1, LARGEST_NUMBER + 1])
@pytest.mark.parametrize("name", ["label_index", "box_number", "lot_number"])
def test_numbers_of_a_label_that_are_too_large(name, number):
    assert refused(checked, one(**{name: number})).code == f"invalid_{name}"


@pytest.mark.parametrize("name", ["box_number", "lot_number"])
def test_names_of_a_box_and_a_lot(name):
    assert checked_label(**{name: "x" * 255})[name] == "x" * 255
    assert checked_label(**{name: ""})[name] == ""
    assert checked_label(**{name: 2.0})[name] == 2
    assert refused(checked, one(**{name: 1.5})).code == f"invalid_{name}"


def test_the_longest_texts():
    assert checked(but(printer="x"))["printer"] == "x"
    assert checked(but(printer="x" * 127))["printer"] == "x" * 127
    assert checked(but(job_metadata={"mo_reference": "x" * 255}))["mo_reference"] == "x" * 255


def test_the_longest_metadata():
    longest = {"x": "x" * (16_384 - len('{"x": ""}'))}
    assert checked(but(job_metadata=longest))["metadata"] == longest
    longer = {"x": longest["x"] + "x"}
    assert refused(checked, but(job_metadata=longer)).message.startswith("job_metadata ")
    assert refused(checked, one(metadata=longer)).code == "metadata_too_long"


@pytest.mark.parametrize(
    ("body", "wanted"), [({}, False), ({"labels": None}, False), ({"labels": True}, True), ({"labels": False}, False)]
)
def test_whether_labels_are_wanted(body, wanted):
    assert validation.wants_labels(body) is wanted


@pytest.mark.parametrize("value", [1, "true", []])
def test_whether_labels_are_wanted_is_true_or_false(value):
    assert refused(validation.wants_labels, {"labels": value}).code == "invalid_labels"


def test_the_ids_of_a_batch():
    assert validation.job_ids({"job_ids": ["b", "a", "b", "x" * 255]}) == ["b", "a", "x" * 255]
    most = [str(number) for number in range(500)]
    assert validation.job_ids({"job_ids": most}) == most
    assert refused(validation.job_ids, {"job_ids": [*most, "x"]}).code == "too_many_jobs"


@pytest.mark.parametrize("ids", [None, "x", {"x": 1}, [1], ["a", None], ["x" * 256]])
def test_bad_ids_of_a_batch(ids):
    assert refused(validation.job_ids, {"job_ids": ids}).code == "invalid_job_ids"


@pytest.mark.parametrize("key", [None, "!", "x" * 255, "~"])
def test_idempotency_keys(key):
    assert validation.idempotency_key(key) == key


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "ü", "x\n", "\x7f"])
def test_bad_idempotency_keys(key):
    assert refused(validation.idempotency_key, key).code == "invalid_idempotency_key"
