"""Rows 13 and 14: one-time passwords, steadily, and as fast as they are answered."""

import http.client
import json
import threading
import time
from collections.abc import Mapping
from uuid import uuid4

from bench import loading
from bench.figures import Goal, Rounds, Row, milliseconds
from bench.system import WORKERS, MeasuredSystem
from bench.traffic import serving
from bench.traffic.outlets import outlet
from script.launcher.system.running_system import BASE

PATH = f"{BASE}/future/orders/instant/sms"
GATEWAY_LATENCY = 0.02
RATE = 50
SECONDS = 60
CLIENTS = 16
REQUESTS = 3_000
LARGE = 100_000


def steadily(system: MeasuredSystem) -> Row:
    """By themselves, and beside a large order that leaves through the same gateway."""
    with outlet("sms", latency=GATEWAY_LATENCY) as taking:
        with system.running("web", settings=_gateway(taking.port)):
            alone = _took(system)
        system.empty()
        with system.running("web", *WORKERS, "beat", settings=_gateway(taking.port)):
            loading.orders(system, count=1, channel="Sms")
            loading.notifications(system, each=LARGE, channel="Sms")
            beside = _took(system)
    system.empty()
    p50, p99 = alone[len(alone) // 2], alone[len(alone) * 99 // 100]
    return Row(
        13,
        f"instant SMS, {RATE}/s for {SECONDS} s, answered; the gateway takes 20 ms",
        "s",
        Rounds([p50]),
        None,
        [
            Goal("p50", p50, 0.06, at_least=False, unit=" s"),
            Goal("p99", p99, 0.25, at_least=False, unit=" s"),
            Goal(
                f"p99 beside an order of {LARGE:,} that leaves",
                beside[len(beside) * 99 // 100],
                0.5,
                at_least=False,
                unit=" s",
            ),
        ],
        digits=3,
    )


def at_once(system: MeasuredSystem) -> Row:
    rates = []
    with (
        outlet("sms", latency=GATEWAY_LATENCY) as taking,
        system.running("web", settings=_gateway(taking.port)),
    ):
        for _ in range(3):
            served = serving.load(
                port=system.port,
                pids=system.pids,
                path=PATH,
                bodies=[_password(number) for number in range(REQUESTS)],
                headers=_headers(system),
                seconds=None,
                connections=CLIENTS,
            )
            rates.append(served.answered.rate)
    system.empty()
    found = Rounds(rates)
    return Row(
        14,
        f"instant SMS as fast as they are answered, {CLIENTS} connections",
        "SMS/s",
        found,
        None,
        [Goal("rate", found.median, 300)],
        {
            "CPU ms a message": milliseconds(served.cpu_ms_by_process),
            "p50, p99 ms": f"{served.answered.p50_ms:.1f}, {served.answered.p99_ms:.1f}",
        },
    )


def _gateway(port: int) -> Mapping[str, str]:
    return {"SMS_GATEWAY_URL": f"http://127.0.0.1:{port}/gateway"}


def _headers(system: MeasuredSystem) -> dict[str, str]:
    return {"Authorization": f"Bearer {system.token()}", "Content-Type": "application/json"}


def _password(number: int) -> str:
    return json.dumps(
        {
            "idempotencyId": str(uuid4()),
            "recipientSms": {
                "phoneNumber": f"+479{number:07d}",
                "timeToLiveInSeconds": 300,
                "smsSettings": {"body": "Your code is 1234."},
            },
        }
    )


def _took(system: MeasuredSystem) -> list[float]:
    """The seconds to each answer, in order of length."""
    took: list[float] = []
    began = time.monotonic() + 0.5
    clients = [
        threading.Thread(target=_ask, args=(system, client, began, took))
        for client in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    if len(took) != RATE * SECONDS:
        raise AssertionError(f"{len(took)} were answered.")
    return sorted(took)


def _ask(system: MeasuredSystem, client: int, began: float, took: list[float]) -> None:
    """One client's share, each at its moment; who is late begins late, and that counts, too."""
    connection = http.client.HTTPConnection("127.0.0.1", system.port)
    for number in range(client, RATE * SECONDS, CLIENTS):
        moment = began + number / RATE
        time.sleep(max(0.0, moment - time.monotonic()))
        connection.request("POST", PATH, _password(number), _headers(system))
        answer = connection.getresponse()
        answer.read()
        if answer.status != 201:
            raise AssertionError(answer.status)
        took.append(time.monotonic() - moment)
