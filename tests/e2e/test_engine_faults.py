"""What may die while jobs print: the print server, Odoo, the database. And two Odoos that live at once.

Afterwards every job has the print server's truth, every outcome was told once, and no label is on paper twice.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from scripts import product as product_module
from scripts.processes import free_port
from scripts.product import Product, running_product
from tests.e2e.engine_work import Work, know_printers
from tests.e2e.remote import Remote

WITHOUT_PUSH = {"capabilities": "batch_status,failed_labels,idempotency,printer_reasons"}
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["push", "poll"])
def product(request: pytest.FixtureRequest) -> Iterator[Product]:
    options = {"rate_limit": 0, **({} if request.param == "push" else WITHOUT_PUSH)}
    with running_product(labels_per_second=5, print_server_options=options) as running:
        know_printers(running)
        yield running


@pytest.fixture
def work(product: Product) -> Work:
    for zebra in product.printers:
        zebra.resume()
        zebra.slow(5)
        zebra.forget()
    return Work(product)


def test_print_server_killed_and_restarted_during_a_job(work: Work, product: Product):
    work.begin()
    product.print_server.kill()
    time.sleep(3)
    product.print_server.restart()
    work.finish()


def test_odoo_killed_in_mid_sweep(work: Work, product: Product):
    work.begin()
    product.odoo.kill()
    time.sleep(2)
    product.odoo.start()
    work.more()  # life goes on; the first run of a cron after a start may be a minute away
    work.finish()


def test_database_restarted_in_mid_sweep(work: Work, product: Product):
    """The cluster serves other databases, so only this product's connections are cut and kept out for a while."""
    work.begin()
    name, cluster = product.database.name, product.database.cluster
    cluster.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    try:
        for _second in range(3):
            cluster.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s OR application_name = %s",
                name,
                f"odoo-{product.odoo.pid}",
            )
            time.sleep(0.7)
    finally:
        cluster.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    assert product.odoo.running()
    work.finish(180)


@contextmanager
def second_odoo(product: Product) -> Iterator[None]:
    """Another Odoo process on the same database, as behind a load balancer."""
    service = product_module._odoo(product.database, product.folder / "second", free_port(), {})
    service.start()
    try:
        yield
    finally:
        service.stop()


def test_two_odoo_processes_on_one_database(work: Work, product: Product):
    with second_odoo(product):
        # Both also follow by hand, while both crons do and the print server pushes.
        work.begin(jobs_on_each=3)
        jobs = list(work.jobs)

        def refresh() -> None:
            remote = Remote(product)
            for job in jobs:
                remote.call("label.print.job", "action_refresh", [job])

        threads = [threading.Thread(target=refresh) for _person in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        work.finish()
