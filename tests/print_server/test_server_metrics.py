"""`GET /metrics`: what a monitoring system reads of the print server, with Prometheus' own parser."""

from __future__ import annotations

import sqlite3
import time
import urllib.error
import urllib.request
import uuid

from print_server.cli import settings_from
from tests.support.exposition import Scraped
from tests.support.print_server import start_print_server, start_virtual_zebra

PRINTER = "Zebra-1"
LABEL = "^XA^FDBox^FS^XZ"
NAMES = "print_server_"


def get(server, key=None, path="/metrics"):
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    request = urllib.request.Request(server.url + path, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode()


def scrape(server) -> Scraped:
    code, headers, text = get(server, server.api_key)
    assert code == 200, text
    assert headers["Content-Type"].startswith("text/plain; version=")
    return Scraped(text)


def until(server, reached, seconds=15):
    deadline = time.monotonic() + seconds
    while not reached(found := scrape(server)):
        assert time.monotonic() < deadline, found.samples
        time.sleep(0.1)
    return found


def test_names_and_labels_follow_the_practice(server):
    found = scrape(server)
    own = {name: family for name, family in found.families.items() if not name.startswith("process_")}
    found.families = own
    assert found.faults(NAMES) == []
    assert len(own) > 15
    assert found.value("process_start_time_seconds") <= time.time()


def test_what_is_printed_is_counted(server):
    before = scrape(server)
    server.wait(server.print_labels(PRINTER, [LABEL] * 3))
    found = until(server, lambda now: now.sum(f"{NAMES}jobs", printer=PRINTER) == 0)

    def grown(name, **labels):
        return found.value(f"{NAMES}{name}_total", **labels) - before.value(f"{NAMES}{name}_total", **labels)

    assert grown("labels", printer=PRINTER, outcome="confirmed") == 3
    assert grown("labels", printer=PRINTER, outcome="failed") == 0
    assert grown("jobs_ended", printer=PRINTER, status="completed") == 1
    assert grown("submissions", result="accepted") == 1
    assert found.value(f"{NAMES}printer_up", printer=PRINTER) == 1
    assert found.value(f"{NAMES}healthy") == 1
    assert found.value(f"{NAMES}printer_odometer_labels", printer=PRINTER) > 0


def test_a_job_that_waits_and_is_cancelled():
    with (
        start_virtual_zebra(PRINTER) as zebra,
        start_print_server({PRINTER: zebra}, on_stop_minutes=10) as server,
    ):
        zebra.pause()
        until(server, lambda now: now.value(f"{NAMES}printer_status", printer=PRINTER, status="error") == 1)
        before = scrape(server)
        assert before.value(f"{NAMES}printer_up", printer=PRINTER) == 0
        first, second = (server.print_labels(PRINTER, [LABEL] * 2) for _ in range(2))
        found = until(server, lambda now: now.value(f"{NAMES}jobs", printer=PRINTER, status="printing") == 1)
        assert found.value(f"{NAMES}jobs", printer=PRINTER, status="queued") == 1
        assert found.value(f"{NAMES}labels_waiting", printer=PRINTER) == 4
        age = found.value(f"{NAMES}oldest_job_age_seconds", printer=PRINTER)
        time.sleep(0.3)
        assert scrape(server).value(f"{NAMES}oldest_job_age_seconds", printer=PRINTER) >= age + 0.3
        for job in (second, first):
            assert server.call("DELETE", f"/api/jobs/{job}")[0] == 200
            server.wait(job)
        found = scrape(server)
        assert found.value(f"{NAMES}jobs_ended_total", printer=PRINTER, status="cancelled") == 2
        assert found.sum(f"{NAMES}labels_total", printer=PRINTER) == 4
        assert found.value(f"{NAMES}oldest_job_age_seconds", printer=PRINTER) == 0


def test_each_label_that_is_given_up_is_counted_once(server, zebra):
    before = scrape(server)
    zebra.offline()
    server.wait(server.print_labels(PRINTER, [LABEL] * 5), "failed")
    found = scrape(server)
    counted = f"{NAMES}labels_total"
    assert (
        found.value(counted, printer=PRINTER, outcome="failed")
        == before.value(counted, printer=PRINTER, outcome="failed") + 5
    )
    assert found.sum(counted) == before.sum(counted) + 5
    zebra.resume()


def test_answers_to_submissions(server):
    before = scrape(server)
    key = str(uuid.uuid4())
    body = {"printer": PRINTER, "quantity": 1, "labels": [{"zpl_code": LABEL}]}
    assert [server.call("POST", "/api/print", body, **{"Idempotency-Key": key})[0] for _ in range(3)] == [201, 200, 200]
    assert server.call("POST", "/api/print", {})[0] == 400
    found = scrape(server)
    grown = {
        result: found.value(f"{NAMES}submissions_total", result=result)
        - before.value(f"{NAMES}submissions_total", result=result)
        for result in ("accepted", "repeated", "refused", "failed")
    }
    assert grown == {"accepted": 1, "repeated": 2, "refused": 1, "failed": 0}
    assert found.value(f"{NAMES}http_responses_total", code="400") > 0


def test_counters_never_become_less_when_old_jobs_are_removed(tmp_path):
    """Rows are removed after some days; what was counted stays counted."""
    with start_virtual_zebra(PRINTER) as zebra, start_print_server({PRINTER: zebra}, data_dir=tmp_path) as server:
        server.wait(server.print_labels(PRINTER, [LABEL] * 3))
        before = scrape(server).counters()
        with sqlite3.connect(tmp_path / "jobs.sqlite3") as data:
            data.execute("DELETE FROM labels")
            data.execute("DELETE FROM jobs")
        after = scrape(server).counters()
        assert before
        assert all(after[key] >= value for key, value in before.items())


def test_events_that_odoo_does_not_take():
    with (
        start_virtual_zebra(PRINTER) as zebra,
        start_print_server({PRINTER: zebra}, webhook_url="http://127.0.0.1:9/") as server,
    ):
        server.wait(server.print_labels(PRINTER, [LABEL]))
        found = until(server, lambda now: now.value(f"{NAMES}event_posts_total", result="unanswered") > 0)
        assert found.value(f"{NAMES}events_waiting") > 0
        assert found.value(f"{NAMES}event_failures") > 0
        assert found.value(f"{NAMES}oldest_event_age_seconds") > 0


def test_keys():
    with start_print_server({}, wrong_key_limit=3, rate_limit=2, metrics_key="for-metrics") as server:
        for path in ("/metrics", "/metrics/"):
            code, headers, text = get(server, path=path)
            assert (code, headers["WWW-Authenticate"][:6]) == (401, "Bearer")
            assert "Authorization: Bearer" in text
        # Scrapes are not counted among the requests that Odoo's key may make.
        assert [get(server, server.api_key)[0] for _ in range(5)] == [200] * 5
        assert [get(server, "for-metrics")[0] for _ in range(5)] == [200] * 5
        assert server.call("GET", "/api/printers")[0] == 200
        # The key of a monitoring system prints nothing.
        assert get(server, "for-metrics", "/api/printers")[0] == 401
        assert get(server, "for-metrics", "/api/health")[0] == 401
        assert [get(server, f"wrong-{number}")[0] for number in range(3)] == [401, 429, 429]
        assert get(server, "for-metrics")[0] == 200


def test_the_key_of_metrics_comes_from_a_file_or_a_variable(tmp_path):
    path = tmp_path / "key"
    path.write_text("from-a-file\n")
    arguments = ["--metrics-key-file", str(path)]
    environ = {"PRINT_SERVER_API_KEY": "key", "PRINT_SERVER_METRICS_KEY": "from-a-variable"}
    settings, _options = settings_from(arguments, environ)
    assert set(settings.metrics_keys) == {"from-a-file", "from-a-variable"}
    assert settings_from([], {"PRINT_SERVER_API_KEY": "key"})[0].metrics_keys == ()


def test_a_server_of_the_first_generation_has_it_too():
    with (
        start_virtual_zebra(PRINTER) as zebra,
        start_print_server({PRINTER: zebra}, capabilities="none") as server,
    ):
        assert scrape(server).value(f"{NAMES}printer_up", printer=PRINTER) == 1
