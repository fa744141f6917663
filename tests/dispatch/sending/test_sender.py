"""Ready messages reach the gateway once, whatever the gateway, the clock and the database do."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import aiohttp
import pytest
from django.conf import LazySettings
from django.db import connection
from django.utils import timezone
from time_machine import TimeMachineFixture

from dispatch.gateways.base import Message, Outcome
from dispatch.gateways.by_channel import WayOut, WaysOut, ways_out
from dispatch.gateways.link_mobility.transport import LinkMobility
from dispatch.models import Attempt
from dispatch.reports import delivery_reports
from dispatch.reports.delivery_reports import ReceivedReport
from dispatch.sending import claims
from dispatch.sending.in_flight import BATCH, BATCH_SECONDS
from dispatch.sending.sender import Sender, sender_for
from notifications.models import NotificationChannel, NotificationStatus, StatusFeedEntry
from orders.models import Creator, Order, OrderStatus, SendingTimePolicy
from runtime.local_time import LOCAL_TIME
from runtime.web import outgoing
from script.launcher.system.simulators import Simulators
from tests.building import processed_order
from tests.dispatch.waiting import messages_of

SMS = NotificationChannel.SMS
G = TypeVar("G", bound=LinkMobility)
S = NotificationStatus
HANGING = "+4741021000"

# A drain gives its connection back while it waits, so it cannot run in a test's transaction.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(ttd: Creator) -> Order:
    return processed_order(ttd, now=timezone.now())


@pytest.fixture
def beside() -> Iterator[Callable[[Callable[[], Any]], "Future[Any]"]]:
    """Does something in a thread beside the test; its connection is given back."""
    with ThreadPoolExecutor(4) as pool:

        def do(job: Callable[[], Any]) -> Any:
            try:
                return job()
            finally:
                connection.close()

        yield lambda job: pool.submit(do, job)


def drain(*, seconds: float = 20.0) -> int | None:
    return sender_for(SMS).drain(seconds=seconds)


def statuses(order: Order) -> Counter[str]:
    return Counter(order.notification_set.values_list("status", flat=True))


def gateway(
    settings: LazySettings,
    *,
    timeout: float = 30,
    max_in_flight: int = 10,
    kind: type[G] = LinkMobility,  # type: ignore[assignment]
) -> G:
    """The SMS gateway of the settings, for those who will not wait half a minute."""
    return kind(
        url=settings.SMS_GATEWAY_URL,
        client=settings.SMS_GATEWAY_CLIENT,
        password=settings.SMS_GATEWAY_PASSWORD,
        default_sender="Altinn",
        max_in_flight=max_in_flight,
        timeout=aiohttp.ClientTimeout(total=timeout),
    )


@dataclass(frozen=True, slots=True)
class Connection:
    """What PostgreSQL says of it, and for how long it has been so."""

    pid: int
    state: str
    seconds: float


def others() -> list[Connection]:
    """The connections beside the test's own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, state, extract(epoch FROM clock_timestamp() - state_change)::float"
            " FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'notifications'"
            " AND pid <> pg_backend_pid()"
        )
        return [Connection(*row) for row in cursor.fetchall()]


def wait_until_it_waits_for_the_gateway(order: Order) -> None:
    """A drain that runs beside the test has sent all there is, and knows that nothing is left."""
    until(lambda: statuses(order)[S.SENDING])

    def is_quiet() -> bool:
        return all(
            other.state == "idle" and other.seconds > 2 * BATCH_SECONDS for other in others()
        )

    until(is_quiet)


def until(happened: Callable[[], object], *, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def test_three_hundred_messages_are_accepted_then_delivered_and_their_order_completed(
    order: Order, simulators: Simulators
) -> None:
    rows = messages_of(order, 300, now=timezone.now())
    assert drain() == 300
    received = {message["clientReference"]: message for message in simulators.messages()}
    assert received.keys() == {str(row.pk) for row in rows}
    for row in order.notification_set.all():
        assert row.status == S.ACCEPTED
        assert row.gateway_reference == received[str(row.pk)]["reference"]
        assert row.sent_at is not None
        assert (row.finished_at, row.lease_token, row.lease_until) == (None, None, None)
    assert not StatusFeedEntry.objects.exists()

    reports = [
        ReceivedReport(SMS, message["reference"], S.DELIVERED, {}) for message in received.values()
    ]
    delivery_reports.store(reports=reports, now=timezone.now())
    assert delivery_reports.apply_due(now=timezone.now()) == 300
    assert statuses(order) == {S.DELIVERED: 300}
    order.refresh_from_db()
    assert order.status == OrderStatus.COMPLETED
    entry = StatusFeedEntry.objects.get()
    assert len(entry.recipients) == 300


def test_results_are_recorded_in_small_batches(order: Order, simulators: Simulators) -> None:
    messages_of(order, 220, now=timezone.now())
    sizes: list[int] = []

    def catch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "finished_at = CASE" in sql:
            sizes.append(len(params["ids"]))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(catch):
        drain()
    assert sum(sizes) == 220
    assert max(sizes) <= BATCH == 50


def test_nothing_of_the_database_is_held_while_the_gateway_takes_its_time(
    order: Order, simulators: Simulators, beside: Callable[..., Future[Any]]
) -> None:
    messages_of(order, 20, now=timezone.now())
    simulators.fault("gateway", latency_ms=500)
    before = lent_by_the_pool()
    draining = beside(drain)
    until(lambda: statuses(order) == {S.SENDING: 20})
    seen: list[str] = []
    lent: list[int] = []
    enough = time.monotonic() + 0.35
    while time.monotonic() < enough:
        seen.extend(other.state for other in others())
        lent.append(lent_by_the_pool())
        time.sleep(0.01)
    assert draining.result() == 20
    assert len(lent) > 10
    assert "idle in transaction" not in seen
    # The drain's may be out for a moment, when it looks whether more is ready.
    assert sum(count > before for count in lent) <= len(lent) // 4


def lent_by_the_pool() -> int:
    """Ours, and those of whoever else is in this process."""
    pool = connection.pool.get_stats()  # type: ignore[attr-defined]
    return int(pool["pool_size"] - pool["pool_available"])


def test_never_more_are_in_flight_than_the_transport_allows(
    order: Order, simulators: Simulators, settings: LazySettings
) -> None:
    class Counted(LinkMobility):
        now = most = 0

        async def send(self, message: Message) -> Outcome:
            self.now += 1
            self.most = max(self.most, self.now)
            try:
                return await super().send(message)
            finally:
                self.now -= 1

    transport = gateway(settings, max_in_flight=7, kind=Counted)
    simulators.fault("gateway", latency_ms=20)
    messages_of(order, 60, now=timezone.now())
    assert Sender(WaysOut(WayOut("", transport))).drain(seconds=20) == 60
    assert transport.most == 7


def test_a_transport_for_one_message_at_a_time_sends_them_all(
    order: Order, simulators: Simulators, settings: LazySettings
) -> None:
    settings.SMS_IN_FLIGHT = 1
    messages_of(order, 5, now=timezone.now())
    assert drain() == 5


def test_what_one_creator_leaves_of_its_share_goes_to_the_others_at_once(
    order: Order, simulators: Simulators, settings: LazySettings
) -> None:
    settings.SMS_IN_FLIGHT = 100
    messages_of(order, 200, now=timezone.now())
    for number in range(9):
        other = Creator.objects.create(short_name=f"creator-{number}")
        messages_of(processed_order(other, now=timezone.now()), 1, now=timezone.now())
    statements: list[str] = []

    def catch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        known = {"RECURSIVE ready": "claim", "finished_at = CASE": "record"}
        statements.extend(name for words, name in known.items() if words in sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(catch):
        assert drain() == 209
    # The first takes nineteen, a tenth of the places for each; the second fills the rest.
    assert statements[:3] == ["claim", "claim", "record"]


def test_a_fault_of_ours_on_the_way_out_leaves_the_fate_of_one_message_unknown(
    order: Order, simulators: Simulators, settings: LazySettings
) -> None:
    faulty, *_ = messages_of(order, 3, now=timezone.now())

    class Faulty(LinkMobility):
        async def send(self, message: Message) -> Outcome:
            if message.notification_id == faulty.pk:
                raise RuntimeError("never thought of")
            return await super().send(message)

    assert Sender(WaysOut(WayOut("", gateway(settings, kind=Faulty)))).drain(seconds=20) == 3
    faulty.refresh_from_db()
    assert (faulty.status, faulty.attempts) == (S.NEW, 1)
    assert faulty.attempt_set.get().outcome == Attempt.Outcome.UNKNOWN
    assert statuses(order) == {S.NEW: 1, S.ACCEPTED: 2}


def test_a_message_that_hangs_keeps_no_others_waiting(
    order: Order,
    simulators: Simulators,
    settings: LazySettings,
    beside: Callable[..., Future[Any]],
) -> None:
    sender = Sender(WaysOut(WayOut("", gateway(settings, timeout=5))))
    messages_of(order, 1, now=timezone.now(), address=HANGING, normalized_address=HANGING)
    draining = beside(lambda: sender.drain(seconds=20))
    wait_until_it_waits_for_the_gateway(order)
    messages_of(order, 1, now=timezone.now())
    simulators.wait_for_messages(1, seconds=4.5)
    assert not draining.done()
    assert draining.result() == 2


def test_a_drain_whose_time_is_up_hands_what_hangs_over_to_the_next(
    order: Order,
    simulators: Simulators,
    settings: LazySettings,
    beside: Callable[..., Future[Any]],
) -> None:
    sender = Sender(WaysOut(WayOut("", gateway(settings, timeout=8))))
    messages_of(order, 1, now=timezone.now(), address=HANGING, normalized_address=HANGING)
    first = beside(lambda: sender.drain(seconds=2))
    until(lambda: statuses(order)[S.SENDING])
    assert sender.drain(seconds=20) is None  # the first one's time is not up
    until(lambda: sender.relay.time_is_up)
    assert not first.done()
    messages_of(order, 1, now=timezone.now())
    second = beside(lambda: sender.drain(seconds=20))
    simulators.wait_for_messages(1, seconds=4)  # the one that hangs has more
    assert first.result(timeout=60) == 0
    assert second.result(timeout=60) == 2
    # One was accepted, and the one that hung is to be tried again.
    assert statuses(order) == {S.ACCEPTED: 1, S.NEW: 1}


@pytest.mark.parametrize(
    "latency",
    [
        pytest.param(600, id="seen when the results are recorded"),
        pytest.param(1_400, id="seen by the next claim"),
    ],
)
def test_results_survive_the_loss_of_the_database_connection(
    order: Order, simulators: Simulators, beside: Callable[..., Future[Any]], latency: int
) -> None:
    messages_of(order, 30, now=timezone.now())
    simulators.fault("gateway", latency_ms=latency)
    draining = beside(drain)
    wait_until_it_waits_for_the_gateway(order)
    assert others()
    with connection.cursor() as cursor:
        for other in others():
            cursor.execute("SELECT pg_terminate_backend(%s)", [other.pid])
    # The drain itself records them: no other need come after it.
    assert draining.result() == 30
    assert statuses(order) == {S.ACCEPTED: 30}
    assert len(simulators.messages()) == 30


@contextmanager
def nobody_let_in() -> Iterator[None]:
    """Every connection but the test's own is ended, and no other is made."""
    lets_in = "UPDATE pg_database SET datallowconn = %s WHERE datname = current_database()"
    with connection.cursor() as cursor:
        cursor.execute(lets_in, [False])
        try:
            for other in others():
                cursor.execute("SELECT pg_terminate_backend(%s, 2000)", [other.pid])
            yield
        finally:
            cursor.execute(lets_in, [True])


@contextmanager
def read_only() -> Iterator[None]:
    """As after a fail-over: what is connected now, and what connects from now on, can only read."""
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        try:
            for other in others():
                cursor.execute("SELECT pg_terminate_backend(%s, 2000)", [other.pid])
            yield
        finally:
            cursor.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")


def refusing(state: str) -> Callable[[], AbstractContextManager[None]]:
    """Whatever would be recorded of messages is refused by the server with this SQLSTATE."""

    @contextmanager
    def refuse() -> Iterator[None]:
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
                f" $$ BEGIN RAISE 'No.' USING ERRCODE = '{state}'; END $$"
            )
            cursor.execute(
                "CREATE TRIGGER refuse BEFORE UPDATE ON notifications_notification"
                " FOR EACH ROW EXECUTE FUNCTION refuse()"
            )
            try:
                yield
            finally:
                cursor.execute("DROP FUNCTION refuse CASCADE")

    return refuse


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(nobody_let_in, id="gone"),
        pytest.param(read_only, id="read-only"),
        pytest.param(refusing("25006"), id="read-only for this statement"),
        pytest.param(refusing("53100"), id="disk full"),
        pytest.param(refusing("53200"), id="out of memory"),
        pytest.param(refusing("40P01"), id="deadlock"),
        pytest.param(refusing("57014"), id="cancelled"),
        pytest.param(refusing("42703"), id="half migrated"),
        pytest.param(refusing("XX000"), id="a fault of the database"),
    ],
)
def test_case_02_a_drain_with_results_in_hand_stays_until_the_database_takes_them(
    order: Order,
    simulators: Simulators,
    beside: Callable[..., Future[Any]],
    caplog: pytest.LogCaptureFixture,
    trouble: Callable[[], AbstractContextManager[None]],
) -> None:
    messages_of(order, 30, now=timezone.now())
    simulators.fault("gateway", latency_ms=1_500)
    draining = beside(drain)
    wait_until_it_waits_for_the_gateway(order)
    with trouble():
        until(lambda: caplog.text.count("Results wait for the database") > 1, seconds=30)
        assert statuses(order) == {S.SENDING: 30}
    assert draining.result() == 30
    assert statuses(order) == {S.ACCEPTED: 30}
    assert len(simulators.messages()) == 30


def test_messages_that_could_not_begin_before_five_go_at_nine_the_next_day(
    order: Order, simulators: Simulators, settings: LazySettings, time_machine: TimeMachineFixture
) -> None:
    settings.SMS_SEND_WINDOW, settings.SMS_IN_FLIGHT = "09:00-17:00", 20
    latency = timedelta(milliseconds=100)
    simulators.fault("gateway", latency_ms=100)
    five = datetime(2026, 3, 10, 17, tzinfo=LOCAL_TIME)
    real = datetime.fromtimestamp(time.time(), LOCAL_TIME)
    time_machine.move_to(five - timedelta(seconds=3))
    offset = five - timedelta(seconds=3) - real
    messages_of(order, 1_000, now=timezone.now(), policy=SendingTimePolicy.DAYTIME)

    drain(seconds=6)
    sent = simulators.messages()
    assert 0 < len(sent) < 1_000
    began = [datetime.fromtimestamp(m["receivedAt"], LOCAL_TIME) + offset - latency for m in sent]
    assert max(began) < five
    assert statuses(order) == {S.ACCEPTED: len(sent), S.NEW: 1_000 - len(sent)}
    left = order.notification_set.filter(status=S.NEW)
    assert set(left.values_list("attempts", "lease_token", "lease_until")) == {(0, None, None)}

    time_machine.move_to(datetime(2026, 3, 11, 8, 59, 59, 900_000, tzinfo=LOCAL_TIME))
    assert drain(seconds=0.05) == 0
    time_machine.move_to(datetime(2026, 3, 11, 9, tzinfo=LOCAL_TIME))
    drain(seconds=60)
    assert statuses(order) == {S.ACCEPTED: 1_000}
    assert len(simulators.messages()) == 1_000


def test_messages_in_hand_when_the_clock_strikes_five_are_given_back(
    order: Order,
    simulators: Simulators,
    settings: LazySettings,
    time_machine: TimeMachineFixture,
    beside: Callable[..., Future[Any]],
) -> None:
    settings.SMS_SEND_WINDOW = "09:00-17:00"
    time_machine.move_to(datetime(2026, 3, 10, 16, 59, 59, tzinfo=LOCAL_TIME))
    messages_of(order, 50, now=timezone.now(), policy=SendingTimePolicy.DAYTIME)
    # A loop that is busy for a while is what makes a message late after its claim.
    let_go = threading.Event()
    outgoing.loop().call_soon_threadsafe(let_go.wait, 10)
    draining = beside(drain)
    until(lambda: statuses(order) == {S.SENDING: 50})
    time_machine.move_to(datetime(2026, 3, 10, 17, tzinfo=LOCAL_TIME))
    let_go.set()
    assert draining.result() == 0
    assert statuses(order) == {S.NEW: 50}
    assert simulators.messages() == []
    row = order.notification_set.first()
    assert row is not None
    assert (row.attempts, row.attempt_set.count()) == (0, 0)

    time_machine.move_to(datetime(2026, 3, 11, 9, tzinfo=LOCAL_TIME))
    assert drain() == 50


def test_a_message_whose_lease_is_nearly_over_is_not_begun(
    order: Order,
    simulators: Simulators,
    time_machine: TimeMachineFixture,
    beside: Callable[..., Future[Any]],
) -> None:
    time_machine.move_to(timezone.now())
    messages_of(order, 1, now=timezone.now())
    let_go = threading.Event()
    outgoing.loop().call_soon_threadsafe(let_go.wait, 10)
    draining = beside(lambda: drain(seconds=0.2))
    until(lambda: statuses(order) == {S.SENDING: 1})
    time_machine.shift(claims.LEASE.total_seconds() - ways_out(SMS).first.transport.max_send)
    time.sleep(0.2)  # until the drain claims no more
    let_go.set()
    assert draining.result() == 0
    assert statuses(order) == {S.NEW: 1}
    assert simulators.messages() == []
