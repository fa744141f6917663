"""script/translations: says what has no Norwegian yet, and compiles the catalogue."""

import sys
from collections.abc import Sequence

from script.launcher.console import step
from script.launcher.translations import catalogue, translatable
from script.launcher.translations.catalogue import NORWEGIAN, Entry, Key


def main(arguments: Sequence[str]) -> int:
    """The exit status: 1 if something is not translated."""
    entries = catalogue.read(NORWEGIAN)
    missing = untranslated(entries, translatable.of_ours() | translatable.of_unfold())
    for key in missing:
        print(f"{catalogue.written(key)}\n")
    for source in NORWEGIAN.parent.glob("*.po"):
        source.with_suffix(".mo").write_bytes(catalogue.compiled(catalogue.read(source)))
    step(f"{len(entries)} texts compiled; {len(missing)} are not translated")
    return 1 if missing else 0


def untranslated(entries: Sequence[Entry], wanted: set[Key]) -> list[Key]:
    """A text in the plural answers for the same text without one."""
    known = {(one.key.text, one.key.context): one for one in entries if one.is_complete}
    return sorted(
        key
        for key in wanted
        if not (found := known.get((key.text, key.context)))
        or (key.plural and found.key.plural != key.plural)
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
