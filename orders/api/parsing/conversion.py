"""The first stage of reading a request: JSON values become values of the contract's types.

The first value of the document that cannot be converted ends the reading; nothing else is then
looked at.
"""

import re
from datetime import UTC, datetime, timedelta, timezone

# ISO 8601's extended profile, https://learn.microsoft.com/dotnet/standard/datetime/system-text-json-support
_DATE_TIME = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,16}))?)?"
    r"(?P<zone>Z|[+-][0-9]{2}(?::[0-9]{2})?)?)?"
)
_FARTHEST_ZONE = timedelta(hours=14)


class CannotConvert(Exception):
    """A JSON value is not of the contract's type.

    `path` leads to the value in JSONPath notation, `$` being the document.
    """

    def __init__(self, type_name: str, *, path: str = "") -> None:
        super().__init__(type_name, path)
        self.type_name = type_name
        self.path = f"${path}"

    def inside(self, step: str) -> "CannotConvert":
        """The same trouble, seen from the object or list that holds the value."""
        return CannotConvert(self.type_name, path=f"{step}{self.path[1:]}")

    def __str__(self) -> str:
        return f"The JSON value could not be converted to {self.type_name}. Path: {self.path}."


def date_time(text: str) -> datetime:
    """A moment in UTC; naive, in an unknown zone, where the text gives no offset.

    Anything finer than a microsecond is dropped. Raises ValueError or OverflowError.
    """
    parts = _DATE_TIME.fullmatch(text)
    if parts is None:
        raise ValueError("Not a date and time.")
    fraction = (parts["fraction"] or "0").ljust(6, "0")[:6]
    day = datetime.fromisoformat(parts["date"])
    moment = day.replace(
        hour=int(parts["hour"] or 0),
        minute=int(parts["minute"] or 0),
        second=int(parts["second"] or 0),
        microsecond=int(fraction),
    )
    if parts["zone"] is None:
        return moment
    return moment.replace(tzinfo=_zone(parts["zone"])).astimezone(UTC)


def _zone(text: str) -> timezone:
    if text == "Z":
        return UTC
    hours, _, minutes = text[1:].partition(":")
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if offset > _FARTHEST_ZONE or int(minutes or 0) > 59:
        raise ValueError("No such offset.")
    return timezone(-offset if text[0] == "-" else offset)
