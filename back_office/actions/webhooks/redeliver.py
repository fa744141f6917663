"""Posts events once more, under the same ids, or at once."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from back_office.actions.action import Action, ActionRequest, Done, Preview
from back_office.audit import log
from back_office.audit.log import Subjects
from back_office.models import StaffAction
from back_office.wording.counts import and_others, number
from events import subscriptions
from events.models import Delivery, DeliveryQuerySet, Subscription


def _fitting(ids: Collection[UUID]) -> DeliveryQuerySet:
    return Delivery.objects.filter(
        pk__any_of=ids, subscription__state=Subscription.State.ACTIVE
    ).select_related("subscription")


class Redeliver(Action[Delivery, UUID]):
    name = "redeliver"
    permission = "back_office.manage_webhooks"
    title = gettext_lazy("Post again")
    icon = "replay"

    def fits(self, row: Delivery) -> bool:
        return row.subscription.is_active

    def preview(self, request: ActionRequest[UUID]) -> Preview:
        count = _fitting(request.ids).count()
        others = len(set(request.ids)) - count
        return Preview(
            _will_post(count),
            {"count": count, "others": others},
            refused=[(_("The webhook is not active."), others)] if others else (),
            possible=count > 0,
        )

    def run(self, request: ActionRequest[UUID]) -> Done:
        """One that is being posted at this moment is left alone."""
        by_subscription: dict[Subscription, list[UUID]] = defaultdict(list)
        with transaction.atomic():
            for row in _fitting(request.ids).order_by("subscription_id"):
                by_subscription[row.subscription].append(row.pk)
            count = sum(
                subscriptions.redeliver(subscription, ids, now=request.now)
                for subscription, ids in by_subscription.items()
            )
            log.record_about(
                StaffAction.What.REDELIVERED,
                Subjects(StaffAction.Subject.WEBHOOK, [one.pk for one in by_subscription]),
                by=request.by,
                why=request.why,
                detail={"deliveries": count},
                now=request.now,
            )
        others = len(set(request.ids)) - count
        return Done(
            and_others(_will_post(count), others),
            {"count": count, "others": others},
            success=count > 0,
        )


def _will_post(count: int) -> str:
    return ngettext(
        "%(count)s event is posted again, under the same id.",
        "%(count)s events are posted again, under the same ids.",
        count,
    ) % {"count": number(count)}
