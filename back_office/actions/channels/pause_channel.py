"""Pauses a channel: nothing of any service owner leaves on it."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from back_office.actions.action import Action, ActionRequest, Done, Preview
from back_office.actions.channels.channel import ChannelRow
from back_office.actions.forms import ActionForm, PauseForm
from back_office.audit import history, log
from back_office.audit.log import Actor, Subjects, Why
from back_office.models import StaffAction
from back_office.wording import local_time
from dispatch.models import FORESEEABLE, WITHOUT_END, ChannelPause
from dispatch.sending import pauses
from notifications.models import NotificationChannel
from recipients import masking


def preview(channel: NotificationChannel, *, until: datetime | None) -> Preview:
    """What a pause would keep back."""
    sentence = _(
        "%(channel)s: nothing of any service owner leaves before the time is over, or"
        " somebody resumes the channel."
    )
    warning = _(
        "A pause does not stop the clock: notifications expire as usual. A pause that lasts"
        " longer is not shortened; resume the channel first."
    )
    return Preview(
        sentence % {"channel": channel.label}, _figures(channel, until), warnings=[warning]
    )


def run(
    channel: NotificationChannel, *, until: datetime | None, by: Actor, why: Why, now: datetime
) -> Done:
    """Send nothing on the channel until then, or until it is resumed. A pause of staff that lasts
    longer is not shortened."""
    with history.attributed_to(by, why):
        pauses.pause(
            channel,
            ChannelPause.Cause.PERSON,
            until=until or now + WITHOUT_END,
            reason=masking.mask_text(why.reason),
            set_by=by.name,
            now=now,
        )
        log.record_about(
            StaffAction.What.PAUSED,
            Subjects.channel(channel.value),
            by=by,
            why=why,
            detail={"until": until.isoformat() if until else None},
            now=now,
        )
    end = ChannelPause.objects.get(channel=channel, cause=ChannelPause.Cause.PERSON).until
    if end >= now + FORESEEABLE:
        sentence = _("%(channel)s is paused until somebody resumes it.")
        return Done(sentence % {"channel": channel.label}, _figures(channel, None))
    sentence = _("%(channel)s is paused until %(until)s.")
    told = {"channel": channel.label, "until": local_time.at(end, now=now)}
    return Done(sentence % told, _figures(channel, end))


def _figures(channel: NotificationChannel, until: datetime | None) -> dict[str, object]:
    return {"channel": channel.value, "until": until.isoformat() if until else None}


class PauseChannel(Action[ChannelRow, str]):
    name = "pause"
    permission = "back_office.pause_channel"
    title = gettext_lazy("Pause the channel")
    icon = "pause_circle"
    on_list = False

    def form_class(self, *, row: ChannelRow | None) -> type[ActionForm]:
        return PauseForm

    def preview(self, request: ActionRequest[str]) -> Preview:
        return preview(NotificationChannel(request.ids[0]), until=_until(request))

    def run(self, request: ActionRequest[str]) -> Done:
        return run(
            NotificationChannel(request.ids[0]),
            until=_until(request),
            by=request.by,
            why=request.why,
            now=request.now,
        )


def _until(request: ActionRequest[str]) -> datetime | None:
    until = request.choices.get("until")
    return until if isinstance(until, datetime) else None
