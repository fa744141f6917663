"""Posts a test event to webhooks, to see that the endpoint takes it."""

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
from events.models import Subscription, SubscriptionQuerySet


class PostTestEvent(Action[Subscription, UUID]):
    name = "test"
    permission = "back_office.manage_webhooks"
    title = gettext_lazy("Post a test event")
    icon = "send"

    def fits(self, row: Subscription) -> bool:
        return row.is_active

    def preview(self, request: ActionRequest[UUID]) -> Preview:
        count = _active(request.ids).count()
        others = len(set(request.ids)) - count
        return Preview(
            _will_post(count),
            {"count": count, "others": others},
            refused=[(_("The webhook is not active."), others)] if others else (),
            possible=count > 0,
        )

    def run(self, request: ActionRequest[UUID]) -> Done:
        """Deliveries shows what the endpoints answered."""
        with transaction.atomic():
            rows = list(_active(request.ids).order_by("pk").select_for_update(no_key=True))
            for row in rows:
                subscriptions.send_test(row, now=request.now)
            log.record_about(
                StaffAction.What.TESTED,
                Subjects(StaffAction.Subject.WEBHOOK, [row.pk for row in rows]),
                by=request.by,
                why=request.why,
                now=request.now,
            )
        others = len(set(request.ids)) - len(rows)
        return Done(
            and_others(_will_post(len(rows)), others),
            {"count": len(rows), "others": others},
            success=bool(rows),
        )


def _active(ids: Collection[UUID]) -> SubscriptionQuerySet:
    return Subscription.objects.filter(pk__any_of=ids, state=Subscription.State.ACTIVE)


def _will_post(count: int) -> str:
    return ngettext(
        "A test event is posted to %(count)s webhook. Its deliveries show the answer.",
        "A test event is posted to each of %(count)s webhooks. Their deliveries show the answers.",
        count,
    ) % {"count": number(count)}
