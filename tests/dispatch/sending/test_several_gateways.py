"""Two gateways share a channel: by weight, and each for the other when it is in trouble; what one
may have taken is given to no other."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.doctor import jobs
from config.prometheus import families
from dispatch.gateways.base import Evidence, Outcome
from dispatch.gateways.by_channel import composed_ways_out, ways_out
from dispatch.gateways.email.gateway import SmtpGateway
from dispatch.gateways.link_mobility.gateway import LinkMobilityGateway
from dispatch.instant.sender import NotSent, instant_sender_for
from dispatch.models import Attempt, ChannelPause, DeliveryReport, GatewayState
from dispatch.reports import delivery_reports
from dispatch.reports.delivery_reports import ReceivedReport
from dispatch.sending import choosing, claims, gateway_states, pauses
from dispatch.sending.channel_watch import Trouble
from dispatch.sending.recording import Recorder, Sent
from dispatch.sending.sender import sender_for
from dispatch.upkeep import gateway_shares, sweep
from notifications.models import Notification, NotificationChannel, NotificationStatus
from orders.models import Channel, Creator, Order
from runtime.findings import Verdict
from script.launcher.services.ports import free_port
from script.launcher.system.simulators import Simulators
from tests.building import processed_order
from tests.dispatch.instant.conftest import password
from tests.dispatch.waiting import messages_of

SMS = NotificationChannel.SMS
S = NotificationStatus
LATER = timedelta(minutes=10)
TAKEN_WITHOUT_ANSWER = "+4741022001"
OUT_OF_ORDER = "+4741020001"

# A drain gives its connection back while it waits, so it cannot run in a test's transaction.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fresh_transports")]

Configure = Callable[..., None]


@pytest.fixture
def configure(simulators: Simulators, settings: LazySettings) -> Configure:
    """Link Mobility as `main` and GatewayAPI beside it; `main_url` leads elsewhere."""

    def put(*, main: int = 1, gatewayapi: int = 1, main_url: str = "") -> None:
        options = {
            "url": main_url or settings.SMS_GATEWAY_URL,
            "client": settings.SMS_GATEWAY_CLIENT,
            "password": settings.SMS_GATEWAY_PASSWORD,
        }
        provider = f"{LinkMobilityGateway.__module__}.{LinkMobilityGateway.__qualname__}"
        settings.GATEWAYS = {
            "sms": {
                "main": {"PROVIDER": provider, "OPTIONS": options, "WEIGHT": main},
                "gatewayapi": {**simulators.gatewayapi, "WEIGHT": gatewayapi},
            }
        }

    return put


@pytest.fixture
def order(ttd: Creator) -> Order:
    return processed_order(ttd, now=timezone.now())


def nowhere() -> str:
    return f"http://127.0.0.1:{free_port()}/"


def drain(*, seconds: float = 20.0) -> int | None:
    return sender_for(SMS).drain(seconds=seconds)


def by_gateway(status: str | None = None) -> Counter[str | None]:
    rows = Notification.objects.filter(**({"status": status} if status else {}))
    return Counter(rows.values_list("gateway", flat=True))


def state(gateway: str = "main") -> GatewayState:
    return GatewayState.objects.get(gateway=gateway)


def in_trouble(gateway: str, *, length: timedelta = LATER, blamed: str = "") -> None:
    trouble = Trouble(ChannelPause.Cause.BREAKER, length, "Errors.", blamed)
    gateway_states.pause(SMS, gateway, trouble, now=timezone.now())


def test_they_share_by_weight(order: Order, configure: Configure) -> None:
    configure(main=3, gatewayapi=1)
    messages_of(order, 400, now=timezone.now())
    assert drain() == 400
    assert by_gateway(S.ACCEPTED).total() == 400
    # A share of 3 in 4 is between these in all but one of millions of runs.
    assert 240 <= by_gateway()["main"] <= 355


def test_one_without_a_weight_stands_by(order: Order, configure: Configure) -> None:
    configure(main=1, gatewayapi=0)
    messages_of(order, 20, now=timezone.now())
    drain()
    assert by_gateway(S.ACCEPTED) == {"main": 20}
    in_trouble("main")
    messages_of(order, 20, now=timezone.now())
    drain()
    assert by_gateway(S.ACCEPTED) == {"main": 20, "gatewayapi": 20}


def test_staffs_weight_goes_before_that_of_the_settings(order: Order, configure: Configure) -> None:
    configure(main=1, gatewayapi=0)
    GatewayState.objects.create(channel=SMS, gateway="main", weight=0)
    GatewayState.objects.create(channel=SMS, gateway="gatewayapi", weight=5)
    messages_of(order, 20, now=timezone.now())
    drain()
    assert by_gateway(S.ACCEPTED) == {"gatewayapi": 20}


def test_what_one_cannot_take_the_other_takes_at_once(order: Order, configure: Configure) -> None:
    configure(main_url=nowhere())
    messages_of(order, 100, now=timezone.now())
    begun = timezone.now()
    while by_gateway(S.ACCEPTED).total() < 100:
        drain(seconds=1)
        assert timezone.now() - begun < timedelta(seconds=30)
    assert by_gateway(S.ACCEPTED) == {"gatewayapi": 100}
    paused = state()
    assert (paused.cause, bool(paused.paused_until)) == (ChannelPause.Cause.BREAKER, True)
    assert not ChannelPause.objects.exists(), "the channel works"
    assert set(Attempt.objects.values_list("gateway", "outcome")) == {("main", "Error")}


def test_a_gateway_that_refuses_us_is_left_alone(
    order: Order, configure: Configure, simulators: Simulators
) -> None:
    configure()
    simulators.fault("gateway", "log-on-fails")
    messages_of(order, 50, now=timezone.now())
    while by_gateway(S.ACCEPTED).total() < 50:
        drain(seconds=1)
    assert by_gateway(S.ACCEPTED) == {"gatewayapi": 50}
    assert state().cause == ChannelPause.Cause.REFUSED


def test_one_message_finds_out_whether_it_works_again(order: Order, configure: Configure) -> None:
    configure(gatewayapi=0)
    in_trouble("main", length=-timedelta(seconds=1))
    messages_of(order, 30, now=timezone.now())
    assert drain() == 30
    assert (state().paused_until, state().cause) == (None, "")
    assert by_gateway(S.ACCEPTED)["main"] >= 1, "though the other could have taken them all"


def test_where_none_is_open_the_channel_is_paused_and_goes_on_with_either(
    order: Order, configure: Configure, simulators: Simulators
) -> None:
    configure()
    simulators.fault("gateway", "error500")
    simulators.fault("gatewayapi", "error500")
    messages_of(order, 60, now=timezone.now())
    while not ChannelPause.objects.exists():
        drain(seconds=1)
    assert not by_gateway(S.ACCEPTED)
    simulators.fault("gateway")
    simulators.fault("gatewayapi")
    long_ago = timezone.now() - timedelta(seconds=1)
    ChannelPause.objects.update(until=long_ago)
    GatewayState.objects.update(paused_until=long_ago)
    Notification.objects.update(next_attempt_at=long_ago)
    assert drain() == 60
    assert by_gateway(S.ACCEPTED).total() == 60
    assert not ChannelPause.objects.exists()
    assert set(GatewayState.objects.values_list("paused_until", flat=True)) == {None}


@pytest.mark.parametrize("first", ["main", "gatewayapi"])
def test_the_channel_is_closed_no_longer_than_until_one_may_be_tried(
    first: str, order: Order, configure: Configure, simulators: Simulators
) -> None:
    """One was asked to wait a second, and the other refuses us for minutes."""
    configure()
    [second] = {"main", "gatewayapi"} - {first}
    soon = timedelta(seconds=1)
    now = timezone.now()
    wait = Trouble(ChannelPause.Cause.RATE_LIMIT, soon, "Too fast.")
    refused = Trouble(ChannelPause.Cause.REFUSED, LATER, "No log-in.")
    recorder = sender_for(SMS).recorder
    recorder._pause(first, wait if first == "main" else refused, now=now)
    assert not ChannelPause.objects.exists()
    recorder._pause(second, refused if first == "main" else wait, now=now)
    assert ChannelPause.objects.get().until == now + soon
    ChannelPause.objects.update(until=now - soon)
    GatewayState.objects.filter(gateway="main").update(paused_until=now - soon)
    messages_of(order, 10, now=now)
    assert drain() == 10
    assert by_gateway(S.ACCEPTED) == {"main": 10}


class WithoutFiles(SmtpGateway):
    def transport_with_files(self) -> None:  # type: ignore[override] # as Gateway has it
        return None


def test_trouble_with_files_is_of_the_one_gateway_that_takes_any(
    ttd: Creator, settings: LazySettings
) -> None:
    options = {"url": f"smtp://127.0.0.1:{free_port()}"}
    settings.GATEWAYS = {
        "email": {
            name: {"PROVIDER": f"{made.__module__}.{made.__qualname__}", "OPTIONS": options}
            for name, made in (("plain", WithoutFiles), ("main", SmtpGateway))
        }
    }
    composed_ways_out.cache_clear()
    ways = composed_ways_out()
    composed_ways_out.cache_clear()
    assert (ways.names, ways.beside("main")) == (["main"], ["plain"])
    now = timezone.now()
    order = processed_order(ttd, channel=Channel.EMAIL, now=now)
    messages_of(order, pauses.ERRORS_THAT_BREAK, now=now)
    claimed = claims.claim(NotificationChannel.EMAIL, limit=50, now=now, gateways=["main"])
    away = Outcome.channel_error("It cannot be reached.", Evidence.CONNECTION)
    Recorder(ways).record([Sent(one, away) for one in claimed], now=now)
    assert state().cause == ChannelPause.Cause.BREAKER
    assert not ChannelPause.objects.exists()


def test_what_one_owner_alone_meets_at_each_of_them_holds_back_no_other(
    order: Order, skd: Creator, configure: Configure, simulators: Simulators
) -> None:
    """Each gateway is in trouble with its messages, and there is no third."""
    configure()
    messages_of(order, 40, now=timezone.now())
    Notification.objects.update(address=OUT_OF_ORDER, normalized_address=OUT_OF_ORDER)
    for _ in range(10):
        drain(seconds=1)
        Notification.objects.update(next_attempt_at=timezone.now())
    assert GatewayState.objects.exclude(paused_until=None).count() == 2
    messages_of(processed_order(skd, now=timezone.now()), 20, now=timezone.now())
    drain()
    assert by_gateway(S.ACCEPTED).total() == 20
    assert not ChannelPause.objects.exists()


# A message is never given to a second gateway while its outcome at the first is unknown


def claim(*gateways: str, now: datetime) -> list[claims.Claimed]:
    return claims.claim(SMS, limit=10, now=now, gateways=gateways)


def test_what_one_may_have_taken_waits_for_that_one(
    order: Order, configure: Configure, simulators: Simulators
) -> None:
    configure(gatewayapi=0)
    number = {"address": TAKEN_WITHOUT_ANSWER, "normalized_address": TAKEN_WITHOUT_ANSWER}
    messages_of(order, 1, now=timezone.now(), **number)
    drain()
    [waiting] = Notification.objects.all()
    assert (waiting.status, waiting.gateway) == (S.NEW, "main")
    then = waiting.next_attempt_at
    assert claim("gatewayapi", now=then) == []
    [again] = claim("gatewayapi", "main", now=then)
    assert again.gateway == "main"


def test_a_message_whose_sender_died_waits_for_its_gateway(
    order: Order, configure: Configure
) -> None:
    configure()
    messages_of(order, 1, now=timezone.now())
    now = timezone.now()
    [lost] = claim("main", now=now)
    then = lost.lease_until + timedelta(minutes=1)
    sweep.return_lapsed(now=then)
    assert Attempt.objects.get().gateway == "main"
    assert claim("gatewayapi", now=then) == []
    [again] = claim("main", now=then)
    # That it is not taken now says nothing of the time before.
    back = claims.Return(
        again.message.notification_id, again.lease_token, next_attempt_at=then, counts=True
    )
    claims.give_back([back], now=then)
    assert claim("gatewayapi", now=then) == []


def test_what_was_certainly_not_taken_is_for_any(order: Order, configure: Configure) -> None:
    configure()
    messages_of(order, 1, now=timezone.now())
    now = timezone.now()
    [first] = claim("main", now=now)
    back = claims.Return(
        first.message.notification_id, first.lease_token, next_attempt_at=now, counts=True
    )
    claims.give_back([back], now=now)
    [second] = claim("gatewayapi", now=now)
    assert second.gateway == "gatewayapi"


# Reports


def test_a_report_is_about_the_message_of_its_own_gateway(
    order: Order, configure: Configure
) -> None:
    """Both have given the same reference."""
    configure()
    now = timezone.now()
    for gateway in ("main", "gatewayapi"):
        [row] = messages_of(order, 1, now=now)
        Notification.objects.filter(pk=row.pk).update(
            status=S.ACCEPTED, gateway=gateway, gateway_reference="421", sent_at=now
        )
    report = ReceivedReport(SMS, "421", S.DELIVERED, {}, gateway="gatewayapi")
    delivery_reports.store(reports=[report], now=now)
    delivery_reports.apply_due(now=now)
    assert DeliveryReport.objects.get().state == DeliveryReport.State.APPLIED
    assert by_gateway(S.DELIVERED) == {"gatewayapi": 1}


def test_a_report_from_before_gateways_had_names_is_matched(
    order: Order, configure: Configure
) -> None:
    now = timezone.now()
    [row] = messages_of(order, 1, now=now)
    Notification.objects.filter(pk=row.pk).update(
        status=S.ACCEPTED, gateway=None, gateway_reference="421", sent_at=now
    )
    report = ReceivedReport(SMS, "421", S.DELIVERED, {}, gateway="main")
    delivery_reports.store(reports=[report], now=now)
    delivery_reports.apply_due(now=now)
    assert by_gateway(S.DELIVERED) == {None: 1}


# What it costs, and instant messages


def test_a_claim_asks_as_often_for_two_as_for_one(
    order: Order, configure: Configure, settings: LazySettings
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            sender_for(SMS)._claim()
        return len(queries)

    one = asked()
    configure()
    ways_out.cache_clear()
    sender_for.cache_clear()
    GatewayState.objects.create(channel=SMS, gateway="main", weight=2)
    assert asked() == one


def test_an_instant_message_goes_to_one_that_is_open(ttd: Creator, configure: Configure) -> None:
    configure(main=1, gatewayapi=1)
    in_trouble("main")
    instant_sender_for.cache_clear()
    until = instant_sender_for(SMS).send(password(), creator=ttd, now=timezone.now())
    assert until is not None
    until.result(20)
    instant_sender_for.cache_clear()
    assert by_gateway() == {"gatewayapi": 1}


def test_an_instant_message_passes_where_anothers_messages_alone_are_in_trouble(
    ttd: Creator, skd: Creator, configure: Configure
) -> None:
    configure()
    instant_sender_for.cache_clear()
    sender = instant_sender_for(SMS)
    for gateway in ("main", "gatewayapi"):
        in_trouble(gateway, blamed="skd")
    now = timezone.now()
    pauses.pause(SMS, ChannelPause.Cause.BREAKER, until=now + LATER, reason="Errors.", now=now)
    with pytest.raises(NotSent):
        sender.send(password(), creator=skd, now=now)
    until = sender.send(password(), creator=ttd, now=now)
    assert until is not None
    until.result(20)
    instant_sender_for.cache_clear()
    assert Notification.objects.get().status == S.ACCEPTED


@pytest.mark.parametrize(
    ("found", "blamed"),
    [(["ttd"], "ttd"), (["ttd", "ttd"], "ttd"), (["ttd", "skd"], ""), (["ttd", "", "ttd"], "")],
)
def test_whoever_alone_has_met_a_gateways_trouble_is_to_blame_for_it(
    order: Order, configure: Configure, found: list[str], blamed: str
) -> None:
    configure()
    for creator in found:
        in_trouble("main", blamed=creator)
    of_main = gateway_states.standing(SMS, now=timezone.now()).of("main")
    assert (of_main.is_in_trouble, of_main.blamed) == (True, blamed)
    gateway_states.lift(SMS, "main")
    in_trouble("main", blamed="nav")
    assert state().blamed == "nav"


def test_nobody_is_told_of_a_pause_that_is_a_gateways(order: Order, configure: Configure) -> None:
    configure()
    in_trouble("main")
    assert pauses.gate(SMS, now=timezone.now()) is pauses.Gate.OPEN


# One that takes messages and does not deliver them


def reported(gateway: str, *, delivered: int, failed: int, now: datetime) -> None:
    DeliveryReport.objects.bulk_create(
        DeliveryReport(
            channel=SMS,
            gateway=gateway,
            reference=str(number),
            status=S.DELIVERED if number < delivered else S.FAILED_UNDELIVERED,
            report={},
            received=now,
            state=DeliveryReport.State.APPLIED,
            next_attempt_at=now,
        )
        for number in range(delivered + failed)
    )


@pytest.mark.parametrize(
    ("delivered", "failed", "keeps"),
    [(10, 90, 0.1), (60, 40, 1.0), (1, 9, 1.0)],
    ids=["much less than the other", "less", "too few to say"],
)
def test_one_that_delivers_much_less_keeps_a_tenth(
    configure: Configure, delivered: int, failed: int, keeps: float
) -> None:
    configure()
    now = timezone.now()
    reported("main", delivered=delivered, failed=failed, now=now)
    reported("gatewayapi", delivered=95, failed=5, now=now)
    reported("main", delivered=0, failed=500, now=now - timedelta(hours=1))
    gateway_shares.count(now=now)
    standing = gateway_states.standing(SMS, now=now)
    weights = choosing.open_weights(ways_out(SMS), standing)
    assert weights == {"main": pytest.approx(keeps), "gatewayapi": 1.0}
    # What was counted long ago says nothing of now.
    later = gateway_states.standing(SMS, now=now + timedelta(minutes=6))
    assert set(choosing.open_weights(ways_out(SMS), later).values()) == {1.0}


def test_nothing_is_counted_where_a_channel_has_one_gateway(db: None) -> None:
    reported("link-mobility", delivered=1, failed=100, now=timezone.now())
    assert gateway_shares.count(now=timezone.now()) == 0
    assert not GatewayState.objects.exists()


def test_prometheus_is_told_which_gateway_is_paused(order: Order, configure: Configure) -> None:
    configure()
    in_trouble("main")
    GatewayState.objects.create(channel=SMS, gateway="gatewayapi", weight=1)
    [family] = [
        one
        for one in families.all_of(now=timezone.now())
        if one.name == "notifications_gateway_paused"
    ]
    told = {sample.labels["gateway"]: sample.value for sample in family.samples}
    assert (told["main"], told["gatewayapi"]) == (1.0, 0.0)


def told_of_gone() -> dict[str, float]:
    [family] = [
        one
        for one in families.all_of(now=timezone.now())
        if one.name == "notifications_gateway_gone_waiting"
    ]
    return {sample.labels["gateway"]: sample.value for sample in family.samples}


def test_what_waits_for_a_gateway_that_is_gone_is_told_and_leaves_when_it_is_named_again(
    order: Order, configure: Configure, settings: LazySettings
) -> None:
    configure()
    messages_of(order, 2, now=timezone.now(), gateway="old")
    messages_of(order, 1, now=timezone.now(), gateway="main")
    drain()
    assert Notification.objects.filter(status=S.NEW, gateway="old").count() == 2
    [found] = jobs.gateways_that_are_gone()
    assert found.verdict is Verdict.FAILED
    assert found.says.startswith("2 Sms wait for gateway old, which the settings do not name")
    assert "Name old in GATEWAYS again" in found.remedy
    assert {name: n for name, n in told_of_gone().items() if n} == {"old": 2.0}
    sms = settings.GATEWAYS["sms"]
    settings.GATEWAYS = {"sms": {**sms, "old": {**sms["main"], "WEIGHT": 0}}}
    for made in (ways_out, sender_for):
        made.cache_clear()
    drain()
    assert not Notification.objects.filter(status=S.NEW).exists()
    [found] = jobs.gateways_that_are_gone()
    assert found.verdict is Verdict.OK
    assert not any(told_of_gone().values())
