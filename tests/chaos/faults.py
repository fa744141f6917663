"""What goes wrong in a run, when, and for how long, all of it drawn from the seed."""

import base64
import http.client
import random
import signal
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import psycopg
from psycopg import sql

from tests.chaos.system import DATABASE, PROGRAMS, WORKERS, SystemUnderFire
from tests.chaos.traffic import CREATORS
from tests.simulators.sms_reports import PATH as REPORTS_PATH
from tests.slow_callers import SlowCallers

MAX_SECONDS = 3.0
LONGER_THAN_A_LEASE = 14.0
"""A lease of tests.chaos.shortened_limits: workers are left with outcomes they cannot write."""
# BODY_SECONDS and some: they are given up meanwhile.
LONGER_THAN_A_BODY = 12.0
SLOW_CALLERS = 200
REPEATED_REPORTS = 20
MAX_STEP = 4.3
"""Of a clock, as a power of ten: 5 hours."""

_HOLD = """
from notifications.control import hold as holding
from orders.models import Creator
from runtime import clock
orders = holding.unended_orders_of(Creator.objects.get(short_name="{creator}"))
holding.{what}(orders, now=clock.now())
"""
"""Of the creator with the largest order, as staff do it."""

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"

Act = Callable[[SystemUnderFire, random.Random], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """`target` is what it hits: only one fault at a time hits the same. `lasts` are seconds, where
    the seed does not say how long."""

    name: str
    target: str
    begin: Act
    end: Act | None = None
    lasts: float | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """The beginning or the end of a fault, `at` so many seconds into the run."""

    at: float
    fault: Fault
    is_beginning: bool


def schedule(draw: random.Random, faults: Iterable[Fault], *, seconds: float) -> list[Event]:
    """When each of the faults begins and ends; one that finds no time of its own is left out."""
    events: list[Event] = []
    busy: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for fault in faults:
        for _ in range(20):
            begins = draw.uniform(0.05, 1.0) * seconds
            ends = begins + (fault.lasts or draw.uniform(0.2, MAX_SECONDS))
            if all(ends + 1 < other[0] or other[1] + 1 < begins for other in busy[fault.target]):
                busy[fault.target].append((begins, ends))
                events.append(Event(begins, fault, True))
                if fault.end:
                    events.append(Event(ends, fault, False))
                break
    return sorted(events, key=lambda event: event.at)


def deck(draw: random.Random, count: int) -> Iterator[Fault]:
    """Every kind of fault once before any comes twice."""
    while count > 0:
        for fault in draw.sample(FAULTS, min(count, len(FAULTS))):
            yield fault
            count -= 1


def _kill(*programs: str) -> Act:
    return lambda system, draw: _each(system.kill, programs)


def _start(*programs: str) -> Act:
    return lambda system, draw: _each(system.start, programs)


def _each(act: Callable[[str], None], programs: Iterable[str]) -> None:
    for program in programs:
        act(program)


def _step_clock(program: str, system: SystemUnderFire, draw: random.Random) -> None:
    """By something between a second and hours, as often by little as by much."""
    direction = draw.choice((-1, 1))
    system.clocks[program].is_ahead_by(direction * 10 ** draw.uniform(0, MAX_STEP))


def _put_right(program: str, system: SystemUnderFire, draw: random.Random) -> None:
    system.clocks[program].is_ahead_by(0)


def _stop_postgres(how: signal.Signals, system: SystemUnderFire, draw: random.Random) -> None:
    system.servers.stop_postgres(how)


def _spoil(part: str, mode: str, system: SystemUnderFire, draw: random.Random) -> None:
    latency = draw.randint(500, 2500) if mode == "late" else 0
    system.outside.fault(part, mode, latency_ms=latency)


def _outside(part: str, mode: str) -> Fault:
    def end(system: SystemUnderFire, draw: random.Random) -> None:
        system.have_peace(part)

    return Fault(f"{part}: {mode}", part, partial(_spoil, part, mode), end)


def _hold(what: str, system: SystemUnderFire, draw: random.Random) -> None:
    system.insist("shell", "-c", _HOLD.format(what=what, creator=CREATORS[0]))


def _alter_tables(how: str, system: SystemUnderFire, draw: random.Random) -> None:
    """As a migration would, which waits for no lock for long."""
    with suppress(psycopg.Error), psycopg.connect(system.database, autocommit=True) as connection:
        connection.execute("SET lock_timeout = '3s'")
        for (table,) in connection.execute(_TABLES).fetchall():
            with suppress(psycopg.errors.LockNotAvailable):
                connection.execute(sql.SQL(how).format(sql.Identifier(table)))


def _report_unknown(system: SystemUnderFire, draw: random.Random) -> None:
    _report(system, [(f"NOBODYS-{draw.getrandbits(32):08X}", "DELIVRD") for _ in range(50)])


def _contradict(system: SystemUnderFire, draw: random.Random) -> None:
    """Say of messages that are delivered, and known to be, that they are not."""
    with suppress(Exception):  # PostgreSQL may be away
        rows = system.query(
            "SELECT gateway_reference FROM notifications_notification"
            " WHERE channel = 'Sms' AND status = 'Delivered' LIMIT %s",
            REPEATED_REPORTS,
        )
        _report(system, [(row[0], "UNDELIV") for row in rows])


def _report(system: SystemUnderFire, reports: list[tuple[str, str]]) -> None:
    """What a gateway that does not look at the answer would post."""
    entries = "".join(
        f"<MSG><ID>{index}</ID><REF>{reference}</REF><RCV>4799999999</RCV><STATE>{state}</STATE>"
        "</MSG>"
        for index, (reference, state) in enumerate(reports, start=1)
    )
    user, password = (
        system.environment[name] for name in ("SMS_REPORTS_USER", "SMS_REPORTS_PASSWORD")
    )
    credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
    headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/xml"}
    with suppress(OSError, http.client.HTTPException):
        system.call("POST", REPORTS_PATH, f"<MSGLST>{entries}</MSGLST>".encode(), headers)


def _send_slowly(system: SystemUnderFire, draw: random.Random) -> None:
    system.slow_callers = SlowCallers(system.port, token=system.token(), count=SLOW_CALLERS)


def _leave(system: SystemUnderFire, draw: random.Random) -> None:
    if system.slow_callers:
        system.slow_callers.leave()


FAULTS = (
    *(Fault("SIGKILL of a worker", name, _kill(name), _start(name)) for name in WORKERS),
    Fault("SIGKILL of all workers", "workers", _kill(*WORKERS), _start(*WORKERS)),
    Fault("SIGKILL of beat", "beat", _kill("beat"), _start("beat")),
    Fault("SIGKILL of the web process", "web", _kill("web"), _start("web")),
    Fault(
        "SIGKILL of the process that answers requests",
        "web",
        lambda system, draw: system.kill_request_process(),
    ),
    *(
        Fault(
            f"the clock of {program} steps",
            f"clock of {program}",
            partial(_step_clock, program),
            partial(_put_right, program),
        )
        for program in PROGRAMS
    ),
    Fault(
        "PostgreSQL: fast restart",
        "postgres",
        partial(_stop_postgres, signal.SIGINT),
        lambda system, draw: system.servers.start_postgres(),
    ),
    Fault(
        "PostgreSQL: immediate restart",
        "postgres",
        partial(_stop_postgres, signal.SIGQUIT),
        lambda system, draw: system.servers.start_postgres(),
    ),
    Fault(
        "PostgreSQL: away for longer than a lease",
        "postgres",
        partial(_stop_postgres, signal.SIGINT),
        lambda system, draw: system.servers.start_postgres(),
        lasts=LONGER_THAN_A_LEASE,
    ),
    *(
        Fault(
            f"PostgreSQL: read-only{how}",
            "postgres",
            lambda system, draw: system.servers.set_read_only(DATABASE),
            lambda system, draw: system.servers.set_writable(DATABASE),
            lasts=lasts,
        )
        for how, lasts in (("", None), (" for longer than a lease", LONGER_THAN_A_LEASE))
    ),
    Fault(
        "PostgreSQL: out of connections",
        "postgres",
        lambda system, draw: system.servers.take_all_connections(DATABASE),
        lambda system, draw: system.servers.give_connections_back(),
    ),
    Fault(
        "PostgreSQL: disk full",
        "postgres",
        lambda system, draw: system.servers.fill_disk(),
        lambda system, draw: system.servers.make_room(),
    ),
    Fault(
        "a column is added to each table",
        "columns",
        partial(_alter_tables, "ALTER TABLE {} ADD COLUMN IF NOT EXISTS added int"),
        partial(_alter_tables, "ALTER TABLE {} DROP COLUMN IF EXISTS added"),
    ),
    Fault("Redis: flushed", "redis", lambda system, draw: system.servers.flush_valkey()),
    Fault(
        "Redis: killed",
        "redis",
        lambda system, draw: system.servers.kill_valkey(),
        lambda system, draw: system.servers.start_valkey(),
    ),
    Fault(
        "Redis: does not answer",
        "redis",
        lambda system, draw: system.servers.stop_answering(),
        lambda system, draw: system.servers.answer_again(),
    ),
    Fault(
        "Redis: demoted to a replica",
        "redis",
        lambda system, draw: system.servers.demote_valkey(),
        lambda system, draw: system.servers.promote_valkey(),
    ),
    Fault(
        "Redis: refuses writes",
        "redis",
        lambda system, draw: system.servers.fill_valkey(),
        lambda system, draw: system.servers.empty_valkey(),
    ),
    *(_outside("gateway", m) for m in ("error500", "time-out", "close-after-reading", "late")),
    *(_outside("smtp", m) for m in ("error421", "error451", "time-out", "close-after-reading")),
    *(_outside("profile", m) for m in ("error500", "time-out")),
    _outside("register", "error500"),
    *(_outside("reports", m) for m in ("early", "duplicate", "out-of-order")),
    Fault("a creator is held", "hold", partial(_hold, "hold"), partial(_hold, "release")),
    Fault("reports for unknown references", "unknown", _report_unknown),
    Fault("slow bodies", "slow bodies", _send_slowly, _leave, lasts=LONGER_THAN_A_BODY),
    Fault("reports that contradict earlier ones", "contradiction", _contradict),
)
