"""What made a message leave again: a kill of its sender or an answer that never came, or else a
broken promise."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from tests.chaos.leases import Lease

SUB_BATCH = 50
"""Written down once more and apart from the product: what is recorded together."""


class Cause(StrEnum):
    """Only the first two are legal."""

    KILL = "a kill"
    UNKNOWN = "an unknown outcome"
    NONE = "nothing legal"


@dataclass(frozen=True, slots=True)
class Kill:
    """A process that was killed while the clock went from `began` to `ended`."""

    holder: str
    began: float
    ended: float


@dataclass(frozen=True, slots=True)
class Repetition:
    """A message that left once more than was wanted. `about` tells what happened, for people."""

    cause: Cause
    channel: str
    holder: str
    about: str


def repetitions(
    sends: Sequence[float],
    leases: Sequence[Lease],
    kills: Mapping[str, Kill],
    *,
    channel: str,
    is_refused: bool,
) -> Iterator[Repetition]:
    """One for each send but the last, which is the one that was wanted; for each, if the message
    was to be refused."""
    unknown = 0
    lease_of = [_lease_of(sent, leases) for sent in sends]
    for index, lease in enumerate(lease_of if is_refused else lease_of[:-1]):
        cause, because = _cause(lease, kills)
        if lease in lease_of[index + 1 :]:
            cause, because = Cause.NONE, "it left twice under one lease"
        unknown += cause is Cause.UNKNOWN
        if unknown > 1:
            cause, because = Cause.NONE, "its outcome had been unknown before"
        holder = lease.holder if lease else "nobody"
        again = f", again {_clock(sends[index + 1])}" if index + 1 < len(sends) else ""
        about = f"left {_clock(sends[index])} by {holder}{again}: {because}"
        yield Repetition(cause, channel, holder, about)


def too_many(
    found: Sequence[Repetition], kills: Mapping[str, Kill], in_flight: Mapping[str, int]
) -> Iterator[str]:
    """The kills that repeated more than was in flight and in one sub-batch."""
    counts = Counter((one.holder, one.channel) for one in found if one.cause is Cause.KILL)
    for (holder, channel), count in counts.items():
        if count > in_flight[channel] + SUB_BATCH:
            killed = _clock(kills[holder].ended)
            yield f"The kill of {holder} at {killed} repeated {count} messages ({channel})"


def broken(
    leases: Sequence[Lease], kills: Mapping[str, Kill], outages: Sequence[float]
) -> Iterator[str]:
    """What happened to leases that must not happen.

    A claim may be lost to an outage of the database, since its answer may be; then nothing was sent
    under it, or `repetitions` complains.
    """
    for lease in leases:
        if lease.was_lost:
            is_explained = _was_killed(lease, kills) or any(
                lease.claimed_at <= outage <= lease.ended_at for outage in outages
            )
            if not is_explained:
                yield f"was taken from {lease.holder} at {_clock(lease.ended_at)}, who lived"
        elif lease.status in ("New", "Accepted", "Succeeded") and lease.ended_by != lease.holder:
            yield f"was held by {lease.holder}, and {lease.ended_by} recorded {lease.status}"


def _lease_of(sent: float, leases: Sequence[Lease]) -> Lease | None:
    before = [lease for lease in leases if lease.claimed_at <= sent]
    return before[-1] if before else None


def _cause(lease: Lease | None, kills: Mapping[str, Kill]) -> tuple[Cause, str]:
    if lease is None:
        return Cause.NONE, "nobody had claimed it"
    if lease.attempt == "Unknown":
        return Cause.UNKNOWN, f"no answer came, said at {_clock(lease.ended_at)}"
    if lease.was_lost and _was_killed(lease, kills):
        killed = _clock(kills[lease.holder].ended)
        return Cause.KILL, f"{lease.holder} was killed at {killed} with it in hand"
    how = " ".join(filter(None, (lease.status, lease.attempt)))
    return Cause.NONE, f"the lease ended {_clock(lease.ended_at)} by {lease.ended_by} as {how}"


def _was_killed(lease: Lease, kills: Mapping[str, Kill]) -> bool:
    """Whether its holder died with the message in hand."""
    kill = kills.get(lease.holder)
    return kill is not None and lease.claimed_at <= kill.ended and kill.began <= lease.ended_at


def _clock(moment: float) -> str:
    if moment == float("inf"):
        return "never"
    return f"{datetime.fromtimestamp(moment, tz=UTC):%H:%M:%S.%f}"[:-3]
