"""The .po files are complete and fit the .pot, sentences with counts have a singular, and `make translations` merges."""

import re

import polib
import pytest

from scripts import translations

LANGUAGES = ("de", "es", "fr")
NOUNS = "labels|jobs|copies|tries|times|entries|serial numbers|printers|lots|orders|attempts"
# A number before what it counts: "%(count)s print jobs", "%(count)s are"; not a part ("of 20 labels") nor a list of labels.
COUNTED = re.compile(rf"(?<!of )(?<!of its )%\((?!labels\)s (?:are|were))\w+\)s (?:more|(?:[\w-]+ )?(?:{NOUNS})|are)\b")

# What is said of exactly one; None where there are always several.
SINGULAR = {
    "And %(count)s more mails.": (
        "And one more mail."
    ),
    "About %(count)s labels left": (
        "About 1 label left"
    ),
    "%(count)s jobs lack labels": (
        "1 job lacks labels"
    ),
    "%(count)s jobs wait": (
        "1 job waits"
    ),
    "%(message)s %(count)s more jobs wait for it.": (
        "%(message)s One more job waits for it."
    ),
    "%(problem)s. %(action)s. %(count)s jobs wait for it and go on by themselves.": (
        "%(problem)s. %(action)s. One job waits for it and goes on by itself."
    ),
    "It is over: %(problem)s. %(count)s jobs that it stopped still lack labels.": (
        "It is over: %(problem)s. One job that it stopped still lacks labels."
    ),
    "All %(count)s labels of this order are on paper: %(jobs)s": (
        "The label of this order is on paper: %(jobs)s"
    ),
    "Entries %(first)s to %(last)s are missing from the record.": (
        "Entry %(first)s is missing from the record."
    ),
    "Nothing was changed since it was recorded: %(count)s entries, the hash of the last one is %(hash)s…": (
        "Nothing was changed since it was recorded: 1 entry, the hash is %(hash)s…"
    ),
    "%(count)s jobs": (
        "1 job"
    ),
    "%(count)s jobs are cancelled as soon as the print server answers.": (
        "1 job is cancelled as soon as the print server answers."
    ),
    "%(count)s jobs are no longer set aside.": (
        "%(job)s is no longer set aside."
    ),
    "%(count)s jobs are set aside and ask for nobody any more.": (
        "%(job)s is set aside and asks for nobody any more."
    ),
    "%(count)s labels": (
        "1 label"
    ),
    "%(count)s labels have not been printed yet: they are proposed here.": (
        "1 label has not been printed yet: it is proposed here."
    ),
    "%(count)s labels of %(order)s are printed next.": (
        "1 label of %(order)s is printed next."
    ),
    "%(done)s %(count)s jobs are left: %(reasons)s.": (
        "%(done)s 1 job is left: %(reasons)s."
    ),
    "Print %(count)s labels": (
        "Print 1 label"
    ),
    "This order needs %(count)s labels. None of them has been printed yet.": (
        "This order needs 1 label. It has not been printed yet."
    ),
    "Nothing waits for a retry: the %(count)s attempts that failed today have been seen to.": (
        "Nothing waits for a retry: what failed today has been seen to."
    ),
    # A range has two at least, several jobs are two at least, and what is more than is left is said of their number.
    "%(first)s to %(last)s (%(count)s lots or serial numbers)": None,
    "%(total)s labels are more than one job holds: they are printed in %(count)s jobs (%(labels)s).": None,
    (
        "%(further)s of these %(quantity)s labels are more than this order has left to print (%(left)s). Prin"
        "t them only if there are further boxes."
    ): None,
    "%(count)s are uncertain: somebody has to look.": "1 is uncertain: somebody has to look.",
    "%(count)s completed jobs lack the evidence asked for": "1 completed job lacks the evidence asked for",
    "%(count)s entries of the print server's account of the labels could not be used.": (
        "1 entry of the print server's account of the labels could not be used."
    ),
    "%(count)s jobs are cancelled.": "1 job is cancelled.",
    "%(count)s jobs print their missing labels.": "1 job prints its missing labels.",
    "%(count)s jobs move to %(printer)s.": "1 job moves to %(printer)s.",
    # A bundle has two jobs at least; one job is told with its number and printer.
    "%(count)s jobs on %(printer)s are cancelled: %(printed)s of their %(labels)s labels were printed.": None,
    "%(count)s jobs on %(printer)s failed": None,
    "%(count)s jobs on %(printer)s failed: %(problem)s": None,
    "%(count)s jobs on %(printer)s: %(failed)s of %(labels)s labels failed.": None,
    "%(count)s jobs on %(printer)s: %(labels)s labels printed": None,
    "%(count)s jobs on %(printer)s: some of their %(labels)s labels failed.": None,
    "%(count)s jobs. The first of them: %(message)s": None,
    "%(count)s print jobs ended with errors": "Print job completed with errors: %(problem)s",
    "%(count)s print jobs ended with errors: %(problem)s": "Print job completed with errors: %(problem)s",
    "%(count)s print jobs failed": "Print job failed: %(problem)s",
    "%(count)s print jobs failed: %(problem)s": "Print job failed: %(problem)s",
    "%(count)s labels chosen": "1 label chosen",
    "%(count)s labels may be on paper as well: look for them.": "One label may be on paper as well: look for it.",
    "%(count)s labels: %(runs)s": "1 label: %(runs)s",
    "%(quantity)s labels printed for %(reference)s": "1 label printed for %(reference)s",
    "%(quantity)s labels printed on %(printer)s": "1 label printed on %(printer)s",
    "The quantity is %(quantity)s, but there are %(count)s labels.": (
        "The quantity is %(quantity)s, but there is only one label."
    ),
    "%(order)s has %(count)s serial numbers to print, not %(quantity)s. Use copies to print each more often.": (
        "%(order)s has one serial number to print, not %(quantity)s. Use copies to print it more often."
    ),
    "%(job)s: %(printed)s of %(quantity)s labels are on paper, %(uncertain)s are uncertain.": (
        "%(job)s: %(printed)s of %(quantity)s labels are on paper, 1 is uncertain."
    ),
    "All %(asked)s labels of this order are on paper.": "The label of this order is on paper.",
    # Said of a second one only: the first is the usual.
    "%(count)s tries": None,
    "printed %(copies)s times": None,
    "Job %(id)s: some of its %(quantity)s labels failed.": "Job %(id)s: its label failed.",
    "All %(count)s printers": "All printers",
    # Above a limit, which is more than one.
    "%(count)s labels are too many for one print job: %(limit)s at most.": None,
    "%(count)s labels or more with their graphics are too much to print at once: %(limit)s MB at most. "
    "Print fewer at a time, or make the pictures smaller.": None,
    "%(quantity)s labels are more than are left to print of %(order)s (%(count)s), and a serial number has one label "
    "only. To print further labels of another product, choose that product alone.": None,
    "%(quantity)s labels cannot be printed in one job: enter 1 to %(most)s, or split the work.": None,
    "%(total)s labels are too many to print at once: %(most)s at most. Print fewer at a time.": None,
    "A print job can have %(limit)s labels at most, not %(quantity)s.": None,
    "The label asks for %(count)s copies (^PQ): %(limit)s at most.": None,
    "These are more than %(limit)s labels, copies (^PQ) counted: too many for one print job. "
    "Print fewer at a time.": None,
    "You have selected %(selected)s jobs; at most %(most)s can be retried or cancelled at once. Nothing was done. "
    "Filter the list first, for example by “Failed” or “Active”.": None,
    "Behind %(count)s jobs on %(printer)s": "Behind one job on %(printer)s",
    "%(count)s jobs are handed over to print server “%(server)s” before it": "One job is handed over to print server "
    "“%(server)s” before it",
    # Said of exports in the background, which have 200,000 jobs and more.
    "%(count)s jobs are written to a file. You can go on working: a message with the file comes as soon as it is "
    "ready.": None,
    "%(count)s jobs in %(file)s.": None,
    # "more" is right for one and for many.
    "%(jobs)s and %(count)s more": None,
    "and %(count)s more": None,
    "All %(count)s labels with this code are checked already. A box was scanned twice, or there is a label too many: "
    "count the boxes.": None,
    "The labels of attempt %(number)s are not what entry %(entry)s says of them.": None,
    "The record has %(count)s entries, and the job knows of %(known)s.": None,
    "%(person)s has cancelled %(job)s: %(printed)s of %(quantity)s labels were printed, and %(uncertain)s more may be "
    "on paper.": None,
}


@pytest.fixture(scope="module")
def template():
    return translations.read(translations.TEMPLATE)


def test_the_languages_are_there():
    assert {path.stem for path in translations.translation_files()} >= set(LANGUAGES)


@pytest.mark.parametrize("path", translations.translation_files(), ids=lambda path: path.stem)
def test_every_text_is_translated(path, template):
    wrong = [f"{problem}: {msgid!r}" for msgid, problem in translations.problems(translations.read(path), template)]
    assert not wrong, (
        f"{path.name}: `{translations.COMMAND}` brings the file to the addon's texts; then write what is missing:\n"
        + "\n".join(wrong)
    )


@pytest.mark.parametrize("path", translations.translation_files(), ids=lambda path: path.stem)
def test_the_header_says_what_odoo_and_gettext_need(path):
    metadata = translations.read(path).metadata
    assert metadata["Language"] == path.stem
    assert metadata["Content-Type"] == "text/plain; charset=UTF-8"
    assert metadata["Plural-Forms"].startswith("nplurals=2; plural=")


def test_what_is_counted_has_a_singular(template):
    """In this addon one and several are two texts, so that each language has the right form of both."""
    texts = {entry.msgid for entry in template}
    counted = {msgid for msgid in texts if COUNTED.search(msgid)}
    assert counted - SINGULAR.keys() == set(), "say in SINGULAR what is said of one"
    assert SINGULAR.keys() - texts == set(), "these are no longer said"
    assert {one for one in SINGULAR.values() if one} - texts == set(), "the singular is not said anywhere"


def test_nothing_says_one_with_a_plural(template):
    plural = re.compile(rf"(?<!\w)(?:1|one) (?:{NOUNS}|are)\b", re.IGNORECASE)
    assert [entry.msgid for entry in template if plural.search(entry.msgid)] == []


def file_of(**words):
    made = polib.POFile()
    made.metadata = {"POT-Creation-Date": "2020-01-01 00:00+0000", "Content-Type": "text/plain; charset=UTF-8"}
    for msgid, msgstr in words.items():
        made.append(polib.POEntry(msgid=msgid, msgstr=msgstr))
    return made


def test_merging_keeps_what_is_still_said_and_guesses_nothing():
    source = file_of(kept="", new="", almost="")
    source[0].comment = "module: label_print_monitor"
    source[0].occurrences = [("code:addons/label_print_monitor/x.py", "0")]
    translated = file_of(gone="weg", kept="bleibt", almost="geraten")
    translated.metadata["Language"] = "de"
    translated.find("almost").flags.append("fuzzy")
    translated.append(polib.POEntry(msgid="new", msgstr="veraltet", obsolete=True))
    merged = translations.merge(source, translated)
    assert [(entry.msgid, entry.msgstr) for entry in merged] == [("kept", "bleibt"), ("new", ""), ("almost", "")]
    assert (merged[0].comment, merged[0].occurrences) == (source[0].comment, source[0].occurrences)
    assert not any(entry.fuzzy or entry.obsolete for entry in merged)
    assert merged.metadata["Language"] == "de"


def test_a_file_of_which_only_the_date_differs_stays_as_it_is(tmp_path):
    path = tmp_path / "de.po"
    assert translations.save(file_of(yes="ja"), path)
    written = path.read_text(encoding="utf-8")
    newer = file_of(yes="ja")
    newer.metadata["POT-Creation-Date"] = "2026-01-01 00:00+0000"
    assert not translations.save(newer, path)
    assert path.read_text(encoding="utf-8") == written
    assert translations.save(file_of(yes="doch"), path)


@pytest.mark.parametrize(
    ("msgid", "msgstr", "problem"),
    [
        ("%(count)s jobs", "%(count)s Aufträge", None),
        ("%(count)s jobs", "Aufträge", "placeholders differ"),
        ("%(count)s jobs", "%(Anzahl)s Aufträge", "placeholders differ"),
        ("%s of %s", "%s von", "placeholders differ"),
        ("Page {page}", "Seite {Seite}", "placeholders differ"),
        ("100% of it", "100 % davon", None),
        ("<b>Jobs</b>", "<b>Aufträge</b>", None),
        ("<b>Jobs</b>", "<b>Aufträge", "tags differ"),
        ('<i class="fa"/>Jobs', '<i class="fb"/>Aufträge', "tags differ"),
        ("Jobs: ", "Aufträge:", "ends with other spaces"),
        ("Jobs", " Aufträge", "begins with other spaces"),
        ("Nothing is printed.", "Nichts wird gedruckt", "ends with another punctuation mark"),
        ("Labels:", "Etiketten", "ends with another punctuation mark"),
        ("Labels:", "Étiquettes :", None),
        ("Nothing is printed", "Nothing is printed", "left in English"),
        ("Status", "Status", None),
        ("Jobs", "", "not translated"),
    ],
)
def test_what_is_wrong_with_a_translation(msgid, msgstr, problem):
    found = list(translations.problems(file_of(**{msgid: msgstr}), file_of(**{msgid: ""})))
    assert found == ([(msgid, problem)] if problem else [])


def test_what_does_not_belong_is_found():
    translated = file_of(known="bekannt", strange="fremd", guessed="geraten")
    translated.find("guessed").flags.append("fuzzy")
    translated.append(polib.POEntry(msgid="old", msgstr="alt", obsolete=True))
    assert set(translations.problems(translated, file_of(known="", guessed="", missing=""))) == {
        ("strange", "not a text of the addon"),
        ("guessed", "not translated"),
        ("old", "obsolete"),
        ("missing", "not translated"),
    }
