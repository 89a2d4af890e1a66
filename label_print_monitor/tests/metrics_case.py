"""What the tests of the metrics share: an answer as Prometheus' own library reads it."""

from prometheus_client.parser import text_string_to_metric_families

from .common import LabelPrintCase

NAMES = "label_print_"


class Scraped(dict):
    """Samples by name and labels, as Prometheus' own library reads them."""

    def __init__(self, text):
        self.families = list(text_string_to_metric_families(text))
        samples = [sample for family in self.families for sample in family.samples]
        super().__init__({(one.name, frozenset(one.labels.items())): one.value for one in samples})
        assert len(self) == len(samples), "a series is there twice"

    def value(self, name, **labels):
        return self[f"{NAMES}{name}", frozenset(labels.items())]

    def has(self, name, **labels):
        return (f"{NAMES}{name}", frozenset(labels.items())) in self

    def values_of(self, label):
        return {value for _name, labels in self for key, value in labels if key == label}


class MetricsCase(LabelPrintCase):
    def scrape(self, company=None):
        self.env.flush_all()
        return Scraped(self.env["label.print.metrics.token"]._exposition(company and company.id))
