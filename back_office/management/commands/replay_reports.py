"""Gives dead delivery reports their tries again: `manage.py replay_reports`."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from back_office.actions import replay, sentences
from back_office.management.action_command import Answer, Asked, DeedCommand, a_channel


class Command(DeedCommand):
    does = "Lets dead delivery reports look for their messages again."
    example = 'replay_reports --all --channel Sms --reason "Sends were recorded late"'

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("reports", nargs="*", type=int, metavar="REPORT", help="Report ids.")
        parser.add_argument("--all", action="store_true", help="All that are dead.")
        parser.add_argument("--channel", type=a_channel, help="With --all: of this channel only.")

    def answer(self, asked: Asked, options: Mapping[str, Any]) -> Answer:
        if bool(options["reports"]) == options["all"]:
            raise CommandError("Give either report ids or --all.")
        if options["channel"] and not options["all"]:
            raise CommandError("--channel goes with --all.")
        chosen = replay.dead(options["channel"]) if options["all"] else options["reports"]
        if asked.dry_run:
            done = replay.look_ahead(chosen)
            sentence = sentences.will_replay(done)
        else:
            done = replay.replay(
                chosen, all_dead=options["all"], by=asked.by, why=asked.why, now=asked.now
            )
            sentence = sentences.replayed(done)
        return Answer(sentence, asdict(done), done.count > 0)
