"""One statement of what a row must be, for the database and for a row in memory alike."""

import operator
from collections.abc import Callable
from typing import Any

from django.db.models import Model, Q

_Comparison = Callable[[Any, Any], bool]


def meets(row: Model, criterion: Q) -> bool:
    """Whether the row is one that `filter(criterion)` would find.

    It knows the look-ups below, on the row's own fields; any other is a KeyError.
    """
    every = criterion.connector == Q.AND
    if criterion.connector not in (Q.AND, Q.OR):
        raise ValueError(f"meets() does not know {criterion.connector}.")
    found = (_holds(row, child) for child in criterion.children)
    return (all(found) if every else any(found)) is not criterion.negated


def _holds(row: Model, child: Any) -> bool:
    if isinstance(child, Q):
        return meets(row, child)
    name, wanted = child
    field, _, lookup = name.partition("__")
    return _LOOKUPS[lookup or "exact"](getattr(row, field), wanted)


def _where_known(compare: _Comparison) -> _Comparison:
    """As in SQL, nothing is before or after NULL."""
    return lambda value, wanted: value is not None and compare(value, wanted)


_LOOKUPS: dict[str, _Comparison] = {
    "exact": operator.eq,
    "in": lambda value, wanted: value in wanted,
    "isnull": lambda value, wanted: (value is None) is wanted,
    "lt": _where_known(operator.lt),
    "lte": _where_known(operator.le),
    "gt": _where_known(operator.gt),
    "gte": _where_known(operator.ge),
}
