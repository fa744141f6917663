"""However a body is filled, it takes memory in proportion to its length (attack A9); an answer of
any length takes little."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from bench.processes import forget_peak, peak_bytes
from script.launcher.system.running_system import BASE, RunningSystem
from tests.proof.live import place

LENGTH = 30_000_000
MAX_TIMES = 10
SMALL_ANSWER = 100_000


def filled(item: str, *, before: str = '{"recipients": [', behind: str = "]}") -> bytes:
    """So many of the item that the body is as long as it may be."""
    count = (LENGTH - len(before) - len(behind)) // (len(item) + 1)
    return (before + ",".join([item] * count) + behind).encode()


BODIES: dict[str, Callable[[], bytes]] = {
    "empty objects": lambda: filled("{}"),
    "objects of one member": lambda: filled('{"a":1}'),
    "empty lists": lambda: filled("[]"),
    "nothing": lambda: filled("null"),
    "numbers": lambda: filled("1"),
    "long numbers": lambda: filled("1234567.5"),
    "short texts": lambda: filled('"ab"'),
    "members of one object": lambda: filled('"a":1', before="{", behind="}"),
    "deep objects": lambda: filled('{"a":[[[[{}]]]]}'),
    "one long text": lambda: b'{"body": "' + b"x" * (LENGTH - 12) + b'"}',
    "one long text of escapes": lambda: filled("\\u00e6", before='{"body": "', behind='"}').replace(
        b",", b""
    ),
    "braces in a text": lambda: b'{"body": "' + b"{" * (LENGTH - 12) + b'"}',
    "blanks": lambda: b" " * LENGTH,
    "recipients that are wrong": lambda: json.dumps(
        {
            "body": "Hello.",
            "recipients": [{"mobileNumber": "x" * 250, "emailAddress": "y"}] * 100_000,
        }
    ).encode(),
}


@pytest.fixture
def base(web: RunningSystem) -> int:
    """What the process holds before."""
    place(web)
    forget_peak(web.processes["web"].pid)
    return peak_bytes(web.processes["web"].pid)


@pytest.mark.parametrize("kind", BODIES)
def test_attack_a9_a_body_takes_memory_in_proportion(
    web: RunningSystem, base: int, kind: str
) -> None:
    body = BODIES[kind]()
    assert len(body) <= LENGTH
    answer = web.place("orders/sms", body)
    assert answer.status == 400
    assert len(answer.body) < SMALL_ANSWER
    assert peak_bytes(web.processes["web"].pid) - base < MAX_TIMES * LENGTH


def test_attack_a9_eight_at_once_are_worked_on_one_by_one(web: RunningSystem, base: int) -> None:
    body = BODIES["recipients that are wrong"]()
    with ThreadPoolExecutor(8) as callers:
        answers = list(callers.map(lambda _: web.place("orders/sms", body), range(8)))
    # Who finds no room within BODY_SECONDS is asked to come again.
    assert {answer.status for answer in answers} <= {400, 503}
    assert 400 in {answer.status for answer in answers}
    assert peak_bytes(web.processes["web"].pid) - base < 2 * MAX_TIMES * LENGTH


MANY = 100_000
FLAT = 8_000_000
"""As text, the answer is 14 million bytes; as objects, it would be ten times that."""
_NOTIFICATIONS = """
INSERT INTO notifications_notification (
    id, order_id, creator_id, channel, policy, address, normalized_address,
    national_identity_number, organization_number, status, status_at, reason, next_attempt_at,
    expires_at, created, attempts
)
SELECT
    gen_random_uuid(), o.id, o.creator_id, 'Sms', 'Daytime', '+4799999999', '+4799999999', '', '',
    'New', now(), '', now(), now() + interval '2 days', now(), 0
FROM orders_order o CROSS JOIN generate_series(1, %s) WHERE o.id = %s
"""


def test_a_shipment_of_100_000_is_sent_in_flat_memory(web: RunningSystem) -> None:
    """The few that are read before are what is loaded anyway."""
    few, many = (str(place(web).json["orderId"]) for _ in range(2))
    with psycopg.connect(web.database, autocommit=True) as connection:
        for shipment, count in ((few, 5_000), (many, MANY)):
            connection.execute(_NOTIFICATIONS, [count, shipment])
    process = web.processes["web"].pid
    web.call("GET", f"{BASE}/future/shipment/{few}")
    forget_peak(process)
    before = peak_bytes(process)
    answer = web.call("GET", f"{BASE}/future/shipment/{many}")
    assert answer.status == 200
    assert len(answer.json["recipients"]) == MANY
    assert peak_bytes(process) - before < FLAT
