"""Rows 5, 6, 7 and 17: a backlog leaves, as SMS or as e-mail, by one worker or several."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench import loading, processes
from bench.figures import Goal, Rounds, Row, alternating, milliseconds
from bench.system import MORE_WORKERS, WORKERS, MeasuredSystem
from bench.traffic.outlets import outlet
from script.launcher.paths import ROOT

MESSAGES = 20_000
ORDERS = 200
LATENCY = 0.1
IN_FLIGHT = 800
"""What row 6 needs for its rate and latency (docs/performance.md, *In flight*)."""
TIMEOUT = 120.0
SHARED = 4_000
SHARED_LATENCY = 2.0
BARE_PROCESSES = 2


@dataclass(slots=True)
class Drained:
    """One drain: how fast, and the CPU milliseconds a message by process."""

    rate: float
    cpu: Mapping[str, float]
    shares: Sequence[int]
    """How many each worker sent."""


def drain(
    system: MeasuredSystem,
    channel: str,
    *,
    messages: int | None = None,
    workers: Sequence[str] = WORKERS,
    latency: float = 0.0,
    in_flight: int | None = None,
) -> Drained:
    """Let a backlog be, start the workers, and wait until all is recorded. `in_flight` is of each
    worker; what ships, where it is not given."""
    messages = messages or MESSAGES
    kind = channel.lower()
    system.empty()
    loading.orders(system, count=ORDERS, channel=channel)
    with outlet(kind, latency=latency) as taking:
        system.reach(taking.port)
        settings = {
            "SMS_GATEWAY_URL": f"http://127.0.0.1:{taking.port}/gateway",
            "EMAIL_URL": f"smtp://127.0.0.1:{taking.port}",
            "EMAIL_REPORTS_FROM": "",
        }
        if in_flight:
            settings["SMS_IN_FLIGHT"] = str(in_flight)
        with (
            system.running(*workers, "beat", settings=settings),
            processes.measured(system.pids) as used,
        ):
            loading.notifications(system, each=messages // ORDERS, channel=channel)
            system.wait_for(lambda: not left(system), "the backlog to leave", seconds=TIMEOUT)
            shares = [system.tried_by(worker) for worker in workers]
    if len(taking.came) != messages:
        raise AssertionError(f"{len(taking.came)} messages came.")
    return Drained(messages / taking.seconds, used.per(messages), shares)


def left(system: MeasuredSystem) -> int:
    rows = system.query(
        "SELECT count(*) FROM (SELECT FROM notifications_notification"
        " WHERE status IN ('New', 'Sending') LIMIT 1) remaining"
    )
    return int(rows[0][0])


def bare(kind: str, module: str, *, latency: float = 0.0, connections: int) -> float:
    """The same number of messages from bare processes; returns their rate."""
    with outlet(kind, latency=latency) as taking:
        where = f"http://127.0.0.1:{taking.port}/gateway" if kind == "sms" else str(taking.port)
        count = str(MESSAGES // BARE_PROCESSES)
        words = [sys.executable, "-m", module, where, count, str(connections)]
        several = [subprocess.Popen(words, cwd=ROOT) for _ in range(BARE_PROCESSES)]
        for process in several:
            process.wait()
    return MESSAGES / taking.seconds


def sms(system: MeasuredSystem) -> Row:
    found: list[Drained] = []

    def full() -> float:
        found.append(drain(system, "Sms"))
        return found[-1].rate

    rates, least = alternating(
        full, lambda: bare("sms", "bench.references.bare_sms", connections=100)
    )
    cpu = sum(sum(one.cpu.values()) for one in found) / len(found)
    return Row(
        5,
        "drain 20,000 SMS, 2 workers, no latency",
        "SMS/s",
        rates,
        least,
        [
            Goal("rate / reference", rates.median / least.median, 0.38),
            Goal("CPU a message", cpu, 0.4, at_least=False, unit=" ms"),
        ],
        {
            "CPU ms a message": milliseconds(found[-1].cpu),
            "sent by each worker": ", ".join(map(str, found[-1].shares)),
        },
    )


def sms_slowly(system: MeasuredSystem) -> Row:
    slow, quick = alternating(
        lambda: drain(system, "Sms", latency=LATENCY, in_flight=IN_FLIGHT).rate,
        lambda: drain(system, "Sms", in_flight=IN_FLIGHT).rate,
    )
    return Row(
        6,
        "the same, each answer takes 100 ms (reference: the same system without that)",
        "SMS/s",
        slow,
        quick,
        [Goal("rate / without latency", slow.median / quick.median, 0.85)],
        {"in flight": f"{IN_FLIGHT} a worker (SMS_IN_FLIGHT)"},
    )


def email(system: MeasuredSystem) -> Row:
    found: list[Drained] = []

    def full() -> float:
        found.append(drain(system, "Email"))
        return found[-1].rate

    rates, least = alternating(
        full, lambda: bare("email", "bench.references.bare_mail", connections=8)
    )
    return Row(
        7,
        "drain 20,000 e-mails over SMTP, 2 workers",
        "mails/s",
        rates,
        least,
        [Goal("rate / reference", rates.median / least.median, 0.6)],
        {"CPU ms a message": milliseconds(found[-1].cpu)},
    )


def shared(system: MeasuredSystem) -> Row:
    """The gateway's latency is what limits: the places of each worker are all taken."""
    found = {
        count: drain(
            system,
            "Sms",
            messages=SHARED,
            workers=MORE_WORKERS[:count],
            latency=SHARED_LATENCY,
        )
        for count in (1, 2, 4)
    }
    one = found[1].rate
    return Row(
        17,
        "drain 4,000 SMS, each answer takes 2 s, 4 workers (reference: 1 worker)",
        "SMS/s",
        Rounds([found[4].rate]),
        Rounds([one]),
        [
            Goal("2 workers / 1", found[2].rate / one, 1.8),
            Goal("4 workers / 1", found[4].rate / one, 3.4),
        ],
        {"sent by each worker": ", ".join(map(str, found[4].shares))},
    )
