"""The pages that lead people through the tree name places that there are."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    *sorted(f"docs/{page.name}" for page in ROOT.glob("docs/*.md")),
)
PLACE = re.compile(
    r"`((?:back_office|config|dispatch|notifications|orders|recipients|runtime|tests|script|docs)/[\w/.*<>-]*)"
)


@pytest.mark.parametrize("document", PAGES)
def test_each_place_that_a_page_names_is_there(document: str) -> None:
    named = {place for place in PLACE.findall((ROOT / document).read_text()) if "<" not in place}
    roots = (ROOT, ROOT / "tests")  # tests are named as seen from their own folder
    found = {place for place in named for root in roots if list(root.glob(place.rstrip("/")))}
    assert named - found == set()


LINK = re.compile(r"\]\((?!https?:)(?P<page>[^)#\s]*)(?:#(?P<heading>[^)\s]+))?\)")


@pytest.mark.parametrize("document", PAGES)
def test_each_link_of_a_page_leads_somewhere(document: str) -> None:
    page = ROOT / document
    broken = set[str]()
    for link in LINK.finditer(page.read_text()):
        target = (page.parent / link["page"]).resolve() if link["page"] else page
        if not target.exists() or (link["heading"] and link["heading"] not in anchors(target)):
            broken.add(link[0])
    assert broken == set()


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
