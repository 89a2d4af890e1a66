"""`make translations`: export the addon's texts into the .pot, and bring each .po to it.

Nothing is guessed: a text that has changed has no translation until somebody writes one, so no entry is ever fuzzy.
What the addon no longer says leaves the .po files. A new language begins with an empty `i18n/<code>.po`.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import polib

from scripts import odoo, places
from scripts.console import Failure, exit_code_of, say, step
from scripts.databases import ADDON_MODULE, Database, fresh_database
from scripts.postgres import running_cluster
from scripts.processes import run_to_end

FOLDER = places.ADDON / "i18n"
TEMPLATE = FOLDER / f"{ADDON_MODULE}.pot"
COMMAND = "make translations"

# Headers that say when a file was made: alone they are no change.
DATES = ("POT-Creation-Date", "PO-Revision-Date")
# What a translation has to repeat: %(name)s, %s, {name}, and tags with their attributes.
PLACEHOLDER = re.compile(r"%\(\w+\)[sdrf]|%[sdr](?!\w)|\{[\w.]*\}")
TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
# A sentence stays a sentence, a label before a value keeps its colon.
CLOSING = {".": ".", ":": ":", "?": "?", "…": "…"}


def translation_files() -> list[Path]:
    return sorted(FOLDER.glob("*.po"))


def read(path: Path) -> polib.POFile:
    """:raises ValueError: when the file cannot be read, or has an entry twice"""
    try:
        return polib.pofile(str(path), check_for_duplicates=True)
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from error


def merge(template: polib.POFile, translated: polib.POFile) -> polib.POFile:
    """The template's entries, in its order and with its references, with what is translated already."""
    words = {entry.msgid: entry.msgstr for entry in translated if not entry.obsolete and not entry.fuzzy}
    merged = polib.POFile(wrapwidth=template.wrapwidth)
    merged.header = template.header
    merged.metadata = translated.metadata or dict(template.metadata)
    merged.metadata["POT-Creation-Date"] = template.metadata["POT-Creation-Date"]
    for entry in template:
        merged.append(
            polib.POEntry(
                msgid=entry.msgid,
                msgstr=words.get(entry.msgid, ""),
                comment=entry.comment,
                occurrences=entry.occurrences,
            )
        )
    return merged


def problems(translated: polib.POFile, template: polib.POFile) -> Iterator[tuple[str, str]]:
    """What is wrong with a translation: the text concerned, and what is the matter with it."""
    known = {entry.msgid for entry in template}
    for entry in translated:
        if entry.obsolete:
            yield entry.msgid, "obsolete"
        elif entry.msgid not in known:
            yield entry.msgid, "not a text of the addon"
        elif entry.fuzzy or not entry.msgstr:
            yield entry.msgid, "not translated"
        else:
            yield from ((entry.msgid, problem) for problem in _differences(entry.msgid, entry.msgstr))
    for msgid in sorted(known - {entry.msgid for entry in translated}):
        yield msgid, "not translated"


def _differences(msgid: str, msgstr: str) -> Iterator[str]:
    for what, pattern in (("placeholders", PLACEHOLDER), ("tags", TAG)):
        if sorted(pattern.findall(msgid)) != sorted(pattern.findall(msgstr)):
            yield f"{what} differ"
    for where, spaces in (("begins", r"\A\s*"), ("ends", r"\s*\Z")):
        if re.search(spaces, msgid)[0] != re.search(spaces, msgstr)[0]:
            yield f"{where} with other spaces"
    if CLOSING.get(msgid.rstrip()[-1]) != CLOSING.get(msgstr.rstrip()[-1]):
        yield "ends with another punctuation mark"
    if msgid == msgstr and len(re.findall(r"[^\W\d]+", TAG.sub("", PLACEHOLDER.sub("", msgid)))) > 2 and " " in msgid:
        yield "left in English"


def export(database: Database, target: Path) -> None:
    """Write the addon's texts as a database with nothing but the addon knows them."""
    command = [sys.executable, "-m", "odoo", "i18n", "export", "-c", database.config, "-d", database.name]
    command += ["-o", target, ADDON_MODULE]
    if run_to_end(command, odoo.environment(ODOO_RC=str(database.config))) or not target.exists():
        raise Failure("Odoo did not export the addon's texts", "see Odoo's message above")


def save(made: polib.POFile, path: Path) -> bool:
    """Write the file unless only its dates would change; says whether it did."""
    if path.exists():
        old = path.read_text(encoding="utf-8")
        if _without_dates(old) == _without_dates(f"{made}\n"):
            return False
    path.write_text(f"{made}\n", encoding="utf-8")
    return True


def _without_dates(text: str) -> list[str]:
    return [line for line in text.rstrip().splitlines() if not line.startswith(tuple(f'"{name}' for name in DATES))]


def main() -> int:
    exported = places.BUILD / "i18n" / "exported.po"
    exported.parent.mkdir(parents=True, exist_ok=True)
    exported.unlink(missing_ok=True)
    with (
        running_cluster() as cluster,
        fresh_database(cluster, "i18n") as database,
        step("Exporting the addon's texts"),
    ):
        export(database, exported)
    template = read(exported)
    for path, made in ((TEMPLATE, template), *((path, merge(template, read(path))) for path in translation_files())):
        say(f"{path.relative_to(places.CHECKOUT)}: {'renewed' if save(made, path) else 'current'}")
    complaints = 0
    for path in translation_files():
        for msgid, problem in problems(read(path), template):
            say(f"{path.relative_to(places.CHECKOUT)}: {problem}: {msgid!r}")
            complaints += 1
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
