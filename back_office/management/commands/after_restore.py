"""Keeps what may have left already from leaving twice: `manage.py after_restore`."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from django.core.management.base import CommandError, CommandParser

from back_office.actions import after_restore
from back_office.actions.action import Done, Preview
from back_office.actions.after_restore import Chosen, Counts, Decision
from back_office.audit.log import Actor, Why
from back_office.management.action_command import (
    ActionCommand,
    Options,
    a_channel,
    a_moment,
    an_id,
    creator_named,
    known_orders,
)
from back_office.wording.counts import number
from dispatch.management.progress import Progress
from dispatch.upkeep.after_restore import Lost


class Command(ActionCommand):
    does = (
        "After a restore of the database: pauses both channels, says what may have left after the"
        " restored moment, records what reports and the gateway's list prove to have left, and"
        " decides on the rest as it is told to. Without --reason it only says what it would do."
        " Interrupt it whenever you like: what is decided is not asked again."
    )
    example = 'after_restore --since 2026-01-31T14:00 --reason "Disk lost" --sent'

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--since",
            type=a_moment,
            required=True,
            help="The moment to which the database was restored, by Norwegian clocks.",
        )
        parser.add_argument(
            "--until",
            type=a_moment,
            help="When the last process that could send had ended; else now, or as at the first"
            " run.",
        )
        parser.add_argument(
            "--references",
            type=Path,
            metavar="FILE",
            help="What the gateway says it took: a line for each message, with our id of it (the"
            " gateway's SD, or in the Message-ID) or the gateway's reference.",
        )
        decision = parser.add_mutually_exclusive_group()
        for one, meaning in _DECISIONS.items():
            decision.add_argument(
                f"--{one.value}",
                dest="decision",
                action="store_const",
                const=one,
                help=meaning,
            )
        parser.add_argument("--channel", type=a_channel, help="Decide on Sms or Email only.")
        parser.add_argument("--creator", help="Decide on this service owner's only.")
        parser.add_argument(
            "--order",
            action="append",
            default=[],
            type=an_id,
            help="Decide on those of this order or chain only. Repeatable.",
        )
        parser.add_argument(
            "--same-receiver",
            action="store_true",
            help="Decide only on those for whose receiver alone there is one report on an unknown"
            " reference: they most likely left.",
        )

    def handle(
        self, *, reason: str, case: str, dry_run: bool, json: bool, **options: object
    ) -> None:
        without_reason = not reason
        super().handle(
            reason=reason, case=case, dry_run=dry_run or without_reason, json=json, **options
        )

    def preview(self, options: Options, *, now: datetime) -> Preview:
        lost, chosen = _lost(options, now=now), _chosen(options)
        counts = after_restore.preview(lost, references=_references(options), chosen=chosen)
        sentence = f"{_told(counts, options['decision'])} Nothing is changed without --reason."
        return Preview(sentence, _figures(lost, counts, options), facts=_facts(counts))

    def run(self, options: Options, *, by: Actor, why: Why, now: datetime) -> Done:
        lost, chosen = _lost(options, now=now), _chosen(options)
        progress = Progress(self.stderr, after_restore.undecided(lost).count())
        try:
            found = after_restore.run(
                lost,
                references=_references(options),
                decision=options["decision"],
                chosen=chosen,
                by=by,
                why=why,
                now=now,
                progress=progress.show,
            )
        finally:
            progress.wipe()
        left = after_restore.preview(lost, references=[], chosen=Chosen())
        facts = [*_facts(found), ("Still undecided", number(left.undecided))]
        figures = {**_figures(lost, found, options), "still_undecided": left.undecided}
        return Done(f"{_told(found, options['decision'])} {_next(left)}", figures, facts=facts)


_DECISIONS = {
    Decision.SENT: "The rest left: never send it again.",
    Decision.SEND: "The rest did not leave: send it when the channels are resumed.",
    Decision.STOP: "Nobody knows of the rest: never send it, and say that it failed.",
}


def _lost(options: Options, *, now: datetime) -> Lost:
    since: datetime = options["since"]
    lost = after_restore.lost_time(since, options["until"], now=now)
    if not since < lost.until <= now:
        raise CommandError("--since comes before --until, and neither is in the future.")
    return lost


def _chosen(options: Options) -> Chosen:
    chosen = Chosen(
        channel=options["channel"],
        creator=creator_named(options["creator"]) if options["creator"] else None,
        orders=known_orders(options["order"]),
        likely_only=options["same_receiver"],
    )
    if options["decision"] is None and chosen != Chosen(orders=[]):
        raise CommandError(
            "--channel, --creator, --order and --same-receiver go with --sent, --send or --stop."
        )
    return chosen


def _references(options: Options) -> Sequence[str]:
    path: Path | None = options["references"]
    if path is None:
        return []
    try:
        return path.read_text(errors="replace").splitlines()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from None


def _told(counts: Counts, decision: Decision | None) -> str:
    told = f"{number(counts.undecided)} notifications may have left after the restored moment."
    if counts.left:
        told += f" {number(counts.left)} are known to have left, and are never sent again."
    if decision is None:
        return told
    return f"{told} Decided on {number(counts.chosen)} of the others: {_DECISIONS[decision]}"


def _next(left: Counts) -> str:
    if left.to_expand:
        return "Both channels are paused. Let workers process the orders, and run this again."
    if left.undecided:
        return "Both channels are paused. Decide on the rest: --sent, --send or --stop."
    return "Nothing is undecided. Both channels are paused: go on with resume_channel."


def _figures(lost: Lost, counts: Counts, options: Options) -> dict[str, object]:
    decision: Decision | None = options["decision"]
    return {
        "since": lost.since.isoformat(),
        "until": lost.until.isoformat(),
        "decision": decision.value if decision else None,
        **asdict(counts),
    }


def _facts(counts: Counts) -> list[tuple[str, object]]:
    return [
        ("May have left, and undecided", number(counts.undecided)),
        ("  of them known to have left", number(counts.left)),
        ("  of them most likely left (--same-receiver)", number(counts.likely)),
        ("Orders that are still to be processed, and may have left", number(counts.to_expand)),
        ("Orders placed after --since (is it the right moment?)", number(counts.placed_since)),
    ]
