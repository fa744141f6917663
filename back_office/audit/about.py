"""The audit entries about an order, a notification or a service owner, with what came of each."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet

from back_office.models import ActionSubject, StaffAction
from back_office.privacy import personal_data
from notifications.models import Notification
from orders.models import Creator, Order
from orders.models.order_status import UNENDED

MAX_ACTIONS = 100
W = StaffAction.What
_OWNER = StaffAction.Subject.CREATOR
_OF_ALL_UNENDED = (W.HELD, W.STOPPED, W.RELEASED)


def order(order: Order, *, notifications: Collection[object] = ()) -> list[StaffAction]:
    """What was done to the order, to its notifications (those that are given, and all that were
    acted on since entries name their orders), or to everything its service owner had under way
    while the order was; the earliest first, masked.

    An action at a service owner is one entry however many orders it has: they are joined by time.
    """
    on_notifications = Q(
        subject_type=StaffAction.Subject.NOTIFICATION, subject_id__in=[*map(str, notifications)]
    )
    at_owner = Q(subject_type=_OWNER, subject_id=str(order.creator_id))
    under_way = Q(what__in=_OF_ALL_UNENDED, when__gte=order.created)
    if order.status not in UNENDED:
        under_way &= Q(when__lte=order.status_at)
    # The one that held new orders when this one came, or the release that ended it.
    decided = StaffAction.objects.filter(
        Q(what=W.RELEASED) | Q(what=W.HELD, detail__new_orders=True),
        subject_type=_OWNER,
        subject_id=str(order.creator_id),
        when__lte=order.created,
    ).order_by("-id")
    under_way |= Q(pk=decided.values("pk")[:1])
    resends = Notification.objects.filter(order=order.pk, resend_of__isnull=False)
    on_owner = at_owner & (under_way | Q(what=W.RESENT, when__in=resends.values("created")))
    rows = _entries(_named(StaffAction.Subject.ORDER, order.pk) | on_notifications | on_owner)
    return _that_touched(personal_data.masked(rows[:MAX_ACTIONS]))


def subject(kind: StaffAction.Subject, key: object) -> list[StaffAction]:
    """What was done to it, the earliest first, masked."""
    return personal_data.masked(_entries(_named(kind, key))[:MAX_ACTIONS])


def hold_of(creator: Creator, *, held_at: datetime) -> StaffAction | None:
    """The hold of everything of the service owner at that moment, masked."""
    holds = StaffAction.objects.filter(
        subject_type=_OWNER, subject_id=str(creator.pk), what=W.HELD, when=held_at
    )
    found = personal_data.masked(holds[:1])
    return found[0] if found else None


def hold_behind(order: Order, actions: Collection[StaffAction]) -> StaffAction | None:
    """Of the order's entries the one that holds it; None if it is not held."""
    holds = (one for one in actions if one.what == W.HELD and one.when == order.held_at)
    return next(holds, None)


def _named(kind: StaffAction.Subject, key: object) -> Q:
    several = ActionSubject.objects.filter(subject_type=kind, subject_id=str(key))
    return Q(subject_type=kind, subject_id=str(key)) | Q(pk__in=several.values("action"))


def _entries(which: Q) -> QuerySet[StaffAction]:
    return StaffAction.objects.filter(which).select_related("ended").order_by("id")


def _that_touched(actions: list[StaffAction]) -> list[StaffAction]:
    """Without the releases at the service owner that found the order not held."""
    touched, is_held = [], False
    for one in actions:
        if one.what == W.RELEASED and not is_held and one.subject_type == _OWNER:
            continue
        is_held = one.what == W.HELD or (is_held and one.what not in (W.RELEASED, W.STOPPED))
        touched.append(one)
    return touched
