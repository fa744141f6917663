"""The contract's types as serializer fields: each converts one JSON value."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import TextChoices
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from orders.api.parsing.conversion import CannotConvert, date_time
from orders.models import Channel, EmailContentType, SendingTimePolicy
from runtime.visible_text import says_nothing

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

MAX_REFERENCE_BYTES = 2_000
"""Of a text that is found by an index, whose entries hold about 2,700 bytes."""

_INTEGER = re.compile(r"[+-]?[0-9]{1,10}")


def required(name: str) -> "dict[str, str | _StrPromise]":
    """The message about a missing or null value, under which its key is to be found."""
    return dict.fromkeys(("required", "null"), f"The {name} field is required.")


def required_text(name: str) -> "dict[str, str | _StrPromise]":
    """The same of a text, which must say something, too."""
    return dict.fromkeys(("required", "null", "blank"), f"The {name} field is required.")


def not_empty(name: str) -> "dict[str, str | _StrPromise]":
    """The message of the product's API pages about a missing, null, empty or blank text."""
    return dict.fromkeys(("required", "null", "blank"), f"'{name}' must not be empty.")


class Text(serializers.CharField):
    """A string, kept exactly as sent. `max_bytes` bounds it below the limit of all texts;
    `strictly` tells what speaks against it where the sender wants to be told of likely mistakes."""

    def __init__(
        self,
        *,
        max_bytes: int | None = None,
        strictly: Callable[[str], Iterable[str]] | None = None,
        **kwargs: Any,
    ) -> None:
        self.max_bytes = max_bytes
        self.strictly = strictly
        super().__init__(**{"allow_blank": True, "trim_whitespace": False} | kwargs)
        self.validators.append(self.refuse_if_too_long)

    def to_internal_value(self, data: object) -> str:
        if not isinstance(data, str):
            raise CannotConvert("String")
        return data

    def refuse_if_too_long(self, value: str) -> None:
        most, length = self.max_bytes or settings.MAX_TEXT_BYTES, len(value.encode())
        if length > most:
            raise serializers.ValidationError(
                f"The text is {length} bytes long; at most {most} are allowed."
            )


class NonBlankText(Text):
    """A text in which something is seen; white space around it is kept."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"allow_blank": False, "trim_whitespace": True} | kwargs)

    def to_internal_value(self, data: object) -> str:
        text = super().to_internal_value(data)
        if says_nothing(text):
            self.fail("blank")
        return text


class TemplateText(Text):
    """A text that the contract asks for; one that is left out counts as empty."""

    def validate_empty_values(self, data: object) -> tuple[bool, object]:
        return (True, "") if data is empty else super().validate_empty_values(data)


class Url(Text):
    """A text that is no URL at all is of the wrong type; what a URL must be is a later rule."""

    def to_internal_value(self, data: object) -> str:
        text = super().to_internal_value(data)
        try:
            parts = urlsplit(text)
            # Which raises where it is no number. Nobody listens on port 0.
            is_nowhere = parts.port == 0 or not parts.hostname
        except ValueError:
            raise CannotConvert("Uri") from None
        if parts.scheme in ("http", "https") and is_nowhere:
            raise CannotConvert("Uri")
        return text


class Flag(serializers.BooleanField):
    """`true` or `false`, and nothing that merely looks like it."""

    def validate_empty_values(self, data: object) -> tuple[bool, object]:
        if data is None and not self.allow_null:
            raise CannotConvert("Boolean")
        return super().validate_empty_values(data)

    def to_internal_value(self, data: object) -> bool:
        if not isinstance(data, bool):
            raise CannotConvert("Boolean")
        return data


class Moment(serializers.DateTimeField):
    """A date and time; naive where the text gives no offset."""

    def validate_empty_values(self, data: object) -> tuple[bool, object]:
        if data is None and not self.allow_null:
            raise CannotConvert("DateTime")
        return super().validate_empty_values(data)

    def to_internal_value(self, value: object) -> datetime:
        if not isinstance(value, str):
            raise CannotConvert("DateTime")
        try:
            return date_time(value)
        except (ValueError, OverflowError):
            raise CannotConvert("DateTime") from None


class WholeNumber(serializers.IntegerField):
    """An integer of 32 bits, or a text that is one."""

    def validate_empty_values(self, data: object) -> tuple[bool, object]:
        if data is None and not self.allow_null:
            raise CannotConvert("Int32")
        return super().validate_empty_values(data)

    def to_internal_value(self, data: object) -> int:
        if isinstance(data, str) and _INTEGER.fullmatch(data):
            data = int(data)
        if not isinstance(data, int) or isinstance(data, bool) or not -(2**31) <= data < 2**31:
            raise CannotConvert("Int32")
        return data


class EnumMember(serializers.ChoiceField):
    """A member by its name, in any letter case, or by its number. A number that is no member's is
    of the wrong type, unless the rules are to refuse it: then it is None."""

    type_name: ClassVar[str]
    members: ClassVar[tuple[TextChoices, ...]]
    """In the order of their numbers."""
    first_number: ClassVar[int] = 0

    def __init__(self, *, undefined_is_none: bool = False, **kwargs: Any) -> None:
        self.undefined_is_none = undefined_is_none
        super().__init__(choices=[member.value for member in self.members], **kwargs)

    def validate_empty_values(self, data: object) -> tuple[bool, object]:
        if data is None and not self.allow_null:
            raise CannotConvert(self.type_name)
        return super().validate_empty_values(data)

    def to_internal_value(self, data: object) -> Any:
        if isinstance(data, str) and not _INTEGER.fullmatch(data):
            for member in self.members:
                if member.value.lower() == data.lower():
                    return member
        elif isinstance(data, int | str) and not isinstance(data, bool):
            place = int(data) - self.first_number
            if 0 <= place < len(self.members):
                return self.members[place]
            if self.undefined_is_none:
                return None
        raise CannotConvert(self.type_name)


_CHANNELS = (
    Channel.EMAIL,
    Channel.SMS,
    Channel.EMAIL_PREFERRED,
    Channel.SMS_PREFERRED,
    Channel.EMAIL_AND_SMS,
)
_CONTENT_TYPES = (EmailContentType.PLAIN, EmailContentType.HTML)


@extend_schema_field(
    {
        "type": "string",
        "enum": [member.value for member in _CHANNELS],
        "description": "How the recipients are to be reached.",
    },
    component_name="NotificationChannelExt",
)
class NotificationChannelField(EnumMember):
    """The channel. Where it `may_be_absent`, absent and null mean that none was chosen, as an
    undefined number does everywhere."""

    type_name = "NotificationChannelExt"
    members = _CHANNELS

    def __init__(self, *, may_be_absent: bool = True, **kwargs: Any) -> None:
        self.may_be_absent = may_be_absent
        super().__init__(undefined_is_none=True, **kwargs)

    def validate_empty_values(self, data: object) -> tuple[bool, object]:
        if self.may_be_absent and data in (empty, None):
            return True, None
        return super().validate_empty_values(data)


@extend_schema_field(
    {
        "type": "string",
        "enum": [member.value for member in _CONTENT_TYPES],
        "description": "How the body of an e-mail is to be read.",
    },
    component_name="EmailContentTypeExt",
)
class EmailContentTypeField(EnumMember):
    type_name = "EmailContentTypeExt"
    members = _CONTENT_TYPES


@extend_schema_field(
    {
        "type": "string",
        "enum": [SendingTimePolicy.ANYTIME.value, SendingTimePolicy.DAYTIME.value],
        "description": "When notifications may leave: at any time, or in the send window.",
    },
    component_name="SendingTimePolicyExt",
)
class SendingTimePolicyField(EnumMember):
    """The policy; numbers begin with 1. 0 is what Altinn apps write for their `Anytime`."""

    type_name = "SendingTimePolicyExt"
    members = (SendingTimePolicy.ANYTIME, SendingTimePolicy.DAYTIME)
    first_number = 1

    def to_internal_value(self, data: object) -> Any:
        is_zero = data == "0" or (data == 0 and type(data) is int)
        return super().to_internal_value(self.first_number if is_zero else data)
