"""Writes the rows of a list as CSV that Norwegian Excel opens: piece by piece, at the same memory
for ten rows and a hundred thousand."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from back_office.lists.paging import Keyset, QueryTimedOut, statement_timeout
from back_office.privacy import personal_data
from back_office.wording.local_time import to_the_second

Row = TypeVar("Row", bound=Model)
MAX_ROWS = 100_000
QUERY_TIMEOUT = timedelta(seconds=30)
"""For one piece, or for counting: staff wait for an export, not for a page."""

_MAX_PIECE = 2_000
# So that Excel reads UTF-8.
_BYTE_ORDER_MARK = "\ufeff"
# What a spreadsheet takes for the beginning of a formula, in any width, wherever a cell may begin:
# first of all, and behind whatever is no letter or digit. Which of those separates cells is told by
# whoever opens the file, and white space in front of a formula does not hinder it.
# Two that people read are none: the dash between words, which where blanks separate is a cell of
# its own, and the @ behind the asterisks of a masked address.
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = re.compile(
    r"(?:(?<=[^\w'])|(?<=_)|^)(?!(?<=[^\W_] )[-\u2212] [^\W_])(?!(?<=\*)@)"
    r"(?=[=+\-@\u2212\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20])"
)


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """`value` gets the row, masked where personal data may not be shown."""

    name: str | Promise
    value: Callable[[Row], object]


def neutral(value: object) -> str:
    """The cell's text, with an apostrophe before whatever a spreadsheet might run as a formula,
    whichever character it takes for the separator."""
    if isinstance(value, datetime):
        return to_the_second(value)
    text = "" if value is None else str(value)
    return _FORMULA.sub("'", text.replace("\0", ""))


def count(rows: QuerySet[Model]) -> int:
    """How many there are; MAX_ROWS + 1 if they are more than that. Raises `QueryTimedOut`."""
    with statement_timeout(QUERY_TIMEOUT):
        return rows.order_by()[: MAX_ROWS + 1].count()


def csv_of(
    rows: QuerySet[Row],
    *,
    keyset: Keyset,
    columns: Sequence[Column[Row]],
    unmasked: bool,
    note: Callable[[Sequence[Row]], None] = lambda rows: None,
) -> Iterator[bytes]:
    """The file, in pieces. Whoever reads slowly holds up no transaction: each piece is a query of
    its own, and is noted before it leaves. The last line tells if rows are missing."""
    yield _BYTE_ORDER_MARK.encode()
    yield _lines([[column.name for column in columns]])
    before, left = "", MAX_ROWS
    while True:
        try:
            with statement_timeout(QUERY_TIMEOUT):
                page = keyset.page(rows, before=before, size=min(_MAX_PIECE, left))
        except QueryTimedOut:
            yield _lines([[_("Cut off here: the rest takes too long to find.")]])
            return
        if not unmasked:
            personal_data.masked(page.rows)
        note(page.rows)
        yield _lines([column.value(row) for column in columns] for row in page.rows)
        left -= len(page.rows)
        if not page.has_older:
            return
        if not left:
            yield _lines([[_("Cut off here: a file holds %(most)s rows.") % {"most": MAX_ROWS}]])
            return
        before = keyset.place_of(page.rows[-1])


def file_of(lines: Iterable[list[object]]) -> bytes:
    """A small file at once."""
    return _BYTE_ORDER_MARK.encode() + _lines(list(lines))


def _lines(rows: Iterator[list[object]] | Sequence[list[object]]) -> bytes:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return written.getvalue().encode()
