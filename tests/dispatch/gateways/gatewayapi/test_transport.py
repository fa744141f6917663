"""SMS through GatewayAPI: what is written, and what each answer or silence means."""

from collections.abc import Callable

import aiohttp
import pytest
from aiohttp import web

from dispatch.gateways.base import Evidence, Message, Outcome, OutcomeKind
from dispatch.gateways.gatewayapi.gateway import GatewayApiGateway
from dispatch.gateways.gatewayapi.transport import GatewayApi
from dispatch.models import ChannelPause
from notifications.models import NotificationStatus
from runtime.web import outgoing
from script.launcher.services.ports import free_port
from script.launcher.system.simulators import Simulators
from tests.dispatch.conftest import NOTIFICATION_ID, sms
from tests.recipients.local_server import LocalServer

PATH = "/rest/mtsms"
TAKEN = {"ids": [421332671], "usage": {"countries": {"NO": 1}, "currency": "NOK"}}


def gateway(url: str, *, seconds: float = 5) -> GatewayApi:
    return GatewayApi(
        url=url,
        token="t0ken",
        default_sender="Altinn",
        max_in_flight=40,
        timeout=aiohttp.ClientTimeout(total=seconds),
    )


def send(transport: GatewayApi, message: Message | None = None) -> Outcome:
    return outgoing.run(transport.send(message or sms()), timeout=20)


def answered(server: LocalServer, answer: Callable[[object], object] | object) -> Outcome:
    server.answer(PATH, answer)
    return send(gateway(server.url + PATH))


def refusal(status: int, words: str, code: str = "0x0213", **more: object) -> web.Response:
    said = {"incident_uuid": "d8127429", "message": words, "code": code, **more}
    return web.json_response(said, status=status)


def test_a_message_is_written_as_the_page_has_it(server: LocalServer) -> None:
    assert answered(server, TAKEN) == Outcome.accepted(
        NotificationStatus.ACCEPTED, reference="421332671"
    )
    [call] = server.calls
    assert call.headers["Authorization"] == aiohttp.encode_basic_auth("t0ken", "")
    seconds = call.body.pop("validity_period")
    assert seconds >= 60
    assert call.body == {
        "message": "Hei",
        "sender": "Altinn",
        "recipients": [{"msisdn": 4799999999}],
        "userref": str(NOTIFICATION_ID),
    }


def test_what_gsm_cannot_say_is_sent_as_unicode(server: LocalServer) -> None:
    server.answer(PATH, TAKEN)
    send(gateway(server.url + PATH), sms("Vaffel 🧇"))
    assert (server.calls[0].body["encoding"], server.calls[0].body["message"]) == (
        "UCS2",
        "Vaffel 🧇",
    )


@pytest.mark.parametrize(
    ("answer", "kind", "cause"),
    [
        (refusal(400, "Invalid msisdn: %1", variables=["47"]), OutcomeKind.FAILED, None),
        (refusal(422, "Invalid JSON"), OutcomeKind.FAILED, None),
        (refusal(401, "Unauthorized"), OutcomeKind.PAUSE_CHANNEL, "Refused"),
        (
            refusal(403, "Unauthorized IP-address: %1", variables=["1.2.3.4"]),
            OutcomeKind.PAUSE_CHANNEL,
            "Refused",
        ),
        (refusal(403, "Insufficient credit"), OutcomeKind.PAUSE_CHANNEL, "Refused"),
        (refusal(400, "Insufficient credit"), OutcomeKind.PAUSE_CHANNEL, "Refused"),
        (web.Response(status=429), OutcomeKind.PAUSE_CHANNEL, "RateLimit"),
        (refusal(500, "Internal error"), OutcomeKind.CHANNEL_ERROR, None),
        (web.Response(status=503, text="<html>"), OutcomeKind.CHANNEL_ERROR, None),
        (web.Response(status=504), OutcomeKind.UNKNOWN, None),
        ({"ids": []}, OutcomeKind.UNKNOWN, None),
        ({"ids": [1, 2]}, OutcomeKind.UNKNOWN, None),
        ({"ids": ["x"]}, OutcomeKind.UNKNOWN, None),
        ({"ids": [True]}, OutcomeKind.UNKNOWN, None),
        ({"ids": [1.5]}, OutcomeKind.UNKNOWN, None),
        ([], OutcomeKind.UNKNOWN, None),
        (b"taken", OutcomeKind.UNKNOWN, None),
    ],
    ids=str,
)
def test_each_answer_says_whose_trouble_it_is(
    server: LocalServer, answer: object, kind: OutcomeKind, cause: str | None
) -> None:
    outcome = answered(server, answer)
    assert outcome.kind is kind, outcome
    assert outcome.pause_cause == (ChannelPause.Cause(cause) if cause else None)


def test_its_own_words_are_told_without_the_address(server: LocalServer) -> None:
    outcome = answered(server, refusal(400, "Invalid msisdn: %1", variables=["4799999999"]))
    assert outcome.reason == (
        "The SMS gateway answered with status 400: Invalid msisdn: (address) (0x0213)."
    )


def test_a_gateway_that_is_away_has_taken_nothing(server: LocalServer) -> None:
    outcome = send(gateway(f"http://127.0.0.1:{free_port()}/"))
    assert (outcome.kind, outcome.evidence) == (OutcomeKind.CHANNEL_ERROR, Evidence.CONNECTION)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("+4799999999", OutcomeKind.ACCEPTED),
        ("+4741030001", OutcomeKind.FAILED),
        ("+4741020001", OutcomeKind.CHANNEL_ERROR),
        ("+4741022001", OutcomeKind.UNKNOWN),
    ],
)
def test_the_simulator_speaks_it(simulators: Simulators, number: str, kind: OutcomeKind) -> None:
    transport = GatewayApiGateway("gatewayapi", simulators.gatewayapi["OPTIONS"]).transport()
    outcome = send(transport, sms("Hei æøå €", to=number))
    assert outcome.kind is kind, outcome
    for taken in simulators.messages(to=number):
        assert taken["text"] == "Hei æøå €"
        assert outcome.reference in ("", taken["reference"])


def test_it_opens_no_more_connections_than_it_is_allowed() -> None:
    options = {"url": "https://gatewayapi.example/rest/mtsms", "token": "t0ken"}
    assert GatewayApiGateway("a", options).transport().max_in_flight == 40
    assert GatewayApiGateway("a", {**options, "in_flight": 7}).transport().max_in_flight == 7
