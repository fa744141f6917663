"""Decisions have numbers of their own, in the name of the file and in its title."""

import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "decisions"


def test_each_decision_has_a_number_and_no_two_have_the_same() -> None:
    files = sorted(FOLDER.glob("0*.md"))
    numbers = [int(file.name[:4]) for file in files]
    assert numbers == list(range(1, len(files) + 1))
    titles = [re.match(r"# (\d+)\. ", file.read_text()) for file in files]
    assert [int(title[1]) for title in titles if title] == numbers
