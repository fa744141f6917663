"""Pages of long lists cost the same wherever they are, and give up in time."""

from datetime import timedelta

import pytest
from django.contrib.admin.options import IncorrectLookupParameters
from django.db import OperationalError, connection, transaction

from back_office.lists.paging import Keyset, QueryTimedOut, statement_timeout
from notifications.models import Notification, NotificationStatus
from orders.models import Creator
from tests.building import NOON, ids, notification, processed_order

BY_ID = Keyset()
BY_END = Keyset(("finished_at", "id"))


@pytest.fixture
def seven(ttd: Creator) -> list[Notification]:
    """The latest first. The middle ones failed at the same moment."""
    order = processed_order(ttd)
    minutes = [0, 1, 2, 2, 2, 3, 4]
    made = [
        notification(order, NotificationStatus.FAILED, finished_at=NOON + timedelta(minutes=minute))
        for minute in minutes
    ]
    return sorted(made, key=lambda row: (row.finished_at, row.pk), reverse=True)


@pytest.mark.parametrize("keyset", [BY_ID, BY_END], ids=["by id", "by end"])
def test_older_pages_meet_without_gap_or_overlap(seven: list[Notification], keyset: Keyset) -> None:
    found, before, pages = [], "", 0
    while True:
        page = keyset.page(Notification.objects.all(), before=before, size=2)
        found += page.rows
        pages += 1
        if not page.has_older:
            break
        before = keyset.place_of(page.rows[-1])
    everything = Notification.objects.order_by(*keyset.newest_first)
    assert found == list(everything)
    assert pages == 4


def test_the_page_before_the_last_is_found_again_by_going_back(seven: list[Notification]) -> None:
    rows = Notification.objects.all()
    first = BY_END.page(rows, size=3)
    second = BY_END.page(rows, before=BY_END.place_of(first.rows[-1]), size=3)
    assert (first.has_newer, second.has_newer) == (False, True)
    again = BY_END.page(rows, after=BY_END.place_of(second.rows[0]), size=3)
    assert ids(again.rows) == ids(first.rows) == ids(seven[:3])
    assert (again.has_newer, again.has_older) == (False, True)


@pytest.mark.parametrize("place", ["nonsense", "2025-08-25~x", "~", "a~b~c"])
def test_a_place_made_up_by_hand_is_refused(db: None, place: str) -> None:
    with pytest.raises(IncorrectLookupParameters):
        BY_END.page(Notification.objects.all(), before=place, size=2)


def test_a_statement_that_takes_too_long_is_given_up(db: None) -> None:
    with (
        pytest.raises(QueryTimedOut),
        transaction.atomic(),
        statement_timeout(timedelta(milliseconds=50)),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT pg_sleep(5)")


def test_other_trouble_of_the_database_is_not_taken_for_impatience(db: None) -> None:
    with (
        pytest.raises(OperationalError, match="wrong"),
        transaction.atomic(),
        statement_timeout(timedelta(seconds=5)),
        connection.cursor() as cursor,
    ):
        cursor.execute("DO $$ BEGIN RAISE 'wrong' USING ERRCODE = '53000'; END $$")


@pytest.mark.django_db(transaction=True)
def test_a_statement_timeout_ends_with_the_list() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        before = cursor.fetchone()
        with statement_timeout(timedelta(seconds=1)):
            pass
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == before
