"""What tests of resending share: the old ones, their resends, and how those end."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from notifications.models import Notification, NotificationStatus
from notifications.resend.eligibility import Refusal, Terms
from notifications.resend.resend import plan
from notifications.results import record
from notifications.results.record import Result
from tests.building import NOON, notification
from tests.resending import resend

S, R = NotificationStatus, Refusal
LATER = NOON + timedelta(hours=1)
EVENING = NOON + timedelta(hours=8)
KARIS_NUMBER = "+4793000002"


def resends_of(*olds: Notification | UUID) -> list[Notification]:
    ids = [old.pk if isinstance(old, Notification) else old for old in olds]
    return list(Notification.objects.filter(resend_of__in=ids).order_by("id"))


def the_resend_of(old: Notification) -> Notification:
    (made,) = resends_of(old)
    return made


def resent(old: Notification, status: NotificationStatus, *, now: datetime = LATER) -> Notification:
    """One that stands for the old one."""
    fields: dict[str, Any] = {
        "national_identity_number": old.national_identity_number,
        "resend_of": old,
    }
    return notification(old.order, status, now=now, **fields)


def refusal(old: Notification, **terms: Any) -> Refusal | None:
    """Why it is not resent: in the plan and in the action."""
    planned = plan([old.pk], terms=Terms(**terms), now=LATER)
    done = resend([old.pk], now=LATER, **terms)
    assert planned.refused == done.refused
    assert len(planned.planned) == len(done.ids)
    assert set(done.refused) | {row.resend_of_id for row in resends_of(old) if row.created == LATER}
    return done.refused.get(old.pk)


def finish(row: Notification, status: NotificationStatus, *, now: datetime) -> None:
    record.record([Result(row.pk, status, finished=True)], now=now)
