"""What a worker knows of its printer from earlier runs, and what it keeps for later ones."""

from __future__ import annotations

import pytest
from small_shop import zpl
from small_worker import accept, make_ready, run, worker_of


@pytest.fixture(autouse=True)
def _without_waiting(shop, monkeypatch):
    make_ready(shop, monkeypatch)


def test_a_printer_that_answered_is_remembered(shop):
    shop.printer.has_answered = True
    noted = []
    shop.met.note_answer = lambda config: noted.append(config)
    run(shop, 14, before=lambda worker: (
        setattr(shop.printer, "has_answered", False), shop.clock.later(4, lambda: setattr(shop.printer, "has_answered", True))
    ))  # fmt: skip
    assert noted == [shop.config]
    assert shop.printer.has_answered


def test_what_an_earlier_run_has_learnt_is_known(shop):
    shop.met.note_answer(shop.config)
    noted = []
    shop.met.note_answer = lambda config: noted.append(config)
    run(shop, 1)
    assert shop.printer.has_answered
    assert shop.printer.counts_labels
    assert noted == []


def test_a_printer_that_has_never_answered_is_asked_with_less_patience(shop):
    shop.printer.has_answered = True
    worker_of(shop)
    assert shop.printer.has_answered is False


def test_a_printer_that_never_answers_is_asked_nothing(shop):
    shop.met.note_no_answers(shop.config)
    worker_of(shop)
    assert not shop.printer.counts_labels


def test_a_port_that_cannot_count_never_counts(shop):
    shop.printer.counts_labels = False
    worker_of(shop)
    assert shop.printer.counts_labels is False


def test_that_a_printer_answers_nothing_is_remembered_once(shop):
    shop.printer.gave_up_asking = True
    noted = []
    shop.met.note_no_answers = lambda config: noted.append(config)
    run(shop, 7)
    assert noted == [shop.config]


def test_labels_of_others_are_remembered_once(shop):
    noted = []
    shop.met.note_foreign = lambda config: noted.append(config)
    shop.printer.label_seconds = 1.0
    accept(shop, *range(1, 6))
    shop.clock.later(0.3, lambda: [shop.printer.send(zpl(90 + number), lambda: True) for number in range(2)])
    run(shop, 30)
    assert noted == [shop.config]


def test_whether_others_print_there_is_known_to_the_window(shop):
    shop.met.note_foreign(shop.config)
    assert worker_of(shop)._window.shared
    shop.configure(shared=False)
    assert not worker_of(shop)._window.shared
