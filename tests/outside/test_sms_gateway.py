"""The SMS gateway takes Link Mobility's XML, and shows what its readers get."""

import http.client

import pytest

from script.launcher.system.simulators import Simulators
from tests.outside.conftest import ask
from tests.outside.sms import message, send, session, statuses, submit

KARIS_NUMBER = "4793000002"


def in_hex(text: str) -> str:
    return text.encode("utf-16-be").hex()


def test_a_message_is_accepted_and_recorded(simulators: Simulators) -> None:
    request = session(message(KARIS_NUMBER, "Hei på deg, 100 € & <mer>"), sd="0190-abc")
    (status,) = statuses(ask("POST", f"{simulators.url}/gateway", request))
    (received,) = simulators.messages(to="+" + KARIS_NUMBER)
    assert (status.findtext("ID"), status.findtext("STATUS")) == ("1", "OK")
    assert received["reference"] == status.findtext("REF")
    assert received["clientReference"] == "0190-abc"
    assert received["text"] == "Hei på deg, 100 € & <mer>"
    assert (received["sender"], received["owner"]) == ("Altinn", "Kari Nordmann")
    assert (received["encoding"], received["parts"]) == ("GSM-7", 1)
    assert (received["minutesToLive"], received["outcome"]) == (2880, "Accepted")


def test_unicode_comes_in_hex_and_is_read_as_text(simulators: Simulators) -> None:
    text = "Kjære Åse 👋🏽 «Ж»"
    assert send(simulators, KARIS_NUMBER, in_hex(text), OP="9").findtext("STATUS") == "OK"
    (received,) = simulators.messages()
    assert (received["text"], received["encoding"]) == (text, "UCS-2")


def test_what_the_sms_alphabet_lacks_is_lost_in_a_text_message(simulators: Simulators) -> None:
    send(simulators, KARIS_NUMBER, "Привет, čau")
    assert simulators.messages()[0]["text"] == "??????, ?au"


@pytest.mark.parametrize(
    ("text", "operation", "parts", "characters"),
    [
        ("a" * 160, "1", 1, 160),
        ("a" * 161, "1", 2, 161),
        ("€" * 80, "1", 1, 80),
        ("€" * 81, "1", 2, 81),
        ("a" * 2144, "1", 16, 2144),
        ("a" * 3000, "1", 16, 2144),
        ("ж" * 70, "9", 1, 70),
        ("ж" * 71, "9", 2, 71),
        ("ж" * 2000, "9", 16, 1072),
    ],
)
def test_long_texts_are_split_and_in_the_end_cut(
    simulators: Simulators, text: str, operation: str, parts: int, characters: int
) -> None:
    send(simulators, KARIS_NUMBER, in_hex(text) if operation == "9" else text, OP=operation)
    (received,) = simulators.messages()
    assert (received["parts"], len(received["text"])) == (parts, characters)


def test_several_messages_in_a_session_get_a_status_each(simulators: Simulators) -> None:
    messages = [
        message(KARIS_NUMBER, "En", ID="7"),
        message("+4793000002", "To", ID="8"),
        message("4793000003", "Tre", ID="9"),
    ]
    first, second, third = statuses(submit(simulators, *messages))
    assert [entry.findtext("ID") for entry in (first, second, third)] == ["7", "8", "9"]
    assert (second.findtext("STATUS"), second.findtext("INFO")) == ("FAIL", "Invalid RCV")
    assert second.find("REF") is None
    assert first.findtext("REF") != third.findtext("REF")
    assert [received["text"] for received in simulators.messages()] == ["En", "Tre"]


@pytest.mark.parametrize(
    ("elements", "info"),
    [
        ({"RCV": "004793000002"}, "Invalid RCV"),
        ({"RCV": "47 93000002"}, "Invalid RCV"),
        ({"RCV": ""}, "Invalid RCV"),
        ({"RCV": "4741030000"}, "Invalid RCV"),
        ({"SND": "Skatteetaten"}, "Invalid SND"),
        ({"SND": "Ålesund"}, "Invalid SND"),
        ({"SND": "1234567890123456"}, "Invalid SND"),
        ({"TTL": "-5"}, "Invalid TTL"),
        ({"OP": "9", "TEXT": "not hex"}, "Invalid TEXT"),
        ({"OP": "42"}, "Invalid OP"),
    ],
)
def test_what_the_gateway_cannot_send_fails_with_the_reason(
    simulators: Simulators, elements: dict[str, str], info: str
) -> None:
    status = send(simulators, elements.pop("RCV", KARIS_NUMBER), **elements)
    assert (status.findtext("STATUS"), status.findtext("INFO")) == ("FAIL", info)
    assert simulators.messages() == []


def test_a_wrong_log_on_sends_nothing_and_says_why(simulators: Simulators) -> None:
    request = session(message(KARIS_NUMBER), client="somebody")
    answer = ask("POST", f"{simulators.url}/gateway", request)
    assert b"<LOGON>FAIL</LOGON><REASON>Unknown user or wrong password</REASON>" in answer.body
    assert b"MSGLST" not in answer.body
    assert simulators.messages() == []


def test_what_is_no_xml_is_a_bad_request(simulators: Simulators) -> None:
    assert ask("POST", f"{simulators.url}/gateway", "<SESSION>").status == 400


def test_the_gateway_is_down_for_one_number_and_not_for_another(simulators: Simulators) -> None:
    assert submit(simulators, message("4741020000")).status == 500
    assert submit(simulators, message(KARIS_NUMBER)).status == 200


def test_the_gateway_is_down_once_for_another(simulators: Simulators) -> None:
    answers = [submit(simulators, message("4741023000")).status for _ in range(2)]
    assert answers == [500, 200]
    assert len(simulators.messages(to="4741023000")) == 1


def test_a_lost_answer_is_a_message_that_was_taken(simulators: Simulators) -> None:
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        submit(simulators, message("4741022000"))
    assert len(simulators.messages(to="4741022000")) == 1


def test_an_answer_lost_once_is_two_messages_when_sent_again(simulators: Simulators) -> None:
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        submit(simulators, message("4741024000"))
    assert submit(simulators, message("4741024000")).status == 200
    assert len(simulators.messages(to="4741024000")) == 2


def test_a_number_that_times_out_takes_nothing(simulators: Simulators) -> None:
    with pytest.raises(TimeoutError):
        submit(simulators, message("4741021000"), timeout=0.1)
    assert simulators.messages() == []


@pytest.mark.parametrize(
    ("mode", "status", "body"),
    [
        ("error500", 500, b"Internal Server Error"),
        ("too-many-requests", 429, b""),
        ("log-on-fails", 200, b"<LOGON>FAIL</LOGON>"),
        ("no-credit", 200, b"<STATUS>FAIL</STATUS><INFO>No credits left</INFO>"),
    ],
)
def test_faults_spoil_as_many_calls_as_asked_for(
    simulators: Simulators, mode: str, status: int, body: bytes
) -> None:
    simulators.fault("gateway", mode, times=2)
    for _ in range(2):
        answer = submit(simulators, message(KARIS_NUMBER))
        assert answer.status == status
        assert body in answer.body
        assert (mode == "too-many-requests") == ("Retry-After" in answer.headers)
    assert simulators.messages() == []
    assert send(simulators, KARIS_NUMBER).findtext("STATUS") == "OK"


def test_a_late_answer_is_to_a_message_that_was_taken(simulators: Simulators) -> None:
    simulators.fault("gateway", "late", latency_ms=60_000, times=1)
    with pytest.raises(TimeoutError):
        submit(simulators, message(KARIS_NUMBER), timeout=0.2)
    assert len(simulators.messages()) == 1


def test_every_call_is_counted(simulators: Simulators) -> None:
    submit(simulators, message(KARIS_NUMBER), message("4793000003"))
    submit(simulators, message("4741020000"))
    calls = [(call["about"], call["size"], call["status"]) for call in simulators.calls("gateway")]
    assert calls == [(KARIS_NUMBER, 2, 200), ("4741020000", 1, 500)]
