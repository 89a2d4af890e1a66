"""Prometheus' text format, version 0.0.4, as the addon writes it.

Written here and not by `prometheus_client`, because the addon needs no Python package that Odoo does not bring; tests
compare it with what that library writes and reads. All samples of a metric come together, as the format asks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_IN_HELP = str.maketrans({"\\": r"\\", "\n": r"\n"})
_IN_VALUE = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})

Sample: TypeAlias = tuple[Mapping[str, str], float | int | bool | None]


@dataclass
class Exposition:
    """Metrics in the order in which they were added; `text` is the answer to a scrape."""

    _lines: list[str] = field(default_factory=list)

    def gauge(self, name: str, words: str, samples: Iterable[Sample]) -> None:
        """Add a metric that goes up and down.

        :param name: with its unit, such as `label_print_oldest_waiting_job_age_seconds`
        :param words: what it tells, a sentence
        :param samples: labels and value of each; one without a value (None) is left out
        """
        self._add(name, "gauge", words, samples)

    def counter(self, name: str, words: str, samples: Iterable[Sample]) -> None:
        """Add a metric that never becomes less; its name ends with `_total`. Parameters as for a gauge."""
        self._add(name, "counter", words, samples)

    def _add(self, name: str, kind: str, words: str, samples: Iterable[Sample]) -> None:
        self._lines.append(f"# HELP {name} {words.translate(_IN_HELP)}")
        self._lines.append(f"# TYPE {name} {kind}")
        for labels, value in samples:
            if value is not None:
                self._lines.append(f"{name}{_braces(labels)} {float(value)!r}")

    @property
    def text(self) -> str:
        """Each line ends with a line feed, the last one too."""
        return "".join(f"{line}\n" for line in self._lines)


def _braces(labels: Mapping[str, str]) -> str:
    pairs = ",".join(f'{name}="{value.translate(_IN_VALUE)}"' for name, value in labels.items())
    return f"{{{pairs}}}" if pairs else ""


def names_of(records: Iterable[tuple[int, str]]) -> dict[int, str]:
    """A name of its own for each record, since two series must never have the same labels.

    :param records: id and name of each
    :return: by id its name, with the id behind it where others have the same: `Factory (3)`
    """
    named = list(records)
    seen: dict[str, int] = {}
    for _id, name in named:
        seen[name] = seen.get(name, 0) + 1
    taken = {name for name, count in seen.items() if count == 1}
    found = {}
    for id_, name in named:
        unique = name
        while seen[name] > 1 and (unique == name or unique in taken):
            unique = f"{unique} ({id_})"
        taken.add(unique)
        found[id_] = unique
    return found
