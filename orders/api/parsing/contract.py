"""How every request body of the contract is read."""

import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, TypeVar

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.fields import SkipField, empty

from orders.api.parsing.conversion import CannotConvert, MembersMissing

Values = dict[str, Any]
"""A converted object of a request, by the names of its sources: only the rules know more of it."""

MAX_SHOWN = 100
"""Entries of a list whose errors are shown: one for each of 100,000 would fill 55 MB."""

Kept = TypeVar("Kept", bound=serializers.Serializer[Any])

_of_thread = threading.local()


def kept(serializer_class: type[Kept]) -> Kept:
    """This thread's one instance, for `run_validation` and `to_representation`, which leave nothing
    behind in it: making an instance copies every field and costs more than what it is made for."""
    instances: dict[str, Any] = _of_thread.__dict__
    name = f"{serializer_class.__module__}.{serializer_class.__qualname__}"
    instance: Kept | None = instances.get(name)
    if instance is None:
        instance = instances[name] = serializer_class()
    return instance


class ContractSerializer(serializers.Serializer[Any]):
    """An object in a request: names in any letter case, unknown ones ignored, the last of equal
    ones counting.

    Reading it has three stages, never mixed in one answer. Conversion, in the document's order,
    ends at the first value of a wrong type, with `CannotConvert`. Then everything that is
    required but null or missing is reported at once. Only after that come the rules, in the
    outermost serializer's `validate`. Errors are keyed by the contract's property paths.
    """

    also_known_as: ClassVar[Mapping[str, str]] = {}
    """Other names of fields, in lower case."""
    have_to_be_written: ClassVar[Sequence[str]] = ()
    """Members without which the document is no such object at all, which ends its conversion."""
    keys: ClassVar[Mapping[str, str]] = {}
    """The contract's property names of fields, where they are not the JSON names."""

    def run_validation(self, data: object = empty) -> Values:
        """Without what the base class does for validators of the whole and fields that are only
        read, once for each object: there are none."""
        is_empty_value, found = self.validate_empty_values(data)
        values: Values = found if is_empty_value else self.validate(self.to_internal_value(found))
        return values

    def to_internal_value(self, data: object) -> Values:
        fields = self.fields.fields  # a plain dictionary, which is read faster
        given = self._by_field(data)
        values: Values = {}
        lacking: dict[str, list[str]] = {}
        for name in [*given, *(name for name in self._missed if name not in given)]:
            field = fields[name]
            try:
                values[str(field.source)] = field.run_validation(given.get(name, empty))
            except SkipField:
                continue
            except CannotConvert as trouble:
                raise trouble.inside(f".{name}") from None
            except ValidationError as error:
                lacking |= _under(self.keys.get(name) or pascal_case(name), error.detail)
        missing = [name for name in self.have_to_be_written if name not in given]
        if missing:
            raise MembersMissing(type(self).__name__, missing)
        if lacking:
            raise ValidationError(lacking)
        return values

    @cached_property
    def _missed(self) -> list[str]:
        """The fields that mean something where they are not given: most of the others are not."""
        return [
            name
            for name, field in self.fields.items()
            if field.required or field.default is not empty
        ]

    @cached_property
    def _names(self) -> dict[str, str]:
        """The fields by what they may be called, in lower case."""
        return {name.lower(): name for name in self.fields.fields} | dict(self.also_known_as)

    def _by_field(self, data: object) -> dict[str, object]:
        """The known properties by field name, in the document's order."""
        if not isinstance(data, dict):
            raise CannotConvert(type(self).__name__)
        given: dict[str, object] = {}
        for written, value in data.items():
            name = self._names.get(written.lower())
            if name is not None:
                given[name] = value
        return given


def pascal_case(name: str) -> str:
    """The contract's property name for a JSON name."""
    return name[0].upper() + name[1:]


class ContractList(serializers.ListField):
    """A list of such objects in a request. Errors are keyed by the place in the list; those of the
    first MAX_SHOWN are shown, and the others counted under the list's own key."""

    child: ContractSerializer

    def to_internal_value(self, data: object) -> list[object]:
        if not isinstance(data, list):
            raise CannotConvert("List")
        values: list[object] = []
        lacking: dict[str, list[str]] = {}
        wrong = 0
        for index, entry in enumerate(data):
            try:
                values.append(self.child.run_validation(entry))
            except CannotConvert as trouble:
                raise trouble.inside(f"[{index}]") from None
            except ValidationError as error:
                wrong += 1
                if wrong <= MAX_SHOWN:
                    lacking |= _under(f"[{index}]", error.detail)
        if wrong > MAX_SHOWN:
            lacking[""] = [f"{wrong - MAX_SHOWN} more with errors are not shown."]
        if lacking:
            raise ValidationError(lacking)
        return values


def _under(key: str, detail: Any) -> dict[str, list[str]]:
    if isinstance(detail, dict):
        return {
            f"{key}{inner}" if inner.startswith("[") or not inner else f"{key}.{inner}": messages
            for inner, messages in detail.items()
        }
    return {key: detail}
