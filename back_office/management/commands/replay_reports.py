"""Gives dead delivery reports their tries again: `manage.py replay_reports`."""

from datetime import datetime

from django.core.management.base import CommandError, CommandParser

from back_office.actions import replay_reports
from back_office.actions.action import Done, Preview
from back_office.audit.log import Actor, Why
from back_office.management.action_command import ActionCommand, Options, a_channel


class Command(ActionCommand):
    does = "Lets dead delivery reports look for their messages again."
    example = 'replay_reports --all --channel Sms --reason "Sends were recorded late"'

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("reports", nargs="*", type=int, metavar="REPORT", help="Report ids.")
        parser.add_argument("--all", action="store_true", help="All that are dead.")
        parser.add_argument("--channel", type=a_channel, help="With --all: of this channel only.")

    def preview(self, options: Options, *, now: datetime) -> Preview:
        return replay_reports.preview(_chosen(options))

    def run(self, options: Options, *, by: Actor, why: Why, now: datetime) -> Done:
        chosen = _chosen(options)
        return replay_reports.run(chosen, all_dead=options["all"], by=by, why=why, now=now)


def _chosen(options: Options) -> list[int]:
    if bool(options["reports"]) == options["all"]:
        raise CommandError("Give either report ids or --all.")
    if options["channel"] and not options["all"]:
        raise CommandError("--channel goes with --all.")
    chosen: list[int] = options["reports"]
    return replay_reports.dead(options["channel"]) if options["all"] else chosen
