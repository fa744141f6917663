"""The first stage of reading a request: JSON values become values of the contract's types.

The first value of the document that cannot be converted ends the reading; nothing else is then
looked at.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Self

# ISO 8601's extended profile, https://learn.microsoft.com/dotnet/standard/datetime/system-text-json-support
_DATE_TIME = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,16}))?)?"
    r"(?P<zone>Z|[+-][0-9]{2}(?::[0-9]{2})?)?)?"
)
_LINE_END = re.compile(r"\r\n|\r|\n")
_FARTHEST_ZONE = timedelta(hours=14)


class CannotConvert(Exception):
    """A JSON value is not of the contract's type.

    `path` leads to the value in JSONPath notation, `$` being the document.
    """

    def __init__(self, type_name: str, *, path: str = "") -> None:
        super().__init__(type_name, path)
        self.type_name = type_name
        self.path = f"${path}"

    def inside(self, step: str) -> Self:
        """The same trouble, seen from the object or list that holds the value."""
        self.path = f"${step}{self.path[1:]}"
        return self

    def __str__(self) -> str:
        return f"The JSON value could not be converted to {self.type_name}. Path: {self.path}."


class MembersMissing(CannotConvert):
    """An object lacks members that have to be written, be it as null."""

    def __init__(self, type_name: str, missing: Sequence[str]) -> None:
        super().__init__(type_name)
        self.missing = missing

    def __str__(self) -> str:
        names = ", ".join(f"'{name}'" for name in self.missing)
        return (
            f"JSON deserialization for type '{self.type_name}' was missing required properties"
            f" including: {names}."
        )


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


def on_one_line(subject: str) -> str:
    """The subject with each line end, of any system, replaced by one space."""
    return _LINE_END.sub(" ", subject)
