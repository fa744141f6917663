"""The pages that lead people through the tree name places that there are."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "CONTRIBUTING.md", "docs/architecture.md")
PLACE = re.compile(
    r"`((?:back_office|config|dispatch|notifications|orders|recipients|runtime|tests|script|docs)/[\w/.*<>-]*)"
)


@pytest.mark.parametrize("document", PAGES)
def test_each_place_that_a_page_names_is_there(document: str) -> None:
    named = {place for place in PLACE.findall((ROOT / document).read_text()) if "<" not in place}
    assert named
    assert [place for place in sorted(named) if not list(ROOT.glob(place.rstrip("/")))] == []
