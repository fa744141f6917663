"""SMS through Link Mobility's gateway: what is written, and what each answer or silence means."""

import asyncio
import re
import socket
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from xml.etree.ElementTree import Element, fromstring

import aiohttp
import pytest
from django.conf import LazySettings
from hypothesis import given
from hypothesis import strategies as st

from dispatch.gateways.base import Message, Outcome, OutcomeKind, Transport
from dispatch.gateways.by_channel import ways_out
from dispatch.gateways.configured import gateways
from dispatch.gateways.link_mobility.transport import LinkMobility
from dispatch.gateways.link_mobility.wire_format import meaning
from dispatch.models import ChannelPause
from notifications.models import NotificationChannel, NotificationStatus
from orders.texts.sms_text import as_sent
from runtime.web import outgoing
from script.launcher.services.ports import free_port
from script.launcher.system.simulators import Simulators
from tests.dispatch.conftest import NOTIFICATION_ID, sms
from tests.dispatch.raw_server import RawServer

OK = (
    b'<?xml version="1.0"?><SESSION><LOGON>OK</LOGON><REASON></REASON><MSGLST><MSG><ID>1</ID>'
    b"<REF>reference-1</REF><STATUS>OK</STATUS><INFO></INFO></MSG></MSGLST></SESSION>"
)
ACCEPTED = Outcome.accepted(NotificationStatus.ACCEPTED, reference="reference-1")
PASSWORD = "very-s3cret&<"

RawServers = Callable[..., RawServer]


def gateway(
    port: int, *, path: str = "/", scheme: str = "http", seconds: float = 5, connect: float = 5
) -> LinkMobility:
    return LinkMobility(
        url=f"{scheme}://127.0.0.1:{port}{path}",
        client="clïent",
        password=PASSWORD,
        default_sender="Altinn",
        max_in_flight=200,
        timeout=aiohttp.ClientTimeout(total=seconds, connect=connect),
    )


def send(transport: Transport, message: Message | None = None) -> Outcome:
    return outgoing.run(transport.send(message or sms()), timeout=20)


async def request_from(reader: StreamReader) -> bytes:
    """The body of one request, as one that reads it to the end gets it."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
    return await reader.readexactly(int(length))


def response(body: bytes = OK, *, status: str = "200 OK", headers: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


class Answering:
    """Answers every request of a connection, and keeps the bodies."""

    def __init__(self, answer: bytes | None = None, *, pause: float = 0) -> None:
        self.bodies: list[bytes] = []
        self._answer = response() if answer is None else answer
        self._pause = pause

    async def __call__(self, reader: StreamReader, writer: StreamWriter) -> None:
        while True:
            self.bodies.append(await request_from(reader))
            await asyncio.sleep(self._pause)
            writer.write(self._answer)
            await writer.drain()


def written(raw_server: RawServers, message: Message) -> Element:
    """What the gateway reads when the message is sent to it."""
    answering = Answering()
    assert send(gateway(raw_server(answering).port), message).kind is OutcomeKind.ACCEPTED
    return fromstring(answering.bodies[0])  # noqa: S314


# What is written


def test_a_message_is_written_as_the_gateway_wants_it(raw_server: RawServers) -> None:
    answering = Answering()
    outcome = send(gateway(raw_server(answering).port), sms("Hei på <deg> & meg"))
    assert outcome == ACCEPTED
    body = answering.bodies[0]
    assert body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    session = fromstring(body)  # noqa: S314
    assert [child.tag for child in session] == ["CLIENT", "PW", "SD", "MSGLST"]
    assert session.findtext("CLIENT") == "clïent"
    assert session.findtext("PW") == PASSWORD
    assert session.findtext("SD") == str(NOTIFICATION_ID)
    assert {child.tag: child.text for child in session.findall("MSGLST/MSG/*")} == {
        "ID": "1",
        "TEXT": "Hei på <deg> & meg",
        "SND": "Altinn",
        "RCV": "4799999999",
        "TTL": "2879",
    }


def test_a_text_outside_the_gsm_alphabet_goes_as_ucs_2(raw_server: RawServers) -> None:
    session = written(raw_server, sms("Čau \N{SLIGHTLY SMILING FACE}"))
    assert session.findtext("MSGLST/MSG/OP") == "9"
    assert session.findtext("MSGLST/MSG/TEXT") == "010C006100750020D83DDE42"


@pytest.mark.parametrize(
    ("left", "minutes"),
    [(timedelta(hours=1, seconds=1), "60"), (timedelta(seconds=59), "1"), (-timedelta(1), "1")],
)
def test_the_gateway_tries_until_expiry_and_at_least_a_minute(
    raw_server: RawServers, left: timedelta, minutes: str
) -> None:
    message = replace(sms(), expires_at=datetime.now(UTC) + left)
    assert written(raw_server, message).findtext("MSGLST/MSG/TTL") == minutes


@pytest.mark.parametrize("sender", ["\N{SLIGHTLY SMILING FACE}", "A&B", "1234567890123456"])
def test_case_21_nothing_is_sent_in_anothers_name(raw_server: RawServers, sender: str) -> None:
    server = raw_server(Answering())
    outcome = send(gateway(server.port), sms(sender=sender))
    assert outcome.status is NotificationStatus.FAILED
    assert server.connections == 0


def test_a_blank_sender_is_the_default_one(raw_server: RawServers) -> None:
    assert written(raw_server, sms(sender=" ")).findtext("MSGLST/MSG/SND") == "Altinn"


def test_a_long_name_is_cut(raw_server: RawServers) -> None:
    message = sms(sender="Skatteetaten")
    assert written(raw_server, message).findtext("MSGLST/MSG/SND") == "Skatteetate"


def test_case_26_a_text_is_sent_in_plain_typography(raw_server: RawServers) -> None:
    session = written(raw_server, sms("Frist\u00a031.\u00a0mai \u2013 \u201dnå\u201d\u200b"))
    assert session.findtext("MSGLST/MSG/TEXT") == 'Frist 31. mai - "nå"'
    assert session.find("MSGLST/MSG/OP") is None


def test_characters_that_xml_cannot_hold_become_spaces(raw_server: RawServers) -> None:
    session = written(raw_server, sms("a\x00b\x1bc\fd\ud800e\uffff."))
    assert session.findtext("MSGLST/MSG/TEXT") == "a b c d e ."


@given(st.text(st.characters()))
def test_any_text_survives_the_journey(body: str) -> None:
    text = as_sent(body)
    assert "\r" not in text
    assert fromstring(f"<T>{text.replace('&', '').replace('<', '')}</T>") is not None  # noqa: S314


def test_line_ends_travel_as_line_feeds(raw_server: RawServers) -> None:
    session = written(raw_server, sms("en\r\nto\rtre\nfire"))
    assert session.findtext("MSGLST/MSG/TEXT") == "en\nto\ntre\nfire"


def test_abroad_a_number_stands_in_for_a_name(raw_server: RawServers) -> None:
    answering = Answering()
    port = raw_server(answering).port
    transport = LinkMobility(
        url=f"http://127.0.0.1:{port}/",
        client="c",
        password=PASSWORD,
        default_sender="Altinn",
        numbers_by_country={"358": "4759440000"},
        max_in_flight=1,
        timeout=aiohttp.ClientTimeout(total=5, connect=5),
    )
    for number in ("+358401234567", "+4799999999"):
        assert send(transport, replace(sms(), normalized_address=number)) == ACCEPTED
    senders = [re.findall(b"<SND>(.*?)</SND>", body) for body in answering.bodies]
    assert senders == [[b"4759440000"], [b"Altinn"]]


def test_a_text_of_more_than_sixteen_parts_is_cut_where_that_is_wanted(
    raw_server: RawServers, settings: LazySettings
) -> None:
    settings.SMS_TOO_LONG = "truncate"
    session = written(raw_server, sms("a" * 2145))
    assert session.findtext("MSGLST/MSG/TEXT") == "a" * 2144


def test_a_text_of_more_than_sixteen_parts_fails_without_a_call(raw_server: RawServers) -> None:
    server = raw_server(Answering())
    outcome = send(gateway(server.port), sms("a" * 2145))
    assert outcome.kind is OutcomeKind.FAILED
    assert outcome.status is NotificationStatus.FAILED
    assert "17 parts" in outcome.reason
    assert server.connections == 0


# What the gateway answers


def answer(logon: str = "OK", *, reason: str = "", message: str = "") -> bytes:
    messages = f"<MSGLST><MSG><ID>1</ID>{message}</MSG></MSGLST>" if message else ""
    session = f"<LOGON>{logon}</LOGON><REASON>{reason}</REASON>{messages}"
    return f'<?xml version="1.0"?><SESSION>{session}</SESSION>'.encode()


def refusal(info: str) -> bytes:
    return answer(message=f"<STATUS>FAIL</STATUS><INFO>{info}</INFO>")


def read(said: bytes) -> Outcome:
    return meaning(said, receiver="4799999999")


@pytest.mark.parametrize(
    ("info", "kind", "status"),
    [
        ("Invalid RCV", OutcomeKind.FAILED, NotificationStatus.FAILED_INVALID_RECIPIENT),
        ("Invalid RCV 4799999999", OutcomeKind.FAILED, NotificationStatus.FAILED_INVALID_RECIPIENT),
        ("Invalid SND", OutcomeKind.FAILED, NotificationStatus.FAILED),
        ("Excessive usage detected", OutcomeKind.FAILED, NotificationStatus.FAILED),
        ("", OutcomeKind.FAILED, NotificationStatus.FAILED),
        ("No credits left", OutcomeKind.PAUSE_CHANNEL, None),
        ("Quota exceeded!", OutcomeKind.PAUSE_CHANNEL, None),
        ("no credit", OutcomeKind.PAUSE_CHANNEL, None),
        ("Throttled", OutcomeKind.PAUSE_CHANNEL, None),
        ("Billing platform is unavailable", OutcomeKind.RETRY, None),
        ("Temporary error, try again", OutcomeKind.RETRY, None),
        # Case 25: words that the gateway quotes, or says of the text, are about the message.
        ("Text contains the word credit card", OutcomeKind.FAILED, NotificationStatus.FAILED),
        ("Rejected: 'your quota is used up'", OutcomeKind.FAILED, NotificationStatus.FAILED),
        ("Blocked by filter: no credits", OutcomeKind.FAILED, NotificationStatus.FAILED),
        ("Invalid TEXT: internal error", OutcomeKind.FAILED, NotificationStatus.FAILED),
        ("Receiver is temporarily barred", OutcomeKind.FAILED, NotificationStatus.FAILED),
        ("Message too long, try again", OutcomeKind.FAILED, NotificationStatus.FAILED),
        ("Creditor is unknown", OutcomeKind.FAILED, NotificationStatus.FAILED),
    ],
)
def test_a_refusal_is_judged_by_the_gateways_words(
    info: str, kind: OutcomeKind, status: NotificationStatus | None
) -> None:
    outcome = read(refusal(info))
    assert (outcome.kind, outcome.status) == (kind, status)
    assert info.replace("4799999999", "(address)") in outcome.reason
    assert "4799999999" not in outcome.reason


def test_a_refusal_may_stand_in_the_status_itself() -> None:
    outcome = read(answer(message="<STATUS>Invalid RCV</STATUS>"))
    assert outcome.status is NotificationStatus.FAILED_INVALID_RECIPIENT


@pytest.mark.parametrize("word", ["QUEUED", "PENDING", "ACCEPTED", "0", "42", "OK?"])
def test_a_status_of_another_word_is_not_taken_for_a_refusal(word: str) -> None:
    outcome = read(answer(message=f"<REF>reference-1</REF><STATUS>{word}</STATUS>"))
    assert (outcome.kind, outcome.reference) == (OutcomeKind.UNKNOWN, "reference-1")
    assert word in outcome.reason


@pytest.mark.parametrize("word", ["FAIL", "Failed", "ERROR", "REJECTED", "Barred"])
def test_a_refusal_may_be_called_by_another_word(word: str) -> None:
    outcome = read(answer(message=f"<STATUS>{word}</STATUS><INFO>Invalid SND</INFO>"))
    assert outcome.kind is OutcomeKind.FAILED


def test_of_an_answer_about_several_messages_nobody_knows_which_is_ours() -> None:
    of_another = b"<MSG><ID>2</ID><STATUS>FAIL</STATUS></MSG></MSGLST>"
    for said in (
        OK.replace(b"</MSGLST>", of_another),
        OK.replace(b"<MSG>", of_another[:-9] + b"<MSG>"),
    ):
        assert read(said).kind is OutcomeKind.UNKNOWN


@pytest.mark.parametrize(
    "said",
    [
        b"\r\n\r\n " + OK,
        OK + b"\r\n\x20",
        b"\xef\xbb\xbf" + OK,
        OK.decode().encode("utf-16"),
        OK.decode().encode("utf-16-le"),
        OK.replace(b'"1.0"', b'"1.0" encoding="utf-16"'),
        OK.replace(b"<INFO>", "<INFO>Mottatt på nå".encode("latin-1")),
        OK.replace(b'"1.0"', b'"1.0" encoding="ISO-8859-1"').replace(b"<INFO>", b"<INFO>\xe5"),
        OK.replace(b'"1.0"', b'"1.0" encoding="windows-1252"').replace(b"<INFO>", b"<INFO>\x96"),
    ],
)
def test_an_answer_is_read_however_it_is_encoded(said: bytes) -> None:
    assert read(said) == ACCEPTED


def test_an_empty_account_and_a_refused_log_in_wait_for_somebody_to_act() -> None:
    for said in (refusal("No credits left"), answer("Failed", reason="Unknown user")):
        outcome = read(said)
        assert outcome.kind is OutcomeKind.PAUSE_CHANNEL
        assert outcome.pause_cause is ChannelPause.Cause.REFUSED
        assert outcome.retry_after is None
    assert "Unknown user" in outcome.reason


def test_an_acceptance_without_a_reference_is_an_acceptance() -> None:
    outcome = read(answer(message="<STATUS>OK</STATUS>"))
    assert (outcome.kind, outcome.reference) == (OutcomeKind.ACCEPTED, "")


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"Internal error",
        b"<html><body>OK</body></html>",
        OK[:-20],
        answer(),
        answer("MAYBE"),
        answer(message="<INFO>nothing else</INFO>"),
        b"\xff\xfe" + OK,
        b'<?xml version="1.0" encoding="klingon"?><SESSION/>',
        b'<!DOCTYPE a [<!ENTITY b "OK">]>' + OK.partition(b"?>")[2].replace(b"OK", b"&b;"),
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>' + OK.partition(b"?>")[2],
    ],
)
def test_an_answer_that_says_nothing_leaves_the_outcome_unknown(said: bytes) -> None:
    assert read(said).kind is OutcomeKind.UNKNOWN


def test_a_doctype_in_an_answer_is_passed_over() -> None:
    said = OK.replace(b"<SESSION>", b'<!DOCTYPE SESSION SYSTEM "x.dtd"><SESSION>', 1)
    assert read(said) == ACCEPTED


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("500 Internal Server Error", OutcomeKind.CHANNEL_ERROR),
        ("503 Service Unavailable", OutcomeKind.CHANNEL_ERROR),
        ("502 Bad Gateway", OutcomeKind.CHANNEL_ERROR),
        # Handed on by a server in between, which had no answer in time.
        ("504 Gateway Timeout", OutcomeKind.UNKNOWN),
        ("524 A Timeout Occurred", OutcomeKind.UNKNOWN),
        ("415 Unsupported Media Type", OutcomeKind.PAUSE_CHANNEL),
        ("426 Upgrade Required", OutcomeKind.PAUSE_CHANNEL),
        ("408 Request Timeout", OutcomeKind.CHANNEL_ERROR),
        ("401 Unauthorized", OutcomeKind.PAUSE_CHANNEL),
        ("403 Forbidden", OutcomeKind.PAUSE_CHANNEL),
        ("404 Not Found", OutcomeKind.PAUSE_CHANNEL),
        ("302 Found", OutcomeKind.PAUSE_CHANNEL),
        ("400 Bad Request", OutcomeKind.FAILED),
        ("413 Content Too Large", OutcomeKind.FAILED),
        ("202 Accepted", OutcomeKind.UNKNOWN),
    ],
)
def test_an_http_status_has_its_meaning(
    raw_server: RawServers, status: str, kind: OutcomeKind
) -> None:
    said = response(b"", status=status, headers="Location: http://127.0.0.1:9/\r\n")
    outcome = send(gateway(raw_server(Answering(said)).port))
    assert outcome.kind is kind
    assert status[:3] in outcome.reason


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        *(("7", 7), ("0", 1), ("-5", 1), ("99999999999999", 604_800), ("9" * 400, 604_800)),
        *(("soon", 60), ("nan", 60), ("Thu, 01 Jan 2026 00:00:00 +99999999999999", 60)),
        ("Thu, 32 Jan 99999 25:61:61 GMT", 60),
    ],
)
def test_a_rate_limit_pauses_for_as_long_as_the_gateway_says(
    raw_server: RawServers, header: str, seconds: float
) -> None:
    said = response(b"", status="429 Too Many Requests", headers=f"Retry-After: {header}\r\n")
    outcome = send(gateway(raw_server(Answering(said)).port))
    assert outcome.kind is OutcomeKind.PAUSE_CHANNEL
    assert outcome.pause_cause is ChannelPause.Cause.RATE_LIMIT
    assert outcome.retry_after == seconds


def test_a_rate_limit_may_name_the_moment_of_its_end(raw_server: RawServers) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    said = response(b"", status="429 Too Many Requests", headers=f"Retry-After: {moment}\r\n")
    outcome = send(gateway(raw_server(Answering(said)).port))
    assert outcome.retry_after is not None
    assert 3_500 <= outcome.retry_after <= 3_600


# What silence means


def test_a_refused_connection_means_that_nothing_was_sent() -> None:
    outcome = send(gateway(free_port()))
    assert outcome.kind is OutcomeKind.CHANNEL_ERROR
    assert PASSWORD not in outcome.reason


def test_a_connection_that_is_never_made_means_that_nothing_was_sent() -> None:
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for client in (first, second):  # Linux keeps one more than asked for
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        outcome = send(gateway(full.getsockname()[1], connect=0.3))
    assert outcome.kind is OutcomeKind.CHANNEL_ERROR


def test_a_gateway_without_tls_means_that_nothing_was_sent(raw_server: RawServers) -> None:
    async def speak_no_tls(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    outcome = send(gateway(raw_server(speak_no_tls).port, scheme="https"))
    assert outcome.kind is OutcomeKind.CHANNEL_ERROR


@pytest.mark.parametrize("url", ["", "gateway", "ftp://127.0.0.1/"])
def test_an_address_that_is_none_waits_for_somebody_to_act(url: str) -> None:
    transport = LinkMobility(
        url=url,
        client="client",
        password=PASSWORD,
        default_sender="Altinn",
        max_in_flight=1,
        timeout=aiohttp.ClientTimeout(total=5),
    )
    assert send(transport).pause_cause is ChannelPause.Cause.REFUSED


def test_a_connection_lost_after_the_request_leaves_the_outcome_unknown(
    raw_server: RawServers,
) -> None:
    async def read_and_close(reader: StreamReader, writer: StreamWriter) -> None:
        await request_from(reader)

    server = raw_server(read_and_close)
    assert send(gateway(server.port)).kind is OutcomeKind.UNKNOWN
    assert server.connections == 1


def test_a_connection_reset_after_the_request_leaves_the_outcome_unknown(
    raw_server: RawServers,
) -> None:
    async def read_and_reset(reader: StreamReader, writer: StreamWriter) -> None:
        await request_from(reader)
        writer.transport.abort()

    assert send(gateway(raw_server(read_and_reset).port)).kind is OutcomeKind.UNKNOWN


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<SESSION>",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<SESS\r\n",
        b"220 smtp.example.com ESMTP\r\n",
    ],
)
def test_half_an_answer_leaves_the_outcome_unknown(raw_server: RawServers, said: bytes) -> None:
    async def answer_half(reader: StreamReader, writer: StreamWriter) -> None:
        await request_from(reader)
        writer.write(said)
        await writer.drain()

    assert send(gateway(raw_server(answer_half).port)).kind is OutcomeKind.UNKNOWN


def test_no_answer_in_time_leaves_the_outcome_unknown(raw_server: RawServers) -> None:
    transport = gateway(raw_server(Answering(pause=30)).port, seconds=0.3)
    assert send(transport).kind is OutcomeKind.UNKNOWN
    assert transport.max_send == 0.3


def test_an_endless_answer_is_cut_off(raw_server: RawServers) -> None:
    async def never_stop(reader: StreamReader, writer: StreamWriter) -> None:
        await request_from(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n<SESSION>")
        while True:
            writer.write(b" " * 10_000)
            await writer.drain()

    outcome = send(gateway(raw_server(never_stop).port, seconds=10))
    assert outcome == Outcome.unknown("The SMS gateway's answer cannot be read.")


def test_a_kept_connection_carries_the_next_message(raw_server: RawServers) -> None:
    server = raw_server(Answering())
    transport = gateway(server.port)
    assert [send(transport), send(transport)] == [ACCEPTED, ACCEPTED]
    assert server.connections == 1


def test_a_kept_connection_that_the_gateway_closed_meanwhile_costs_nothing(
    raw_server: RawServers,
) -> None:
    closed = asyncio.Event()

    async def answer_and_close(reader: StreamReader, writer: StreamWriter) -> None:
        await request_from(reader)
        writer.write(response())
        writer.write_eof()
        await reader.read()  # until our side has closed in turn
        outgoing.loop().call_soon_threadsafe(closed.set)

    async def send_twice() -> list[Outcome]:
        first = await transport.send(sms())
        await closed.wait()
        return [first, await transport.send(sms())]

    server = raw_server(answer_and_close, Answering())
    transport = gateway(server.port)
    assert outgoing.run(send_twice(), timeout=10) == [ACCEPTED, ACCEPTED]
    assert server.connections == 2


def test_a_kept_connection_closed_under_a_request_is_unknown_and_not_repeated(
    raw_server: RawServers,
) -> None:
    """The gateway closes without reading the second request; from here nobody can tell."""

    async def answer_once(reader: StreamReader, writer: StreamWriter) -> None:
        await request_from(reader)
        writer.write(response())
        await writer.drain()
        await reader.read(1)  # the next request has begun to arrive

    server = raw_server(answer_once, Answering())
    transport = gateway(server.port)
    assert send(transport) == ACCEPTED
    assert send(transport).kind is OutcomeKind.UNKNOWN
    assert server.connections == 1


def test_no_message_waits_for_the_answer_to_another(raw_server: RawServers) -> None:
    server = raw_server(Answering(pause=0.3))
    transport = gateway(server.port)

    async def send_many() -> list[Outcome]:
        return await asyncio.gather(*(transport.send(sms()) for _ in range(150)))

    # One after the other they would take 45 seconds.
    assert outgoing.run(send_many(), timeout=5) == [ACCEPTED] * 150
    assert server.connections == 150


# Against the simulated gateway


@pytest.mark.parametrize(
    ("number", "kind", "status"),
    [
        ("+4799999999", OutcomeKind.ACCEPTED, NotificationStatus.ACCEPTED),
        ("+4741030001", OutcomeKind.FAILED, NotificationStatus.FAILED_INVALID_RECIPIENT),
        ("+4741031001", OutcomeKind.FAILED, NotificationStatus.FAILED),
        ("+4741020001", OutcomeKind.CHANNEL_ERROR, None),
        ("+4741022001", OutcomeKind.UNKNOWN, None),
    ],
)
def test_magic_numbers_meet_their_fate(
    simulators: Simulators, number: str, kind: OutcomeKind, status: NotificationStatus | None
) -> None:
    outcome = send(gateways(NotificationChannel.SMS)[0].transport(), sms("Hei æøå €", to=number))
    assert (outcome.kind, outcome.status) == (kind, status)
    for taken in simulators.messages(to=number):
        assert taken["text"] == "Hei æøå €"
        assert taken["clientReference"] == str(NOTIFICATION_ID)
        assert outcome.reference in ("", taken["reference"])


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ("log-on-fails", ChannelPause.Cause.REFUSED),
        ("no-credit", ChannelPause.Cause.REFUSED),
        ("too-many-requests", ChannelPause.Cause.RATE_LIMIT),
    ],
)
def test_trouble_of_the_account_pauses_the_channel(
    simulators: Simulators, fault: str, cause: ChannelPause.Cause
) -> None:
    simulators.fault("gateway", fault)
    assert send(gateways(NotificationChannel.SMS)[0].transport()).pause_cause is cause
    assert simulators.messages() == []


def test_a_process_has_one_transport_for_sms() -> None:
    transport = ways_out(NotificationChannel.SMS).first.transport
    assert isinstance(transport, LinkMobility)
    assert ways_out(NotificationChannel.SMS).first.transport is transport
    assert transport.max_send == 30
