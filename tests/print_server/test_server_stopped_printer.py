"""A stopped printer holds its queue: the job waits where it is, goes on by itself, and fails only after the patience."""

from __future__ import annotations

import contextlib
import http.server
import json
import socket
import threading
import time

import pytest

from print_server import stop_timeout
from print_server.settings import Pace
from tests.support.print_server import start_print_server, start_virtual_zebra

PRINTER = "Zebra-1"


def labels(count: int, job: int = 1) -> list[str]:
    return [f"^XA^FDJob {job} box {number}^FS^XZ" for number in range(1, count + 1)]


def until(condition, timeout: float = 10):
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def until_waiting(server, job, code=None):
    until(lambda: server.status(job)["waiting_for"])
    status = server.status(job)
    assert code is None or status["waiting_for"] == code
    return status


@pytest.fixture(scope="module")
def _printers():
    """Started when first used: printer and server by the printer's behaviour when it is stopped.

    One answers `~HS` then, one `~HQES` only, one nothing.
    """
    started = {}
    with contextlib.ExitStack() as stack:

        def start(behaviour):
            if behaviour not in started:
                options = {"answers_when_stopped": behaviour == "answers", "host_query": behaviour != "dumb"}
                zebra = stack.enter_context(start_virtual_zebra(PRINTER, 20, **options))
                server = stack.enter_context(start_print_server({PRINTER: zebra}, on_stop_minutes=15))
                started[behaviour] = (behaviour, zebra, server)
            return started[behaviour]

        yield start


@pytest.fixture
def printer(request, _printers):
    behaviour, zebra, server = _printers(request.param)
    zebra.resume()
    until(lambda: not server.printer(PRINTER)["jobs_in_queue"] and not zebra.status()["in_buffer"])
    zebra.forget()
    return behaviour, zebra, server


@pytest.mark.parametrize("printer", ["answers", "silent", "dumb"], indirect=True)
def test_a_roll_is_changed_and_nothing_fails(printer):
    behaviour, zebra, server = printer
    zebra.paper_out(after=5)
    jobs = [server.print_labels(PRINTER, labels(4, job)) for job in range(1, 5)]
    status = until_waiting(server, jobs[1], "printer_silent" if behaviour == "dumb" else "paper_out")
    assert (status["status"], status["waiting_since"] is not None, status["counts"]["failed"]) == ("printing", True, 0)
    # Far longer than the 0.6 s after which the first release gave up.
    time.sleep(2.0)
    assert [server.status(job)["status"] for job in jobs] == ["completed", "printing", "queued", "queued"]
    assert server.status(jobs[1])["waiting_since"] == status["waiting_since"]
    refilled = time.monotonic()
    zebra.resume()
    until(lambda: server.status(jobs[1])["current_label"] >= 2)
    assert time.monotonic() - refilled < 2.0
    for job in jobs:
        status = server.wait(job)
        assert (status["status"], status["confirmed"]) == ("completed", True)
        assert (status["waiting_for"], status["waiting_since"]) == (None, None)
    assert zebra.labels() == [zpl for job in range(1, 5) for zpl in labels(4, job)]


@pytest.mark.parametrize(
    ("printer", "fault", "code"),
    [
        ("answers", "head_open", "head_open"),
        ("answers", "ribbon_out", "ribbon_out"),
        ("answers", "pause", "paused"),
        ("answers", "hang", "printer_silent"),
        ("answers", "offline", "printer_offline"),
        ("silent", "head_open", "head_open"),
        ("silent", "ribbon_out", "ribbon_out"),
        ("dumb", "head_open", "printer_silent"),
    ],
    indirect=["printer"],
)
def test_each_kind_of_stop_is_waited_for(printer, fault, code):
    _manner, zebra, server = printer
    getattr(zebra, fault)()
    job = server.print_labels(PRINTER, labels(3))
    until_waiting(server, job, code)
    time.sleep(0.8)
    assert server.status(job)["status"] == "printing"
    recovered = time.monotonic()
    zebra.resume()
    assert server.wait(job)["confirmed"]
    assert time.monotonic() - recovered < 2.5
    assert zebra.labels() == labels(3)


@pytest.mark.parametrize(
    ("printer", "fault"),
    [
        ("answers", "paper_out"),
        ("answers", "pause"),
        ("answers", "offline"),
        ("answers", "hang"),
        ("silent", "paper_out"),
        ("dumb", "paper_out"),
    ],
    indirect=["printer"],
)
def test_a_waiting_job_is_cancelled_at_once(printer, fault):
    _manner, zebra, server = printer
    zebra.slow(5)
    job = server.print_labels(PRINTER, labels(6))
    until(lambda: server.status(job)["current_label"] >= 1)
    getattr(zebra, fault)()
    until_waiting(server, job)
    started = time.monotonic()
    assert server.call("DELETE", f"/api/jobs/{job}")[0] == 200
    status = server.wait(job)
    assert time.monotonic() - started < 3.0
    assert status["status"] == "cancelled"
    states = server.label_states(job)
    zebra.resume()
    time.sleep(0.6)
    printed = zebra.times_printed()
    # What was taken back never comes out, what is left in the printer is called uncertain.
    for zpl, state in zip(labels(6), states, strict=True):
        assert state in ("confirmed", "taken_back", "uncertain")
        assert state == "uncertain" or printed[zpl] == (state == "confirmed")
    assert max(printed.values()) == 1


@pytest.mark.parametrize("printer", ["answers"], indirect=True)
def test_a_printer_that_is_slow_to_answer_at_a_cancel_is_waited_for(printer):
    """A second without an answer left the labels under way uncertain, although the printer told of them afterwards."""
    _manner, zebra, server = printer
    zebra.slow(4)
    job = server.print_labels(PRINTER, labels(12))
    until(lambda: server.status(job)["current_label"] >= 1)
    zebra.hang()
    assert server.call("DELETE", f"/api/jobs/{job}")[0] == 200
    time.sleep(1.5)
    zebra.resume()
    assert server.wait(job)["status"] == "cancelled"
    states = server.label_states(job)
    assert set(states) == {"confirmed", "taken_back"}
    assert len(zebra.labels()) == states.count("confirmed")


def test_a_job_that_never_began_waits_longer_than_the_patience(tmp_path):
    with start_virtual_zebra(PRINTER, 20) as zebra:
        with start_print_server({PRINTER: zebra}, on_stop_minutes=0.02) as server:
            zebra.paper_out(after=2)
            jobs = [server.print_labels(PRINTER, labels(5, job)) for job in (1, 2)]
            status = server.wait(jobs[0])
            assert (status["status"], status["error_code"]) == ("failed", "paper_out")
            assert server.label_states(jobs[0]) == ["confirmed"] * 2 + ["failed"] * 3
            until_waiting(server, jobs[1], "paper_out")
            time.sleep(1.6)
            assert server.status(jobs[1])["status"] == "printing"
            zebra.resume()
            assert server.wait(jobs[1])["confirmed"]
        assert zebra.labels() == labels(5, 1)[:2] + labels(5, 2)


def test_the_patience_of_one_printer(tmp_path):
    file = tmp_path / "printers.json"
    with start_virtual_zebra(PRINTER, 20) as zebra:
        file.write_text(json.dumps([{"name": PRINTER, "uri": zebra.uri, "on_stop_minutes": 15}]))
        with start_print_server(printers_file=file, on_stop_minutes=0) as server:
            zebra.paper_out(after=1)
            job = server.print_labels(PRINTER, labels(3))
            until_waiting(server, job, "paper_out")
            time.sleep(1.5)
            assert server.status(job)["status"] == "printing"
            zebra.resume()
            assert server.wait(job)["confirmed"]


@pytest.mark.parametrize("odometer", [True, False])
def test_a_restart_while_the_printer_is_stopped(tmp_path, odometer):
    with (
        start_virtual_zebra(PRINTER, 20, answers_when_stopped=False, odometer=odometer) as zebra,
        start_print_server({PRINTER: zebra}, data_dir=tmp_path, on_stop_minutes=15) as server,
    ):
        zebra.paper_out(after=3)
        job = server.print_labels(PRINTER, labels(6))
        until_waiting(server, job, "paper_out")
        server.restart()
        until_waiting(server, job)
        time.sleep(1.0)
        zebra.resume()
        status = server.wait(job)
        assert status["status"] == "completed"
        states, printed = server.label_states(job), zebra.times_printed()
        assert states.count("uncertain") <= (0 if odometer else 2)
        for zpl, state in zip(labels(6), states, strict=True):
            assert printed[zpl] == 1 or (state == "uncertain" and not printed[zpl])


def test_peel_off_waits_as_long_as_it_takes():
    with (
        start_virtual_zebra(PRINTER, 20, peel_off=True) as zebra,
        start_print_server({PRINTER: zebra}, label_timeout=1) as server,
    ):
        job = server.print_labels(PRINTER, labels(3))
        status = until_waiting(server, job, "label_waiting")
        assert server.printer(PRINTER)["state_reasons"] == ["label-waiting-report"]
        assert server.printer(PRINTER)["status"] in ("online", "busy")
        # Longer than the patience of a server that waits for no stopped printer, and than a label may take.
        time.sleep(2.0)
        assert server.status(job)["status"] == "printing"
        assert status["counts"]["printed"] == 1
        for number in (1, 2, 3):
            until(lambda number=number: zebra.total() == number)
            zebra.take_label()
        assert server.wait(job)["confirmed"]
        assert zebra.labels() == labels(3)


def test_a_stop_is_told_in_an_event_once(tmp_path):
    events = []

    class Odoo(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            events.extend(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["events"])
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments):
            pass

    odoo = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Odoo)
    threading.Thread(target=odoo.serve_forever, daemon=True).start()
    with (
        start_virtual_zebra(PRINTER, 20) as zebra,
        start_print_server(
            {PRINTER: zebra}, on_stop_minutes=15, webhook_url=f"http://127.0.0.1:{odoo.server_port}/"
        ) as server,
    ):
        zebra.paper_out(after=2)
        job = server.print_labels(PRINTER, labels(4))
        until_waiting(server, job, "paper_out")
        time.sleep(1.5)
        zebra.resume()
        server.wait(job)
        until(lambda: any(event.get("status") == "completed" for event in events))
        told = [event["waiting_for"] for event in events if event["type"] == "job"]
        assert told.count("paper_out") == 1
        assert told[-1] is None
    odoo.shutdown()


def test_what_another_program_has_sent_is_never_destroyed(tmp_path):
    with (
        start_virtual_zebra(PRINTER, 10) as zebra,
        start_print_server({PRINTER: zebra}, on_stop_minutes=15) as server,
    ):
        job = server.print_labels(PRINTER, labels(8))
        until(lambda: server.status(job)["current_label"] >= 2)
        zebra.pause()
        until_waiting(server, job, "paused")
        foreign = [f"^XA^FDForeign {number}^FS^XZ" for number in range(1, 21)]
        with socket.create_connection(("127.0.0.1", zebra.port)) as other:
            other.sendall("".join(foreign).encode())
            until(lambda: zebra.status()["in_buffer"] >= 20)
            time.sleep(1.2)
            server.call("DELETE", f"/api/jobs/{job}")
            assert server.wait(job)["status"] == "cancelled"
            assert zebra.status()["cancelled"] == 0
            zebra.resume()
            until(lambda: not zebra.status()["in_buffer"])
        printed = zebra.times_printed()
        assert [printed[zpl] for zpl in foreign] == [1] * 20
        for zpl, state in zip(labels(8), server.label_states(job), strict=True):
            assert state == "uncertain" or printed[zpl] == (state == "confirmed")


def test_a_busy_shared_printer_loses_no_label():
    with (
        start_virtual_zebra(PRINTER, 20) as zebra,
        start_print_server({PRINTER: zebra}, label_timeout=3, on_stop_minutes=15) as server,
    ):
        with socket.create_connection(("127.0.0.1", zebra.port)) as other:
            jobs = []
            for round_number in range(6):
                other.sendall(b"".join(b"^XA^FDForeign %d %d^FS^XZ" % (round_number, number) for number in range(10)))
                jobs.append(server.print_labels(PRINTER, labels(5, round_number)))
                time.sleep(0.6)
            statuses = [server.wait(job, timeout=40) for job in jobs]
        printed = zebra.times_printed()
        assert sum(count for zpl, count in printed.items() if "Foreign" in zpl) == 60
        assert {status["status"] for status in statuses} == {"completed"}
        for number, job in enumerate(jobs):
            for zpl, state in zip(labels(5, number), server.label_states(job), strict=True):
                assert printed[zpl] == 1
                assert state in ("confirmed", "uncertain")
        assert zebra.status()["cancelled"] == 0


@pytest.mark.parametrize("how", ["replaced", "odometer reset"])
def test_another_printer_at_the_address_in_mid_job(how):
    with start_print_server({}) as nowhere:
        port = nowhere.port  # free as soon as that server has ended
    zebra = start_virtual_zebra(PRINTER, 4, port=port, serial_number="OLD")
    zebra.set_odometer(5000)
    with start_print_server({PRINTER: zebra}, on_stop_minutes=15) as server:
        job = server.print_labels(PRINTER, labels(6))
        until(lambda: server.status(job)["current_label"] >= 2)
        old = zebra.times_printed()
        zebra.kill()
        until_waiting(server, job, "printer_offline")
        serial_number = "NEW" if how == "replaced" else "OLD"
        with start_virtual_zebra(PRINTER, 20, port=port, serial_number=serial_number) as came_out:
            if how == "replaced":
                came_out.set_odometer(5003)
            status = server.wait(job)
            assert status["status"] == "completed"
            states, new = server.label_states(job), came_out.times_printed()
    # Those that were in the old printer are in doubt: the count of another one tells nothing of them.
    assert states.count("uncertain") == 2
    for zpl, state in zip(labels(6), states, strict=True):
        assert old[zpl] + new[zpl] == 1 if state == "confirmed" else not new[zpl]


def test_patience_in_steps():
    patience = stop_timeout.StopTimeout(Pace(tries=3, retry_pause=1), on_stop_minutes=2)
    patience.stopped(10.0)
    assert patience.pause(10.0, under_way=True) <= 2
    assert not patience.exhausted("paper_out", 129.0, begun=True, under_way=True)
    assert patience.exhausted("paper_out", 130.0, begun=True, under_way=True)
    assert not patience.exhausted("paper_out", 99999.0, begun=False, under_way=False)
    assert not patience.exhausted("label_waiting", 99999.0, begun=True, under_way=True)
    patience.over()
    patience.stopped(200.0)
    assert not patience.exhausted("paper_out", 300.0, begun=True, under_way=True)


def test_a_look_before_its_time_is_no_try():
    patience = stop_timeout.StopTimeout(Pace(tries=3, retry_pause=1), on_stop_minutes=0)
    patience.stopped(10.0)
    assert patience.pause(10.0, under_way=False) == 1
    for moment in (10.1, 10.2, 10.5):
        patience.stopped(moment)
        assert not patience.exhausted("paper_out", moment, begun=False, under_way=False)
        assert patience.pause(moment, under_way=False) == pytest.approx(11 - moment)
    patience.stopped(11.0)
    assert patience.pause(11.0, under_way=False) == 2
    patience.stopped(13.0)
    assert patience.exhausted("paper_out", 13.0, begun=False, under_way=False)


def test_new_jobs_take_nothing_from_the_time_that_a_stopped_printer_has():
    """Without minutes to wait there are three tries with pauses of 1 and 2 s, however many jobs come meanwhile."""
    with start_virtual_zebra(PRINTER, 20) as zebra, start_print_server({PRINTER: zebra}, label_pause=1) as server:
        zebra.paper_out()
        begun = time.monotonic()
        jobs = [server.print_labels(PRINTER, labels(2, job)) for job in (1, 2)]
        while server.status(jobs[0])["status"] != "failed":
            assert time.monotonic() - begun < 10
            jobs.append(server.print_labels(PRINTER, labels(2, len(jobs) + 1)))
            time.sleep(0.2)
        assert time.monotonic() - begun >= 3
        zebra.resume()


def test_the_first_answer_has_asked_each_printer():
    """A printer that takes its whole time limit is not "offline": people would be told that nobody reaches it."""
    with start_virtual_zebra(PRINTER, 20) as zebra:
        zebra.hang()
        with start_print_server({PRINTER: zebra}, answer_timeout=1.5) as server:
            printer = server.printer(PRINTER)
    assert (printer["status"], printer["state_reasons"]) == ("error", ["timed-out-error"])


def test_a_label_that_waits_to_be_taken_is_looked_for_as_often_as_before():
    """Also without minutes to wait, where the pauses between the tries double: it may wait for an hour."""
    patience = stop_timeout.StopTimeout(Pace(tries=3, retry_pause=1), on_stop_minutes=0)
    moment = 0.0
    for _look in range(200):
        patience.stopped(moment)
        assert not patience.exhausted("label_waiting", moment, begun=True, under_way=True)
        moment += patience.pause(moment, under_way=True)
    # It has come out, so that none is under way, and is not taken yet.
    patience.stopped(moment)
    assert not patience.exhausted("label_waiting", moment, begun=True, under_way=False)
    assert patience.pause(moment, under_way=False) <= 1.0
