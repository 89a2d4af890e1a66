"""The addon's text format, compared with what Prometheus' own library writes and reads."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.parser import text_string_to_metric_families
from services.export.exposition import CONTENT_TYPE, Exposition, names_of

# What PostgreSQL can hold: no NUL, no lone surrogates.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=20)
VALUES = st.one_of(st.integers(-(10**12), 10**12), st.floats(allow_nan=False, allow_infinity=False), st.booleans())


def written(words, samples):
    out = Exposition()
    out.gauge("label_print_test", words, samples)
    return out.text


class Fixed:
    def __init__(self, words, samples):
        self.family = GaugeMetricFamily("label_print_test", words, labels=["server", "printer"])
        for labels, value in samples:
            self.family.add_metric([labels["server"], labels["printer"]], float(value))

    def collect(self):
        return [self.family]


@given(words=TEXTS, rows=st.lists(st.tuples(TEXTS, TEXTS, VALUES), max_size=5))
def test_it_is_read_as_it_was_meant(words, rows):
    samples = [({"server": server, "printer": printer}, value) for server, printer, value in rows]
    (family,) = text_string_to_metric_families(written(words, samples))
    assert [(sample.labels, sample.value) for sample in family.samples] == [
        (labels, float(value)) for labels, value in samples
    ]


@given(words=TEXTS, rows=st.lists(st.tuples(TEXTS, TEXTS, st.integers(0, 999)), min_size=1, max_size=5))
def test_it_is_what_the_library_writes(words, rows):
    samples = [({"server": server, "printer": printer}, value) for server, printer, value in rows]
    registry = CollectorRegistry()
    registry.register(Fixed(words, samples))

    def parts(text):
        # The library sorts labels by name.
        return [(f.name, f.type, f.documentation, f.samples) for f in text_string_to_metric_families(text)]

    assert parts(written(words, samples)) == parts(generate_latest(registry).decode())


def test_its_form():
    out = Exposition()
    out.gauge(
        "label_print_a", "One\nline \\ of help.", [({}, 1), ({"server": 'a "b"\\\n'}, 2.5), ({"server": "c"}, None)]
    )
    out.gauge("label_print_b", "None.", [])
    assert out.text == (
        "# HELP label_print_a One\\nline \\\\ of help.\n"
        "# TYPE label_print_a gauge\n"
        "label_print_a 1.0\n"
        'label_print_a{server="a \\"b\\"\\\\\\n"} 2.5\n'
        "# HELP label_print_b None.\n"
        "# TYPE label_print_b gauge\n"
    )
    assert "version=0.0.4" in CONTENT_TYPE


def test_large_numbers_are_exact():
    (family,) = text_string_to_metric_families(written("x", [({}, 1795732093.61)]))
    assert math.isclose(family.samples[0].value, 1795732093.61, abs_tol=1e-6)


@pytest.mark.parametrize(
    ("records", "names"),
    [
        ([(1, "Factory"), (2, "Hall")], {1: "Factory", 2: "Hall"}),
        ([(1, "Factory"), (2, "Factory")], {1: "Factory (1)", 2: "Factory (2)"}),
        ([(1, "A"), (2, "A"), (3, "A (1)")], {1: "A (1) (1)", 2: "A (2)", 3: "A (1)"}),
        ([], {}),
    ],
)
def test_names_of_their_own(records, names):
    assert names_of(records) == names


@given(st.lists(st.sampled_from(["A", "A (1)", "A (2)", "A (1) (1)", "B"]), max_size=8))
def test_no_two_have_one_name(names):
    found = names_of(list(enumerate(names)))
    assert len(set(found.values())) == len(names)


def test_a_counter_is_told_as_one():
    out = Exposition()
    out.counter("label_print_test_total", "What it tells.", [({"server": "Hall 1"}, 3), ({"server": "Hall 2"}, None)])
    assert out.text == (
        "# HELP label_print_test_total What it tells.\n"
        "# TYPE label_print_test_total counter\n"
        'label_print_test_total{server="Hall 1"} 3.0\n'
    )
    (family,) = text_string_to_metric_families(out.text)
    assert (family.type, family.name) == ("counter", "label_print_test")
