"""One running product for this folder, and a print server of each generation, started when a test first needs it."""

from collections.abc import Callable, Iterator
from functools import cache

import pytest

from scripts.product import Product, running_product
from tests.e2e.label_account.stations import Station

STATIONS = {
    # One label under way, and none of them settled by the odometer: so there are labels of which nobody knows.
    "account": {"printers": 2, "settings": {"window": 1, "odometer": False}},
    "patient": {"printers": 2, "on_stop_minutes": 15},
    "cups": {"cups": True, "on_stop_minutes": 15, "labels_per_second": 50},
    "keys": {"capabilities": "batch_status,failed_labels,idempotency,printer_reasons", "push": False},
    "first": {"capabilities": "none", "push": False},
}


@pytest.fixture(scope="package")
def product() -> Iterator[Product]:
    with running_product(printers=("Zebra-Line-1",), print_server_options={"rate_limit": 0}) as running:
        yield running


@pytest.fixture(scope="package")
def stations(product: Product) -> Iterator[Callable[[str], Station]]:
    """A function that gives the station of a name in `STATIONS`."""
    started: list[Station] = []

    @cache
    def start(name: str) -> Station:
        station = Station(product, f"Zebra-{name}", **STATIONS[name])
        started.append(station)
        return station

    yield start
    for station in started:
        station.stop()


@pytest.fixture
def account(stations) -> Station:
    """A print server with all capabilities."""
    station = stations("account")
    station.reset()
    return station


@pytest.fixture
def patient(stations) -> Station:
    """A print server with all capabilities, whose stopped printers hold their queues as they do when it is installed."""
    station = stations("patient")
    station.reset()
    return station


@pytest.fixture
def cups(stations) -> Station:
    """A print server whose printer is a queue of a real CUPS."""
    station = stations("cups")
    station.reset()
    return station


@pytest.fixture
def keys(stations) -> Station:
    """A print server that knows a repeated submission by its key, but cannot be asked about the key or single labels."""
    station = stations("keys")
    station.reset()
    return station


@pytest.fixture
def first(stations) -> Station:
    """A print server of the first generation."""
    station = stations("first")
    station.reset()
    return station
