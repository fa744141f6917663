"""Finds what is to be translated: every text in gettext's hands, in code and in templates."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import unfold
from django.utils.translation.template import templatize

from script.launcher.paths import ROOT
from script.launcher.translations.catalogue import Key

OURS = (
    "back_office",
    "config",
    "dispatch",
    "events",
    "notifications",
    "orders",
    "recipients",
    "runtime",
    "templates",
)
"""Folders of the repository with texts for staff."""
UNFOLD_CONTRIB = ("filters", "forms")
"""The parts of django-unfold in use, beside its core. It brings no catalogue at all."""

# The number of texts that each takes; pgettext and npgettext take the context first.
_FUNCTIONS = {
    "_": 1,
    "gettext": 1,
    "gettext_lazy": 1,
    "gettext_noop": 1,
    "ngettext": 2,
    "ngettext_lazy": 2,
    "pgettext": 1,
    "pgettext_lazy": 1,
    "npgettext": 2,
}
_TEXT = r"u?(?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")"
_CALL = re.compile(rf"\b(_|n?p?gettext)\(\s*({_TEXT}(?:\s*,\s*{_TEXT})*)")
"""What templatize leaves is no Python, but the calls in it are."""


def of_ours() -> set[Key]:
    return {key for folder in OURS for key in _of_folder(ROOT / folder)}


def of_unfold() -> set[Key]:
    home = Path(unfold.__file__).parent
    folders = (home, *(home / "contrib" / part for part in UNFOLD_CONTRIB))
    return {key for folder in folders for key in _of_folder(folder, without=("contrib", "static"))}


def _of_folder(folder: Path, *, without: tuple[str, ...] = ("migrations",)) -> Iterator[Key]:
    for path in sorted(folder.rglob("*")):
        if path.relative_to(folder).parts[0] in without or "migrations" in path.parts:
            continue
        if path.suffix == ".py":
            yield from of_code(path.read_text())
        elif path.suffix == ".html":
            yield from of_template(path.read_text())


def of_code(source: str) -> Iterator[Key]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            texts = [getattr(one, "value", None) for one in node.args]
            if name in _FUNCTIONS and texts and isinstance(texts[0], str):
                yield _key(name, texts)


def of_template(source: str) -> Iterator[Key]:
    for name, texts in _CALL.findall(templatize(source)):
        yield _key(name, ast.literal_eval(f"[{texts}]"))


def _key(name: str, texts: list[object]) -> Key:
    context = str(texts.pop(0)) if "pgettext" in name else ""
    plural = str(texts[1]) if _FUNCTIONS[name] == 2 else ""
    return Key(str(texts[0]), plural, context)
