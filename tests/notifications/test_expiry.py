"""A message may be sent for 48 hours on the wall from the first moment that it may leave."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given

from notifications import send_window
from notifications.expiry import expires_at
from orders.models import SendingTimePolicy
from runtime.local_time import LOCAL_TIME
from tests.notifications.test_send_window import moments_near_a_change_of_clocks

DAYTIME, ANYTIME = SendingTimePolicy.DAYTIME, SendingTimePolicy.ANYTIME


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("requested", "policy", "expires"),
    [
        ("2025-08-25T10:00", DAYTIME, "2025-08-27T10:00"),
        ("2025-08-25T20:00", DAYTIME, "2025-08-28T07:00"),
        ("2025-08-25T05:00", DAYTIME, "2025-08-27T07:00"),
        ("2025-08-25T07:00", DAYTIME, "2025-08-27T07:00"),  # exactly 09:00 in Oslo
        ("2025-08-25T14:59:59.999999", DAYTIME, "2025-08-27T14:59:59.999999"),
        ("2025-08-25T15:00", DAYTIME, "2025-08-28T07:00"),  # exactly 17:00 in Oslo
        ("2025-08-25T20:00", ANYTIME, "2025-08-27T20:00"),
        ("2025-03-28T20:00", DAYTIME, "2025-03-31T07:00"),  # clocks change on the 30th
        ("2025-03-28T20:00", ANYTIME, "2025-03-30T19:00"),
        ("2025-10-24T20:00", DAYTIME, "2025-10-27T08:00"),  # clocks change on the 26th
        ("2025-10-24T20:00", ANYTIME, "2025-10-26T21:00"),
    ],
)
def test_a_notification_expires(requested: str, policy: SendingTimePolicy, expires: str) -> None:
    assert expires_at(send_window.earliest(policy, utc(requested))) == utc(expires)


@given(moments_near_a_change_of_clocks())
def test_the_wall_shows_the_same_time_two_days_later(first_moment: datetime) -> None:
    then, expiry = (
        first_moment.astimezone(LOCAL_TIME),
        expires_at(first_moment).astimezone(LOCAL_TIME),
    )
    same_time = then.replace(tzinfo=None) + timedelta(days=2)
    if (
        same_time.replace(tzinfo=LOCAL_TIME).astimezone(UTC).astimezone(LOCAL_TIME).hour
        == same_time.hour
    ):
        assert expiry.replace(tzinfo=None) == same_time
    else:  # a time that the wall leaves out
        assert expiry.replace(tzinfo=None) == same_time + timedelta(hours=1)


@given(moments_near_a_change_of_clocks())
def test_a_lifetime_is_48_hours_give_or_take_the_change_of_clocks(first_moment: datetime) -> None:
    hours = (expires_at(first_moment) - first_moment) / timedelta(hours=1)
    assert hours in (47, 48, 49)


def test_the_expiry_is_told_in_utc() -> None:
    assert expires_at(utc("2025-08-25T10:00")).utcoffset() == timedelta(0)
