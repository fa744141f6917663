"""SMS leave from 09:00:00 to before 17:00:00 on Norwegian clocks, whatever the season."""

from calendar import SUNDAY
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from notifications import send_window
from notifications.send_hours import SendWindow, parse
from orders.models import SendingTimePolicy
from runtime.local_time import LOCAL_TIME

NINE_TO_FIVE = parse("09:00-17:00")
ALL_DAY = parse("00:00-24:00")
MICROSECOND = timedelta(microseconds=1)


def oslo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_TIME).astimezone(UTC)


@pytest.mark.parametrize("day", ["2025-01-15", "2025-07-15", "2025-03-30", "2025-10-26"])
@pytest.mark.parametrize(
    ("clock", "is_open"),
    [
        ("00:00:00", False),
        ("08:59:59.999999", False),
        ("09:00:00", True),
        ("09:00:00.000001", True),
        ("12:00:00", True),
        ("16:59:59", True),
        ("16:59:59.999999", True),
        ("17:00:00", False),
        ("23:59:59.999999", False),
    ],
)
def test_the_window_is_exact_to_the_microsecond(day: str, clock: str, is_open: bool) -> None:
    assert NINE_TO_FIVE.is_open(oslo(f"{day}T{clock}")) is is_open


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2025-08-25T08:00", "2025-08-25T09:00"),
        ("2025-08-25T17:00", "2025-08-26T09:00"),
        ("2025-08-30T20:00", "2025-08-31T09:00"),  # a Sunday is a day like any other
        ("2025-12-31T17:00", "2026-01-01T09:00"),
        ("2025-03-29T17:00", "2025-03-30T09:00"),
        ("2025-10-25T17:00", "2025-10-26T09:00"),
    ],
)
def test_the_window_opens_next_at_nine(moment: str, opens: str) -> None:
    assert NINE_TO_FIVE.next_open(oslo(moment)) == oslo(opens)


def test_the_night_is_an_hour_shorter_in_march_and_longer_in_october() -> None:
    for closing, hours in [("2025-03-29T17:00", 15), ("2025-10-25T17:00", 17)]:
        closed = oslo(closing)
        assert NINE_TO_FIVE.next_open(closed) - closed == timedelta(hours=hours)


def test_when_the_window_opens_next_is_told_in_utc() -> None:
    opens = NINE_TO_FIVE.next_open(oslo("2025-08-25T20:00"))
    assert opens.isoformat() == "2025-08-26T07:00:00+00:00"


def last_sunday(year: int, month: int) -> date:
    end = date(year, month, 31)
    return end - timedelta(days=(end.weekday() - SUNDAY) % 7)


@st.composite
def moments_near_a_change_of_clocks(draw: st.DrawFn) -> datetime:
    """Within three days of a last Sunday in March or October, as in Norwegian law since 1996."""
    year, month = draw(st.integers(1996, 2037)), draw(st.sampled_from([3, 10]))
    change = datetime.combine(last_sunday(year, month), datetime.min.time(), tzinfo=UTC)
    change += timedelta(hours=1)
    return change + draw(st.timedeltas(timedelta(days=-3), timedelta(days=3)))


windows = st.sampled_from(
    [
        NINE_TO_FIVE,
        ALL_DAY,
        parse("00:00-01:59"),
        parse("01:00-02:00"),
        parse("01:00-03:00"),
        parse("02:00-03:00"),
        parse("02:15-02:45"),
        parse("02:30-09:00"),
        parse("00:00-02:30"),
        parse("03:00-04:00"),
        parse("12:30-12:31"),
        parse("23:59-24:00"),
    ]
)


@given(moments_near_a_change_of_clocks())
def test_the_window_is_open_when_the_clock_on_the_wall_says_so(moment: datetime) -> None:
    wall = moment.astimezone(LOCAL_TIME)
    assert NINE_TO_FIVE.is_open(moment) == (9 <= wall.hour < 17)


@given(windows, moments_near_a_change_of_clocks())
def test_an_open_window_opens_now_and_a_closed_one_later(
    window: SendWindow, moment: datetime
) -> None:
    opens = window.next_open(moment)
    assert (opens == moment) is window.is_open(moment)
    # A window within the hour that March leaves out skips that night.
    assert moment <= opens < moment + timedelta(hours=49)
    assert window.is_open(opens)


@given(windows, moments_near_a_change_of_clocks())
def test_the_window_is_closed_until_it_opens_next(window: SendWindow, moment: datetime) -> None:
    opens = window.next_open(moment)
    minutes = int((opens - moment) / timedelta(minutes=1))
    before = [moment + timedelta(minutes=minute) for minute in range(minutes)]
    if opens > moment:
        before += [opens - MICROSECOND]
    assert not any(window.is_open(earlier) for earlier in before)


@given(moments_near_a_change_of_clocks())
def test_a_window_of_the_whole_day_is_always_open(moment: datetime) -> None:
    assert ALL_DAY.is_open(moment)
    assert ALL_DAY.next_open(moment) == moment


@given(windows, moments_near_a_change_of_clocks())
def test_the_zone_in_which_a_moment_is_given_makes_no_difference(
    window: SendWindow, moment: datetime
) -> None:
    opens = window.next_open(moment.astimezone(LOCAL_TIME))
    # In UTC: Python calls a repeated hour unequal to itself in another zone (PEP 495).
    assert opens.astimezone(UTC) == window.next_open(moment)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "09:00",
        "09:00-",
        "nine-five",
        "17:00-09:00",
        "09:00-09:00",
        "00:00-00:00",
        "09:00-00:00",
        "24:00-24:00",
        "25:00-26:00",
        "09-17",
        "9:00-17:00",
        "0900-1700",
        "09:00:00-17:00:00",
        "09:00 - 17:00",
    ],
)
def test_what_is_no_window_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^it (is not written|ends before)"):
        parse(text)


def test_attack_22_a_window_before_the_clocks_change_opens_every_night() -> None:
    window = parse("01:00-02:00")
    for night in ("2025-03-30", "2025-10-26", "2025-08-25"):
        assert window.next_open(oslo(f"{night}T00:30")) == oslo(f"{night}T01:00")
        assert window.is_open(oslo(f"{night}T01:59:59"))
        assert not window.is_open(
            oslo(f"{night}T02:00") if night[5] == "1" else oslo(f"{night}T03:00")
        )


def test_a_window_in_the_hour_that_is_left_out_or_comes_twice() -> None:
    """On 2025-03-30 no clock shows 02:15; on 2025-10-26 clocks show it at 00:15 and 01:15 UTC."""
    window = parse("02:15-02:45")
    assert window.next_open(oslo("2025-03-30T01:00")) == oslo("2025-03-31T02:15")
    twice = datetime(2025, 10, 26, tzinfo=UTC)
    first = window.next_open(twice)
    assert first == twice + timedelta(minutes=15)
    assert window.next_open(first + timedelta(minutes=30)) == first + timedelta(hours=1)


def test_a_clock_that_jumps_over_the_start_opens_the_window() -> None:
    opens = parse("02:30-09:00").next_open(oslo("2025-03-30T01:00"))
    assert opens == datetime(2025, 3, 30, 1, tzinfo=UTC)


def test_only_daytime_notifications_wait_for_the_window_of_the_installation(
    settings: Settings,
) -> None:
    settings.SMS_SEND_WINDOW = "10:00-11:00"
    daytime, anytime = SendingTimePolicy.DAYTIME, SendingTimePolicy.ANYTIME
    evening, morning = oslo("2025-08-25T20:00"), oslo("2025-08-26T10:00")
    assert not send_window.is_open(daytime, evening)
    assert send_window.is_open(daytime, morning)
    assert send_window.earliest(daytime, evening) == morning
    assert send_window.is_open(anytime, evening)
    assert send_window.earliest(anytime, evening) == evening
