"""Codes and tokens: two print servers with one of them, revoked ones, and who takes over."""

import shutil

import pytest

from tests.e2e.pull.stations import PullStation, new_code, new_pull_server, once
from tests.e2e.remote import until
from tests.support.print_server import DidNotStart


@pytest.fixture
def second(factory: PullStation):
    """Another print server with a copy of the token, as from a copied disk without its instance id."""
    folder = factory.folder / "second"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copy(factory.folder / "jobs" / "odoo-token.json", folder)
    with factory.print_server("second") as server:
        yield server


def said(server, words: str, seconds: float = 30) -> None:
    until(lambda: words in "".join(server.output), f"not said: {words}; {''.join(server.output[-10:])}", seconds)


def test_the_second_of_two_is_refused_on_both_sides(factory: PullStation, second):
    said(second, "Odoo refuses this print server (other_instance)")
    said(second, "press Release on the print server's form in Odoo")
    jobs = [factory.print_labels(5) for _number in range(4)]
    for job in jobs:
        assert factory.wait(job)["status"] == "completed"
        assert factory.on_paper(job) == once(range(1, 6))
    refused = [line for line in factory.product.odoo.log.read_text().splitlines() if "was refused" in line]
    assert any(f"Print server {factory.server_id} was refused: other_instance" in line for line in refused), refused
    assert "lpt_" not in factory.product.odoo.log.read_text()
    assert "lpt_" not in "".join(second.output)


def test_after_release_the_other_one_takes_over(factory: PullStation, second):
    said(second, "other_instance")
    factory.server.stop()
    factory.admin.call("label.print.server", "action_release_token", [factory.server_id])
    until(lambda: any("answers this print server again" in line for line in second.output), "it is not let in", 70)
    job = factory.print_labels(3)
    factory.hurry(job)
    assert factory.wait(job)["status"] == "completed"
    assert factory.on_paper(job) == once(range(1, 4))
    second.stop()
    factory.admin.call("label.print.server", "action_release_token", [factory.server_id])
    factory.server.restart()


def test_a_code_is_good_once(factory: PullStation):
    server, code = new_pull_server(factory.admin, "Once")
    with factory.print_server("once", code):
        with pytest.raises(DidNotStart, match="code_used"):
            factory.print_server("again", code)
        with pytest.raises(DidNotStart, match="code_unknown"):
            factory.print_server("again", "AAAA-BBBB-CCCC")
        until(lambda: factory.admin.call("printer.configuration", "search_count", [("server_id", "=", server)]),
              "its printers do not appear", 10)  # fmt: skip
    factory.admin.call("label.print.server", "write", [server], {"active": False})


def test_revoked_renewed_and_archived(factory: PullStation):
    server, code = new_pull_server(factory.admin, "Renewed")
    with factory.print_server("renewed", code) as renewed:
        said(renewed, "asks Odoo at")
        factory.admin.call("label.print.server", "action_rotate_token", [server])
        said(renewed, "Odoo has renewed the token")
        renewed.restart()
        said(renewed, "asks Odoo at")
        assert "refuses" not in "".join(renewed.output)
        factory.admin.call("label.print.server", "action_revoke_tokens", [server])
        said(renewed, "token_revoked")
        renewed.stop()
        code = new_code(factory.admin, server)
    with factory.print_server("renewed", code) as renewed:
        said(renewed, "asks Odoo at")
        factory.admin.call("label.print.server", "write", [server], {"active": False})
        said(renewed, "server_archived")


def test_a_host_with_several_databases(factory: PullStation):
    server, code = new_pull_server(factory.admin, "Named database")
    with factory.print_server("named", code, odoo_database=factory.product.database.name) as named:
        said(named, "asks Odoo at")
        until(lambda: factory.admin.call("printer.configuration", "search_count", [("server_id", "=", server)]),
              "its printers do not appear", 10)  # fmt: skip
        with pytest.raises(DidNotStart, match=r"no label_print_monitor|cannot answer|Something before"):
            factory.print_server("other", code, odoo_database="no-such-database")
        assert "short polls" not in "".join(named.output)
    factory.admin.call("label.print.server", "write", [server], {"active": False})
