"""Addresses, keys and certificates are refused in words before anything is sent."""

import os

import pytest
from services.transport.print_server_client import (
    ConfigurationError,
    Connection,
    PrintServerClient,
    PrintServerError,
    normalise_base_url,
)


@pytest.mark.parametrize(
    ("typed", "base"),
    [
        ("http://print:5000", "http://print:5000"), ("http://print:5000/", "http://print:5000"),
        ("https://print/api", "https://print"), ("https://print/api/", "https://print"),
        (" https://print/labels/api// ", "https://print/labels"), ("HTTP://Print", "http://Print"),
        ("http://[::1]:5000/api", "http://[::1]:5000"), ("http://print/myapi", "http://print/myapi"),
    ],
)  # fmt: skip
def test_address(typed, base):
    assert normalise_base_url(typed) == base


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("", "address_missing"), (None, "address_missing"), (False, "address_missing"), ("print:5000", "address_scheme"),
        ("ftp://print", "address_scheme"), ("file:///etc/passwd", "address_scheme"), ("//print", "address_scheme"),
        ("http://", "address_invalid"), ("http://pr int", "address_invalid"), ("http://print\r\nHost: x", "address_invalid"),
        ("http://print:99999", "address_invalid"), ("http://print:x", "address_invalid"), ("http://[::1", "address_invalid"),
        ("http://user:secret@print", "address_credentials"), ("http://user@print", "address_credentials"),
        ("http://print?x=1", "address_extra"), ("http://print/#x", "address_extra"), ("http://print\\@evil", "address_invalid"),
    ],
)  # fmt: skip
def test_bad_address(typed, key):
    with pytest.raises(ConfigurationError) as caught:
        normalise_base_url(typed)
    assert caught.value.key == key
    assert caught.value.code == "misconfigured"
    assert "secret" not in str(caught.value)
    assert isinstance(caught.value, PrintServerError)


def test_the_key_is_kept_out_of_sight_and_checked():
    assert "s3cret" not in repr(Connection("http://print", "s3cret"))
    assert Connection("http://print", " s3cret\n").api_key == "s3cret"
    for key in ("s3cret\r\nX: y", "s3 cret", "s3crét"):
        with pytest.raises(ConfigurationError) as caught:
            Connection("http://print", key)
        assert "s3c" not in str(caught.value)


def test_a_missing_or_empty_ca_bundle_is_never_passed_over_and_does_not_tell_what_the_machine_has(tmp_path):
    (tmp_path / "empty.pem").write_text("not a certificate")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    said = set()
    for name in ("none.pem", "empty.pem", "folder", "pipe", "no/folder", "empty.pem\0"):
        with pytest.raises(ConfigurationError) as caught:
            Connection("https://print", "k", ca_bundle=str(tmp_path / name))
        said.add(str(caught.value).replace(str(tmp_path / name), "…"))
    assert len(said) == 1
    assert Connection("https://print", "k").trust is True
    assert Connection("https://print", "k", ca_bundle=False).trust is True
    assert Connection("https://print", "k", verify=False).trust is False
    (tmp_path / "0a1b2c3d.0").write_text("a link to a certificate")
    assert Connection("https://print", "k", ca_bundle=str(tmp_path)).trust == str(tmp_path)


@pytest.mark.parametrize("timeout", [0, -1, None, (3, 5), float("inf"), float("nan"), "5", True])
def test_the_time_limit_is_one_number(timeout):
    with pytest.raises(ConfigurationError, match="time limit"):
        Connection("http://print", "k", timeout=timeout)


def test_a_name_that_no_network_has():
    with pytest.raises(ConfigurationError):
        PrintServerClient(Connection("http://" + "ü" * 300, "k"))
