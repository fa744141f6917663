"""Sends again what expired unsent while a channel was paused."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import Lag
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from back_office.actions.action import ActionRequest, Preview
from back_office.actions.channels.channel import ChannelRow
from back_office.actions.resend.resend import ResendAction
from back_office.audit.log import Subjects
from back_office.models import StaffAction
from back_office.wording.counts import number
from dispatch.models import Attempt, ChannelPause
from notifications.models import Notification, NotificationChannel
from runtime import clock


def page_of(channel: NotificationChannel) -> str:
    return reverse("admin:dispatch_channelpause_action", args=[channel.value, ResendExpired.name])


def expired_in_pause(
    channel: NotificationChannel, *, now: datetime
) -> QuerySet[Notification, UUID]:
    """The ids of what expired unsent while the channel was paused: since its present pause began
    or, where it is not paused, since that began which staff ended last."""
    since = paused_since(channel, now=now) or _last_pause(channel)
    if since is None:
        return Notification.objects.none().values_list("pk", flat=True)
    return expired_since(channel, since)


def paused_since(channel: NotificationChannel, *, now: datetime) -> datetime | None:
    """When the channel was first paused by any of the pauses in force, however often these were
    extended. One that had run out and was set again began then; trouble that was being probed went
    on."""
    rows = ChannelPause.objects.in_force(now=now).filter(channel=channel).values("pk")
    events = ChannelPause.events.rel.related_model.objects  # type: ignore[attr-defined]
    lasted_until = Window(Lag("until"), partition_by="pgh_obj_id", order_by="pgh_id")
    had_run_out = ~Q(cause__in=ChannelPause.Cause.probed()) & Q(lasted_until__lte=F("set_at"))
    began = events.filter(pgh_obj__in=rows).annotate(lasted_until=lasted_until)
    beginnings = began.filter(Q(lasted_until=None) | had_run_out).order_by("pgh_id")
    last = dict(beginnings.values_list("pgh_obj_id", "set_at"))
    return min(last.values(), default=None)


def expired_since(channel: NotificationChannel, since: datetime) -> QuerySet[Notification, UUID]:
    """Their ids, the earliest first. One that a gateway may have taken is for somebody to look at,
    and is not sent again with the others."""
    unsent = Notification.objects.expired_unsent(channel, since=since)
    may_be_taken = Attempt.objects.of_unknown_end().filter(notification=OuterRef("pk"))
    return unsent.exclude(Exists(may_be_taken)).values_list("pk", flat=True)


def _last_pause(channel: NotificationChannel) -> datetime | None:
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
        return expired_in_pause(NotificationChannel(row.pk), now=clock.now()).exists()

    def chosen(self, request: ActionRequest[str]) -> list[UUID]:
        expired = expired_in_pause(NotificationChannel(request.ids[0]), now=request.now)
        return list(expired[: self.max_rows])

    def subjects(self, request: ActionRequest[str]) -> Subjects:
        return Subjects.channel(request.ids[0])

    def preview(self, request: ActionRequest[str]) -> Preview:
        channel = NotificationChannel(request.ids[0])
        found = super().preview(request)
        count = expired_in_pause(channel, now=request.now).count()
        if count <= self.max_rows:
            return found
        warning = _(
            "%(count)s notifications expired. A page takes the first %(most)s; for all, use the"
            " command manage.py resend --expired-in-pause %(channel)s --reason ..."
        )
        numbers = {"count": number(count), "most": number(self.max_rows), "channel": channel.value}
        return replace(found, warnings=[*found.warnings, warning % numbers])
