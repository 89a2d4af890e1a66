"""Tell what a template wrote from what it was given: names of products and lots are data, whatever they look like.

A rendered template is one text, in which a lot called ``A~JA`` is a command that empties the printer. So every value is
marked when it is put in: each of its characters is moved to a plane of Unicode that no text uses, one for one, so that
lengths and slices stay what they were. Whoever reads the text afterwards knows of each character where it comes from.
"""

from __future__ import annotations

import re

_BASE = 0xF0000  # plane 15, for private use
_LAST = 0xFFFF
MARKED = re.compile(f"[{chr(_BASE)}-{chr(_BASE + _LAST)}]+")
# What QWeb makes of the characters that mean something in HTML (markupsafe.escape), also in a report of plain text.
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&#34;": '"', "&#39;": "'", "&quot;": '"'}
_ENTITY = re.compile("|".join(_ENTITIES))


def mark(text: str) -> str:
    """A value that a template puts into its text, recognisable as such.

    Characters above U+FFFF stay as they are: none is a command. Those of the plane itself become U+FFFF, which no
    text has and no label takes.
    """
    marked = (chr(_BASE + min(ord(char), _LAST)) if ord(char) <= _LAST or is_marked(char) else char for char in text)
    return "".join(marked)


def unmark(text: str) -> str:
    """The text with its values as they were."""
    return MARKED.sub(lambda found: "".join(chr(ord(char) - _BASE) for char in found.group()), text)


def is_marked(char: str) -> bool:
    """Whether this character belongs to a value."""
    return _BASE <= ord(char) <= _BASE + _LAST


def unescape(text: str) -> str:
    """A rendered template with its own ``&amp;`` as ``&``; values are marked, so one that holds entities keeps them."""
    return _ENTITY.sub(lambda found: _ENTITIES[found.group()], text)
