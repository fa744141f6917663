"""Row 10: what finding the rows costs as tables grow, in buffers, which no noise can touch."""

import json
import subprocess
import sys

from bench import loading
from bench.figures import Goal, Rounds, Row
from bench.system import MeasuredSystem
from script.launcher.paths import ROOT

FEW, MANY, ALL = 10_000, 500_000, 5_000_000
A_ORDER = 10
OPEN_ORDERS = 200
FINDING, WHOLE, BY_KEY = 1.15, 1.6, 2


def buffers(system: MeasuredSystem, *, full: bool = False) -> Row:
    small = _counted(system, FEW)
    large = _counted(system, ALL if full else MANY)
    ratios = {
        name: large[name]["finding"] / max(1, one["finding"])
        for name, one in small.items()
        # A taller index costs each look-up a page more.
        if large[name]["finding"] > one["finding"] + BY_KEY * one["statements"]
    }
    whole = {name: large[name]["whole"] / max(1, small[name]["whole"]) for name in ratios}
    slow = {name: ratio for name, ratio in ratios.items() if ratio > FINDING}
    return Row(
        10,
        f"buffers of {len(small)} statements with {ALL if full else MANY:,} notifications",
        "buffers in all",
        Rounds([sum(one["whole"] for one in large.values())]),
        Rounds([sum(one["whole"] for one in small.values())]),
        [
            Goal(
                "worst finding of rows", max(ratios.values(), default=1.0), FINDING, at_least=False
            ),
            Goal("worst claim in all", max(whole.values(), default=1.0), WHOLE, at_least=False),
        ],
        {"grows": ", ".join(f"{name} x{ratio:.2f}" for name, ratio in slow.items()) or "nothing"},
    )


def _counted(system: MeasuredSystem, notifications: int) -> dict[str, dict[str, int]]:
    """Buffers by statement, with so many finished messages, and entries of the feed, around the
    same few open ones."""
    system.empty()
    past = "now() - interval '3 days'"
    loading.orders(system, count=notifications // A_ORDER, status="Completed", at=past)
    loading.notifications(
        system, each=A_ORDER, status="Delivered", order_status="Completed", at=past
    )
    loading.feed(system, rounds=A_ORDER, at=past)
    loading.orders(system, count=OPEN_ORDERS, status="Processed")
    loading.notifications(system, each=A_ORDER)
    loading.orders(system, count=OPEN_ORDERS, status="Registered")
    system.settle()
    done = subprocess.run(
        [sys.executable, "-m", "bench.buffers"],
        cwd=ROOT,
        env=system.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, dict[str, int]] = json.loads(done.stdout)
    return found
