"""The picture of a job's life in docs/architecture.md shows exactly the moves that the code allows."""

import re
from itertools import combinations
from pathlib import Path

from services.lifecycle.job_lifecycle import ACTIVE, MOVES, TERMINAL

PAGE = Path(__file__).resolve().parents[2] / "docs" / "architecture.md"
MOVE = re.compile(r"^\s*(\w+) --> (\w+)", re.MULTILINE)
GROUPS = {"active": ACTIVE, "ended": TERMINAL}


def test_the_picture_of_a_jobs_life():
    picture = PAGE.read_text(encoding="utf-8").partition("stateDiagram-v2")[2].partition("```")[0]
    shown = {
        (old, new)
        for start, end in MOVE.findall(picture)
        for old in GROUPS.get(start, (start,))
        for new in GROUPS.get(end, (end,))
    }
    shown |= set(combinations(ACTIVE, 2))  # "may skip statuses", says the text
    assert shown == {(old, new) for old, moves in MOVES.items() for new in moves}
