"""How we know that a label is on paper: what a printer has not counted is never called confirmed."""

from collections.abc import Iterator

import pytest

from scripts.product import Product
from tests.e2e.label_account.stations import Station

SETTING = "label_print.good_evidence"


@pytest.fixture(params=[("all", "spooled"), ("none", "reported")], ids=["spooled", "reported"])
def silent(request: pytest.FixtureRequest, product: Product) -> Iterator[tuple[Station, str]]:
    """A print server that does not ask its printer, and the evidence that it has of a label."""
    capabilities, evidence = request.param
    push = capabilities == "all"
    settings = {"host_status": False}
    station = Station(
        product, f"Zebra-silent-{evidence}", settings=settings, capabilities=capabilities, push=push
    )  # fmt: skip
    yield station, evidence
    station.stop()


def test_an_empty_roll_that_nobody_asks_about(silent: tuple[Station, str]):
    """Seen: a green "Completed 10 of 10" with nothing on paper."""
    station, evidence = silent
    station.zebra.paper_out()
    job = station.print_labels(10)
    station.wait(job)
    station.wait_for_account(job)
    row = station.read(job)
    assert (row["status"], row["current_label"], row["evidence"]) == ("completed", 10, evidence)
    assert (row["confirmed"], row["confirmed_count"]) == (False, 0)
    assert station.states(job) == [evidence] * 10
    assert station.on_paper(job).total() == 0
    parameters = "ir.config_parameter"
    before = station.admin.call(parameters, "get_param", SETTING)
    station.admin.call(parameters, "set_param", SETTING, "confirmed")
    try:
        assert station.read(job, "evidence_suffices")["evidence_suffices"] is False
    finally:
        station.admin.call(parameters, "set_param", SETTING, before)
    assert station.read(job, "evidence_suffices")["evidence_suffices"] is True
