"""One product for a whole file of tests: starting it takes seconds, and its jobs are independent of each other."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from scripts.product import Product, running_product
from tests.e2e import window
from tests.support.mail_server import MailServer


@pytest.fixture(scope="module")
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with window.chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with running_product(labels_per_second=10) as running:
        yield running
