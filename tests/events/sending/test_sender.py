"""Events reach their endpoints, signed; what fails is tried again, and holds up nobody else."""

import asyncio
from datetime import timedelta
from threading import Event

import pytest
from aiohttp import web
from django.conf import LazySettings
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

from events import payload, signing, subscriptions
from events.models import Delivery, Subscription
from events.sending import client
from events.sending.sender import Sender
from orders.models import Creator
from tests.building import order
from tests.events.conftest import PATH, PATIENCE, deliver, delivery_of, ended, enter, subscribe
from tests.notifications.conftest import Worker, wait_until
from tests.recipients.local_server import Call, LocalServer, never

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_event_arrives_signed_and_says_which_shipment_ended(
    ttd: Creator, endpoint: LocalServer
) -> None:
    subscription = subscribe(ttd, endpoint.url + PATH)
    shipment = ended(ttd, senders_reference="ref")
    assert deliver() == 1
    [call] = endpoint.calls
    delivery = delivery_of(shipment)
    assert call.body == {
        "type": "shipment.completed",
        "timestamp": delivery.occurred_at.isoformat().replace("+00:00", "Z"),
        "data": {
            "shipmentId": str(shipment),
            "sendersReference": "ref",
            "shipmentType": "Notification",
            "sequenceNumber": delivery.sequence_number,
        },
    }
    assert call.headers["webhook-id"] == str(delivery.pk)
    secret = signing.opened(subscription.secret)
    assert call.headers["Content-Type"] == "application/json"
    assert Webhook(secret).verify(delivery_body(delivery), dict(call.headers))
    assert (delivery.state, delivery.tries[0]["status"]) == ("Delivered", 200)


def delivery_body(delivery: Delivery) -> str:
    """As it is made from what is kept: the same each time."""
    return payload.Event(
        delivery.event,
        delivery.occurred_at,
        delivery.sequence_number,
        delivery.shipment_id,
        delivery.shipment_type,
        delivery.senders_reference,
    ).body()


def test_each_try_carries_the_same_id_and_body_and_is_listed(
    ttd: Creator, endpoint: LocalServer
) -> None:
    answers = iter([500, 204])
    endpoint.answer(PATH, lambda call: web.Response(status=next(answers)))
    subscribe(ttd, endpoint.url + PATH)
    shipment = ended(ttd)
    assert deliver() == 1
    waiting = delivery_of(shipment)
    assert (waiting.state, waiting.failed_tries) == ("Waiting", 1)
    assert waiting.next_attempt_at > timezone.now()
    Delivery.objects.update(next_attempt_at=timezone.now())
    assert deliver() == 1
    first, second = endpoint.calls
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert [one["status"] for one in delivery_of(shipment).tries] == [500, 204]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda call: web.Response(status=302, headers={"Location": "/"}), "status 302"),
        (lambda call: web.Response(status=404), "status 404"),
    ],
)
def test_a_redirect_is_a_failed_try(
    ttd: Creator, endpoint: LocalServer, answer: object, reason: str
) -> None:
    endpoint.answer(PATH, answer)
    subscribe(ttd, endpoint.url + PATH)
    shipment = ended(ttd)
    assert deliver() == 1
    assert reason in delivery_of(shipment).tries[0]["reason"]
    assert len(endpoint.calls) == 1


def test_a_large_answer_is_not_read_to_its_end(ttd: Creator, endpoint: LocalServer) -> None:
    endpoint.answer(PATH, b"x" * 5_000_000)
    subscribe(ttd, endpoint.url + PATH)
    shipment = ended(ttd)
    assert deliver() == 1
    assert delivery_of(shipment).state == "Delivered"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://127.0.0.1/hook", "is not on the public internet"),
        ("https://localhost/hook", "is not on the public internet"),
        ("http://sender.example/hook", "port may not be called"),
        ("https://sender.example:8443/hook", "port may not be called"),
        ("https://u:p@sender.example/hook", "user name"),
    ],
)
def test_the_guard_is_asked_at_every_call(
    ttd: Creator, settings: LazySettings, url: str, reason: str
) -> None:
    """The address may have changed since it was given, and what its name stands for, too."""
    settings.WEBHOOK_ALLOWED_HOSTS = []
    subscribe(ttd, url)
    shipment = ended(ttd)
    assert deliver() == 1
    assert reason in delivery_of(shipment).tries[0]["reason"]


def test_an_endpoint_that_is_gone_ends_its_subscription(
    ttd: Creator, endpoint: LocalServer
) -> None:
    endpoint.answer(PATH, lambda call: web.Response(status=410))
    subscription = subscribe(ttd, endpoint.url + PATH)
    shipment = ended(ttd)
    assert deliver() == 1
    subscription.refresh_from_db()
    assert (subscription.state, "410" in subscription.reason) == ("Ended", True)
    assert delivery_of(shipment).state == "Failed"


def test_events_of_one_shipment_go_in_the_order_of_the_feed(
    ttd: Creator, endpoint: LocalServer
) -> None:
    """A later one waits until the earlier is delivered, however long that takes."""
    answers = iter([500, 200, 200])
    endpoint.answer(PATH, lambda call: web.Response(status=next(answers)))
    subscribe(ttd, endpoint.url + PATH)
    shipment = order(ttd, status="Completed").pk
    enter(shipment)
    enter(shipment)
    assert deliver() == 1
    Delivery.objects.update(next_attempt_at=timezone.now())
    assert deliver() == 2
    numbers = [call.body["data"]["sequenceNumber"] for call in endpoint.calls]
    assert numbers[0] == numbers[1] < numbers[2]


def test_an_endpoint_that_hangs_delays_no_other(
    ttd: Creator, skd: Creator, endpoint: LocalServer, settings: LazySettings
) -> None:
    settings.WEBHOOK_IN_FLIGHT_OF_EACH = 2
    is_over = Event()

    async def hangs(call: Call) -> web.Response:
        while not is_over.is_set():
            await asyncio.sleep(0.01)
        return web.Response(status=503)

    endpoint.answer("/hangs", hangs)
    hanging = subscribe(ttd, endpoint.url + "/hangs")
    subscribe(skd, endpoint.url + PATH)
    for _ in range(9):
        ended(ttd)
        ended(skd)
    of = Delivery.objects.filter
    drain = Worker(lambda: Sender().drain(seconds=PATIENCE))
    wait_until(lambda: of(subscription__creator=skd, state="Delivered").count() == 9)
    assert len([call for call in endpoint.calls if call.path == "/hangs"]) == 2
    is_over.set()
    drain.result()
    hanging.refresh_from_db()
    assert (hanging.failed_rounds, hanging.rests_until > timezone.now()) == (4, True)


def test_an_endpoint_that_does_not_answer_in_time_has_failed(
    ttd: Creator, endpoint: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "MAX_CALL", 0.1)
    endpoint.answer(PATH, never)
    subscribe(ttd, endpoint.url + PATH)
    shipment = ended(ttd)
    deliver()
    assert "did not answer within 0.1 seconds" in delivery_of(shipment).tries[0]["reason"]


def test_what_a_process_had_claimed_when_it_died_is_sent_again_under_its_id(
    ttd: Creator, endpoint: LocalServer
) -> None:
    subscribe(ttd, endpoint.url + PATH)
    shipment = ended(ttd)
    sender = Sender()
    sender._hand_over = lambda claimed: None  # type: ignore[method-assign]
    assert sender._begin()
    assert deliver() == 0
    Delivery.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    assert deliver() == 1
    assert endpoint.calls[0].headers["webhook-id"] == str(delivery_of(shipment).pk)


def test_a_test_event_goes_to_its_subscription_alone(ttd: Creator, endpoint: LocalServer) -> None:
    asked = subscribe(ttd, endpoint.url + PATH)
    subscribe(ttd, endpoint.url + "/other")
    sent = subscriptions.send_test(asked, now=timezone.now())
    assert deliver() == 1
    [call] = endpoint.calls
    assert (call.path, call.body["type"], call.body["data"]) == (PATH, "webhook.test", {})
    assert call.headers["webhook-id"] == str(sent.pk)


def test_a_delivered_event_is_delivered_again_under_its_id(
    ttd: Creator, endpoint: LocalServer
) -> None:
    subscription = subscribe(ttd, endpoint.url + PATH)
    shipment = ended(ttd)
    deliver()
    delivery = delivery_of(shipment)
    assert subscriptions.redeliver(subscription, [delivery.pk], now=timezone.now()) == 1
    assert deliver() == 1
    assert len({call.headers["webhook-id"] for call in endpoint.calls}) == 1
    assert len(delivery_of(shipment).tries) == 2


def test_after_a_rotation_both_secrets_verify(ttd: Creator, endpoint: LocalServer) -> None:
    old = subscriptions.make(creator=ttd, endpoint=endpoint.url + PATH, now=timezone.now())
    new = subscriptions.rotate(old.subscription, now=timezone.now())
    subscriptions.send_test(old.subscription, now=timezone.now())
    deliver()
    [call] = endpoint.calls
    body = delivery_body(Delivery.objects.get())
    for secret in (old.secret, new.secret):
        Webhook(secret).verify(body, dict(call.headers))
    Subscription.objects.update(previous_secret_until=timezone.now())
    subscriptions.send_test(old.subscription, now=timezone.now())
    deliver()
    assert " " not in endpoint.calls[1].headers["webhook-signature"]
