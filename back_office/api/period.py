"""The period of a look-up: `from` and `to` of its query, and what is wrong with them."""

from datetime import UTC, datetime, timedelta

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from notifications.reading.deliveries import Period
from orders.api.parsing.conversion import date_time
from orders.api.parsing.query import parameter

DEFAULT = timedelta(days=7)
_YEARS = 10


def period_of(request: Request, *, now: datetime) -> Period:
    """The last seven days, unless the query says otherwise. Raises ValidationError, with all that
    is wrong."""
    start, end = _moment(request, "from"), _moment(request, "to")
    errors: dict[str, list[str]] = {}

    def wrong(key: str, message: str) -> None:
        errors.setdefault(key, []).append(message)

    for key, moment in (("from", start), ("to", end)):
        if moment is not None and moment.tzinfo is None:
            wrong(key.title(), f"The '{key}' value must be UTC.")
    start, end = _in_utc(start), _in_utc(end)
    if start is not None:
        if end is not None and start >= end:
            wrong("From", "'from' must be earlier than 'to'.")
        if start > now:
            wrong("From", "'from' must not be in the future.")
        if start < _years_before(now):
            wrong("From", "'from' must not be earlier than 10 years ago.")
    if end is not None:
        if end > now:
            wrong("To", "'to' must not be in the future.")
        if start is None and end <= now - DEFAULT:
            wrong("To", "'to' must be later than the default 'from' (7 days ago).")
    if errors:
        raise ValidationError(errors)
    return Period(start or now - DEFAULT, end or now)


def _moment(request: Request, name: str) -> datetime | None:
    """None where it is absent or empty; naive where it has no offset."""
    text = parameter(request, name)
    if not text:
        return None
    try:
        return date_time(text)
    except (ValueError, OverflowError):
        key = name.title()
        message = f"The value '{text}' is not valid for {key}."
        raise ValidationError({key: [message]}) from None


def _in_utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _years_before(now: datetime) -> datetime:
    try:
        return now.replace(year=now.year - _YEARS)
    except ValueError:  # the 29th of February
        return now.replace(year=now.year - _YEARS, day=28)
