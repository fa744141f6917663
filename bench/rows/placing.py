"""Rows 1 and 2: placing orders of one recipient."""

import json
from collections.abc import Mapping

from bench.figures import Goal, Row, alternating, milliseconds
from bench.system import MeasuredSystem
from bench.traffic import serving
from bench.traffic.outlets import outlet
from bench.traffic.serving import Served
from script.launcher.system.running_system import BASE

SECONDS = 4.0
WARM_UP = 1.0
DIFFERENT = 1_000
REGISTER_LATENCY = 0.005


def mobile_number(system: MeasuredSystem) -> Row:
    bodies = [
        json.dumps({"body": "Hello.", "recipients": [{"mobileNumber": f"+479{n:07d}"}]})
        for n in range(DIFFERENT)
    ]
    return _measure(system, 1, "POST an order, one mobile number", bodies, share=0.32, cpu=3.6)


def national_identity_number(system: MeasuredSystem) -> Row:
    bodies = [
        json.dumps({"body": "Hello.", "recipients": [{"nationalIdentityNumber": f"9000{n:07d}"}]})
        for n in range(DIFFERENT)
    ]
    with outlet("register", latency=REGISTER_LATENCY) as register:
        settings = {"PROFILE_URL": f"http://127.0.0.1:{register.port}/"}
        return _measure(
            system, 2, "POST an order, one identity number", bodies, share=0.2, settings=settings
        )


def _measure(
    system: MeasuredSystem,
    number: int,
    what: str,
    bodies: list[str],
    *,
    share: float,
    cpu: float | None = None,
    settings: Mapping[str, str] | None = None,
) -> Row:
    headers = {"Authorization": f"Bearer {system.token()}", "Content-Type": "application/json"}
    ours: list[Served] = []
    theirs: list[Served] = []
    with system.running("web", settings=settings), serving.bare(system) as (bare_port, bare_pids):

        def full(seconds: float = SECONDS) -> float:
            ours.append(
                serving.load(
                    port=system.port,
                    pids=system.pids,
                    path=f"{BASE}/orders/sms",
                    bodies=bodies,
                    headers=headers,
                    seconds=seconds,
                )
            )
            return ours[-1].answered.rate

        def bare(seconds: float = SECONDS) -> float:
            theirs.append(
                serving.load(
                    port=bare_port,
                    pids=bare_pids,
                    path="/",
                    bodies=bodies,
                    headers=headers,
                    seconds=seconds,
                )
            )
            return theirs[-1].answered.rate

        full(WARM_UP)
        bare(WARM_UP)
        ours.clear()
        theirs.clear()
        rates, bare_rates = alternating(full, bare)
    system.empty()
    mine = sum(one.cpu_ms for one in ours) / len(ours)
    least = sum(one.cpu_ms for one in theirs) / len(theirs)
    goals = [Goal("rate / reference", rates.median / bare_rates.median, share)]
    if cpu:
        goals.append(Goal("CPU / reference", mine / least, cpu, at_least=False))
    notes = {
        "CPU ms an order": milliseconds(ours[-1].cpu_ms_by_process),
        "reference": milliseconds(theirs[-1].cpu_ms_by_process),
        "p50, p99 ms": f"{ours[-1].answered.p50_ms:.1f}, {ours[-1].answered.p99_ms:.1f}",
    }
    return Row(number, what, "orders/s", rates, bare_rates, goals, notes)
