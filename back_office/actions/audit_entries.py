"""Writes deeds into the trail, so that none is missing that a crash cuts off half-way."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from back_office.audit import log
from back_office.audit.log import Actor, Why
from back_office.models import StaffAction


@dataclass(frozen=True, slots=True)
class Named:
    """What staff named, of one kind: each of these gets a line of the trail."""

    kind: StaffAction.Subject
    ids: Sequence[object]

    @classmethod
    def orders(cls, ids: Sequence[UUID]) -> "Named":
        return cls(StaffAction.Subject.ORDER, ids)

    @classmethod
    def messages(cls, ids: Sequence[UUID]) -> "Named":
        return cls(StaffAction.Subject.NOTIFICATION, ids)

    @classmethod
    def creator(cls, pk: int) -> "Named":
        return cls(StaffAction.Subject.CREATOR, [pk])


class Noted:
    """A deed that is under way; what came of it is told to `outcome`."""

    def __init__(self) -> None:
        self.outcome: dict[str, Any] = {}


@contextmanager
def noted(
    what: StaffAction.What,
    *,
    by: Actor,
    why: Why,
    named: Named,
    detail: Mapping[str, Any],
    now: datetime,
) -> Iterator[Noted]:
    """For deeds of several transactions: their lines are committed before the first, and one more
    with the outcome follows the last. Where that is missing the deed was cut off."""
    with transaction.atomic(durable=True):
        log.record_each(
            what,
            by=by,
            why=why,
            subject=named.kind,
            subject_ids=named.ids,
            detail=detail,
            now=now,
        )
    deed = Noted()
    yield deed
    single = len(named.ids) == 1
    log.record(
        what,
        by=by,
        why=why,
        subject=named.kind if single else StaffAction.Subject.LIST,
        subject_id=named.ids[0] if single else f"{len(named.ids)} x {named.kind}",
        detail={**detail, "outcome": deed.outcome},
        now=now,
    )
