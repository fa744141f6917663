"""All figures in one go, or some of them."""

import os
import platform
import tempfile
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path

from bench import figures, report
from bench.figures import Row
from bench.rows import (
    composed,
    draining,
    events,
    expanding,
    growth,
    idle,
    instant,
    large_order,
    latency,
    placing,
    reports,
)
from bench.system import MeasuredSystem
from script.launcher.console import step
from script.launcher.services.account import hand_over, service_account
from script.launcher.system.servers import Servers

FIGURES: Mapping[str, Callable[[MeasuredSystem], Row]] = {
    "1": placing.mobile_number,
    "2": placing.national_identity_number,
    "3": large_order.placing,
    "4a": expanding.many_orders,
    "4b": expanding.one_order,
    "5": draining.sms,
    "6": draining.sms_slowly,
    "7": draining.email,
    "8": reports.coming_in,
    "9": latency.to_the_gateway,
    "10": growth.buffers,
    "11": large_order.reading,
    "12": idle.minute,
    "13": instant.steadily,
    "14": instant.at_once,
    "15": placing.with_reminder,
    "16": placing.composed,
    "17": draining.shared,
    "18": events.to_webhooks,
    "19": composed.beside,
}
FOLDER = Path(__file__).parent


def run(names: Collection[str], *, logs: Path, full: bool) -> list[Row]:
    """Measure the named figures on servers of their own, whose data ends with the run."""
    with tempfile.TemporaryDirectory(prefix="notifications-bench-", dir="/tmp") as folder:
        hand_over(Path(folder), service_account())
        servers = Servers(Path(folder))
        try:
            system = MeasuredSystem(logs, servers)
            try:
                return [_measured(name, system, full=full) for name in FIGURES if name in names]
            finally:
                system.stop()
        finally:
            servers.stop()


def _measured(name: str, system: MeasuredSystem, *, full: bool) -> Row:
    row = growth.buffers(system, full=True) if full and name == "10" else FIGURES[name](system)
    step(f"{name}: {row.what}: {row.system.shown(row.digits)} {row.unit}")
    for goal in row.goals:
        step(f"    {goal.shown()}")
    return row


def write(rows: list[Row]) -> None:
    """bench/results.md and bench/results.svg."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = f"{os.cpu_count()} shared cores, {memory:.0f} GiB, Python {platform.python_version()}"
    today = datetime.now(UTC).date()
    report.write(rows, folder=FOLDER, machine=machine, rounds=figures.ROUNDS, day=today)
