"""Pauses a channel and resumes it, and finds what expired while it was paused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Min, QuerySet

from back_office import masking
from back_office.audit import history, log
from back_office.audit.log import Actor, Why
from back_office.models import StaffAction
from dispatch.models import WITHOUT_END, ChannelPause
from dispatch.sending import pauses
from notifications.models import MessageChannel, Notification


@dataclass(frozen=True, slots=True)
class Resumed:
    """How many pauses were lifted, since when the channel had been paused, and how many messages
    expired unsent meanwhile and have not been resent."""

    pauses: int
    since: datetime | None
    expired: int


def pause(
    channel: MessageChannel, *, until: datetime | None, by: Actor, why: Why, now: datetime
) -> datetime:
    """Send nothing on the channel until then, or until it is resumed; returns the end. A pause of
    staff that lasts longer is not shortened."""
    end = until or now + WITHOUT_END
    with history.attributed_to(by, why):
        pauses.pause(
            channel,
            ChannelPause.Cause.PERSON,
            until=end,
            reason=masking.mask_text(why.reason),
            set_by=by.name,
            now=now,
        )
        until_then = {"until": until.isoformat() if until else None}
        _note(StaffAction.What.PAUSED, channel, until_then, by, why, now)
    paused = ChannelPause.objects.get(channel=channel, cause=ChannelPause.Cause.PERSON)
    return paused.until


def resume(channel: MessageChannel, *, by: Actor, why: Why, now: datetime) -> Resumed:
    """Lift every pause of the channel, whoever or whatever set it. What the next messages meet may
    pause it again."""
    with history.attributed_to(by, why):
        before = look_ahead(channel)
        lifted = pauses.resume(channel)
        if lifted:
            since = before.since.isoformat() if before.since else None
            detail = {"pauses": lifted, "since": since, "expired": before.expired}
            _note(StaffAction.What.RESUMED, channel, detail, by, why, now)
    return Resumed(lifted, before.since, before.expired)


def look_ahead(channel: MessageChannel) -> Resumed:
    """What resuming would lift; nothing is written."""
    count = ChannelPause.objects.filter(channel=channel).count()
    since = paused_since(channel)
    expired = expired_since(channel, since).count() if since else 0
    return Resumed(count, since, expired)


def paused_since(channel: MessageChannel) -> datetime | None:
    """When the channel was first paused by any of its pauses, however often these were extended."""
    rows = ChannelPause.objects.filter(channel=channel).values("pk")
    events = ChannelPause.events.rel.related_model.objects  # type: ignore[attr-defined]
    began = events.filter(pgh_obj__in=rows, pgh_label="insert")
    first: datetime | None = began.aggregate(first=Min("set_at"))["first"]
    return first


def expired_in_pause(channel: MessageChannel) -> QuerySet[Notification, UUID]:
    """What expired unsent while the channel was paused: since its present pause began or, where it
    is not paused, since that began which staff ended last."""
    since = paused_since(channel) or _last_pause(channel)
    return (
        expired_since(channel, since)
        if since
        else Notification.objects.none().values_list("pk", flat=True)
    )


def _last_pause(channel: MessageChannel) -> datetime | None:
    resumed = StaffAction.objects.filter(
        subject_type=StaffAction.Subject.CHANNEL,
        subject_id=channel.value,
        what=StaffAction.What.RESUMED,
    )
    last = resumed.order_by("-id").first()
    since = last.detail.get("since") if last else None
    return datetime.fromisoformat(since) if since else None


def expired_since(channel: MessageChannel, since: datetime) -> QuerySet[Notification, UUID]:
    """Their ids, the earliest first."""
    unsent = Notification.objects.expired_unsent(channel, since=since)
    return unsent.values_list("pk", flat=True)


def _note(
    what: StaffAction.What,
    channel: MessageChannel,
    detail: Mapping[str, object],
    by: Actor,
    why: Why,
    now: datetime,
) -> None:
    log.record(
        what,
        by=by,
        why=why,
        subject=StaffAction.Subject.CHANNEL,
        subject_id=channel.value,
        detail=detail,
        now=now,
    )
