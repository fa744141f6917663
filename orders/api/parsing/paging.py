"""A part of a list, and of what status: parameters of our own, without which a list is whole."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from orders.api.parsing.guids import guid, not_valid
from orders.api.parsing.query import parameter, whole_number

MAX_LIMIT = 1_000


class Page(NamedTuple):
    """What comes behind an id in the order of ids, and at most so many; None for no bound."""

    after: UUID | None = None
    limit: int | None = None


def page(request: Request) -> Page:
    """Raises ValidationError."""
    after, limit = parameter(request, "after"), parameter(request, "limit")
    count = None if limit is None else whole_number(limit, bits=32)
    if limit is not None and (count is None or not 1 <= count <= MAX_LIMIT):
        raise not_valid(limit, parameter="limit")
    return Page(None if after is None else guid(after, parameter="after"), count)


def wanted_status(request: Request, known: Iterable[str]) -> str | None:
    """One of the known words, given in any letter case; None where none is given. Raises
    ValidationError."""
    given = parameter(request, "status")
    if given is None:
        return None
    for word in known:
        if word.lower() == given.lower():
            return word
    raise not_valid(given, parameter="status")


def described(known: Iterable[str], *, what: str) -> list[OpenApiParameter]:
    """The parameters of a list of so-called things."""
    return [
        OpenApiParameter(
            "status",
            OpenApiTypes.STR,
            description=f"Only {what} of this status: {', '.join(f'`{one}`' for one in known)}.",
        ),
        OpenApiParameter(
            "limit",
            {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT},
            description=f"At most so many {what}. Without it, all of them.",
        ),
        OpenApiParameter("after", OpenApiTypes.UUID, description="The last id of the page before."),
    ]
