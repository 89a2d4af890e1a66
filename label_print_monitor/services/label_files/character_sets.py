"""What bytes mean under ``^CI``, and what the template's choice can print (ZPL II Programming Guide, page "^CI")."""

from __future__ import annotations

UTF_8 = 28
# A printer that was told nothing uses 0: code page 850, in which 1 to 12 replace some of ASCII by national letters.
DEFAULT = 0
NATIONAL = range(1, 13)
REPLACED = frozenset("#$@[\\]^`{|}~")
_CODECS = dict.fromkeys(range(14), "cp850") | {
    14: "shift_jis",
    15: "shift_jis",
    16: "euc_jp",
    27: "cp1252",
    28: "utf-8",
    31: "cp1250",
    33: "cp1251",
    34: "cp1253",
    35: "cp1254",
    36: "cp1255",
}


def character_set(parameter: str) -> int | None:
    """The number after ``^CI``, None for none that is one."""
    return int(parameter) if parameter.isascii() and parameter.isdigit() else None


def encoded(char: str, number: int) -> bytes | None:
    """The bytes that print this character under a character set, None where it cannot."""
    codec = _CODECS.get(number)
    if codec is None or (number in NATIONAL and char in REPLACED):
        return None
    try:
        return char.encode(codec)
    except UnicodeEncodeError:
        return None


def decoded(data: bytes, number: int) -> str | None:
    """The text that bytes print under a character set, None where that is not known."""
    codec = _CODECS.get(number)
    if codec is None:
        return None
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return None
