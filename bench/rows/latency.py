"""Row 9: how long it takes from the acceptance of an order to the gateway."""

import http.client
import json
import threading
import time

from bench.figures import Goal, Rounds, Row
from bench.system import WORKERS, MeasuredSystem
from bench.traffic.outlets import outlet
from script.launcher.system.running_system import BASE

RATE = 50
SECONDS = 60
CLIENTS = 4


def to_the_gateway(system: MeasuredSystem) -> Row:
    accepted: dict[str, float] = {}
    with outlet("sms") as taking:
        settings = {"SMS_GATEWAY_URL": f"http://127.0.0.1:{taking.port}/gateway"}
        with system.running("web", *WORKERS, "beat", settings=settings):
            began = time.monotonic()
            clients = [
                threading.Thread(target=place, args=(system, client, began, accepted))
                for client in range(CLIENTS)
            ]
            for client in clients:
                client.start()
            for client in clients:
                client.join()
            system.wait_for(lambda: taking.count() >= RATE * SECONDS, "all SMS to leave")
    took = sorted(
        came - accepted[number] for number, came in zip(taking.to, taking.came, strict=True)
    )
    system.empty()
    p50, p99 = took[len(took) // 2], took[len(took) * 99 // 100]
    return Row(
        9,
        "accepted -> at the gateway, 50 orders/s for 60 s",
        "s",
        Rounds([p50]),
        None,
        [
            Goal("p50", p50, 0.15, at_least=False, unit=" s"),
            Goal("p99", p99, 0.6, at_least=False, unit=" s"),
        ],
        digits=2,
    )


def place(system: MeasuredSystem, client: int, began: float, accepted: dict[str, float]) -> None:
    """One client's share of the orders, each at its moment."""
    connection = http.client.HTTPConnection("127.0.0.1", system.port)
    headers = {
        "Authorization": f"Bearer {system.token()}",
        "Content-Type": "application/json",
    }
    for number in range(client, RATE * SECONDS, CLIENTS):
        time.sleep(max(0.0, began + number / RATE - time.monotonic()))
        digits = f"479{number:07d}"
        order = {
            "body": "Hello.",
            "recipients": [{"mobileNumber": f"+{digits}"}],
            "sendersReference": digits,
        }
        connection.request("POST", f"{BASE}/orders/sms", json.dumps(order), headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 202:
            raise AssertionError(answer.status)
        accepted[digits] = time.time()
