"""A server that cannot work says so at its start, in words, and changes nothing."""

from __future__ import annotations

import random
import socket
import sqlite3

import pytest

from print_server.database import Database, DataDirError
from tests.support.print_server import start_print_server


def refusal(**options):
    with pytest.raises(RuntimeError) as caught:
        start_print_server({}, **options)
    text = str(caught.value)
    assert "Traceback" not in text
    return text


@pytest.fixture
def data(tmp_path):
    """A data directory in which a server has worked."""
    Database(tmp_path).close()
    return tmp_path


def test_a_data_directory_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    text = refusal(data_dir=tmp_path / "file" / "data")
    assert "Cannot write to the data directory" in text
    assert "--data-dir" in text


def test_a_data_file_that_cannot_be_opened(tmp_path):
    (tmp_path / "jobs.sqlite3").mkdir()
    assert "Cannot use" in refusal(data_dir=tmp_path)


@pytest.mark.parametrize("table", ["jobs", "labels", "printers_met"])
def test_a_missing_column_is_refused(data, table):
    column = {"jobs": "pieces", "labels": "copies", "printers_met": "foreign_at"}[table]
    connection = sqlite3.connect(data / "jobs.sqlite3")
    connection.execute("DROP INDEX labels_account")
    connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    connection.close()
    text = refusal(data_dir=data)
    assert f"column {column} of table {table} is missing" in text
    assert "move it away" in text


def test_a_missing_table_is_refused(data):
    connection = sqlite3.connect(data / "jobs.sqlite3")
    connection.execute("DROP TABLE submissions")
    connection.close()
    with pytest.raises(DataDirError, match="table submissions is missing"):
        Database(data)


@pytest.mark.parametrize("how", ["text", "random", "truncated", "overwritten"])
def test_a_damaged_file_is_refused(data, how):
    file = data / "jobs.sqlite3"
    whole = file.read_bytes()
    damaged = {
        "text": b"This is no data file. " * 500,
        "random": random.Random(1).randbytes(8192),
        "truncated": whole[: len(whole) // 2],
        "overwritten": whole[:4096] + b"\xff" * (len(whole) - 4096),
    }
    file.write_bytes(damaged[how])
    assert "is damaged or no data file" in refusal(data_dir=data)
    assert file.read_bytes() == damaged[how]


def test_a_port_that_is_taken(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        text = refusal(data_dir=tmp_path, port=other.getsockname()[1])
    assert "Cannot listen on" in text
    assert "--port" in text


@pytest.mark.parametrize("port", [70000, -1])
def test_a_port_that_is_none(tmp_path, port):
    assert "--port must be from 0 to 65535" in refusal(data_dir=tmp_path, port=port)
