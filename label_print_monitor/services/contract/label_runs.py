"""Label numbers as people write them: “3, 9–11”."""

from __future__ import annotations

import re

from ..wording.error_catalogue import sentence
from ..wording.sentences import SENTENCES

_RUN = re.compile(r"(\d{1,6})(?:\s*(?:-|–|—|\.\.)\s*(\d{1,6}))?\Z", re.ASCII)
_BETWEEN = re.compile(r"[,;\s]+")
_AROUND_DASH = re.compile(r"\s*(-|–|—|\.\.)\s*")


class LabelRunsError(ValueError):
    """Not label numbers, or none of this job.

    :ivar message: the English sentence with `%(name)s` marks: `env._(error.message, **error.params)`
    :ivar text: the same sentence complete and lazily translatable: `env._(error.text)`
    """

    def __init__(self, key: str, **params: object) -> None:
        self.message = SENTENCES[key]
        self.params = params
        self.text = sentence(key, **params)
        super().__init__(self.message % params)


def parse_runs(text: str | None, most: int) -> list[int]:
    """“3, 9–11” → ``[3, 9, 10, 11]``: ascending, each once; nothing for an empty text.

    :param most: the highest label number that there is
    :raises LabelRunsError: what is no number or range, or lies outside 1…`most`
    """
    found: set[int] = set()
    for part in _BETWEEN.split(_AROUND_DASH.sub(r"\1", (text or "").strip())):
        if not part:
            continue
        match = _RUN.fullmatch(part)
        if not match:
            raise LabelRunsError("label_numbers_unreadable", text=part[:40])
        first, last = int(match[1]), int(match[2] or match[1])
        if not 1 <= first <= last <= most:
            if most == 1:
                raise LabelRunsError("label_numbers_outside_one", text=part[:40])
            raise LabelRunsError("label_numbers_outside", text=part[:40], last=most)
        found.update(range(first, last + 1))
    return sorted(found)


def format_runs(indexes: list[int]) -> str:
    """``[3, 9, 10, 11]`` → “3, 9–11”: the same in every language. `indexes` ascend."""
    runs: list[list[int]] = []
    for index in indexes:
        if runs and index == runs[-1][1] + 1:
            runs[-1][1] = index
        else:
            runs.append([index, index])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)
