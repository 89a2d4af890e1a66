"""Labels shared out into jobs that their print server takes, by the limits that it states."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.contract.payloads import LabelError, build_print_payload, parse_health
from services.contract.sizes import Limits, check_sizes, parse_limits, split_jobs

CONTRACT = Limits(labels=500, zpl_characters=262_144, body_bytes=16_777_216)


def label(size=100, text="x"):
    return {"zpl_code": f"^XA{text * size}^XZ"}


def test_what_the_server_states_is_obeyed():
    stated = {"labels": 50, "zpl_characters": 4_194_304, "body_bytes": 33_554_432}
    health = parse_health({"status": "ok", "limits": stated})
    assert health.limits == Limits(**stated)
    assert "limits" not in health.services
    assert parse_limits(health.limits.as_json()) == health.limits


@pytest.mark.parametrize("said", [None, [], "much", {"labels": "many", "zpl_characters": -1, "body_bytes": True}, {"labels": 0}])
def test_where_it_states_none_the_contracts_hold(said):
    assert parse_health({"status": "ok", "limits": said}).limits == CONTRACT


def test_more_labels_than_a_job_can_keep_are_not_believed():
    assert parse_limits({"labels": 10_000}).labels == 500


def test_a_large_graphic_is_refused_where_the_server_does_not_take_it():
    graphic = label(540_000)
    with pytest.raises(LabelError, match="Label 2 is 541 kB large, and its print server takes 262 kB") as caught:
        check_sizes([label(), graphic], CONTRACT)
    assert str(caught.value) == str(caught.value.text)
    check_sizes([graphic], Limits(zpl_characters=4_194_304))


def test_what_is_too_much_together_is_split():
    labels = [label(110_000) for _box in range(200)]
    with pytest.raises(LabelError, match="together"):
        check_sizes(labels, CONTRACT)
    jobs = split_jobs(labels, CONTRACT)
    assert len(jobs) == 2
    assert [one for job in jobs for one in job] == labels


def test_more_than_a_job_holds():
    assert [len(job) for job in split_jobs([label()] * 1201, CONTRACT)] == [401, 400, 400]
    assert [len(job) for job in split_jobs([label()] * 501, CONTRACT)] == [251, 250]
    assert [len(job) for job in split_jobs([label()] * 500, CONTRACT)] == [500]
    assert split_jobs([], CONTRACT) == []
    with pytest.raises(LabelError, match="501 labels are too many"):
        check_sizes([label()] * 501, CONTRACT)


def test_evenly_only_where_each_part_fits():
    """Three large labels and many small ones: halves of equal length would be too much for one request."""
    limits = Limits(labels=500, zpl_characters=20_000, body_bytes=44_000)
    labels = [label(18_000), label(18_000), label(18_000), label(10), label(10), label(10)]
    assert [len(job) for job in split_jobs(labels, limits)] == [2, 4]


@given(
    st.lists(st.builds(label, st.integers(0, 4_000), st.sampled_from(["x", "é", "שׂ", '"'])), max_size=30),
    st.integers(1, 20),
    st.integers(10_000, 60_000),
)
def test_every_job_fits_and_nothing_is_lost(labels, most, body_bytes):
    limits = Limits(labels=most, zpl_characters=20_000, body_bytes=body_bytes)
    try:
        jobs = split_jobs(labels, limits)
    except LabelError as error:
        assert error.code == "label_too_large"
        return
    assert [one for job in jobs for one in job] == labels
    for job in jobs:
        check_sizes(job, limits)
        payload = build_print_payload("Zebra-1", job, "WH/MO/00001", "normal")
        assert len(json.dumps(payload).encode("ascii")) <= body_bytes
