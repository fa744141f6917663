"""One run under fire: traffic and faults side by side, then peace, then the verdict."""

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from script.launcher.system.running_system import ENDS
from script.launcher.system.servers import Servers
from tests.chaos import events
from tests.chaos.clients import Clients
from tests.chaos.faults import Event, Fault, deck, schedule
from tests.chaos.placements import Placement
from tests.chaos.recipients import Recipients
from tests.chaos.system import SystemUnderFire
from tests.chaos.traffic import CREATORS, POISONER, afterwards, plan
from tests.chaos.verdict import Verdict, judge

SECONDS_A_FAULT = 2.0
MAX_RECOVERY_SECONDS = 150.0
BETWEEN = 1.0
"""Seconds between the orders that others still place while poison is open."""
HASTE = 1.5
"""How much faster the workers could send than they must: little, so that each fault hits
something."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a run found. `ended` are processes that ended though nobody killed them,
    `instant_answers` those to requests for instant messages."""

    faults: Counter[str]
    ended: Counter[str]
    verdict: Verdict
    orders: int
    instant_answers: Counter[str]
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
    max_recovery_seconds: float = MAX_RECOVERY_SECONDS,
) -> Finding:
    """`faults` are drawn from all of them unless they are given. Raises AssertionError when an
    order is refused or cannot be placed at all."""
    draw = random.Random(seed)
    system = SystemUnderFire(folder, servers, rate=messages / seconds * HASTE)
    clients = None
    try:
        events.subscribe(system, CREATORS)
        recipients = Recipients(draw)
        placements = plan(
            draw, recipients, messages=messages, seconds=seconds, outside=system.outside.url
        )
        faults = faults or list(deck(draw, round(seconds / SECONDS_A_FAULT)))
        to_happen = schedule(draw, faults, seconds=seconds)
        clients = Clients(system, placements, name=str(seed))
        happened = _fire(system, to_happen, draw)
        at_peace = time.monotonic()
        clients.wait()
        deadline = at_peace + max_recovery_seconds
        for placement in _while_poison_is_open(system, afterwards(recipients), deadline=deadline):
            placements.append(placement)
            clients.place(placement)
        _wait_for_the_end(system, placements, deadline=deadline)
        clients.wait()
        recovered = time.monotonic() - at_peace
        verdict = judge(system, placements)
        return Finding(
            happened,
            system.ended,
            verdict,
            _orders(placements),
            Counter(answer for one in placements if one.is_instant for answer in one.answers),
            recovered,
        )
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


def _while_poison_is_open(
    system: SystemUnderFire, placements: Iterator[Placement], *, deadline: float
) -> Iterator[Placement]:
    """One now and then, as long as an order of the poisoner has not ended."""
    while time.monotonic() < deadline:
        ended = _ended(system, of=POISONER)
        if ended is not None and not ended[1]:
            return
        yield next(placements)
        time.sleep(BETWEEN)


def _wait_for_the_end(
    system: SystemUnderFire, placements: Sequence[Placement], *, deadline: float
) -> None:
    """Until all orders have reached theirs, or so much time has passed that they never will."""
    while time.monotonic() < deadline:
        ended = _ended(system)
        if ended is not None and ended[0] >= _orders(placements) and events.are_told(system):
            return
        time.sleep(0.2)


def _orders(placements: Sequence[Placement]) -> int:
    return sum(len(placement.shipments) for placement in placements)


def _ended(system: SystemUnderFire, *, of: str = "%") -> tuple[int, int] | None:
    """How many orders have ended and how many have not; None while the database is away."""
    try:
        rows = system.query(
            "SELECT status, count(*) FROM orders_order"
            " JOIN orders_creator ON orders_creator.id = creator_id"
            " WHERE short_name LIKE %s GROUP BY status",
            of,
        )
    except psycopg.OperationalError:
        return None
    found = Counter[str](dict(rows))
    ended = sum(found[end] for end in ENDS)
    return ended, found.total() - ended
