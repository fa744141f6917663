"""Deeds on channels: pause, resume, and send again what expired while the channel was paused."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from back_office.actions import channels, sentences
from back_office.actions.action import Asked, Deed, Done, Outlook
from back_office.actions.audit_entries import Named
from back_office.actions.forms import DeedForm, PauseForm, ResendForm
from back_office.models import StaffAction
from back_office.pages.notifications.buttons import Resend
from back_office.wording import local_time
from dispatch.models import FORESEEABLE
from notifications.models import MessageChannel

NAMES = {MessageChannel.SMS: gettext_lazy("SMS"), MessageChannel.EMAIL: gettext_lazy("E-mail")}


def page_of(deed: str, channel: MessageChannel) -> str:
    return reverse("admin:dispatch_channelpause_deed", args=[channel.value, deed])


class Pause(Deed):
    name = "pause"
    permission = "back_office.pause_channel"
    title = gettext_lazy("Pause the channel")
    icon = "pause_circle"
    on_list = False

    def form_class(self, *, single: bool) -> type[DeedForm]:
        return PauseForm

    def look_ahead(self, asked: Asked) -> Outlook:
        channel = MessageChannel(asked.ids[0])
        return Outlook(
            _(
                "%(channel)s: nothing of any service owner leaves before the time is over, or"
                " somebody resumes the channel."
            )
            % {"channel": NAMES[channel]},
            warnings=[
                _(
                    "A pause does not stop the clock: messages expire as usual. A pause that lasts"
                    " longer is not shortened; resume the channel first."
                )
            ],
        )

    def do(self, asked: Asked) -> Done:
        channel = MessageChannel(asked.ids[0])
        until = asked.choices.get("until")
        end = channels.pause(channel, until=until, by=asked.by, why=asked.why, now=asked.now)
        told = {"channel": NAMES[channel], "until": local_time.at(end, now=asked.now)}
        if end >= asked.now + FORESEEABLE:
            return Done(_("%(channel)s is paused until somebody resumes it.") % told)
        return Done(_("%(channel)s is paused until %(until)s.") % told)


class Resume(Deed):
    name = "resume"
    permission = "back_office.pause_channel"
    title = gettext_lazy("Resume the channel")
    icon = "play_circle"
    on_list = False

    def fits(self, row: Any) -> bool:
        return bool(row.is_paused)

    def look_ahead(self, asked: Asked) -> Outlook:
        channel = MessageChannel(asked.ids[0])
        found = channels.look_ahead(channel)
        if not found.pauses:
            return Outlook(_("The channel is not paused."), possible=False)
        facts: list[tuple[str, object]] = [(_("Pauses"), found.pauses)]
        if found.since:
            facts.append((_("Paused since"), local_time.to_the_second(found.since)))
        facts.append((_("Expired meanwhile"), sentences.number(found.expired)))
        return Outlook(
            _("%(channel)s: what waits leaves at once, within the send window.")
            % {"channel": NAMES[channel]},
            facts=facts,
            warnings=[_("If the trouble is not over, the next messages pause the channel again.")],
        )

    def do(self, asked: Asked) -> Done:
        channel = MessageChannel(asked.ids[0])
        done = channels.resume(channel, by=asked.by, why=asked.why, now=asked.now)
        onward = page_of("resend-expired", channel) if done.expired else ""
        return Done(sentences.resumed(done), success=done.pauses > 0, next_url=onward)


class ResendExpired(Resend):
    name = "resend-expired"
    title = gettext_lazy("Send again what expired")
    on_list = False

    def fits(self, row: Any) -> bool:
        return channels.expired_in_pause(MessageChannel(row.pk)).exists()

    def form_class(self, *, single: bool) -> type[DeedForm]:
        return ResendForm

    def chosen(self, asked: Asked) -> Sequence[UUID]:
        channel = MessageChannel(asked.ids[0])
        return list(channels.expired_in_pause(channel)[: self.most])

    def named(self, asked: Asked) -> Named:
        return Named(StaffAction.Subject.CHANNEL, asked.ids)

    def look_ahead(self, asked: Asked) -> Outlook:
        channel = MessageChannel(asked.ids[0])
        found = super().look_ahead(asked)
        count = channels.expired_in_pause(channel).count()
        warnings = [*found.warnings]
        if count > self.most:
            warnings.append(
                _(
                    "%(count)s messages expired. A page takes the first %(most)s; for all, use the"
                    " command manage.py resend --expired-in-pause %(channel)s --reason ..."
                )
                % {
                    "count": sentences.number(count),
                    "most": sentences.number(self.most),
                    "channel": channel.value,
                }
            )
        return replace(found, warnings=warnings)


CHANNEL_DEEDS: tuple[Any, ...] = (Pause(), Resume(), ResendExpired())
