"""Instant orders while a gateway hangs, a caller leaves, and the process stops or dies."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPException
from typing import Any

import pytest

from script.launcher.system.running_system import BASE, Answer, RunningSystem, kill_family
from tests.contracts.requests import instant_sms
from tests.proof.live import wait_until_healthy
from tests.proof.test_overload import connected
from tests.proof.test_slow_clients import all_is_well

MANY = 500
SMS = "future/orders/instant/sms"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    running = RunningSystem(
        tmp_path_factory.mktemp("instant"), name="instant", programs=["web"], settings={}
    )
    running.token()
    yield running
    running.stop()


@pytest.fixture
def web(system: RunningSystem) -> Iterator[RunningSystem]:
    """What a test has begun goes with its process."""
    yield system
    kill_family(system.processes["web"])
    system.outside.reset()
    system.start("web")
    wait_until_healthy(system)


def raw(web: RunningSystem, request: dict[str, Any]) -> bytes:
    body = json.dumps(request).encode()
    head = [
        f"POST {BASE}/{SMS} HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {web.token()}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


def wait_until_begun(web: RunningSystem, *requests: dict[str, Any]) -> None:
    """Until the orders stand: from then on their messages are sent, whoever waits."""
    ids = [request["idempotencyId"] for request in requests]
    web.wait_for(
        lambda: (
            len(web.query("SELECT 1 FROM orders_orderchain WHERE idempotency_id = ANY(%s)", ids))
            == len(ids)
        ),
        "the orders to be stored",
    )


def place(web: RunningSystem, request: dict[str, Any]) -> Answer:
    return web.place(SMS, request)


def test_hundreds_that_wait_for_a_hung_gateway_keep_nobody_else_waiting(
    web: RunningSystem,
) -> None:
    web.outside.fault("gateway", "time-out")
    with ExitStack() as stack:
        requests = [instant_sms() for _ in range(MANY)]
        for request in requests:
            stack.enter_context(connected(web)).sendall(raw(web, request))
        # As many as may be with the gateway at once.
        wait_until_begun(web, *requests[:200])
        all_is_well(web)
        assert web.query("SELECT DISTINCT status FROM notifications_notification") == [("Sending",)]


def test_a_caller_who_leaves_changes_nothing(web: RunningSystem) -> None:
    web.outside.fault("gateway", latency_ms=500)
    request = instant_sms()
    with connected(web) as caller:
        caller.sendall(raw(web, request))
        wait_until_begun(web, request)
    web.outside.wait_for_messages(1)
    again = place(web, request)
    assert again.status == 200
    shipment = again.json["notification"]["shipmentId"]
    summary = web.sms_summary(shipment)
    assert summary["notifications"][0]["sendStatus"]["status"] in ("Accepted", "Delivered")
    assert len(web.outside.messages()) == 1


def test_a_process_that_is_asked_to_stop_answers_who_waits(web: RunningSystem) -> None:
    web.outside.fault("gateway", latency_ms=1500)
    process = web.processes["web"]
    with ThreadPoolExecutor(1) as beside:
        request = instant_sms()
        answer = beside.submit(place, web, request)
        wait_until_begun(web, request)
        process.terminate()
        assert answer.result(timeout=20).status == 201
    assert process.wait(timeout=20) == 0
    web.start("web")
    wait_until_healthy(web)


def test_a_process_that_dies_with_a_message_in_its_hand_never_has_it_sent_twice(
    web: RunningSystem,
) -> None:
    web.outside.fault("gateway", "late", latency_ms=30_000)
    request = instant_sms()
    with ThreadPoolExecutor(1) as beside:
        cut_off = beside.submit(place, web, request)
        web.outside.wait_for_messages(1)
        kill_family(web.processes["web"])
        assert isinstance(cut_off.exception(timeout=20), OSError | HTTPException)
    web.outside.fault("gateway")
    web.start("web")
    wait_until_healthy(web)
    with ThreadPoolExecutor(1) as beside:
        again = beside.submit(place, web, request)
        time.sleep(0.5)
        assert not again.done()  # it may still be under way, for all that is known
        # Its time runs out.
        web.query("UPDATE notifications_notification SET lease_until = now() RETURNING id")
        assert again.result(timeout=20).status == 200
    shipment = again.result().json["notification"]["shipmentId"]
    assert web.sms_summary(shipment)["notifications"][0]["sendStatus"]["status"] == "Sending"
    assert len(web.outside.messages()) == 1
