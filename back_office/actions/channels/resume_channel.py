"""Resumes a channel: every pause of it is lifted, whoever or whatever set it."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from back_office.actions.action import Action, ActionRequest, Done, Preview
from back_office.actions.channels import resend_expired
from back_office.actions.channels.channel import ChannelRow
from back_office.audit import history, log
from back_office.audit.log import Actor, Subjects, Why
from back_office.models import StaffAction
from back_office.wording import local_time
from back_office.wording.counts import number
from dispatch.models import ChannelPause
from dispatch.sending import gateway_states, pauses
from notifications.models import NotificationChannel


def preview(channel: NotificationChannel, *, now: datetime) -> Preview:
    """What resuming would lift."""
    count = ChannelPause.objects.in_force(now=now).filter(channel=channel).count()
    since, expired = _paused(channel, now)
    figures = _figures(channel, count, since, expired)
    if not count:
        return Preview(_("The channel is not paused."), figures, possible=False)
    facts: list[tuple[str, object]] = [(_("Pauses"), count)]
    if since:
        facts.append((_("Paused since"), local_time.to_the_second(since)))
    facts.append((_("Expired meanwhile"), number(expired)))
    return Preview(
        _("%(channel)s: what waits leaves at once, within the send window.")
        % {"channel": channel.label},
        figures,
        facts=facts,
        warnings=[_("If the trouble is not over, the next notifications pause the channel again.")],
    )


def run(channel: NotificationChannel, *, by: Actor, why: Why, now: datetime) -> Done:
    """Lift every pause of the channel. What the next notifications meet may pause it again."""
    with history.attributed_to(by, why):
        since, expired = _paused(channel, now)
        lifted = pauses.resume(channel, now=now)
        gateway_states.lift(channel)
        if lifted:
            log.record_about(
                StaffAction.What.RESUMED,
                Subjects.channel(channel.value),
                by=by,
                why=why,
                detail={
                    "pauses": lifted,
                    "since": since.isoformat() if since else None,
                    "expired": expired,
                },
                now=now,
            )
    return Done(
        _resumed(lifted, expired),
        _figures(channel, lifted, since, expired),
        success=lifted > 0,
        next_url=resend_expired.page_of(channel) if expired else "",
    )


def _paused(channel: NotificationChannel, now: datetime) -> tuple[datetime | None, int]:
    """Since when it is paused, and how many notifications expired unsent and not resent since."""
    since = resend_expired.paused_since(channel, now=now)
    return since, resend_expired.expired_since(channel, since).count() if since else 0


def _figures(
    channel: NotificationChannel, pauses: int, since: datetime | None, expired: int
) -> dict[str, object]:
    return {
        "channel": channel.value,
        "pauses": pauses,
        "since": since.isoformat() if since else None,
        "expired": expired,
    }


def _resumed(lifted: int, expired: int) -> str:
    if not lifted:
        return _("The channel was not paused.")
    sentence = _("The channel goes on.")
    if expired:
        sentence += " " + ngettext(
            "%(count)s notification expired while it was paused.",
            "%(count)s notifications expired while it was paused.",
            expired,
        ) % {"count": number(expired)}
    return sentence


class ResumeChannel(Action[ChannelRow, str]):
    name = "resume"
    permission = "back_office.pause_channel"
    title = gettext_lazy("Resume the channel")
    icon = "play_circle"
    on_list = False

    def fits(self, row: ChannelRow) -> bool:
        return row.is_paused

    def preview(self, request: ActionRequest[str]) -> Preview:
        return preview(NotificationChannel(request.ids[0]), now=request.now)

    def run(self, request: ActionRequest[str]) -> Done:
        return run(
            NotificationChannel(request.ids[0]), by=request.by, why=request.why, now=request.now
        )
