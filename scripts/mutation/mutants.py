"""Mutants as mutmut has written them, and the rules by which some are left out because nothing can notice them."""

from __future__ import annotations

import ast
import difflib
import json
import re
from dataclasses import dataclass
from pathlib import Path

_SQL = re.compile(r'"\s*(SELECT|UPDATE|INSERT|DELETE|WHERE|AND|ORDER|FROM|SET|GROUP)\b')
_ENCODING = re.compile(r'(encode|decode|encoding=)\(?"(utf-8|ascii|latin-1)"', re.IGNORECASE)
_SENTENCE = re.compile(r'"(?:XX)?[^"]*[A-Za-z]{2}[,:;.]? [A-Za-z][^"]*"')
_QUOTED = re.compile(r"'[^']*'")
_COLUMN = re.compile(r"\[(['\"])([a-zA-Z_]+)\1\]")
_STRICT = re.compile(r",\s*strict=(?:True|False|None)|, (?=\))")
_FALSE = re.compile(r"=(?:False|None)\b")


@dataclass(frozen=True)
class Mutant:
    """One small change of one function.

    :ivar name: mutmut's name for it
    :ivar where: file and function
    :ivar old: the lines that it changes
    :ivar new: what it makes of them
    """

    part: str
    name: str
    where: str
    old: str
    new: str

    @property
    def line(self) -> str:
        """As the list of survivors has it: the same as long as neither the function's name nor these lines change."""
        return f"{self.where}  {self.old}  =>  {self.new}"


def read_mutants(part: str, folder: Path) -> list[Mutant]:
    """All mutants in a part's folder, in a fixed order."""
    found = []
    for meta in sorted((folder / "mutants").rglob("*.meta")):
        names = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
        file = meta.with_suffix("")
        functions = _functions(file.read_text(encoding="utf-8"))
        for name in names:
            function = name.rpartition(".")[2]
            plain = function.rpartition("__mutmut_")[0]
            old, new = _changed(functions[f"{plain}__mutmut_orig"], functions[function])
            place = f"{file.relative_to(folder / 'mutants')}::{plain.removeprefix('x').strip('_ǁ').replace('ǁ', '.')}"
            found.append(Mutant(part, name, place, old, new))
    return found


def left_out(mutant: Mutant) -> str | None:
    """The rule by which a mutant is left out; None for one that the tests have to notice."""
    old, new = mutant.old, mutant.new
    if old.lower() == new.lower() and old != new:
        if _SQL.search(old) and _QUOTED.findall(old) == _QUOTED.findall(new):
            return "SQL in other letters: keywords and names of columns are the same in capitals"
        if mutant.part == "print_server" and _only_columns(old, new):
            return "the name of a column in other letters: a row of sqlite3 finds it all the same"
        if _ENCODING.search(old):
            return "the name of an encoding in other letters"
    if _same_but_letters(old, new) and _SENTENCE.search(old) and not _SQL.search(old):
        return "the wording of a sentence for people or for a log"
    if "zip(" in old and "strict=" in old and _STRICT.sub("", old) == _STRICT.sub("", new):
        return "zip(strict=…): a check of the program itself"
    if old != new and _FALSE.sub("", old) == _FALSE.sub("", new):
        return "False or None for an option: both mean no"
    return None


def _same_but_letters(old: str, new: str) -> bool:
    """Whether only the letters of a text differ, or it has got XX around it."""
    return old.lower() == new.replace('"XX', '"').replace('XX"', '"').lower()


def _only_columns(old: str, new: str) -> bool:
    return _COLUMN.sub("", old) == _COLUMN.sub("", new)


def _functions(source: str) -> dict[str, list[str]]:
    lines = source.splitlines()
    return {
        node.name: [line.replace(node.name, "") for line in lines[node.lineno - 1 : node.end_lineno]]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and "__mutmut_" in node.name
    }


def _changed(old: list[str], new: list[str]) -> tuple[str, str]:
    removed, added = [], []
    for line in difflib.unified_diff(old, new, n=0, lineterm=""):
        if line.startswith("-") and not line.startswith("---"):
            removed.append(line[1:].strip())
        elif line.startswith("+") and not line.startswith("+++"):
            added.append(line[1:].strip())
    return " ".join(removed), " ".join(added)
