"""The description in the forms that client generators and gateways understand.

Generators turn `oneOf`, `anyOf` and `allOf` into classes of their own, and some of them into empty
ones. So a property that is an object is a plain reference, as in the original's description; null
is taken there, too, but nobody needs to write it.
"""

from collections.abc import Callable, Mapping

Object = Mapping[str, object]

VERSION_3_0 = "3.0.3"
_NULL, _EMPTY = {"type": "null"}, {"type": "string", "maxLength": 0}
LICENSE = "https://opensource.org/license/mit"
"""Of which 3.1 tells the identifier, and 3.0 an address."""


def without_alternatives(result: Object, **_: object) -> object:
    """A hook of drf-spectacular: `allOf` of one shape, and `oneOf` of one and null or the empty
    text, are that shape and what is said beside it. Whole numbers that do not say so have 32
    bits."""
    return _walked(result, _plain)


def as_3_0(description: Object) -> Object:
    """The same in OpenAPI 3.0, for whatever reads no 3.1: null is a flag, and a reference stands
    alone (https://spec.openapis.org/oas/v3.0.3#reference-object)."""
    info = _object(description["info"])
    license_ = {"name": _object(info["license"])["name"], "url": LICENSE}
    beside = {"openapi": VERSION_3_0, "info": {**info, "license": license_}}
    return {**_object(_walked(description, _older)), **beside}


def _object(part: object) -> Object:
    return part if isinstance(part, Mapping) else {}


def _walked(part: object, change: Callable[[Object], Object]) -> object:
    match part:
        case dict():
            return change({name: _walked(inner, change) for name, inner in part.items()})
        case list():
            return [_walked(inner, change) for inner in part]
    return part


def _plain(part: Object) -> Object:
    for name in ("allOf", "oneOf"):
        shapes = part.get(name)
        if isinstance(shapes, list):
            known = [shape for shape in shapes if shape not in (_NULL, _EMPTY)]
            if len(known) == 1:
                beside = {key: value for key, value in part.items() if key != name}
                return {**known[0], **beside}
    if part.get("type") in ("integer", ["integer", "null"]) and "format" not in part:
        return {**part, "format": "int32"}
    return part


def _older(part: Object) -> Object:
    if isinstance(part.get("$ref"), str):
        return {"$ref": part["$ref"]}
    kinds = part.get("type")
    if isinstance(kinds, list) and "null" in kinds:
        (kind,) = (kind for kind in kinds if kind != "null")
        return {**part, "type": kind, "nullable": True}
    return part
