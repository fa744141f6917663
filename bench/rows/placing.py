"""Rows 1, 2, 15 and 16: placing orders of one recipient."""

import json
from collections.abc import Callable, Mapping
from uuid import uuid4

from bench.figures import Goal, Row, alternating, milliseconds
from bench.system import MeasuredSystem
from bench.traffic import serving
from bench.traffic.outlets import outlet
from bench.traffic.serving import Served
from script.launcher.system.running_system import BASE

SECONDS = 4.0
WARM_UP = 1.0
DIFFERENT = 1_000
MAX_RATE = 4_000
"""More than are placed in a second: under a known idempotency id nothing is."""
REGISTER_LATENCY = 0.005


ORDER, CHAIN = f"{BASE}/orders/sms", f"{BASE}/future/orders"
STORE = "https://letters.blob.core.windows.net/17.pdf?sr=b&sp=r&se=2099-01-01T00:00:00Z&sig=c2ln"


def mobile_number(system: MeasuredSystem) -> Row:
    bodies = [_to_number(n) for n in range(DIFFERENT)]
    return _measure(system, 1, "POST an order, one mobile number", bodies, share=0.32, cpu=3.6)


def with_reminder(system: MeasuredSystem) -> Row:
    return _beside_row_1(system, 15, "POST a chain with one reminder", CHAIN, _chain, share=0.8)


def composed(system: MeasuredSystem) -> Row:
    what, path = "POST an e-mail with one attachment", f"{CHAIN}/composed-email"
    return _beside_row_1(system, 16, what, path, _composed, share=0.8)


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


def _to_number(n: int) -> str:
    return json.dumps({"body": "Hello.", "recipients": [{"mobileNumber": f"+479{n:07d}"}]})


def _chain(n: int) -> dict[str, object]:
    settings = {"body": "Hello."}
    recipient = {"recipientSms": {"phoneNumber": f"+479{n:07d}", "smsSettings": settings}}
    return {"recipient": recipient, "reminders": [{"delayDays": 7, "recipient": recipient}]}


def _composed(n: int) -> dict[str, object]:
    file = {"filename": "Letter.pdf", "mimeType": "application/pdf", "sasUrl": STORE}
    settings = {"subject": "A letter", "body": "It is attached.", "attachments": [file]}
    return {"recipient": {"emailAddress": f"user.{n}@example.com", "emailSettings": settings}}


def _beside_row_1(
    system: MeasuredSystem,
    number: int,
    what: str,
    path: str,
    made: Callable[[int], Mapping[str, object]],
    *,
    share: float,
) -> Row:
    """As many requests as row 1 has, of the same process."""
    headers = {"Authorization": f"Bearer {system.token()}", "Content-Type": "application/json"}
    plain = [_to_number(n) for n in range(DIFFERENT)]
    found: dict[str, list[Served]] = {path: [], ORDER: []}
    with system.running("web"):

        def placed(path: str, bodies: list[str], seconds: float) -> float:
            served = serving.load(
                port=system.port,
                pids=system.pids,
                path=path,
                bodies=bodies,
                headers=headers,
                seconds=seconds,
            )
            assert "200" not in served.answered.statuses, "The same was placed twice."
            found[path].append(served)
            return served.answered.rate

        def these(seconds: float = SECONDS) -> float:
            bodies = [
                json.dumps({"idempotencyId": str(uuid4()), **made(n)})
                for n in range(round(seconds * MAX_RATE))
            ]
            return placed(path, bodies, seconds)

        def row_1(seconds: float = SECONDS) -> float:
            return placed(ORDER, plain, seconds)

        these(WARM_UP)
        row_1(WARM_UP)
        for served in found.values():
            served.clear()
        rates, others = alternating(these, row_1)
    system.empty()
    notes = {
        f"CPU ms{whose}": milliseconds(served[-1].cpu_ms_by_process)
        for whose, served in ((" a request", found[path]), (", row 1", found[ORDER]))
    }
    goal = Goal("rate / row 1", rates.median / others.median, share)
    return Row(number, what, "requests/s", rates, others, [goal], notes)


def _cpu_ms(served: list[Served]) -> float:
    return sum(one.cpu_ms for one in served) / len(served)


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
                    path=ORDER,
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
    mine, least = _cpu_ms(ours), _cpu_ms(theirs)
    goals = [Goal("rate / reference", rates.median / bare_rates.median, share)]
    if cpu:
        goals.append(Goal("CPU / reference", mine / least, cpu, at_least=False))
    notes = {
        "CPU ms an order": milliseconds(ours[-1].cpu_ms_by_process),
        "reference": milliseconds(theirs[-1].cpu_ms_by_process),
        "p50, p99 ms": f"{ours[-1].answered.p50_ms:.1f}, {ours[-1].answered.p99_ms:.1f}",
    }
    return Row(number, what, "orders/s", rates, bare_rates, goals, notes)
