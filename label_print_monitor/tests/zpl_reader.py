"""Reads a label as a printer does: which characters come out, as text and in barcodes, and which commands are obeyed.

Written after the ZPL guide and apart from the services, so that the two can disagree.
"""

import re
from typing import NamedTuple

_TOKEN = re.compile(r"([\^~])(A@|A|..)([^\^~]*)", re.DOTALL)
_CODECS = {0: "cp850", 13: "cp850", 27: "cp1252", 28: "utf-8"}
_CODE_128 = {"><": "^", ">0": ">", ">=": "~"}


class Printed(NamedTuple):
    """One field: what is printed, and the barcode that it is printed as, '' for text."""

    text: str
    barcode: str


class Label(NamedTuple):
    fields: list
    commands: list

    @property
    def texts(self):
        return [field.text for field in self.fields if not field.barcode]

    @property
    def barcodes(self):
        return [field.text for field in self.fields if field.barcode]


def read_label(zpl):
    """The fields that come out, in order, and the names of all commands that the printer finds."""
    charset, hexadecimal, barcode, arguments, block, barcode_escape = 0, "", "", [], set(), ""
    printed, commands = [], []
    for prefix, name, rest in _TOKEN.findall(zpl):
        commands.append(prefix + name.upper())
        code = name.upper()
        if code == "CI":
            charset = int(rest)
        elif code == "FH":
            hexadecimal = rest.strip()[:1] or "_"
        elif code[0] == "B" and code != "BY":
            barcode, arguments = code, rest.strip().split(",")
            barcode_escape = (arguments + [""] * 7)[6] or "~" if code == "BX" else ""
        elif code in ("FB", "TB"):
            block.add(code)
        elif code == "FD":
            data = rest.encode("utf-8")  # as the print server sends it
            if hexadecimal:
                pattern = re.escape(hexadecimal.encode()) + rb"([0-9A-Fa-f]{2})"
                data = re.sub(pattern, lambda found: bytes.fromhex(found.group(1).decode()), data)
            text = data.decode(_CODECS[charset], "replace")
            if barcode == "BC":
                assert text.isascii(), "Code 128 holds ASCII only"
                text = re.sub(r">(.)?", lambda found: _CODE_128[found.group()], text)
            if barcode_escape:
                assert barcode_escape not in text.replace(barcode_escape * 2, ""), "an escape sequence"
                text = text.replace(barcode_escape * 2, barcode_escape)
            if "FB" in block:
                assert not re.search(r"(?<!\\)(\\\\)*\\[^\\]", text), "an escape sequence"
                text = text.replace("\\\\", "\\")
            if "TB" in block:
                text = text.replace("<<>", "\x00")
                assert "<" not in text, "an escape sequence"
                text = text.replace("\x00", "<")
            printed.append(Printed(text, barcode))
        elif code == "FS":
            hexadecimal, barcode, block, barcode_escape = "", "", set(), ""
    return Label(printed, commands)
