"""The way to Odoo: short polls, certificates, and what the doctor says of it on a host with several databases."""

from __future__ import annotations

import pytest
import requests
from small_odoo import SmallOdoo

from print_server.cli import main
from print_server.odoo_link import notices, short_polls
from print_server.odoo_link.options import OdooSettings
from print_server.odoo_link.protocol import Websocket
from print_server.odoo_link.short_polls import ShortPolls


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        moment = 1000.0

        def monotonic(self):
            return self.moment

    clock = Clock()
    monkeypatch.setattr(short_polls, "time", clock)
    return clock


def test_short_polls_grow_to_two_seconds_and_after_a_quiet_minute_to_four(clock):
    polls, pauses = ShortPolls(), []
    while clock.moment < 1000 + 120:
        pauses.append(polls.next())
        clock.moment += pauses[-1]
    assert pauses[:5] == pytest.approx([0.4, 0.8, 1.6, 2, 2])
    assert max(pauses[:-20]) == 2
    first = pauses.index(4)
    assert 60 <= sum(pauses[:first]) < 62
    assert set(pauses[first:]) == {4}
    # Odoo waits 4.75 s until a call is answered.
    assert max(pauses) < 4.75
    polls.hurry()
    assert polls.next() == pytest.approx(0.4)


def test_short_polls_go_on_from_the_shortest_when_something_comes(clock):
    polls = ShortPolls()
    for _number in range(200):
        clock.moment += 10
        polls.hurry()
        assert [polls.next() for _time in range(4)] == pytest.approx([0.4, 0.8, 1.6, 2])


@pytest.mark.parametrize("ca", [None, "/etc/ours.pem"])
def test_the_websocket_trusts_what_the_other_calls_trust(monkeypatch, tmp_path, ca):
    given = {}
    monkeypatch.setattr(notices.websocket, "create_connection", lambda _url, **options: given.update(options))
    notices.connect(OdooSettings("https://odoo.example.com", tmp_path, ca=ca), Websocket("/websocket", "", ""))
    assert given["sslopt"]["ca_certs"] == (ca or requests.certs.where())


def test_the_doctor_does_not_blame_the_websocket_where_it_cannot_try_it(tmp_path, capsys):
    odoo = SmallOdoo(websocket=False).start()
    (tmp_path / "odoo-token.json").write_text("lpt_first")
    try:
        outcome = main(["doctor", "--odoo", odoo.url, "--odoo-database", "hall", "--data-dir", str(tmp_path)])
        said = capsys.readouterr().out
        assert outcome == 0
        assert "is not tried: several databases" in said
        assert "no websocket through" not in said
        main(["doctor", "--odoo", odoo.url, "--data-dir", str(tmp_path)])
        assert "by polls, up to 4 s later" in capsys.readouterr().out
    finally:
        odoo.stop()
