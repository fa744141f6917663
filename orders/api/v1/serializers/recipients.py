"""The recipients of an order, as all three order requests list them."""

# ruff: noqa: N815 - fields are named as in the contract

from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty

from orders.api.parsing.conversion import CannotConvert
from orders.api.parsing.fields import Flag, Text
from orders.api.validation import likely_mistakes
from orders.requests import Addressee

_MEMBERS = {
    "nationalIdentityNumber": "national_identity_number",
    "organizationNumber": "organization_number",
    "emailAddress": "email_address",
    "mobileNumber": "mobile_number",
}
_NAMES = {name.lower(): name for name in (*_MEMBERS, "isReserved")}


class Digits(Text):
    """So many digits, or nothing. The rules say so where they are broken, not this field."""

    def __init__(self, *, count: int, **kwargs: Any) -> None:
        self.count = count
        super().__init__(**kwargs)


class RecipientExt(serializers.Serializer[object]):
    """Someone to notify: one identifier, or explicit addresses. Empty texts count as absent."""

    emailAddress = Text(required=False, allow_null=True, help_text="An e-mail address.")
    mobileNumber = Text(
        required=False,
        allow_null=True,
        help_text="A mobile number with its country code, written `+47…` or `0047…`.",
    )
    organizationNumber = Digits(
        count=9,
        strictly=likely_mistakes.in_organization_number,
        required=False,
        allow_null=True,
        help_text="An organization's nine digits. Its addresses are looked up.",
    )
    nationalIdentityNumber = Digits(
        count=11,
        strictly=likely_mistakes.in_national_identity_number,
        required=False,
        allow_null=True,
        help_text="A person's eleven digits. Addresses are looked up.",
    )
    isReserved = Flag(required=False, allow_null=True, help_text="Ignored in requests.")


class RecipientList(serializers.ListField):
    """Converts the whole list in one pass: large orders have 100,000 entries.

    An absent list is an empty one, and an entry that is null an empty entry; both are for the
    rules to refuse.
    """

    child = RecipientExt()

    def validate_empty_values(self, data: object) -> tuple[bool, object]:
        return (True, []) if data is empty else super().validate_empty_values(data)

    def to_internal_value(self, data: object) -> list[object]:
        if not isinstance(data, list):
            raise CannotConvert("List")
        return [_addressee(entry, index) for index, entry in enumerate(data)]


def _addressee(entry: object, index: int) -> Addressee:
    if entry is None:
        return Addressee()
    if not isinstance(entry, dict):
        raise CannotConvert("RecipientExt", path=f"[{index}]")
    values: dict[str, str] = {}
    for written, value in entry.items():
        name = written if written in _MEMBERS else _NAMES.get(written.lower())
        if name is None:
            continue
        if name == "isReserved":
            if value is not None and not isinstance(value, bool):
                raise CannotConvert("Boolean", path=f"[{index}].{name}")
        elif value is None or isinstance(value, str):
            values[_MEMBERS[name]] = value or ""
        else:
            raise CannotConvert("String", path=f"[{index}].{name}")
    return Addressee(**values)
