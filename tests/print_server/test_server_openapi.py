"""The API description holds: its examples fit its schemas, and the running server does what it says."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

import jsonschema_rs
import pytest
import requests
import schemathesis
import yaml
from hypothesis import HealthCheck, settings

from print_server import codes
from tests.support.print_server import start_print_server, start_virtual_zebra

API_FILE = Path(__file__).resolve().parents[2] / "docs" / "print-server-api.yaml"
DOCUMENT = yaml.safe_load(API_FILE.read_text("utf-8"))
schema = schemathesis.openapi.from_path(API_FILE)


@pytest.fixture(scope="module")
def running():
    with (
        start_virtual_zebra(labels_per_second=5000) as zebra,
        start_print_server({"Zebra-Line-1": zebra}, threads=2) as server,
    ):
        yield server


def _contents():
    """(name, schema, example value) of every example in the file."""
    for path, item in {**DOCUMENT["paths"], **DOCUMENT["webhooks"]}.items():
        for method, operation in item.items():
            bodies = [("request", operation.get("requestBody", {}))]
            bodies += [(code, _resolve(answer)) for code, answer in operation["responses"].items()]
            for code, body in bodies:
                content = body.get("content", {}).get("application/json", {})
                for name, example in content.get("examples", {}).items():
                    yield pytest.param(
                        content["schema"], _resolve(example)["value"], id=f"{method} {path} {code} {name}"
                    )


def _resolve(node):
    if "$ref" not in node:
        return node
    found = DOCUMENT
    for part in node["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found


@pytest.mark.parametrize(("content_schema", "value"), _contents())
def test_example_fits_its_schema(content_schema, value):
    whole = {**content_schema, "components": DOCUMENT["components"]}
    jsonschema_rs.validator_for(whole, validate_formats=True).validate(value)


def test_every_reason_for_failure_is_listed():
    for code in codes.MESSAGES:
        assert f"| `{code}` |" in DOCUMENT["info"]["description"], code


def test_every_request_error_is_listed():
    sources = (API_FILE.parents[1] / "print_server").glob("*.py")
    text = "\n".join(path.read_text("utf-8") for path in sources)
    used = set(re.findall(r'(?:bad\(|ApiError\(\d+, |_refused\()"([a-z_]+)"', text))
    assert len(used) > 15
    assert not [code for code in used if f"`{code}`" not in DOCUMENT["info"]["description"]]


@schema.parametrize()
@settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_server_keeps_to_the_description(case, running):
    if case.operation.label == "POST /api/print" and case.meta.generation.mode.is_positive:
        # The rules that a schema cannot say: as many labels as counted, and a key of its own for each request.
        case.body["quantity"] = len(case.body["labels"])
        case.body["printer"] = "Zebra-Line-1"
        if "Idempotency-Key" in (case.headers or {}):
            case.headers["Idempotency-Key"] = str(uuid.uuid4())
    case.call_and_validate(base_url=running.url, headers=running.headers)


def test_it_stands_after_all_that(running):
    assert requests.get(running.url + "/api/health", timeout=5).json() == {"status": "ok"}
    assert not [line for line in running.output if "Traceback" in line]
