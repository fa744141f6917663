"""Pauses a channel: `manage.py pause_channel`."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError, CommandParser

from back_office.actions import channels
from back_office.management.action_command import Answer, Asked, DeedCommand, a_channel, a_moment
from back_office.wording import local_time
from dispatch.models import FORESEEABLE


class Command(DeedCommand):
    does = (
        "Pauses a channel: nothing of any service owner leaves on it until the given time, or until"
        " resume_channel. Messages expire as usual meanwhile."
    )
    example = 'pause_channel Sms --until 2026-01-31T14:00 --reason "The gateway is maintained"'

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("channel", type=a_channel, metavar="CHANNEL", help="Sms or Email.")
        parser.add_argument(
            "--until", type=a_moment, help="By Norwegian clocks; else until it is resumed."
        )

    def answer(self, asked: Asked, options: Mapping[str, Any]) -> Answer:
        channel, until = options["channel"], options["until"]
        if until is not None and until <= asked.now:
            raise CommandError("--until is in the past.")
        if not asked.dry_run:
            end = channels.pause(channel, until=until, by=asked.by, why=asked.why, now=asked.now)
            until = end if end < asked.now + FORESEEABLE else None
        told = f"until {local_time.to_the_second(until)}" if until else "until somebody resumes it"
        verb = "would be" if asked.dry_run else "is"
        figures = {"channel": channel.value, "until": until and until.isoformat()}
        return Answer(f"{channel.value} {verb} paused {told}.", figures, success=True)
