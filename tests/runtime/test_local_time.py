"""Every moment that Python knows has a time on Norwegian clocks, and every sum an end."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.local_time import FIRST, LAST, LOCAL_TIME, later

MOMENTS = st.datetimes(timezones=st.just(UTC))
PLAIN = ZoneInfo("Europe/Oslo")


@given(MOMENTS)
def test_every_moment_has_a_time_on_the_clock(moment: datetime) -> None:
    local = moment.astimezone(LOCAL_TIME)
    try:
        plain = moment.astimezone(PLAIN)
    except OverflowError:
        assert local.replace(tzinfo=UTC) == LAST
    else:
        assert (local.isoformat(), local.fold) == (plain.isoformat(), plain.fold)


@pytest.mark.parametrize("edge", [FIRST, LAST])
def test_case_01_the_edges_of_time_have_one(edge: datetime) -> None:
    assert edge.astimezone(LOCAL_TIME).year == edge.year
    assert edge.astimezone(LOCAL_TIME).astimezone(UTC).year == edge.year


@given(MOMENTS, st.timedeltas())
def test_a_sum_ends_with_the_first_or_last_moment(moment: datetime, span: timedelta) -> None:
    found = later(moment, span)
    try:
        assert found == moment + span
    except OverflowError:
        assert found == (LAST if span > timedelta() else FIRST)
