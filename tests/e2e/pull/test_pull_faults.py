"""Either side is killed in the worst moment, or the line between them is cut: each label is on paper once."""

import time

from tests.e2e.pull.stations import PullStation, once
from tests.e2e.remote import until

CUT = 65  # seconds: longer than a print server may be silent before it counts as away


def finish(factory: PullStation, job, seconds: float = 90) -> None:
    row = factory.wait(job, seconds=seconds)
    assert (row["status"], row["current_label"]) == ("completed", job.quantity), row
    assert factory.on_paper(job) == once(range(1, job.quantity + 1))


def test_the_print_server_is_killed_in_mid_label(factory: PullStation):
    factory.zebra.slow(3)
    job = factory.print_labels(12)
    factory.wait_for_paper(job, 3)
    factory.server.kill()
    factory.zebra.slow(10)
    factory.server.restart()
    finish(factory, job)


def test_the_print_server_is_killed_between_a_submission_and_its_answer(factory: PullStation):
    """It has the job, and Odoo does not know it: the call is handed over again, or the job is found by its key."""
    factory.line.lose(b'"answers":[{"call"', False, times=1000)
    job = factory.print_labels(6)
    factory.wait_for_paper(job, 1)
    factory.server.kill()
    factory.line.lose_no_more()
    factory.server.restart()
    factory.hurry(job)
    finish(factory, job)


def test_odoo_is_killed_while_a_submission_is_under_way(factory: PullStation):
    factory.line.lose(b'"answers":[{"call"', False, times=1000)
    job = factory.print_labels(6)
    factory.wait_for_paper(job, 1)
    factory.product.odoo.kill()
    factory.line.lose_no_more()
    factory.product.odoo.start()
    factory.hurry(job)
    finish(factory, job)


def test_odoo_is_killed_while_a_job_prints(factory: PullStation):
    factory.zebra.slow(2)
    job = factory.print_labels(20)
    factory.wait_for_paper(job, 3)
    factory.product.odoo.kill()
    factory.wait_for_paper(job, 12)
    factory.product.odoo.start()
    finish(factory, job)


def test_the_line_is_cut_for_a_minute(factory: PullStation):
    factory.zebra.slow(1)
    printing = factory.print_labels(30)
    factory.wait_for_paper(printing, 3)
    factory.line.cut()
    begun = time.monotonic()
    time.sleep(2)
    waiting = factory.print_labels(4)
    factory.zebra.slow(5)
    factory.wait_for_paper(printing, 30)  # the printer needs no Odoo
    time.sleep(max(0.0, CUT - (time.monotonic() - begun)))
    # Away: it is known without waiting for an answer, and its jobs wait.
    later = factory.print_labels(3)
    row = factory.read(later)
    assert (row["status"], row["submission"]) == ("pending", "not_sent"), row
    assert factory.on_paper(later).total() == 0
    factory.line.restore()
    factory.wait_until_there()
    factory.hurry(waiting, later)
    for job in (printing, waiting, later):
        finish(factory, job)


def test_a_graceful_stop_and_a_job_that_waits(factory: PullStation):
    factory.server.stop()
    job = factory.print_labels(4)
    assert factory.read(job)["status"] == "pending"
    time.sleep(1)
    assert factory.on_paper(job).total() == 0
    factory.server.restart()
    factory.wait_until_there()
    factory.hurry(job)
    finish(factory, job)
    until(lambda: not factory.read(job)["needs_attention"], "it still needs attention")
