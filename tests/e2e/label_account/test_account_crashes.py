"""The print server ends in the middle of a label: that label is in doubt, the dialog asks for it, the counts are right."""

import time

import pytest

from tests.e2e.label_account.stations import Station, once

SLOW = 0.08  # labels a second: longer for one label than the 8 s that the print server waits when it is told to end


@pytest.mark.parametrize("way", ["kill -9", "SIGTERM"])
def test_the_print_server_ends_in_mid_label(account: Station, way: str):
    account.zebra.slow(4)
    job = account.print_labels(12)
    account.wait_for_paper(job, 3)
    account.zebra.slow(SLOW)
    time.sleep(0.5)  # the label that had begun before is out
    under_way = account.on_paper(job).total() + 1
    assert account.zebra.status()["in_buffer"] == 1
    if way == "kill -9":
        account.server.kill()
    else:
        account.server.stop()
    assert account.on_paper(job) == once(range(1, under_way))
    account.zebra.resume()
    account.wait_for_paper(job, under_way)
    account.server.restart()

    row = account.wait(job)
    assert (row["status"], row["current_label"], row["uncertain_count"]) == ("completed_with_errors", 11, 1)
    account.wait_for_account(job)
    states = ["confirmed"] * 12
    states[under_way - 1] = "uncertain"
    assert account.states(job) == states
    assert account.on_paper(job) == once(range(1, 13))
    dialog = account.open_dialog(job)
    assert (dialog["label_grid"]["asked"], dialog["label_grid"]["missing"]) == ([under_way], [])
    account.confirm(dialog, on_paper=str(under_way))
    row = account.read(job)
    assert (row["status"], row["current_label"], row["attempt_number"]) == ("completed", 12, 1)
    assert account.on_paper(job) == once(range(1, 13))
