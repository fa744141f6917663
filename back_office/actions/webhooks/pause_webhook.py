"""Pauses webhooks, and resumes those that are paused or were ended by their endpoint."""

from collections.abc import Collection
from typing import ClassVar
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
from recipients import masking

State = Subscription.State


class _ChangeState(Action[Subscription, UUID]):
    permission = "back_office.manage_webhooks"
    fitting: ClassVar[Collection[State]]
    becomes: ClassVar[State]
    what: ClassVar[StaffAction.What]

    def fits(self, row: Subscription) -> bool:
        return row.state in self.fitting

    def says(self, count: int) -> str:
        raise NotImplementedError

    def preview(self, request: ActionRequest[UUID]) -> Preview:
        count = self._fitting(request.ids).count()
        others = len(set(request.ids)) - count
        return Preview(
            self.says(count),
            {"count": count, "others": others},
            refused=[(_("Its state does not allow it."), others)] if others else (),
            possible=count > 0,
        )

    def run(self, request: ActionRequest[UUID]) -> Done:
        with transaction.atomic():
            rows = list(self._fitting(request.ids).order_by("pk").select_for_update(no_key=True))
            reason = masking.mask_text(request.why.reason) if self.becomes == State.PAUSED else ""
            for row in rows:
                subscriptions.change(row, state=self.becomes, reason=reason, now=request.now)
            log.record_about(
                self.what,
                Subjects(StaffAction.Subject.WEBHOOK, [row.pk for row in rows]),
                by=request.by,
                why=request.why,
                now=request.now,
            )
        others = len(set(request.ids)) - len(rows)
        return Done(
            and_others(self.says(len(rows)), others),
            {"count": len(rows), "others": others},
            success=bool(rows),
        )

    def _fitting(self, ids: Collection[UUID]) -> SubscriptionQuerySet:
        return Subscription.objects.filter(pk__any_of=ids, state__in=self.fitting)


class PauseWebhook(_ChangeState):
    name = "pause"
    title = gettext_lazy("Pause the webhook")
    icon = "pause_circle"
    fitting = (State.ACTIVE,)
    becomes = State.PAUSED
    what = StaffAction.What.WEBHOOK_PAUSED

    def says(self, count: int) -> str:
        return ngettext(
            "%(count)s webhook: nothing is posted to it until somebody resumes it. Events wait.",
            "%(count)s webhooks: nothing is posted to them until somebody resumes them."
            " Events wait.",
            count,
        ) % {"count": number(count)}


class ResumeWebhook(_ChangeState):
    name = "resume"
    title = gettext_lazy("Resume the webhook")
    icon = "play_circle"
    fitting = (State.PAUSED, State.ENDED)
    becomes = State.ACTIVE
    what = StaffAction.What.WEBHOOK_RESUMED

    def says(self, count: int) -> str:
        return ngettext(
            "%(count)s webhook: what waits, and what has ended meanwhile, is posted to it.",
            "%(count)s webhooks: what waits, and what has ended meanwhile, is posted to them.",
            count,
        ) % {"count": number(count)}
