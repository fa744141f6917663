"""Lifts every pause of a channel: `manage.py resume_channel`."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from back_office.actions import channels, sentences
from back_office.management.action_command import Answer, Asked, DeedCommand, a_channel


class Command(DeedCommand):
    does = (
        "Lifts every pause of a channel, whoever or whatever set it, and says how many messages"
        " expired meanwhile; `resend --expired-in-pause` sends them again."
    )
    example = 'resume_channel Sms --reason "The gateway is back"'

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("channel", type=a_channel, metavar="CHANNEL", help="Sms or Email.")

    def answer(self, asked: Asked, options: Mapping[str, Any]) -> Answer:
        channel = options["channel"]
        if asked.dry_run:
            done = channels.look_ahead(channel)
        else:
            done = channels.resume(channel, by=asked.by, why=asked.why, now=asked.now)
        sentence = sentences.resumed(done)
        if done.expired:
            sentence += f" To send them again: manage.py resend --expired-in-pause {channel.value}"
        figures = {
            "channel": channel.value,
            "pauses": done.pauses,
            "since": done.since and done.since.isoformat(),
            "expired": done.expired,
        }
        return Answer(sentence, figures, done.pauses > 0)
