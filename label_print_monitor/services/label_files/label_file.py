"""Cut a text of ZPL into single labels, each with all that it needs: any of them can be printed alone, and again.

Graphics, fonts and stored formats go with the labels that call them, set-up with all labels after it, clean-up with the
labels whose objects it removes. None of these is counted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..contract.print_request import LabelError
from .copies import quantity_of, single_labels, with_one
from .formats import Part, StoredObject, read_parts
from .marked_text import unescape

# Of all labels of one text: each carries its own graphics, and what a person prints at once has to be held somewhere.
MAX_CHARACTERS = 100_000_000
_SAVE = re.compile(r"\^JUS(?=[\^~\s])", re.IGNORECASE)


def split_labels(text: str, rendered: bool = False, most: int | None = None, before: int = 0) -> list[str]:
    """The labels of a text in their order, each printing exactly one.

    :param text: ZPL; values of a template are marked
    :param rendered: whether a template was rendered, which has made `&amp;` of its own `&`
    :param most: how many labels one job holds, if that is limited; more are refused before they are made
    :param before: how many labels the job has already
    :raises LabelError: in words, for what cannot be cut or printed as it is
    """
    parts = read_parts(unescape(text) if rendered else text)
    is_label = [part.is_label for part in parts]
    memory, labels, size = _Memory(), [], 0
    cleanups = [place for place, part in enumerate(parts) if part.deletes and not is_label[place]]
    last = max((place for place, yes in enumerate(is_label) if yes), default=0)
    tail = [part for part in parts[last + 1 :] if not part.stores and not part.deletes]
    for place, part in enumerate(parts):
        if not is_label[place]:
            memory.take(part)
            continue
        needed = memory.needed(part)
        head = "".join(f"{with_one(one).text}\n" for one in needed)
        if labels:
            head = _SAVE.sub("", head)  # settings are saved once: a printer's memory wears out by writing
        own = {*part.calls, *(stored for one in needed for stored in one.stores)}
        after = [*_removing(own, [parts[index] for index in cleanups if index > place]), *tail]
        end = "".join(f"\n{one.text}" for one in after)
        bare = whole = ""
        called = memory.stored_format(part)
        if most is not None and before + len(labels) + quantity_of(part, called) > most:
            raise LabelError("copies_too_many_for_job", limit=most)
        for one in single_labels(part, called):
            if one is not bare:
                bare, whole = one, f"{head}{one}{end}"
                size += len(whole)
            labels.append(whole)
        memory.used.update(own)
        if size > MAX_CHARACTERS:
            raise LabelError("labels_too_large_together", count=len(labels), limit=MAX_CHARACTERS // 1_000_000)
    return labels


def single_entries(entries: Sequence[Mapping[str, Any]], most: int | None = None) -> list[Mapping[str, Any]]:
    """Entries of `labels_data`, each of which prints one label; where one printed several, there are as many.

    An entry in which no label is found stays as it is: whoever checks it says what is wrong with it.

    :param most: how many labels one job holds, if that is limited; more are refused before they are made
    :raises LabelError: in words, for what cannot be cut, and for more than `most`
    """
    single: list[Mapping[str, Any]] = []
    for entry in entries:
        zpl = entry.get("zpl_code") if isinstance(entry, Mapping) else None
        labels = split_labels(zpl, most=most, before=len(single)) if isinstance(zpl, str) else []
        single += [{**entry, "zpl_code": label} for label in labels] or [entry]
        if most is not None and len(single) > most:
            raise LabelError("copies_too_many_for_job", limit=most)
    return single


class _Memory:
    """What has been set up and stored in the printer when a label comes.

    :ivar used: the objects that earlier labels have stored or called
    """

    def __init__(self) -> None:
        self._order: dict[str, int] = {}  # the text of each set-up -> where it stood last
        self._parts: dict[int, Part] = {}
        self._stored: dict[StoredObject, int] = {}
        self._next = 0
        self.used: set[StoredObject] = set()

    def take(self, part: Part) -> None:
        """Something that is no label."""
        self._next += 1
        for stored in [stored for stored in self._stored if part.removes(stored)]:
            del self._stored[stored]
        if part.stores:
            self._parts[self._next] = part
            self._stored.update(dict.fromkeys(part.stores, self._next))
        elif not self._cleans_up(part):
            # Set up again, it holds from there: what an equal one has set up before is of no use.
            self._parts.pop(self._order.pop(part.text, 0), None)
            self._order[part.text] = self._next
            self._parts[self._next] = part

    def _cleans_up(self, part: Part) -> bool:
        """Whether this does nothing but remove what labels have used."""
        only = bool(part.deletes) and {"ID", "FS"}.issuperset(part.codes)
        return only and any(part.removes(stored) for stored in self.used)

    def needed(self, label: Part) -> list[Part]:
        """All set-up, and of what is stored that which the label uses, itself or through something else."""
        found = set(self._order.values())
        calls = [call for one in (label, *(self._parts[place] for place in found)) for call in one.calls]
        while calls:
            place = self._place(calls.pop())
            if place is not None and place not in found:
                found.add(place)
                calls += self._parts[place].calls
        return [self._parts[place] for place in sorted(found)]

    def stored_format(self, label: Part) -> Part | None:
        """The stored format that a label prints, if it was stored here."""
        if "XF" in label.codes:
            for call in label.calls:
                place = self._place(call)
                if place is not None and "DF" in self._parts[place].codes:
                    return self._parts[place]
        return None

    def _place(self, call: StoredObject) -> int | None:
        exact = self._stored.get(call)
        return exact if exact is not None else max(
            (place for stored, place in self._stored.items() if stored.fits(call)), default=None
        )


def _removing(own: set[StoredObject], cleanups: Sequence[Part]) -> list[Part]:
    """Those of the clean-ups that remove a label's own objects, each object once."""
    found, left = [], set(own)
    for part in cleanups:
        if not left:
            break
        if gone := {stored for stored in left if part.removes(stored)}:
            found.append(part)
            left -= gone
    return found
