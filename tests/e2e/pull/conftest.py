"""One running product for this folder, and in it a factory that Odoo cannot reach."""

from collections.abc import Iterator

import pytest

from scripts.product import Product, running_product
from tests.e2e.pull.stations import PullStation
from tests.support import network_namespace


@pytest.fixture(scope="package")
def product() -> Iterator[Product]:
    if not network_namespace.possible():
        pytest.skip("this machine forbids network namespaces")
    with running_product(printers=("Zebra-Line-1",), print_server_options={"rate_limit": 0}) as running:
        yield running


@pytest.fixture(scope="package")
def _factory(product: Product) -> Iterator[PullStation]:
    # One label under way, so that a crash leaves one in doubt; the odometer settles it.
    station = PullStation(product, "Zebra-Hall", settings={"window": 1}, labels_per_second=10)
    yield station
    station.stop()


@pytest.fixture
def factory(_factory: PullStation) -> PullStation:
    """Print server and printer behind a firewall, in order."""
    _factory.reset()
    return _factory
