"""Writes what staff did into the trail, in the transaction of the deed itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.contrib.auth.models import AbstractUser

from back_office import masking
from back_office.models import StaffAction


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


def record(
    what: StaffAction.What,
    *,
    by: Actor,
    why: Why,
    subject: StaffAction.Subject,
    subject_id: object = "",
    detail: Mapping[str, Any] | None = None,
    now: datetime,
) -> StaffAction:
    """Add one line to the trail. `detail` holds counts and choices, never personal data.

    What people write is not as disciplined: identifiers are masked in it.
    """
    row = _line(what, by, why, subject, subject_id, detail, now)
    row.save(force_insert=True)
    return row


def record_each(
    what: StaffAction.What,
    *,
    by: Actor,
    why: Why,
    subject: StaffAction.Subject,
    subject_ids: Iterable[object],
    detail: Mapping[str, Any] | None = None,
    now: datetime,
) -> None:
    """Add a line for each of the subjects, so that the history of each tells of it."""
    lines = (_line(what, by, why, subject, one, detail, now) for one in subject_ids)
    StaffAction.objects.bulk_create(lines, batch_size=1_000)


def _line(
    what: StaffAction.What,
    by: Actor,
    why: Why,
    subject: StaffAction.Subject,
    subject_id: object,
    detail: Mapping[str, Any] | None,
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
