"""Refuses what would be ignored, or is hardly ever meant: for `Prefer: handling=strict`."""

from collections.abc import Iterator, Mapping
from itertools import islice

from rest_framework import serializers

from orders.api.parsing.contract import MAX_SHOWN, pascal_case
from orders.api.parsing.fields import Text
from orders.api.validation.likely_mistakes import MAX_QUOTED, did_you_mean, quoted
from orders.api.validation.rules import Violations

Shape = serializers.Serializer[object]


def refuse_mistakes(shape: Shape, document: object) -> None:
    """Looks at the document as it was sent, before anything is converted: whoever misspells a
    member that is needed reads of the spelling first. Raises ValidationError."""
    found = _in_object(shape, document, at="")
    violations = Violations()
    for key, message in islice(found, MAX_SHOWN):
        violations[key].append(message)
    if left := sum(1 for _ in found):
        violations["Prefer"].append(f"{left} more mistakes are not shown.")
    if violations:
        raise serializers.ValidationError(violations)


def _in_object(shape: Shape, document: object, *, at: str) -> Iterator[tuple[str, str]]:
    """Each mistake: the key of its error, and its message. What is no object at all is for the
    conversion to refuse."""
    if not isinstance(document, Mapping):
        return
    fields, names = shape.fields, _names(shape)
    keys: Mapping[str, str] = getattr(shape, "keys", {})
    given: set[str] = set()
    for written, value in document.items():
        name = names.get(written.lower())
        if name is None:
            hint = did_you_mean(written, fields)
            message = f"There is no member {quoted(written)}; it would be ignored.{hint}"
            yield f"{at}{written[:MAX_QUOTED]}", message
            continue
        key = f"{at}{keys.get(name) or pascal_case(name)}"
        if name in given:
            yield key, f"'{name}' is given more than once; only the last would count."
        given.add(name)
        yield from _in_value(fields[name], value, at=key)


def _in_value(field: object, value: object, *, at: str) -> Iterator[tuple[str, str]]:
    if isinstance(field, serializers.Serializer):
        yield from _in_object(field, value, at=f"{at}.")
    elif isinstance(field, serializers.ListField) and isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _in_value(field.child, entry, at=f"{at}[{index}]")
    elif isinstance(field, Text) and field.strictly and isinstance(value, str):
        for message in field.strictly(value):
            yield at, message


def _names(shape: Shape) -> Mapping[str, str]:
    """The members by what they may be called, in lower case; worked out once for each shape."""
    names: dict[str, str] | None = shape.__dict__.get("_strict_names")
    if names is None:
        names = {name.lower(): name for name in shape.fields.keys()}  # noqa: SIM118 - a BindingDict
        names |= getattr(shape, "also_known_as", {})
        shape.__dict__["_strict_names"] = names
    return names
