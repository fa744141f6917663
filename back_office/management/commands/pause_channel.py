"""Pauses a channel: `manage.py pause_channel`."""

from datetime import datetime

from django.core.management.base import CommandError, CommandParser

from back_office.actions.action import Done, Preview
from back_office.actions.channels import pause_channel
from back_office.audit.log import Actor, Why
from back_office.management.action_command import ActionCommand, Options, a_channel, a_moment


class Command(ActionCommand):
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

    def preview(self, options: Options, *, now: datetime) -> Preview:
        return pause_channel.preview(options["channel"], until=_until(options, now=now))

    def run(self, options: Options, *, by: Actor, why: Why, now: datetime) -> Done:
        until = _until(options, now=now)
        return pause_channel.run(options["channel"], until=until, by=by, why=why, now=now)


def _until(options: Options, *, now: datetime) -> datetime | None:
    until: datetime | None = options["until"]
    if until is not None and until <= now:
        raise CommandError("--until is in the past.")
    return until
