"""Decides, after the database was restored, on what may have left in the time that it lost.

Used at the command line alone, before the service is up again.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, TextField
from django.db.models.functions import Cast

from back_office.actions.channels import pause_channel
from back_office.audit import log
from back_office.audit.log import Actor, Subjects, Why
from back_office.models import ActionSubject, StaffAction
from dispatch.models import DeliveryReport
from dispatch.upkeep import after_restore
from dispatch.upkeep.after_restore import Candidate, Known, Lost
from notifications.models import NotificationChannel, NotificationQuerySet
from orders.models import Creator, Order
from recipients import masking
from runtime.database.locking import lock

# Recording is made for small batches; each is a transaction of its own.
BATCH = 200


class Decision(Enum):
    """On a notification of which nobody knows whether it left."""

    SENT = "sent"
    SEND = "send"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Chosen:
    """To which of the undecided a decision is to apply: where nothing is given, to all."""

    channel: NotificationChannel | None = None
    creator: Creator | None = None
    orders: Sequence[UUID] = ()
    likely_only: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """`undecided` are all that may have left and on which nothing is decided; `left` and `likely`
    of them see `Known`; `chosen` those to which the decision applies. `placed_since` are orders
    made after the restored moment: none, before web processes have started again."""

    undecided: int
    left: int
    likely: int
    chosen: int
    to_expand: int
    placed_since: int


@dataclass(frozen=True, slots=True)
class _Findings:
    lost: Lost
    found: Sequence[Candidate]
    known: Known
    chosen: Sequence[UUID]

    @property
    def counts(self) -> Counts:
        return Counts(
            undecided=len(self.found),
            left=len(self.known.left),
            likely=len(self.known.likely),
            chosen=len(self.chosen),
            to_expand=after_restore.still_to_expand(self.lost).count(),
            placed_since=Order.objects.filter(created__gt=self.lost.since).count(),
        )


def lost_time(since: datetime, until: datetime | None, *, now: datetime) -> Lost:
    """It ends when it is said to, or where the first run of the command said so, or now."""
    begun = _begun(since)
    if until is None and begun is not None:
        until = datetime.fromisoformat(begun.detail["until"])
    return Lost(since, until or now)


def preview(lost: Lost, *, references: Sequence[str], chosen: Chosen) -> Counts:
    """Changes nothing."""
    return _look(lost, references, chosen).counts


def run(
    lost: Lost,
    *,
    references: Sequence[str],
    decision: Decision | None,
    chosen: Chosen,
    by: Actor,
    why: Why,
    now: datetime,
    progress: Callable[[int], None] = lambda done: None,
) -> Counts:
    """Pause what could send; record what is known to have left; apply the decision to the chosen
    ones of the rest. Returns what was found before.

    Interrupt it whenever you like: what is decided stays so, and is not found again. The audit
    entry that names a notification is written in the transaction of its decision.
    """
    _begin(lost, by=by, why=why, now=now)
    findings = _look(lost, references, chosen)
    counts, known = findings.counts, findings.known
    todo: list[tuple[Decision, str, Sequence[UUID], Mapping[UUID, DeliveryReport | None]]] = [
        (Decision.SENT, "known", sorted(known.left), known.left)
    ]
    if decision is not None:
        todo.append((decision, "chosen", findings.chosen, {**known.likely}))
    done = 0
    for what, how, ids, reports in todo:
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            detail = {"decision": what.value, "how": how, "since": lost.since.isoformat()}
            _decide(batch, what, reports, lost=lost, by=by, why=why, detail=detail, now=now)
            done += len(batch)
            progress(done)
    return counts


def _begun(since: datetime) -> StaffAction | None:
    """The entry of the first run. What was decided after an earlier restore is older than the
    moment of this one, or was lost with it."""
    begun = StaffAction.objects.filter(
        what=StaffAction.What.RESTORED,
        subject_type=StaffAction.Subject.CHANNEL,
        when__gt=since,
    )
    return begun.order_by("id").first()


def _begin(lost: Lost, *, by: Actor, why: Why, now: datetime) -> None:
    """Each run pauses the channels, so that nothing leaves while somebody decides; the first one
    has the feed go on above the numbers that were lost."""
    for channel in NotificationChannel:
        pause_channel.run(channel, until=None, by=by, why=why, now=now)
    if _begun(lost.since) is not None:
        return
    with transaction.atomic():
        log.record_about(
            StaffAction.What.RESTORED,
            Subjects(StaffAction.Subject.CHANNEL, [one.value for one in NotificationChannel]),
            by=by,
            why=why,
            detail={
                "since": lost.since.isoformat(),
                "until": lost.until.isoformat(),
                "feed_goes_on_after": after_restore.skip_feed_numbers(lost),
            },
            now=now,
        )


def undecided(lost: Lost) -> NotificationQuerySet:
    """What may have left, and on which nobody has decided since."""
    of_it = {
        "subject_type": StaffAction.Subject.NOTIFICATION,
        "subject_id": Cast(OuterRef("pk"), TextField()),
    }
    restored = {"what": StaffAction.What.RESTORED, "when__gt": lost.since}
    alone = StaffAction.objects.filter(**of_it, **restored)
    among_others = ActionSubject.objects.filter(
        **of_it, **{f"action__{name}": value for name, value in restored.items()}
    )
    rows = after_restore.may_have_left(lost)
    return rows.exclude(Exists(alone)).exclude(Exists(among_others))


def _look(lost: Lost, references: Sequence[str], chosen: Chosen) -> _Findings:
    rows = undecided(lost)
    found = after_restore.candidates(rows)
    known = after_restore.known_of(found, references=references, since=lost.since)
    if chosen.channel:
        rows = rows.filter(channel=chosen.channel)
    if chosen.creator:
        rows = rows.filter(creator=chosen.creator)
    if chosen.orders:
        rows = rows.filter(order__pk__any_of=chosen.orders)
    ids: Collection[UUID] = set(rows.values_list("pk", flat=True)) - known.left.keys()
    if chosen.likely_only:
        ids = ids & known.likely.keys()
    return _Findings(lost, found, known, sorted(ids))


def _decide(
    batch: Sequence[UUID],
    what: Decision,
    reports: Mapping[UUID, DeliveryReport | None],
    *,
    lost: Lost,
    by: Actor,
    why: Why,
    detail: Mapping[str, object],
    now: datetime,
) -> None:
    """What has ended meanwhile is left alone."""
    with transaction.atomic(durable=True):
        ids = lock(undecided(lost), batch)
        log.record_about(
            StaffAction.What.RESTORED,
            Subjects.notifications(ids),
            by=by,
            why=why,
            detail=detail,
            now=now,
        )
        if what == Decision.SENT:
            after_restore.mark_left(ids, reports, lost=lost, now=now)
        elif what == Decision.STOP:
            after_restore.end(ids, reason=masking.mask_text(why.reason), now=now)
