"""Opens somebody's personal data to a member of staff, and writes down who, what, when and why."""

from datetime import datetime

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from back_office import trail
from back_office.masking import looks_personal
from back_office.models import StaffAction
from back_office.trail import Actor, Why

PERMISSION = "back_office.view_personal_data"


class NoCaseReference(Exception):
    """The text says what is missing."""


def open_for(
    user: AbstractUser,
    *,
    case_reference: str,
    subject: StaffAction.Subject,
    subject_id: object,
    now: datetime,
) -> StaffAction:
    """Note that the user looks at the subject unmasked; only then may it be shown.

    The line of the trail is committed when this returns, whatever becomes of the page. Raises
    PermissionDenied, and NoCaseReference where the reference is missing or is the person's own
    data.
    """
    if not user.has_perm(PERMISSION):
        raise PermissionDenied
    reference = case_reference.strip()
    if not reference:
        raise NoCaseReference(_("Give the reference of the case that this is for."))
    if looks_personal(reference):
        raise NoCaseReference(_("Name the case, not the person: what you write is kept."))
    with transaction.atomic(durable=True):
        return trail.record(
            StaffAction.What.UNMASKED,
            by=Actor.of(user),
            why=Why("", reference),
            subject=subject,
            subject_id=subject_id,
            now=now,
        )
