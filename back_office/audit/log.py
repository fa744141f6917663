"""Writes the audit log: an entry in the transaction of the action itself or, for an action of
several transactions, entries around them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from django.contrib.auth.models import AbstractUser
from django.db import transaction

from back_office.models import StaffAction
from recipients import masking


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: a member of staff at the admin, or an account at the command line."""

    name: str
    user_id: int | None = None

    @classmethod
    def of(cls, user: AbstractUser) -> Self:
        return cls(user.get_username(), user.pk)


@dataclass(frozen=True, slots=True)
class Why:
    """What the actor gave as a reason, and the support case it belongs to, if any."""

    reason: str
    case_reference: str = ""


@dataclass(frozen=True, slots=True)
class Subjects:
    """What staff named, of one kind: each gets an audit entry, so that its history tells of it."""

    kind: StaffAction.Subject
    ids: Sequence[object]

    @classmethod
    def orders(cls, ids: Sequence[UUID]) -> Self:
        return cls(StaffAction.Subject.ORDER, ids)

    @classmethod
    def notifications(cls, ids: Sequence[UUID]) -> Self:
        return cls(StaffAction.Subject.NOTIFICATION, ids)

    @classmethod
    def creator(cls, pk: int) -> Self:
        return cls(StaffAction.Subject.CREATOR, [pk])

    @classmethod
    def channel(cls, channel: str) -> Self:
        return cls(StaffAction.Subject.CHANNEL, [channel])


def record(
    what: StaffAction.What,
    *,
    by: Actor,
    why: Why,
    subject: StaffAction.Subject,
    subject_id: object = "",
    detail: Mapping[str, object] | None = None,
    now: datetime,
) -> StaffAction:
    """Add one entry. `detail` holds counts and choices, never personal data.

    What people write is not as disciplined: identifiers are masked in it.
    """
    entry = _entry(what, by, why, subject, subject_id, detail, now)
    entry.save(force_insert=True)
    return entry


def record_each(
    what: StaffAction.What,
    subjects: Subjects,
    *,
    by: Actor,
    why: Why,
    detail: Mapping[str, object] | None = None,
    now: datetime,
) -> None:
    """Add an entry for each of the subjects."""
    entries = (_entry(what, by, why, subjects.kind, one, detail, now) for one in subjects.ids)
    StaffAction.objects.bulk_create(entries, batch_size=1_000)


class LongAction:
    """The audit entries of an action of several transactions, so that none is missing which a crash
    cuts off half-way: those of its subjects are committed before the first transaction that is
    about them, and one more with the outcome follows the last. Where that is missing, the action
    was cut off."""

    def __init__(
        self,
        what: StaffAction.What,
        *,
        by: Actor,
        why: Why,
        detail: Mapping[str, object],
        now: datetime,
    ) -> None:
        self._what, self._by, self._why, self._detail, self._now = what, by, why, detail, now
        self._begun: list[object] = []
        self._kind = StaffAction.Subject.LIST

    def begin(self, subjects: Subjects) -> None:
        """Before anything is done to the subjects; all that are named to one action are of one
        kind."""
        with transaction.atomic(durable=True):
            record_each(
                self._what,
                subjects,
                by=self._by,
                why=self._why,
                detail=self._detail,
                now=self._now,
            )
        self._kind = subjects.kind
        self._begun += subjects.ids

    def end(self, outcome: Mapping[str, object]) -> None:
        """No entry where nothing was begun."""
        if not self._begun:
            return
        single = len(self._begun) == 1
        record(
            self._what,
            by=self._by,
            why=self._why,
            subject=self._kind if single else StaffAction.Subject.LIST,
            subject_id=self._begun[0] if single else f"{len(self._begun)} x {self._kind}",
            detail={**self._detail, "outcome": outcome},
            now=self._now,
        )


def _entry(
    what: StaffAction.What,
    by: Actor,
    why: Why,
    subject: StaffAction.Subject,
    subject_id: object,
    detail: Mapping[str, object] | None,
    now: datetime,
) -> StaffAction:
    case = why.case_reference
    return StaffAction(
        when=now,
        what=what,
        staff_id=by.user_id,
        staff_name=by.name,
        reason=masking.mask_text(why.reason),
        case_reference=masking.mask_text(case) if masking.looks_personal(case) else case,
        subject_type=subject,
        subject_id=str(subject_id),
        detail=dict(detail or {}),
    )
