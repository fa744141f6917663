"""Lifts every pause of a channel: `manage.py resume_channel`."""

from dataclasses import replace
from datetime import datetime

from django.core.management.base import CommandParser

from back_office.actions.action import Done, Preview
from back_office.actions.channels import resume_channel
from back_office.audit.log import Actor, Why
from back_office.management.action_command import ActionCommand, Options, a_channel


class Command(ActionCommand):
    does = (
        "Lifts every pause of a channel, whoever or whatever set it, and says how many messages"
        " expired meanwhile; `resend --expired-in-pause` sends them again."
    )
    example = 'resume_channel Sms --reason "The gateway is back"'

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("channel", type=a_channel, metavar="CHANNEL", help="Sms or Email.")

    def preview(self, options: Options, *, now: datetime) -> Preview:
        return resume_channel.preview(options["channel"], now=now)

    def run(self, options: Options, *, by: Actor, why: Why, now: datetime) -> Done:
        done = resume_channel.run(options["channel"], by=by, why=why, now=now)
        if not done.figures["expired"]:
            return done
        onward = f"manage.py resend --expired-in-pause {options['channel'].value}"
        return replace(done, sentence=f"{done.sentence} To send them again: {onward}")
