"""A short soak with each run of the tests; `make soak` is the long one."""

import secrets

import pytest

from tests.soak import report
from tests.soak.run import soak

SECONDS, JOBS = 30, 45


@pytest.mark.slow
@pytest.mark.alone
def test_load_and_faults_together():
    seed = secrets.randbelow(2**24) + 1
    outcome = soak(seed, SECONDS, JOBS, drain=40)
    words = "\n".join([report.table(outcome), *outcome.findings[:40], *outcome.histories])
    assert outcome.ok, f"make soak MINUTES={SECONDS / 60:g} SEED={seed} ARGS='--jobs {JOBS}'\n{words}"
    assert outcome.figures["labels_on_paper"] > 0 and outcome.figures["faults"]
