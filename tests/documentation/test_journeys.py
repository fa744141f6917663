"""The table of clients' calls names tests that there are."""

import re

import tests.journeys
from tests.documentation.test_contract_page import TESTS, names_in

ROW = re.compile(r"^\| [^|]*\| [^|]+\| (?P<file>[\w/]+\.py)::(?P<test>[\w:]+) \|$", re.MULTILINE)


def test_every_call_of_a_client_is_held_by_a_test() -> None:
    table = str(tests.journeys.__doc__)
    rows = list(ROW.finditer(table))
    lines = [line for line in table.splitlines() if line.startswith("|")]
    assert len(rows) == len(lines) - 2 == 28
    assert [
        row["test"]
        for row in rows
        if not (TESTS / row["file"]).is_file() or row["test"] not in names_in(TESTS / row["file"])
    ] == []
