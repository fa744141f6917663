"""Reads and compiles catalogues of translations, where gettext is not installed, too."""

import ast
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from script.launcher.paths import ROOT

NORWEGIAN = ROOT / "locale" / "nb" / "LC_MESSAGES" / "django.po"
_MAGIC = 0x950412DE
_HEADER = "=7I"


class Key(NamedTuple):
    """What is translated; `plural` and `context` are empty for most."""

    text: str
    plural: str = ""
    context: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A text and its translation, one for each form of the plural."""

    key: Key
    translations: list[str]
    is_fuzzy: bool

    @property
    def is_complete(self) -> bool:
        return not self.is_fuzzy and all(self.translations)


def read(path: Path) -> list[Entry]:
    """Everything in a .po file, the header first; what is obsolete is left out."""
    entries: list[Entry] = []
    fields: dict[str, str] = {}
    fuzzy, current = False, ""
    for line in [*path.read_text().splitlines(), ""]:
        if line.startswith("#"):
            fuzzy |= line.startswith("#,") and "fuzzy" in line
        elif line.startswith('"'):
            fields[current] += ast.literal_eval(line)
        elif line:
            current, text = line.split(" ", 1)
            fields[current] = ast.literal_eval(text)
        elif fields:
            entries.append(_entry(fields, fuzzy=fuzzy))
            fields, fuzzy = {}, False
    return entries


def _entry(fields: Mapping[str, str], *, fuzzy: bool) -> Entry:
    key = Key(fields["msgid"], fields.get("msgid_plural", ""), fields.get("msgctxt", ""))
    translations = [text for name, text in fields.items() if name.startswith("msgstr")]
    return Entry(key, translations, fuzzy)


def written(key: Key) -> str:
    """As a .po file has it, its translation left empty."""
    fields = {"msgctxt": key.context, "msgid": key.text, "msgid_plural": key.plural}
    lines = [f"{name} {_quoted(text)}" for name, text in fields.items() if text]
    forms = ("msgstr[0]", "msgstr[1]") if key.plural else ("msgstr",)
    return "\n".join([*lines, *(f'{form} ""' for form in forms)])


def _quoted(text: str) -> str:
    for sign, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n")):
        text = text.replace(sign, escaped)
    return f'"{text}"'


def compiled(entries: list[Entry]) -> bytes:
    """The .mo file: two tables of lengths and places, then the texts, sorted."""
    rows = sorted(_rows(entries))
    texts = b""
    tables: tuple[list[int], list[int]] = ([], [])
    start = struct.calcsize(_HEADER) + 16 * len(rows)
    for column in (0, 1):
        for row in rows:
            tables[column].extend((len(row[column]), start + len(texts)))
            texts += row[column] + b"\0"
    places = struct.calcsize(_HEADER)
    header = struct.pack(_HEADER, _MAGIC, 0, len(rows), places, places + 8 * len(rows), 0, places)
    return header + b"".join(struct.pack(f"={len(one)}I", *one) for one in tables) + texts


def _rows(entries: list[Entry]) -> Iterator[tuple[bytes, bytes]]:
    for entry in entries:
        if not entry.is_complete:
            continue
        context = f"{entry.key.context}\x04" if entry.key.context else ""
        plural = f"\0{entry.key.plural}" if entry.key.plural else ""
        yield f"{context}{entry.key.text}{plural}".encode(), "\0".join(entry.translations).encode()
