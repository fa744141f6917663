"""Moments come out of the database as Django reads them, only faster."""

from datetime import UTC, datetime

import pytest
from django.db import DataError, connection
from psycopg import adapters
from psycopg.pq import Format

from config.database.base import MomentLoader

pytestmark = pytest.mark.django_db


def read(text: str) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [text])
        (moment,) = cursor.fetchone()
        assert isinstance(moment, datetime)
        return moment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-29T02:30:00.123456Z", datetime(2026, 3, 29, 2, 30, 0, 123456, UTC)),
        ("2026-03-29T02:30:00.5+02:00", datetime(2026, 3, 29, 0, 30, 0, 500000, UTC)),
        ("2026-10-25 02:30:00 Europe/Oslo", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59.999999Z", datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)),
    ],
)
def test_a_moment_is_read_to_the_microsecond_and_in_utc(text: str, expected: datetime) -> None:
    moment = read(text)
    assert (moment, moment.tzinfo) == (expected, UTC)


@pytest.mark.parametrize("text", ["infinity", "0044-03-15 00:00:00+00 BC", "10000-01-01T00:00:00Z"])
def test_a_moment_that_python_does_not_know_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="timestamp too"):
        read(text)


def test_django_does_not_put_its_own_way_of_reading_back() -> None:
    with connection.cursor() as cursor:
        oid = adapters.types["timestamptz"].oid
        assert cursor.cursor.adapters.get_loader(oid, Format.TEXT) is MomentLoader
