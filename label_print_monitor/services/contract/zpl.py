"""Cut a stream of ZPL into its labels. A label is what stands from ``^XA`` to ``^XZ`` (ZPL II Programming Guide)."""

from __future__ import annotations

import re

_LABEL = re.compile(r"\^XA.*?\^XZ", re.DOTALL | re.IGNORECASE)


def split_labels(text: str) -> list[str]:
    """The labels of ``text`` in their order, each with its ``^XA`` and ``^XZ``; what stands between them is dropped."""
    return [match.group().strip() for match in _LABEL.finditer(text)]
