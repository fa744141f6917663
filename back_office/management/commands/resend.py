"""Sends notifications once more: `manage.py resend`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from django.core.management.base import CommandError, CommandParser

from back_office.actions.action import Done, Preview
from back_office.actions.resend import resend
from back_office.audit import grounds
from back_office.audit.log import Actor, Why
from back_office.management import choosing_notifications
from back_office.management.action_command import ActionCommand, Options
from back_office.wording.counts import number
from dispatch.management.progress import Progress
from notifications.resend.eligibility import Terms
from recipients.masking import mask_text
from recipients.registers import RegisterUnavailable

NONE_FOUND = "No such notifications were found."


class Command(ActionCommand):
    does = (
        "Sends again what failed: single messages, orders, what failed of a service owner's in a"
        " period, or what expired while a channel was paused. What was delivered is refused unless"
        " forced. Interrupt it whenever you like: what is resent already is not resent again."
    )
    example = 'resend --creator ttd --since 2026-01-30 --reason "The gateway lost them" --dry-run'

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        choosing_notifications.add_arguments(parser)
        parser.add_argument(
            "--to", default="", help="A corrected address, for one message; needs --case."
        )
        parser.add_argument(
            "--force", action="store_true", help="Also what was delivered, or resent before."
        )
        parser.add_argument(
            "--override-reservation", action="store_true", help="Also to who is reserved."
        )

    def preview(self, options: Options, *, now: datetime) -> Preview:
        chosen, _subjects = choosing_notifications.chosen(options, now=now)
        if not chosen:
            return Preview(NONE_FOUND, {"chosen": 0, "planned": 0}, possible=False)
        with _as_command_errors():
            found = resend.preview(chosen, terms=_terms(options), now=now)
        may_have_arrived = found.figures["may_have_arrived"]
        facts = [
            ("Chosen", number(len(chosen))),
            *found.facts,
            ("May have arrived before", may_have_arrived),
        ]
        return replace(found, facts=facts)

    def run(self, options: Options, *, by: Actor, why: Why, now: datetime) -> Done:
        chosen, subjects = choosing_notifications.chosen(options, now=now)
        if not chosen:
            return Done(NONE_FOUND, {"chosen": 0, "made": 0}, success=False)
        progress = Progress(self.stderr, len(chosen))
        try:
            with _as_command_errors():
                done = resend.run(
                    chosen,
                    terms=_terms(options),
                    of=subjects,
                    by=by,
                    why=why,
                    now=now,
                    progress=progress.show,
                )
        finally:
            progress.wipe()
        facts = [("Chosen", number(len(chosen))), ("Sent again", done.figures["made"])]
        return replace(done, facts=facts)


def _terms(options: Options) -> Terms:
    return Terms(
        options["to"].strip(),
        force=options["force"],
        override_reservation=options["override_reservation"],
    )


@contextmanager
def _as_command_errors() -> Iterator[None]:
    try:
        yield
    except grounds.Unfit as unfit:
        raise CommandError(f"{unfit} (--to needs --case)") from unfit
    except RegisterUnavailable as error:
        told = mask_text(str(error))
        raise CommandError(f"{told} What was done is done; begin again later.") from error
