"""Writes the audit log: one entry for each action, in the transaction of the action itself or, for
an action of several transactions, before the first of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from django.contrib.auth.models import AbstractUser
from django.db import transaction

from back_office.models import ActionOutcome, ActionSubject, StaffAction
from notifications.models import Notification
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
    """What staff named, of one kind: the story of each tells of the action."""

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
    def senders(cls, ids: Sequence[int]) -> Self:
        return cls(StaffAction.Subject.SENDER, ids)

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


def record_about(
    what: StaffAction.What,
    subjects: Subjects,
    *,
    by: Actor,
    why: Why,
    detail: Mapping[str, object] | None = None,
    now: datetime,
) -> StaffAction | None:
    """Add one entry about all of the subjects; none where there are none."""
    if not subjects.ids:
        return None
    only = subjects.ids[0] if len(subjects.ids) == 1 else ""
    entry = _entry(what, by, why, subjects.kind, only, detail, now)
    entry.save(force_insert=True)
    _name(entry, subjects)
    return entry


class LongAction:
    """The audit entry of an action of several transactions, so that none is missing which a crash
    cuts off half-way: it is committed before the first transaction of the action, and names each
    subject before anything is done to it. The outcome follows the last. Where that is missing, the
    action was cut off."""

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
        self._entry: StaffAction | None = None

    def begin(self, subjects: Subjects) -> None:
        """Before anything is done to the subjects; all that are named to one action are of one
        kind."""
        with transaction.atomic(durable=True):
            if self._entry is not None:
                _name(self._entry, subjects, even_if_single=True)
                return
            self._entry = record_about(
                self._what,
                subjects,
                by=self._by,
                why=self._why,
                detail=self._detail,
                now=self._now,
            )

    def end(self, outcome: Mapping[str, object]) -> None:
        """Nothing where nothing was begun."""
        if self._entry is not None:
            ActionOutcome.objects.create(action=self._entry, detail=dict(outcome))


def _name(entry: StaffAction, subjects: Subjects, *, even_if_single: bool = False) -> None:
    """Name what the entry itself does not: each of several, and the orders of notifications."""
    named = [] if len(subjects.ids) == 1 and not even_if_single else [*map(str, subjects.ids)]
    rows = [(subjects.kind, one) for one in named]
    if subjects.kind == StaffAction.Subject.NOTIFICATION:
        orders = Notification.objects.filter(pk__any_of=subjects.ids).order_by("order_id")
        ids = orders.values_list("order_id", flat=True).distinct()
        rows += [(StaffAction.Subject.ORDER, str(one)) for one in ids]
    ActionSubject.objects.bulk_create(
        (ActionSubject(action=entry, subject_type=kind, subject_id=one) for kind, one in rows),
        batch_size=2_000,
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
