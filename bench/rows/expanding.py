"""Row 4: due orders of identity numbers become notifications."""

import subprocess
import sys

from bench import loading
from bench.figures import Goal, Rounds, Row, alternating
from bench.system import MeasuredSystem
from script.launcher.paths import ROOT

SINGLE_ORDERS = 10_000
RECIPIENTS = 100_000
PER_CALL = 1_000

_RECIPIENTS = """
INSERT INTO recipients_recipient (
    order_id, national_identity_number, organization_number, email_address, mobile_number,
    placement_look_up, is_repeat
)
SELECT o.id, '9000' || lpad((o.n * {each} + m)::text, 7, '0'), '', '', '', 'Found', false
FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM orders_order) o
CROSS JOIN generate_series(1, {each}) m
"""


def many_orders(system: MeasuredSystem) -> Row:
    return _measure(
        system, what="10,000 due orders of one identity number", orders=SINGLE_ORDERS, each=1
    )


def one_order(system: MeasuredSystem) -> Row:
    return _measure(
        system, what="one due order of 100,000 identity numbers", orders=1, each=RECIPIENTS
    )


def _measure(system: MeasuredSystem, *, what: str, orders: int, each: int) -> Row:
    calls: list[int] = []

    def full() -> float:
        system.empty()
        loading.orders(system, count=orders, status="Registered")
        system.query_outside(_RECIPIENTS.format(each=each))
        system.settle()
        before = len(system.outside.calls("profile"))
        seconds = _run(system, "bench.expanding", "0")
        calls.append(len(system.outside.calls("profile")) - before)
        made = system.query("SELECT count(*) FROM notifications_notification")[0][0]
        if made != orders * each:
            raise AssertionError(f"{made} notifications were made.")
        return seconds

    seconds, least = alternating(
        full, lambda: _run(system, "bench.references.bare_expansion", str(orders * each))
    )
    system.empty()
    most = -(-orders * each // PER_CALL)
    return Row(
        4,
        what,
        "s",
        seconds,
        least,
        [
            Goal("reference / time", least.median / seconds.median, 0.3),
            Goal("calls of the register", Rounds(calls).median, most, at_least=False),
        ],
        digits=2,
    )


def _run(system: MeasuredSystem, module: str, argument: str) -> float:
    """What the module prints: the seconds that its work took, without its start."""
    done = subprocess.run(
        [sys.executable, "-m", module, argument],
        cwd=ROOT,
        env=system.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.split()[-1])
