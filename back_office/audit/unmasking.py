"""Opens somebody's personal data to a member of staff, and writes down who, what, when and why."""

from datetime import datetime

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db import transaction

from back_office.audit import grounds, log
from back_office.audit.log import Actor, Why
from back_office.models import StaffAction

PERMISSION = "back_office.view_personal_data"


def open_for(
    user: AbstractUser,
    *,
    case_reference: str,
    subject: StaffAction.Subject,
    subject_id: object,
    now: datetime,
) -> StaffAction:
    """Note that the user looks at the subject unmasked; only then may it be shown.

    The audit entry is committed when this returns, whatever becomes of the page. Raises
    PermissionDenied, and `grounds.Unfit` where the reference is none.
    """
    if not user.has_perm(PERMISSION):
        raise PermissionDenied
    reference = grounds.case_reference(case_reference, needed=True)
    with transaction.atomic(durable=True):
        return log.record(
            StaffAction.What.UNMASKED,
            by=Actor.of(user),
            why=Why("", reference),
            subject=subject,
            subject_id=subject_id,
            now=now,
        )
