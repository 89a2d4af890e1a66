"""Reads Prometheus' text format as Prometheus' own library does."""

from __future__ import annotations

import re

from prometheus_client.parser import text_string_to_metric_families

_COUNTED = re.compile(r".+_total")


class Scraped:
    """The samples of one answer, each found by its name and its labels."""

    def __init__(self, text: str) -> None:
        self.families = {family.name: family for family in text_string_to_metric_families(text)}
        self.samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in self.families.values()
            for sample in family.samples
        }
        # A series that is there twice would be one here.
        assert len(self.samples) == sum(len(family.samples) for family in self.families.values())

    def value(self, name: str, **labels: str) -> float:
        """Of the one sample with these labels. KeyError when there is none."""
        return self.samples[name, frozenset(labels.items())]

    def sum(self, name: str, **labels: str) -> float:
        """Of all samples that have these labels, whatever others they have."""
        wanted = set(labels.items())
        return sum(value for (each, held), value in self.samples.items() if each == name and wanted <= held)

    def counters(self) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        """Everything that may never become less."""
        return {key: value for key, value in self.samples.items() if _COUNTED.fullmatch(key[0])}

    def faults(self, prefix: str, most_labels: int = 2) -> list[str]:
        """What does not keep to the practice: names, units, `_total` for counters alone, help, few labels."""
        found = []
        for family in self.families.values():
            names = {sample.name for sample in family.samples}
            if not family.name.startswith(prefix):
                found.append(f"{family.name} does not begin with {prefix}")
            if not re.fullmatch(r"[a-z][a-z0-9_]*[a-z0-9]", family.name):
                found.append(f"{family.name} is no name")
            if family.type not in ("counter", "gauge"):
                found.append(f"{family.name} is {family.type}")
            if names and (family.type == "counter") != all(name.endswith("_total") for name in names):
                found.append(f"{family.name}: _total is of counters")
            if re.search(r"_(ms|milliseconds|minutes|hours|days|kb|percent)(_|$)", family.name):
                found.append(f"{family.name} is in no base unit")
            if not family.documentation.endswith("."):
                found.append(f"{family.name} has no help")
            found += [
                f"{family.name} has labels {sorted(sample.labels)}"
                for sample in family.samples
                if len(sample.labels) > most_labels
            ][:1]
        return found
