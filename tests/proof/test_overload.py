"""More than can be answered is refused at once, and whoever is slow keeps nothing from others."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID

import psycopg

from script.launcher.system.running_system import BASE, Answer, RunningSystem
from tests.proof.live import ORDER, database_away, is_blocked, place

MANY = 100_000


def place_many(web: RunningSystem, count: int) -> list[Answer]:
    with ThreadPoolExecutor(count) as callers:
        return list(callers.map(lambda _: place(web), range(count)))


def read(web: RunningSystem) -> Answer:
    """A request that needs the database."""
    headers = {"Authorization": f"Bearer {web.token()}"}
    return web.call("GET", f"{BASE}/orders?sendersReference=none", headers=headers)


# --- Refused at once -------------------------------------------------------------------------


def test_without_the_database_requests_are_refused_in_seconds_however_many_they_are(
    web: RunningSystem,
) -> None:
    with database_away(web):
        begun = time.monotonic()
        answers = place_many(web, 80)
        took = time.monotonic() - begun
    assert {answer.status for answer in answers} == {503}
    assert {answer.headers["Retry-After"] for answer in answers} == {"10"}
    assert {answer.json["code"] for answer in answers} == {"NOT-00004"}
    # One after another they would take 80 / 4 times the pool's three seconds.
    assert took < 15
    web.wait_for(lambda: place(web).status == 202, "the web process to go on")


def test_requests_that_find_no_connection_free_are_refused_and_the_others_answered(
    web: RunningSystem,
) -> None:
    with ThreadPoolExecutor(1) as beside:
        with psycopg.connect(web.database) as outside:
            outside.execute("LOCK TABLE orders_order IN EXCLUSIVE MODE")
            stuck = beside.submit(place, web)
            web.wait_for(lambda: is_blocked(web), "the first one to wait for the lock")
            begun = time.monotonic()
            answers = place_many(web, 12)
            assert time.monotonic() - begun < 10
        assert {answer.status for answer in answers} == {503}
        assert {answer.headers["Retry-After"] for answer in answers} == {"10"}
        assert stuck.result().status == 202


# --- Slow clients ----------------------------------------------------------------------------


@contextmanager
def connected(web: RunningSystem) -> Iterator[socket.socket]:
    """A caller who takes in hardly anything ahead of its reading."""
    caller = socket.socket()
    caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    caller.settimeout(20)
    caller.connect(("127.0.0.1", web.port))
    with caller:
        yield caller


def begin(caller: socket.socket, web: RunningSystem, line: str, *headers: str) -> None:
    head = [line, "Host: localhost", f"Authorization: Bearer {web.token()}", *headers]
    caller.sendall("\r\n".join([*head, "", ""]).encode())


def test_whoever_dribbles_a_body_holds_no_connection(web: RunningSystem) -> None:
    line = f"POST {BASE}/orders HTTP/1.1"
    body = ["Content-Type: application/json", f"Content-Length: {len(ORDER)}", "Connection: close"]
    with connected(web) as first, connected(web) as second:
        for caller in (first, second):
            begin(caller, web, line, *body)
            caller.sendall(ORDER[:40])
        time.sleep(0.5)
        for _ in range(5):
            assert read(web).status == 200
        for caller in (first, second):
            caller.sendall(ORDER[40:])
            assert caller.recv(100).startswith(b"HTTP/1.1 202 ")


def test_whoever_reads_a_large_answer_slowly_holds_no_connection(web: RunningSystem) -> None:
    order_id = with_many_messages(web)
    line = f"GET {BASE}/orders/{order_id}/notifications/email HTTP/1.1"
    with connected(web) as first, connected(web) as second:
        for caller in (first, second):
            begin(caller, web, line)
            assert caller.recv(100).startswith(b"HTTP/1.1 200 ")
        for _ in range(5):
            assert read(web).status == 200
        assert not web.query(
            "SELECT 1 FROM pg_stat_activity"
            " WHERE datname = current_database() AND state = 'idle in transaction'"
        )


def test_whoever_goes_away_in_the_middle_of_a_large_answer_holds_no_thread(
    web: RunningSystem,
) -> None:
    order_id = with_many_messages(web)
    line = f"GET {BASE}/orders/{order_id}/notifications/email HTTP/1.1"
    # More than the web process has threads.
    for _ in range(6):
        with connected(web) as caller:
            begin(caller, web, line)
            assert caller.recv(100).startswith(b"HTTP/1.1 200 ")
    assert read(web).status == 200


def with_many_messages(web: RunningSystem) -> UUID:
    """An order that has led to so many messages that the answer fits no buffer."""
    order_id: UUID = UUID(place(web).json["orderId"])
    web.query(
        "INSERT INTO notifications_notification (id, order_id, creator_id, channel, policy,"
        " address, normalized_address, national_identity_number, organization_number, status,"
        " status_at, finished_at, reason, next_attempt_at, attempts, created)"
        " SELECT gen_random_uuid(), id, creator_id, 'Email', 'Anytime', 'a@b.no', '', '', '',"
        " 'Delivered', now(), now(), '', now(), 0, now()"
        " FROM orders_order CROSS JOIN generate_series(1, %s) WHERE id = %s RETURNING 1",
        MANY,
        order_id,
    )
    return order_id
