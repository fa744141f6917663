"""Sends again what expired unsent while a channel was paused."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db.models import Min, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from back_office.actions.action import ActionRequest, Preview
from back_office.actions.channel import ChannelRow
from back_office.actions.resend import ResendAction
from back_office.audit.log import Subjects
from back_office.models import StaffAction
from back_office.wording.counts import number
from dispatch.models import ChannelPause
from notifications.models import MessageChannel, Notification


def page_of(channel: MessageChannel) -> str:
    return reverse("admin:dispatch_channelpause_action", args=[channel.value, ResendExpired.name])


def expired_in_pause(channel: MessageChannel) -> QuerySet[Notification, UUID]:
    """The ids of what expired unsent while the channel was paused: since its present pause began
    or, where it is not paused, since that began which staff ended last."""
    since = paused_since(channel) or _last_pause(channel)
    if since is None:
        return Notification.objects.none().values_list("pk", flat=True)
    return expired_since(channel, since)


def paused_since(channel: MessageChannel) -> datetime | None:
    """When the channel was first paused by any of its pauses, however often these were extended."""
    rows = ChannelPause.objects.filter(channel=channel).values("pk")
    events = ChannelPause.events.rel.related_model.objects  # type: ignore[attr-defined]
    began = events.filter(pgh_obj__in=rows, pgh_label="insert")
    first: datetime | None = began.aggregate(first=Min("set_at"))["first"]
    return first


def expired_since(channel: MessageChannel, since: datetime) -> QuerySet[Notification, UUID]:
    """Their ids, the earliest first."""
    unsent = Notification.objects.expired_unsent(channel, since=since)
    return unsent.values_list("pk", flat=True)


def _last_pause(channel: MessageChannel) -> datetime | None:
    resumed = StaffAction.objects.filter(
        subject_type=StaffAction.Subject.CHANNEL,
        subject_id=channel.value,
        what=StaffAction.What.RESUMED,
    )
    last = resumed.order_by("-id").first()
    since = last.detail.get("since") if last else None
    return datetime.fromisoformat(since) if since else None


class ResendExpired(ResendAction[ChannelRow, str]):
    name = "resend-expired"
    title = gettext_lazy("Send again what expired")
    on_list = False

    def fits(self, row: ChannelRow) -> bool:
        return expired_in_pause(MessageChannel(row.pk)).exists()

    def chosen(self, request: ActionRequest[str]) -> list[UUID]:
        return list(expired_in_pause(MessageChannel(request.ids[0]))[: self.max_rows])

    def subjects(self, request: ActionRequest[str]) -> Subjects:
        return Subjects.channel(request.ids[0])

    def preview(self, request: ActionRequest[str]) -> Preview:
        channel = MessageChannel(request.ids[0])
        found = super().preview(request)
        count = expired_in_pause(channel).count()
        if count <= self.max_rows:
            return found
        warning = _(
            "%(count)s notifications expired. A page takes the first %(most)s; for all, use the"
            " command manage.py resend --expired-in-pause %(channel)s --reason ..."
        )
        numbers = {"count": number(count), "most": number(self.max_rows), "channel": channel.value}
        return replace(found, warnings=[*found.warnings, warning % numbers])
