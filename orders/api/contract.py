"""How every request body of the contract is read."""

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.fields import SkipField, empty

from orders.api.conversion import CannotConvert


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

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        fields = dict(self.fields.items())
        given = self._by_field(data)
        values: dict[str, Any] = {}
        lacking: dict[str, list[str]] = {}
        for name in [*given, *(name for name in fields if name not in given)]:
            field = fields[name]
            try:
                values[str(field.source)] = field.run_validation(given.get(name, empty))
            except SkipField:
                continue
            except CannotConvert as trouble:
                raise trouble.inside(f".{name}") from None
            except ValidationError as error:
                lacking |= _under(pascal_case(name), error.detail)
        if lacking:
            raise ValidationError(lacking)
        return values

    def _by_field(self, data: Any) -> dict[str, Any]:
        """The known properties by field name, in the document's order."""
        if not isinstance(data, dict):
            raise CannotConvert(type(self).__name__)
        names = {name.lower(): name for name, _ in self.fields.items()} | dict(self.also_known_as)
        given: dict[str, Any] = {}
        for written, value in data.items():
            name = names.get(written.lower())
            if name is not None:
                given[name] = value
        return given


def pascal_case(name: str) -> str:
    """The contract's property name for a JSON name."""
    return name[0].upper() + name[1:]


def _under(key: str, detail: Any) -> dict[str, list[str]]:
    if isinstance(detail, dict):
        return {f"{key}.{inner}": messages for inner, messages in detail.items()}
    return {key: detail}
