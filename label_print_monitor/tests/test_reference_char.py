"""Parts of references: found as `ilike` finds them, by the part that fewest others have."""

import random

from odoo.tests import tagged

from ..models.reference_char import rarest_part
from .common import LabelPrintCase

REFERENCES = (
    "WH/MO/00042", "WH/MO/00421", "WH/MO/10042-001", "wh/mo/00042", "413065a4-0031-432f-a134-be31a56e2d82", "A%B_C1234",
    "Ünïcode 2024-11", "\\\\server\\1234", "4711", "00042", "BENCH/050000", "X050000", "no digits at all",
)  # fmt: skip


@tagged("post_install", "-at_install")
class TestReferenceChar(LabelPrintCase):
    def test_rarest_part(self):
        for text, part in (
            ("WH/MO/00042", "00042"),
            ("BENCH/050000", "050000"),
            ("413065a4-0031-432f-a134-be31a56e2d82", "413065a4"),
            ("WH/MO/00042-001", "00042"),
            ("WH/MO/", None),  # no digits
            ("MO/42", None),  # too short to be rare
            ("00042", None),  # it is the whole text
            ("", None),
        ):
            with self.subTest(text=text):
                self.assertEqual(rarest_part(text), part)

    def test_finds_what_contains_the_text(self):
        """Any part of any reference, in any case of letters: as if all were looked through."""
        jobs = {
            self.make_job(1, mo_reference=text, flask_job_id=text, status="queued"): text
            for text in REFERENCES
        }
        Job, ids = self.env["label.print.job"], [job.id for job in jobs]
        chance = random.Random(5)
        for _turn in range(150):
            text = chance.choice(REFERENCES)
            first = chance.randrange(len(text))
            searched = text[first : chance.randint(first + 1, len(text))]
            if text.isascii():  # of other letters a database with the C locale does not know both cases
                searched = chance.choice([searched, searched.upper(), searched.lower()])
            if set(searched) & set("%_\\") or not searched.strip():
                continue  # these mean something else in a search
            fits = {job for job, reference in jobs.items() if searched.casefold() in reference.casefold()}
            for field in ("mo_reference", "flask_job_id"):
                with self.subTest(searched=searched, field=field):
                    self.assertEqual(set(Job.search([("id", "in", ids), (field, "ilike", searched)])), fits)

    def test_wildcards_and_negation(self):
        job = self.make_job(1, mo_reference="WH/MO/00042")
        Job = self.env["label.print.job"]
        for operator, value, found in (
            ("ilike", "wh%00042", True),
            ("ilike", "MO%00043", False),
            ("ilike", "MO_00042", True),
            ("=ilike", "wh/mo/00042", True),
            ("like", "WH/MO/00042", True),
            ("not ilike", "WH/MO/00042", False),
            ("not ilike", "WH/MO/00043", True),
            ("in", ["WH/MO/00042"], True),
            ("ilike", False, True),
        ):
            with self.subTest(operator=operator, value=value):
                self.assertEqual(bool(Job.search([("id", "=", job.id), ("mo_reference", operator, value)])), found)

    def test_the_index_is_asked_for_the_part(self):
        query = self.env["label.print.job"]._search([("mo_reference", "ilike", "WH/MO/00042")])
        self.assertIn("%00042%", query.select().params)
        self.assertIn("%WH/MO/00042%", query.select().params)
