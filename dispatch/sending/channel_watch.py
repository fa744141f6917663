"""Judges by the outcomes whether a channel is in trouble, or one message, or one creator alone."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from dispatch.gateways.base import Evidence, Outcome, OutcomeKind
from dispatch.models import ChannelPause
from dispatch.sending import pauses
from dispatch.sending.claims import Claimed

# Refusals in a row that say that the gateway refuses all; one alone may be about its message.
REFUSALS_THAT_CONVINCE = 2
# Probes in a row whose messages may be to blame themselves.
PROBES_THAT_CONVINCE = 2
# A message that was refused the channel's way waits so long; so nothing that was under way with it
# can pass for "others get through".
SUSPECT_AGAIN_AFTER = timedelta(seconds=60)
STRAGGLERS = timedelta(seconds=10)
# While others got through so lately, what one creator alone meets is no trouble of the channel.
LATELY = timedelta(seconds=10)
MAX_SUSPECTS = 10_000

ALONE = "Refused twice while other messages got through: "

_GOT_THROUGH = (OutcomeKind.ACCEPTED, OutcomeKind.FAILED, OutcomeKind.RETRY)
# In place of a creator: what any message would have met.
_ANYBODY = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the channel is to be paused, and for how long; `blamed` as of a `ChannelPause`."""

    cause: ChannelPause.Cause
    length: timedelta
    reason: str
    blamed: str = ""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """When, and under which lease, a message was first refused the channel's way."""

    lease_token: UUID
    since: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """`outcome` is what is to be recorded of the message; `lifts` says that the channel works,
    `returns_probe` that its probe has told nothing and another may go."""

    outcome: Outcome | None
    trouble: Trouble | None = None
    lifts: bool = False
    returns_probe: bool = False
    is_suspect: bool = False


class ChannelWatch:
    """What one process has seen lately, and what it has learned from the others. Told the same
    outcome twice, as after an outage of the database, it thinks no worse of anybody.

    Suspicions of single messages it keeps to itself: one that another process tries next is met as
    if for the first time, so it ends with the first process that has it twice, after as many tries
    as there are processes, and one more.

    `probe` is the message that is out to learn whether a paused channel works again.

    `blamed` is the creator whose messages alone brought the pause about: until others meet the same
    it is theirs, and the others' messages go on. The first of these to get through ends the pause:
    then each message that is refused is tried again by itself, and ends, while all others go on.
    """

    def __init__(self, *, errors_that_break: int = pauses.ERRORS_THAT_BREAK) -> None:
        self._errors_that_break = errors_that_break
        self.probe: UUID | None = None
        self.blamed: str | None = None
        self._is_paused = False
        self._doubted: str | None = None
        self._errors: dict[UUID, str] = {}
        self._refusals: dict[tuple[UUID, UUID], str] = {}
        self._probes_failed: set[UUID] = set()
        self._suspects: OrderedDict[UUID, Suspicion] = OrderedDict()
        self._blamed_at: datetime | None = None
        self._got_through: dict[str, datetime] = {}

    @property
    def doubted(self) -> str | None:
        """The creator of the last probe that failed, if its message may be to blame."""
        return self._doubted if self._probes_failed else None

    def judge(self, claimed: Claimed, outcome: Outcome | None, *, now: datetime) -> Verdict:
        is_probe = claimed.message.notification_id == self.probe
        if outcome is None or outcome.evidence is Evidence.NONE:
            return Verdict(outcome, returns_probe=is_probe)
        if outcome.kind in _GOT_THROUGH:
            self._forget()
            self._got_through[claimed.message.creator_name] = now
            return Verdict(outcome, lifts=is_probe or self._clears_the_channel(claimed))
        if self._is_alone(claimed, outcome, now=now):
            reason = ALONE + outcome.reason
            return Verdict(Outcome.failed(reason), returns_probe=is_probe)
        return self._against(claimed, outcome, is_probe=is_probe, now=now)

    def settled(self, claimed: Iterable[Claimed]) -> None:
        """Their outcomes are recorded: a probe among them is over."""
        if any(one.message.notification_id == self.probe for one in claimed):
            self.probe = None

    def opened(self) -> None:
        """The channel is not paused (any more): nobody is to blame."""
        self._is_paused, self.blamed = False, None
        self._probes_failed.clear()

    def learn(self, blamed: str, *, now: datetime) -> None:
        """The channel is paused for trouble, by whichever process: whose it is."""
        alone = blamed or None
        if not self._is_paused or self.blamed != alone:
            self._blamed_at = now
        self._is_paused, self.blamed = True, alone

    def _forget(self) -> None:
        self._errors.clear()
        self._refusals.clear()
        self._probes_failed.clear()

    def _clears_the_channel(self, claimed: Claimed) -> bool:
        """Whether it is another's than the blamed creator's, and left after the pause began."""
        return (
            self.blamed not in (None, claimed.message.creator_name)
            and self._blamed_at is not None
            and claimed.claimed_at >= self._blamed_at
        )

    def _is_ones_own(self, met_by: set[str], *, now: datetime) -> bool:
        """Whether nobody but one creator has met it, and others got through lately."""
        if len(met_by) != 1 or _ANYBODY in met_by:
            return False
        return any(
            at > now - LATELY for creator, at in self._got_through.items() if creator not in met_by
        )

    def _is_alone(self, claimed: Claimed, outcome: Outcome, *, now: datetime) -> bool:
        """Whether the message is refused the channel's way for the second time, and others were
        let through in between. A limit is no refusal: it takes whatever comes when it is reached.
        """
        if outcome.pause_cause is not ChannelPause.Cause.REFUSED or _is_of_connection(outcome):
            return False
        notification_id = claimed.message.notification_id
        suspicion = Suspicion(claimed.lease_token, now)
        first = self._suspects.setdefault(notification_id, suspicion)
        if len(self._suspects) > MAX_SUSPECTS:
            self._suspects.popitem(last=False)
        if first.lease_token == claimed.lease_token:
            return False
        got_through_at = max(self._got_through.values(), default=first.since)
        met_by = {*self._refusals.values(), claimed.message.creator_name}
        return got_through_at > first.since + STRAGGLERS and (
            not self._refusals or self._is_ones_own(met_by, now=now)
        )

    def _against(
        self, claimed: Claimed, outcome: Outcome, *, is_probe: bool, now: datetime
    ) -> Verdict:
        notification_id = claimed.message.notification_id
        creator = _ANYBODY if _is_of_connection(outcome) else claimed.message.creator_name
        is_refusal = outcome.kind is OutcomeKind.PAUSE_CHANNEL
        if is_refusal:
            self._refusals[notification_id, claimed.lease_token] = creator
            met_by = set(self._refusals.values())
            convinces = creator == _ANYBODY or len(self._refusals) >= REFUSALS_THAT_CONVINCE
        else:
            self._errors[notification_id] = creator
            met_by = set(self._errors.values())
            convinces = len(self._errors) >= self._errors_that_break
        if is_probe:
            self._probes_failed.add(notification_id)
            self._doubted = claimed.message.creator_name
            convinces = creator == _ANYBODY or len(self._probes_failed) >= PROBES_THAT_CONVINCE
        elif convinces:
            convinces = not self._is_ones_own(met_by, now=now)
        if convinces:
            trouble = self._trouble(outcome, met_by, now=now)
            is_suspect = is_refusal and self.blamed is not None
            return Verdict(outcome, trouble=trouble, is_suspect=is_suspect)
        return Verdict(outcome, returns_probe=is_probe, is_suspect=is_refusal)

    def _trouble(self, outcome: Outcome, met_by: set[str], *, now: datetime) -> Trouble:
        """Whoever alone has met it has the blame, unless the channel is paused for all already."""
        alone = None if len(met_by) > 1 or _ANYBODY in met_by else met_by.pop()
        if not self._is_paused:
            self._blamed_at = now
        self.blamed = alone if not self._is_paused or self.blamed == alone else None
        self._is_paused = True
        self._errors.clear()
        self._refusals.clear()
        self._probes_failed.clear()
        if self.blamed is None:
            self._suspects.clear()
        return trouble_of(outcome, blamed=self.blamed)


def trouble_of(outcome: Outcome, *, blamed: str | None) -> Trouble:
    reason = outcome.reason
    if blamed is not None:
        reason += f" So far only messages of {blamed} have met this; those of others go on."
    if outcome.kind is not OutcomeKind.PAUSE_CHANNEL:
        return Trouble(ChannelPause.Cause.BREAKER, pauses.BREAKER_FOR, reason, blamed or "")
    length = pauses.REFUSED_FOR
    if outcome.retry_after is not None:
        length = timedelta(seconds=outcome.retry_after)
    cause = outcome.pause_cause or ChannelPause.Cause.REFUSED
    return Trouble(cause, length, reason, blamed or "")


def _is_of_connection(outcome: Outcome) -> bool:
    return outcome.evidence is Evidence.CONNECTION
