"""The daily files hold what ended on a day, once, and all of it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import call_command

from bench.plans import most_rows_read
from notifications.models import NotificationChannel, NotificationStatus
from notifications.reading import finished
from notifications.reading.finished import finished_on, rate_of
from notifications.results import record
from notifications.results.record import Result
from orders.models import Creator
from tests.building import NOON
from tests.notifications.counting.days import count, made_at, order_at

S = NotificationStatus
SMS, EMAIL = NotificationChannel.SMS, NotificationChannel.EMAIL
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
YESTERDAY = date(2025, 8, 24)

pytestmark = pytest.mark.django_db


def written(channel: NotificationChannel, path: Path) -> pa.Table:
    call_command("write_daily_file", channel.value, YESTERDAY.isoformat(), str(path))
    return pq.read_table(path)


@pytest.mark.parametrize("is_counted", [True, False])
def test_final_ones_of_the_day_are_in_the_file_and_no_others(
    ttd: Creator, tmp_path: Path, is_counted: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    yesterday, today = NOON - DAY, NOON
    order = order_at(ttd, yesterday, senders_reference="ref", resource_id="urn:altinn:resource:x")
    wanted = made_at(
        order,
        S.DELIVERED,
        yesterday,
        channel=SMS,
        segments=2,
        body="Hei, Kari",
        gateway_reference="g-1",
        address="+4799999999",
    )
    failed = made_at(order, S.FAILED_RECIPIENT_RESERVED, yesterday, channel=SMS, address="")
    made_at(order, S.ACCEPTED, yesterday, channel=SMS)
    made_at(order, S.DELIVERED, yesterday, channel=SMS, status_at=today, finished_at=today)
    made_at(order, S.DELIVERED, yesterday, channel=EMAIL)
    if is_counted:
        count(NOON + 3 * HOUR)
    table = written(SMS, tmp_path / "x.parquet")
    assert capsys.readouterr().out.strip() == "2"
    rows: list[dict[str, Any]] = table.to_pylist()
    assert rows[0] == {
        "SmsId": wanted.pk.int % 2**62,
        "ShipmentId": str(wanted.pk),
        "SendersReference": "ref",
        "RequestedSendTime": "2025-08-24T10:00:00.0000000Z",
        "CreatorName": "ttd",
        "ResourceId": "urn:altinn:resource:x",
        "Result": "Delivered",
        "GatewayReference": "g-1",
        "Rate": "innland",
        "MobileNumberPrefix": "+479",
        "AltinnSmsCount": 2,
        "AltinnSmsBodyLength": len("Du har fått et brev."),
        "AltinnSmsCustomBodyLength": len("Hei, Kari"),
    }
    assert rows[1]["ShipmentId"] == str(failed.pk)
    assert (rows[1]["Rate"], rows[1]["MobileNumberPrefix"]) == ("n/a", "")
    assert table.schema.field("SmsId").type == pa.int64()
    assert table.schema.field("AltinnSmsCount").type == pa.int32()
    assert [f.name for f in table.schema if f.nullable] == ["ResourceId"]
    (email,) = written(EMAIL, tmp_path / "y.parquet").to_pylist()
    assert list(email) == [
        "EmailId",
        "ShipmentId",
        "SendersReference",
        "RequestedSendTime",
        "CreatorName",
        "ResourceId",
        "Result",
        "OperationId",
    ]


def test_what_ends_otherwise_later_is_of_its_new_day(ttd: Creator) -> None:
    """Also where its hour was settled long ago, and before it is counted again."""
    old = made_at(order_at(ttd, NOON - 40 * DAY), S.FAILED_TTL, NOON - 40 * DAY, channel=SMS)
    count(NOON - DAY)
    assert list(finished_on(YESTERDAY, SMS)) == []
    result = Result(old.pk, S.DELIVERED, finished=True)
    record.record([result], now=NOON - DAY)
    assert [one.status for one in finished_on(YESTERDAY, SMS)] == ["Delivered"]
    count(NOON)
    assert [one.status for one in finished_on(YESTERDAY, SMS)] == ["Delivered"]
    assert list(finished_on(YESTERDAY - 39 * DAY, SMS)) == []


def test_many_are_read_piece_by_piece_each_once(
    ttd: Creator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finished, "MAX_ROWS", 3)
    made = []
    for hours in range(4):
        order = order_at(ttd, NOON - DAY + hours * HOUR)
        made += [made_at(order, S.DELIVERED, NOON - DAY + hours * HOUR) for _ in range(4)]
    count(NOON)
    found = [one.notification_id for one in finished_on(YESTERDAY, SMS)]
    assert found == [str(one.pk) for one in made]
    assert len({one.number for one in finished_on(YESTERDAY, SMS)}) == len(made)


def test_days_in_which_nothing_can_have_ended_are_not_read(ttd: Creator) -> None:
    for days in range(30):
        order = order_at(ttd, NOON - days * DAY)
        for _ in range(10):
            made_at(order, S.DELIVERED, NOON - days * DAY)
    count(NOON + 3 * HOUR)
    assert most_rows_read(lambda: list(finished_on(YESTERDAY, SMS))) < 100  # of 300


@pytest.mark.parametrize(
    ("number", "rate"),
    [
        ("", "n/a"),
        (" ", "n/a"),
        ("+4799999999", "innland"),
        ("00 47 99 99 99 99", "innland"),
        ("+46701740605", "utland"),
        ("99999999", "utland"),
    ],
)
def test_the_rate_is_that_of_the_country(number: str, rate: str) -> None:
    assert rate_of(number) == rate


def test_the_day_is_one_in_utc(ttd: Creator) -> None:
    order = order_at(ttd, datetime(2025, 8, 24, tzinfo=UTC))
    for moment in (
        datetime(2025, 8, 23, 23, 59, 59, tzinfo=UTC),
        datetime(2025, 8, 24, tzinfo=UTC),
        datetime(2025, 8, 24, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2025, 8, 25, tzinfo=UTC),
    ):
        made_at(order, S.DELIVERED, moment)
    assert len(list(finished_on(YESTERDAY, SMS))) == 2
