"""Processes killed while jobs print: the print server, Odoo, the database. And two Odoo processes on one database.

Afterwards every job has the print server's status, every outcome was notified once, and no label is on paper twice.
"""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from scripts import product as product_module
from scripts.processes import free_port
from scripts.product import Product, running_product
from tests.e2e.followed_jobs import FollowedJobs, discover_printers
from tests.e2e.remote import Remote, until

WITHOUT_PUSH = {"capabilities": "batch_status,failed_labels,idempotency,printer_reasons"}
pytestmark = [pytest.mark.slow, pytest.mark.alone]


@pytest.fixture(scope="module", params=["push", "poll"])
def product(request: pytest.FixtureRequest) -> Iterator[Product]:
    options = {"rate_limit": 0, **({} if request.param == "push" else WITHOUT_PUSH)}
    with running_product(labels_per_second=5, print_server_options=options) as running:
        discover_printers(running)
        yield running


@pytest.fixture
def followed(product: Product) -> FollowedJobs:
    for zebra in product.printers:
        zebra.resume()
        zebra.slow(5)
        zebra.forget()
    return FollowedJobs(product)


def test_print_server_killed_and_restarted_during_a_job(followed: FollowedJobs, product: Product):
    followed.start()
    product.print_server.kill()
    time.sleep(3)
    product.print_server.restart()
    followed.finish()


def test_odoo_killed_in_mid_sweep(followed: FollowedJobs, product: Product):
    followed.start()
    product.odoo.kill()
    known = sum(current or 0 for _job, _status, _server_job, current, _unverified in followed.rows())
    time.sleep(2)
    product.odoo.start()

    # The first run of a cron after a start may be a minute away. An open page asks again and again how fresh it is, and
    # thereby wakes the engine when jobs are late; a pushed event does so, too.
    def followed_again() -> bool:
        followed.remote.call("label.print.server", "get_freshness")
        return sum(current or 0 for _job, _status, _server_job, current, _unverified in followed.rows()) > known

    until(followed_again, "after a start no job was followed", 15)
    followed.finish()


def test_a_print_server_that_hangs_is_named_soon_and_followed_soon_again(followed: FollowedJobs, product: Product):
    """Seen: with push on, two minutes of green "Live", and after it answered 49 s of "not reachable"."""

    def failing() -> bool:
        [server] = followed.remote.call("label.print.server", "get_freshness")
        return server["failure_count"] > 0 or server["state"] != "ok"

    followed.start()
    assert not failing()
    pid = product.print_server.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        until(failing, "nobody says that the print server hangs", 15)
        time.sleep(20)
    finally:
        os.kill(pid, signal.SIGCONT)
    until(lambda: not failing(), "the print server is still said not to answer", 8)
    followed.finish()


def test_database_restarted_in_mid_sweep(followed: FollowedJobs, product: Product):
    """The cluster serves other databases, so only this product's connections are terminated and refused for a while."""
    followed.start()
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
    followed.finish(180)


@contextmanager
def second_odoo(product: Product) -> Iterator[None]:
    """Another Odoo process on the same database, as behind a load balancer."""
    service = product_module._odoo(product.database, product.folder / "second", free_port(), {})
    service.start()
    try:
        yield
    finally:
        service.stop()


def test_two_odoo_processes_on_one_database(followed: FollowedJobs, product: Product):
    with second_odoo(product):
        # Two users refresh the jobs by hand, while both crons poll and the print server pushes.
        followed.start(jobs_on_each=3)
        jobs = list(followed.jobs)

        def refresh() -> None:
            remote = Remote(product)
            for job in jobs:
                remote.call("label.print.job", "action_refresh", [job])

        threads = [threading.Thread(target=refresh) for _user in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        followed.finish()
