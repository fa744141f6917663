"""Sends messages once more: `manage.py resend`."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from back_office.actions import resend, sentences
from back_office.actions.audit_entries import Named
from back_office.audit import grounds
from back_office.management import choosing_messages
from back_office.management.action_command import Answer, Asked, DeedCommand
from back_office.masking import mask_text
from dispatch.management.progress import Progress
from notifications.resend.eligibility import Refusal, Terms
from recipients.registers import RegisterUnavailable


class Command(DeedCommand):
    does = (
        "Sends again what failed: single messages, orders, what failed of a service owner's in a"
        " period, or what expired while a channel was paused. What was delivered is refused unless"
        " forced. Interrupt it whenever you like: what is resent already is not resent again."
    )
    example = 'resend --creator ttd --since 2026-01-30 --reason "The gateway lost them" --dry-run'

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        choosing_messages.add_arguments(parser)
        parser.add_argument(
            "--to", default="", help="A corrected address, for one message; needs --case."
        )
        parser.add_argument(
            "--force", action="store_true", help="Also what was delivered, or resent before."
        )
        parser.add_argument(
            "--override-reservation", action="store_true", help="Also to who is reserved."
        )

    def answer(self, asked: Asked, options: Mapping[str, Any]) -> Answer:
        chosen, named = choosing_messages.chosen(options)
        if not chosen:
            return Answer("No such messages were found.", {"chosen": 0, "made": 0}, success=False)
        terms = Terms(
            options["to"].strip(),
            force=options["force"],
            override_reservation=options["override_reservation"],
        )
        try:
            if asked.dry_run:
                return self._foretold(asked, chosen, terms)
            return self._done(asked, chosen, named, terms)
        except grounds.Unfit as unfit:
            raise CommandError(f"{unfit} (--to needs --case)") from unfit
        except RegisterUnavailable as error:
            told = mask_text(str(error))
            raise CommandError(f"{told} What was done is done; begin again later.") from error

    def _foretold(self, asked: Asked, chosen: Sequence[UUID], terms: Terms) -> Answer:
        found = resend.look_ahead(chosen, terms=terms, now=asked.now)
        table = [
            ("Chosen", sentences.number(found.chosen)),
            *((name, sentences.number(count)) for name, count in sorted(found.by_channel.items())),
            ("May have arrived before", sentences.number(found.may_have_arrived)),
            *_refused(found.refused),
        ]
        figures = {
            "chosen": found.chosen,
            "planned": found.planned,
            "by_channel": found.by_channel,
            "may_have_arrived": found.may_have_arrived,
            "refused": {key.value: count for key, count in found.refused.items()},
        }
        return Answer(sentences.will_resend(found), figures, found.planned > 0, table)

    def _done(
        self, asked: Asked, chosen: Sequence[UUID], named: Named | None, terms: Terms
    ) -> Answer:
        progress = Progress(self.stderr, len(chosen))
        try:
            done = resend.resend(
                chosen,
                terms=terms,
                named=named,
                by=asked.by,
                why=asked.why,
                now=asked.now,
                progress=progress.show,
            )
        finally:
            progress.wipe()
        table = [
            ("Chosen", sentences.number(done.chosen)),
            ("Sent again", sentences.number(done.made)),
            *_refused(done.refused),
        ]
        figures = {
            "chosen": done.chosen,
            "made": done.made,
            "refused": {key.value: count for key, count in done.refused.items()},
        }
        return Answer(sentences.resent(done), figures, done.made > 0, table)


def _refused(refused: Mapping[Refusal, int]) -> list[tuple[str, object]]:
    return [(str(reason.label), sentences.number(count)) for reason, count in refused.items()]
