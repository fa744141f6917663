"""Large and odd requests: each is answered, nothing is half-stored, and the service goes on."""

import gzip
import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from script.launcher.system.running_system import BASE, RunningSystem
from tests.contracts.requests import email, order, sms

MAX_BYTES = 30_000_000
SMS = json.dumps(sms()).encode()


def stored(system: RunningSystem) -> tuple[int, int]:
    """How many orders and recipients there are."""
    counts = "SELECT (SELECT count(*) FROM orders_order), (SELECT count(*) FROM {})"
    orders, recipients = system.query(counts.format("recipients_recipient"))[0]
    return orders, recipients


@contextmanager
def storing(system: RunningSystem, *, orders: int, recipients: int) -> Iterator[None]:
    """So many more are stored afterwards, and the service answers."""
    before = stored(system)
    yield
    assert stored(system) == (before[0] + orders, before[1] + recipients)
    assert system.call("GET", "/health", headers={}).status == 200


@contextmanager
def storing_nothing(system: RunningSystem) -> Iterator[None]:
    with storing(system, orders=0, recipients=0):
        yield


def refused(system: RunningSystem, path: str, body: Any) -> dict[str, list[str]]:
    """The errors of a request that stores nothing."""
    with storing_nothing(system):
        answer = system.place(path, body)
        assert answer.status == 400, answer
    errors: dict[str, list[str]] = answer.json["errors"]
    return errors


def numbers(count: int) -> list[dict[str, str]]:
    return [{"mobileNumber": f"+479{index:07}"} for index in range(count)]


def test_ten_thousand_people_are_looked_up_for_one_order(live_web: RunningSystem) -> None:
    known = [{"nationalIdentityNumber": f"9000{index:07}"} for index in range(9_999)]
    people = [*known, {"nationalIdentityNumber": "11876995923"}]
    with storing(live_web, orders=1, recipients=10_000):
        answer = live_web.place("orders/sms", sms(recipients=people))
    assert answer.status == 202
    assert answer.json["recipientLookup"] == {
        "status": "PartialSuccess",
        "isReserved": ["11876995923"],
        "missingContact": [],
    }


def test_an_order_has_a_hundred_thousand_recipients_and_not_one_more(
    live_web: RunningSystem,
) -> None:
    errors = refused(live_web, "orders/sms", sms(recipients=numbers(100_001)))
    message = "The order has 100001 recipients; at most 100000 are allowed."
    assert errors == {"Recipients": [message]}
    with storing(live_web, orders=1, recipients=100_000):
        assert live_web.place("orders/sms", sms(recipients=numbers(100_000))).status == 202


def test_the_last_of_ten_thousand_recipients_spoils_the_order(live_web: RunningSystem) -> None:
    recipients = [*numbers(9_999), {"mobileNumber": "12345"}]
    errors = refused(live_web, "orders/sms", sms(recipients=recipients))
    assert list(errors) == ["Recipients[9999].MobileNumber"]


@pytest.mark.parametrize(
    "text",
    [
        "\U0001f469\u200d\U0001f469\u200d\U0001f467\U0001f1f3\U0001f1f4 \u2764\ufe0f",
        "\u202b\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627\u202c hei",
        "e\u0301\u0327 Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319",
        "\ufeff\u200b\u2028\u2029\u0085 hei \ufdd0\uffff\U0010ffff",
        "\x01\x1b[31m\x7f\x9f <script>&amp;'\"\\",
    ],
)
def test_a_text_is_shown_as_it_was_sent_in_whatever_script(
    live_web: RunningSystem, text: str
) -> None:
    template = {"subject": text, "body": text}
    request = order(sendersReference=text, emailTemplate=template, smsTemplate={"body": text})
    with storing(live_web, orders=1, recipients=1):
        placed = live_web.place("orders", request).json
    shown = live_web.call("GET", f"{BASE}/orders/{placed['orderId']}").json
    assert shown["sendersReference"] == text
    assert shown["emailTemplate"]["body"] == shown["smsTemplate"]["body"] == text


def test_a_subject_of_a_megabyte_is_refused_with_its_length(live_web: RunningSystem) -> None:
    errors = refused(live_web, "orders/email", email(subject="s" * 1_048_576))
    assert errors == {"Subject": ["The text is 1048576 bytes long; at most 65536 are allowed."]}


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 1_000_000,
        b"[" * 1_000_000 + b"]" * 1_000_000,
        b'{"a":' * 1_000_000 + b"1" + b"}" * 1_000_000,
        b'{"recipients":' + b"[" * 500 + b"]" * 500 + b"}",
        b'{"b":' + b"[" * 32 + b"]" * 32 + b"," + SMS[1:],
    ],
)
def test_nesting_bombs_are_refused(live_web: RunningSystem, body: bytes) -> None:
    assert list(refused(live_web, "orders/sms", body)) == ["$", "smsNotificationOrderRequest"]


def test_the_last_of_a_hundred_thousand_equal_names_counts(live_web: RunningSystem) -> None:
    first = b'"body": "not this one",' * 100_000
    with storing(live_web, orders=1, recipients=1):
        placed = live_web.place("orders/sms", b"{" + first + SMS[1:])
    shown = live_web.call("GET", f"{BASE}/orders/{placed.json['orderId']}").json
    assert shown["smsTemplate"]["body"] == sms()["body"]


def test_a_hundred_thousand_unknown_names_are_ignored(live_web: RunningSystem) -> None:
    unknown = b"".join(b'"name%d": {"x": [null]},' % index for index in range(100_000))
    with storing(live_web, orders=1, recipients=1):
        assert live_web.place("orders/sms", b"{" + unknown + SMS[1:]).status == 202


@pytest.mark.parametrize(
    "value",
    [
        b'"\xc3\x28"',
        b'"\xed\xa0\x80"',
        b'"\xf4\x90\x80\x80"',
        b'"\xc0\x80"',
        b'"\\udc00"',
        b'"\\ud83d\\ud83d"',
        b'{"\\ud800": 1}',
        b'"\0"',
        b"1e400",
        b"-1e400",
        b"1" + b"0" * 5_000,
        b"01",
        b"+1",
        b"0x10",
        b"Infinity",
    ],
)
def test_what_json_does_not_have_is_refused_wherever_it_stands(
    live_web: RunningSystem, value: bytes
) -> None:
    body = b'{"unknown": [%s], %s' % (value, SMS[1:])
    assert list(refused(live_web, "orders/sms", body)) == ["$", "smsNotificationOrderRequest"]


@pytest.mark.parametrize(
    "number",
    [b"1e0", b"1E+0", b"10e-1", b"0.0", b"-0.0", b"18446744073709551616", b'"1e0"', b'"1.0"'],
)
def test_only_an_integer_is_a_members_number(live_web: RunningSystem, number: bytes) -> None:
    body = json.dumps(order()).encode().replace(b'"EmailPreferred"', number)
    errors = refused(live_web, "orders", body)
    assert list(errors) == ["$.notificationChannel", "notificationOrderRequest"]


def test_minus_zero_is_zero(live_web: RunningSystem) -> None:
    body = json.dumps(order()).encode().replace(b'"EmailPreferred"', b"-0")
    with storing(live_web, orders=1, recipients=1):
        placed = live_web.place("orders", body).json
    shown = live_web.call("GET", f"{BASE}/orders/{placed['orderId']}").json
    assert shown["notificationChannel"] == "Email"


def test_a_surrogate_pair_is_one_character(live_web: RunningSystem) -> None:
    body = b'{"sendersReference": "\\ud83d\\ude00", ' + SMS[1:]
    with storing(live_web, orders=1, recipients=1):
        placed = live_web.place("orders/sms", body).json
    shown = live_web.call("GET", f"{BASE}/orders/{placed['orderId']}").json
    assert shown["sendersReference"] == "\U0001f600"


@pytest.mark.parametrize("path", ["/orders/%00", "/orders/%ff%fe", "/orders/" + "a" * 20_000])
def test_an_odd_address_names_no_order(live_web: RunningSystem, path: str) -> None:
    with storing_nothing(live_web):
        answer = live_web.call("GET", BASE + path)
    assert answer.status == 400
    assert list(answer.json["errors"]) == ["id"]


@pytest.mark.parametrize("reference", ["%ff", "%ed%a0%80", "a" * 30_000])
def test_an_odd_reference_finds_nothing(live_web: RunningSystem, reference: str) -> None:
    with storing_nothing(live_web):
        answer = live_web.call("GET", f"{BASE}/orders?sendersReference={reference}")
    assert answer.status == 200
    assert answer.json == {"count": 0, "orders": []}


def test_a_null_character_is_no_reference(live_web: RunningSystem) -> None:
    answer = live_web.call("GET", f"{BASE}/orders?sendersReference=%00")
    assert answer.status == 400
    assert list(answer.json["errors"]) == ["sendersReference"]


def test_a_body_of_exactly_the_greatest_size_is_taken(live_web: RunningSystem) -> None:
    with storing(live_web, orders=1, recipients=1):
        assert live_web.place("orders/sms", SMS.ljust(MAX_BYTES)).status == 202


@pytest.mark.parametrize("bytes_over", [1, MAX_BYTES // 2])
def test_a_caller_reads_that_the_body_was_too_large(
    live_web: RunningSystem, bytes_over: int
) -> None:
    with storing_nothing(live_web):
        answer = live_web.place("orders/sms", SMS.ljust(MAX_BYTES + bytes_over))
    assert answer.status == 413
    assert answer.json["detail"] == f"The body may be {MAX_BYTES} bytes long."


def test_a_compressed_body_is_not_json(live_web: RunningSystem) -> None:
    headers = {
        "Authorization": f"Bearer {live_web.token()}",
        "Content-Type": "application/json",
        "Content-Encoding": "gzip",
    }
    with storing_nothing(live_web):
        answer = live_web.call("POST", f"{BASE}/orders/sms", gzip.compress(SMS), headers)
    assert answer.status == 400
    assert list(answer.json["errors"]) == ["$", "smsNotificationOrderRequest"]


class Wire:
    """One connection on which a test writes what it likes; closed afterwards."""

    def __init__(self, system: RunningSystem) -> None:
        self.socket = socket.create_connection(("127.0.0.1", system.port), timeout=10)
        self.head = (
            f"POST {BASE}/orders/sms HTTP/1.1\r\nHost: notifications.example\r\n"
            f"Authorization: Bearer {system.token()}\r\nContent-Type: application/json\r\n"
        ).encode()

    def begin(self, *headers: bytes) -> None:
        self.socket.sendall(self.head + b"\r\n".join(headers) + b"\r\n\r\n")

    def status(self) -> int:
        response = http.client.HTTPResponse(self.socket, method="POST")
        response.begin()
        response.read()
        return response.status


@pytest.fixture
def wire(live_web: RunningSystem) -> Iterator[Wire]:
    connection = Wire(live_web)
    yield connection
    connection.socket.close()


@pytest.mark.parametrize("missing", [1, 5])
def test_a_body_that_breaks_off_is_not_taken(
    live_web: RunningSystem, wire: Wire, missing: int
) -> None:
    with storing_nothing(live_web):
        wire.begin(b"Content-Length: %d" % (len(SMS) + missing))
        wire.socket.sendall(SMS)
        wire.socket.shutdown(socket.SHUT_WR)
        assert wire.status() == 400


def test_what_follows_the_announced_length_is_not_part_of_the_body(
    live_web: RunningSystem, wire: Wire
) -> None:
    with storing_nothing(live_web):
        wire.begin(b"Content-Length: %d" % (len(SMS) - 1))
        wire.socket.sendall(SMS)
        assert wire.status() == 400


@pytest.mark.parametrize(
    "headers",
    [
        (b"Content-Length: -1",),
        (b"Content-Length: ten",),
        (b"Content-Length: 3", b"Content-Length: 300"),
        (b"Transfer-Encoding: chunked", b"", b"not a size\r\n"),
    ],
)
def test_a_length_that_makes_no_sense_is_refused(
    live_web: RunningSystem, wire: Wire, headers: tuple[bytes, ...]
) -> None:
    with storing_nothing(live_web):
        wire.begin(*headers)
        assert wire.status() == 400


def test_a_slow_body_holds_nobody_up_and_is_taken_in_the_end(
    live_web: RunningSystem, wire: Wire
) -> None:
    with storing(live_web, orders=1, recipients=1):
        wire.begin(b"Content-Length: %d" % len(SMS))
        wire.socket.sendall(SMS[:10])
        assert live_web.call("GET", f"{BASE}/orders?sendersReference=other").status == 200
        wire.socket.sendall(SMS[10:-1])
        assert live_web.call("GET", "/health", headers={}).status == 200
        wire.socket.sendall(SMS[-1:])
        assert wire.status() == 202
