"""One run under fire: traffic and faults side by side, then peace, then the verdict."""

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.chaos.faults import Event, Fault, deck, schedule
from tests.chaos.servers import Servers
from tests.chaos.system import SystemUnderFire
from tests.chaos.traffic import Clients, Placement, plan
from tests.chaos.verdict import Verdict, judge
from tests.running_system import ENDS

SECONDS_A_FAULT = 2.0
LONGEST_RECOVERY = 150.0
# How much faster the workers could send than they must: little, so that each fault hits something.
HASTE = 1.5


@dataclass(frozen=True, slots=True)
class Finding:
    """What a run found. `ended` are processes that ended though nobody killed them."""

    faults: Counter[str]
    ended: Counter[str]
    verdict: Verdict
    orders: int
    seconds_to_recover: float

    @property
    def is_in_order(self) -> bool:
        return not self.verdict.complaints and not self.ended


def run(
    folder: Path,
    servers: Servers,
    *,
    seed: int,
    messages: int,
    seconds: float,
    faults: Sequence[Fault] = (),
    longest_recovery: float = LONGEST_RECOVERY,
) -> Finding:
    """`faults` are drawn from all of them unless they are given. Raises AssertionError when an
    order is refused or cannot be placed at all."""
    draw = random.Random(seed)
    system = SystemUnderFire(folder, servers, rate=messages / seconds * HASTE)
    clients = None
    try:
        placements = plan(draw, messages=messages, seconds=seconds, outside=system.outside.url)
        faults = faults or list(deck(draw, round(seconds / SECONDS_A_FAULT)))
        events = schedule(draw, faults, seconds=seconds)
        clients = Clients(system, placements, name=str(seed))
        happened = _fire(system, events, draw)
        at_peace = time.monotonic()
        clients.wait()
        _wait_for_the_end(system, placements, seconds=longest_recovery)
        recovered = time.monotonic() - at_peace
        verdict = judge(system, placements)
        return Finding(happened, system.ended, verdict, len(placements), recovered)
    finally:
        if clients is not None:
            clients.stop()
        system.stop()


def _fire(system: SystemUnderFire, events: Sequence[Event], draw: random.Random) -> Counter[str]:
    began = time.monotonic()
    faults: Counter[str] = Counter()
    for event in events:
        time.sleep(max(0.0, event.at - (time.monotonic() - began)))
        if event.is_beginning:
            faults[event.fault.name] += 1
            event.fault.begin(system, draw)
        elif event.fault.end is not None:
            event.fault.end(system, draw)
    return faults


def _wait_for_the_end(
    system: SystemUnderFire, placements: Sequence[Placement], *, seconds: float
) -> None:
    """Until all orders have reached theirs, or so much time has passed that they never will."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            rows = system.query("SELECT status, count(*) FROM orders_order GROUP BY status")
        except psycopg.OperationalError:
            rows = []
        found = Counter(dict(rows))
        if sum(found[end] for end in ENDS) >= len(placements):
            return
        time.sleep(0.2)
