"""So many requests a minute for each key, with headers; the health call is free."""

from __future__ import annotations

import pytest
import requests

from print_server.envelope import ApiError
from print_server.rate_limit import RateLimiter
from tests.support.print_server import start_print_server


def test_the_window_slides():
    moment = [0.0]
    limiter = RateLimiter(3, clock=lambda: moment[0])
    assert [limiter.take("a").remaining for _request in range(3)] == [2, 1, 0]
    moment[0] = 20.0
    with pytest.raises(ApiError) as refused:
        limiter.take("a")
    assert (refused.value.status, refused.value.headers["Retry-After"]) == (429, "40")
    assert limiter.take("b").remaining == 2
    moment[0] = 60.0
    assert limiter.take("a").remaining == 2


def test_no_limit():
    assert RateLimiter(0).take("a") is None


def test_headers_and_429_over_http():
    with start_print_server({}, rate_limit=5) as server:

        def get(path):
            return requests.get(server.url + path, headers=server.headers, timeout=5)

        left = [get("/api/printers").headers["X-RateLimit-Remaining"] for _request in range(5)]
        assert left == ["4", "3", "2", "1", "0"]
        refused = get("/api/printers")
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert refused.headers["X-RateLimit-Remaining"] == "0"
        assert get("/api/health").status_code == 200
        wrong = requests.get(server.url + "/api/printers", headers={"Authorization": "Bearer no"}, timeout=5)
        assert wrong.status_code == 401
