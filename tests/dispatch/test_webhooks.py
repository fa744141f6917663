"""Reports that gateways and providers post: who may, what is read, and what is kept."""

import base64
import codecs
import hashlib
import hmac
import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from dispatch.gateways.link_mobility.reports import MAX_BODY
from dispatch.models import DeliveryReport, EventProof
from dispatch.reports import delivery_reports
from dispatch.reports.delivery_reports import ReceivedReport
from dispatch.upkeep import sweep
from dispatch.urls import report_urls
from notifications.models import NotificationChannel, NotificationStatus
from tests.dispatch.webhook_urls import gateways_with

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.dispatch.webhook_urls")]

SMS_REPORTS = "/notifications/sms/api/v1/reports"
MAIL_EVENTS = "/notifications/email/api/v1/mailgun/tracking/"
PROLOG = '<?xml version="1.0"?>\n<!DOCTYPE MSGLST SYSTEM "pswincom_report_request.dtd">\n'
PASSWORD = "pass:wørd"
RECEIVED = '<?xml version="1.0"?><MSGLST><MSG><ID>1</ID><STATUS>OK</STATUS></MSG></MSGLST>'


@pytest.fixture(autouse=True)
def secrets(settings: Settings) -> None:
    settings.SMS_REPORTS_USER = "gateway"
    settings.SMS_REPORTS_PASSWORD = PASSWORD
    settings.ANYMAIL = {"MAILGUN_WEBHOOK_SIGNING_KEY": "signing-key"}


@pytest.fixture
def webhooks() -> Client:
    return Client(enforce_csrf_checks=True)


def basic(user: str = "gateway", password: str = PASSWORD) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def msg(
    *, number: str | None = "1", reference: str = "ref-1", state: str = "DELIVRD", more: str = ""
) -> str:
    identifier = f"<ID>{number}</ID>" if number is not None else ""
    return (
        f"<MSG>{identifier}<REF>{reference}</REF><RCV>4799999999</RCV><STATE>{state}</STATE>"
        f"{more}</MSG>"
    )


def post(
    client: Client,
    body: str | bytes,
    *,
    content_type: str = "application/xml",
    authorization: str | None = None,
) -> Any:
    given = basic() if authorization is None else authorization
    return client.generic(
        "POST",
        SMS_REPORTS,
        body if isinstance(body, bytes) else body.encode("iso-8859-1"),
        content_type=content_type,
        headers={"Authorization": given} if given else {},
    )


def reports(*entries: str) -> str:
    return f"{PROLOG}<MSGLST>{''.join(entries)}</MSGLST>"


# SMS: who may


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer token",
        "Basic",
        "Basic ***",
        "Basic Z2F0ZXdheQ==",
        basic(password="wrong"),
        basic(user="someone"),
        basic(user="", password=""),
        basic(password="pass:wørd "),
    ],
)
def test_only_the_gateway_may_report(webhooks: Client, authorization: str) -> None:
    response = post(webhooks, reports(msg()), authorization=authorization)
    assert (response.status_code, response.content) == (401, b"")
    assert not DeliveryReport.objects.exists()


def test_while_the_password_is_replaced_the_old_one_is_good_too(
    webhooks: Client, settings: Settings
) -> None:
    settings.SMS_REPORTS_PASSWORD, settings.SMS_REPORTS_PASSWORD_FALLBACKS = "new", [PASSWORD]
    for password, status in ((PASSWORD, 200), ("new", 200), ("other", 401), ("", 401)):
        given = basic(password=password)
        assert post(webhooks, reports(msg()), authorization=given).status_code == status


@pytest.mark.parametrize(("user", "password"), [("", ""), ("gateway", ""), ("", "pass:wørd")])
def test_without_a_configured_password_nobody_may_report(
    webhooks: Client, settings: Settings, user: str, password: str
) -> None:
    settings.SMS_REPORTS_USER, settings.SMS_REPORTS_PASSWORD = user, password
    response = post(webhooks, reports(msg()), authorization=basic(user, password))
    assert response.status_code == 401


def test_the_password_is_asked_for_before_the_body_is_looked_at(webhooks: Client) -> None:
    response = post(webhooks, b"", content_type="image/png", authorization="Basic x")
    assert response.status_code == 401


def test_reports_are_posted(webhooks: Client) -> None:
    assert webhooks.get(SMS_REPORTS).status_code == 405


# SMS: what is read


def test_a_report_is_kept_and_answered(webhooks: Client) -> None:
    body = reports(msg(more="<DELIVERYTIME>2025.01.31 12:00:00</DELIVERYTIME>"))
    response = post(webhooks, body)
    assert (response.status_code, response.content.decode()) == (200, RECEIVED)
    assert response["Content-Type"].startswith("application/xml")
    report = DeliveryReport.objects.get()
    assert report.channel == NotificationChannel.SMS
    assert (report.reference, report.status, report.state) == ("ref-1", "Delivered", "Waiting")
    assert report.report == {
        "reference": "ref-1",
        "receiver": "4799999999",
        "state": "DELIVRD",
        "deliveryTime": "2025.01.31 12:00:00",
    }


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("DELIVRD", "Delivered"),
        ("delivrd", "Delivered"),
        ("EXPIRED", "Failed_Expired"),
        ("DELETED", "Failed_Deleted"),
        ("UNDELIV", "Failed_Undelivered"),
        ("REJECTD", "Failed_Rejected"),
        ("BARRED", "Failed_BarredReceiver"),
        ("FAILED", "Failed"),
        ("NULL", "Failed"),
        ("UNKNOWN", "Failed"),
        ("BARREDA", "Failed"),
        ("ZEROBAL", "Failed"),
        ("", ""),
        ("anything", ""),
        ("ACCEPTD", ""),
        ("ENROUTE", ""),
        ("QUEUED", ""),
        ("BUFFRED", ""),
    ],
)
def test_each_state_has_its_status_and_an_unknown_one_none(
    webhooks: Client, state: str, status: str
) -> None:
    """Case 18."""
    assert post(webhooks, reports(msg(state=state))).status_code == 200
    report = DeliveryReport.objects.get()
    assert (report.status, report.is_uncertain) == (status, state in ("NULL", "UNKNOWN"))


def test_every_report_of_a_list_is_kept(webhooks: Client) -> None:
    entries = [msg(number=str(n), reference=f"ref-{n}") for n in range(1, 101)]
    response = post(webhooks, reports(*entries))
    assert response.content.count(b"<STATUS>OK</STATUS>") == 100
    assert b"<ID>100</ID>" in response.content
    assert DeliveryReport.objects.count() == 100


def test_a_report_without_an_id_or_reference_is_taken(webhooks: Client) -> None:
    body = "<MSGLST><MSG><RCV>47</RCV><STATE>DELIVRD</STATE></MSG></MSGLST>"
    assert post(webhooks, body).content.decode() == RECEIVED
    assert DeliveryReport.objects.get().reference == ""


def test_an_id_is_given_back_escaped(webhooks: Client) -> None:
    response = post(webhooks, reports(msg(number="&lt;b&gt;")))
    assert b"<ID>&lt;b&gt;</ID>" in response.content


def test_of_a_list_the_good_reports_are_kept_and_the_bad_ones_told(webhooks: Client) -> None:
    bad = "<MSG><ID>7</ID><REF>ref-7</REF><RCV>47</RCV></MSG>"
    response = post(webhooks, reports(bad, msg(number="8", reference="ref-8")))
    assert response.status_code == 200
    assert b"<ID>7</ID><STATUS>FAIL</STATUS>" in response.content
    assert b"<ID>8</ID><STATUS>OK</STATUS>" in response.content
    assert DeliveryReport.objects.get().reference == "ref-8"


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ("", "Request content is empty"),
        ("  \n", "Request content is empty"),
        ("DELIVRD", "XML is not well formed: "),
        ("<MSGLST><MSG>", "XML is not well formed: "),
        ("<MSGLST/>", "Missing element MSG under MSGLST"),
        ("<OTHER><MSG/></OTHER>", "Missing element MSG under MSGLST"),
        ("<MSGLST><MSG><ID>1</ID></MSG></MSGLST>", "Missing element RCV under MSGLST/MSG"),
        ("<MSGLST><MSG><RCV>47</RCV></MSG></MSGLST>", "Missing element STATE under MSGLST/MSG"),
    ],
)
def test_what_cannot_be_read_is_refused_in_the_gateways_words(
    webhooks: Client, body: str, answer: str
) -> None:
    response = post(webhooks, body)
    assert response.status_code == 400
    assert response.content.decode().startswith(answer)
    assert not DeliveryReport.objects.exists()


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE MSGLST [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE MSGLST [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE MSGLST [<!ENTITY % b SYSTEM "http://127.0.0.1:9/"> %b;]>',
    ],
)
def test_entities_are_refused(webhooks: Client, doctype: str) -> None:
    body = f"{doctype}<MSGLST>{msg(reference='&b;')}</MSGLST>"
    assert post(webhooks, body).status_code == 400
    assert not DeliveryReport.objects.exists()


@pytest.mark.parametrize(
    ("content_type", "encoding"),
    [
        ("application/xml", "iso-8859-1"),
        ("text/plain", "iso-8859-1"),
        ("", "iso-8859-1"),
        ("application/xml; charset=UTF-8", "utf-8"),
        ("application/xml; charset=utf-16", "utf-16"),
        ('text/plain; charset="windows-1252"', "windows-1252"),
        ("text/xml", "iso-8859-1"),
        ("Text/XML; Charset=utf-8", "utf-8"),
        ("application/xml; charset=UTF8", "utf-8"),
        ("application/xml; charset='utf-8'", "utf-8"),
        ("application/xml; charset=", "iso-8859-1"),
        ("application/xml; charset=latin1", "iso-8859-1"),
        ("application/xml; charset=ISO8859-1", "iso-8859-1"),
        ("application/xml; charset=latin9", "iso-8859-15"),
        ("application/xml; charset=cp1252", "windows-1252"),
        ("application/xml; charset=UTF-16LE", "utf-16-le"),
        ("application/dlr+xml", "iso-8859-1"),
    ],
)
def test_case_19_a_body_is_read_in_the_charset_of_its_header(
    webhooks: Client, content_type: str, encoding: str
) -> None:
    body = reports(msg(reference="blåbær")).encode(encoding)
    assert post(webhooks, body, content_type=content_type).status_code == 200
    assert DeliveryReport.objects.get().reference == "blåbær"


@pytest.mark.parametrize(
    "content_type",
    [
        *("application/json", "text/html", "image/svg", "multipart/form-data; boundary=x"),
        *("application/xml; charset=zlib", "text/plain; charset=x"),
        *("text/xml; charset=rot13", "text/xml; charset=idna"),
    ],
)
def test_another_content_type_is_refused(webhooks: Client, content_type: str) -> None:
    assert post(webhooks, reports(msg()), content_type=content_type).status_code == 415


@pytest.mark.parametrize(
    ("content_type", "mark", "encoding"),
    [
        ("application/xml; charset=iso-8859-1", codecs.BOM_UTF8, "utf-8"),
        ("text/xml", codecs.BOM_UTF16_LE, "utf-16-le"),
        ("text/plain; charset=utf-8", codecs.BOM_UTF16_BE, "utf-16-be"),
    ],
)
def test_case_19_a_byte_order_mark_comes_before_the_header(
    webhooks: Client, content_type: str, mark: bytes, encoding: str
) -> None:
    body = mark + reports(msg(reference="blåbær")).encode(encoding)
    assert post(webhooks, body, content_type=content_type).status_code == 200
    assert DeliveryReport.objects.get().reference == "blåbær"


@pytest.mark.parametrize(
    ("encoding", "space"),
    [
        *(("utf-8", ""), ("utf-8", " \r\n"), ("UTF8", ""), ("iso-8859-15", "\n")),
        *(("utf-16-le", ""), ("utf-16-be", "")),
    ],
)
def test_case_19_without_a_charset_the_document_says_how_it_is_written(
    webhooks: Client, encoding: str, space: str
) -> None:
    body = f'{space}<?xml version="1.0" encoding="{encoding}"?><MSGLST>{msg(reference="blåbær")}'
    posted = f"{body}</MSGLST>\n".encode(encoding)
    assert post(webhooks, posted, content_type="text/xml").status_code == 200
    assert DeliveryReport.objects.get().reference == "blåbær"


def test_a_document_that_only_says_that_it_is_utf_16_is_read(webhooks: Client) -> None:
    """As .NET declares what it has written to a string, and then posts as UTF-8."""
    text = f'<?xml version="1.0" encoding="utf-16"?><MSGLST>{msg(reference="å-1")}</MSGLST>'
    assert post(webhooks, text.encode(), content_type="text/xml").status_code == 200
    assert DeliveryReport.objects.get().reference == "å-1"


def test_a_declared_encoding_that_no_gateway_writes_is_passed_over(webhooks: Client) -> None:
    body = f'<?xml version="1.0" encoding="zlib"?><MSGLST>{msg()}</MSGLST>'
    assert post(webhooks, body).status_code == 200


def test_bytes_outside_the_charset_are_refused(webhooks: Client) -> None:
    body = reports(msg(reference="blåbær")).encode("iso-8859-1")
    response = post(webhooks, body, content_type="application/xml; charset=utf-8")
    assert (response.status_code, response.content[:11]) == (400, b"XML is not ")


def test_a_body_has_a_largest_size(webhooks: Client) -> None:
    frame = len(reports(msg()))
    largest = reports(msg(), " " * (MAX_BODY - frame))
    assert post(webhooks, largest).status_code == 200
    assert post(webhooks, largest + " ").status_code == 413
    assert DeliveryReport.objects.count() == 1


def test_a_reference_of_any_length_can_be_kept(webhooks: Client) -> None:
    assert post(webhooks, reports(msg(reference="x" * 100_000))).status_code == 200
    assert len(DeliveryReport.objects.get().reference) == 300


# E-mail


def mail_event(
    event: str,
    *,
    key: str = "signing-key",
    age: float = 0,
    nonce: str = "0123456789",
    **members: Any,
) -> dict[str, Any]:
    moment = str(int(time.time() - age))
    signature = hmac.new(key.encode(), (moment + nonce).encode(), hashlib.sha256).hexdigest()
    data: dict[str, Any] = {
        "event": event,
        "timestamp": 1_790_000_000.5,
        "recipient": "kari@example.com",
        "message": {"headers": {"message-id": "0195@altinn.cloud"}},
    }
    return {
        "signature": {"timestamp": moment, "token": nonce, "signature": signature},
        "event-data": data | members,
    }


def tell(client: Client, event: object, *, path: str = MAIL_EVENTS) -> Any:
    return client.post(path, json.dumps(event), content_type="application/json")


@pytest.mark.parametrize(
    ("event", "members", "status"),
    [
        ("delivered", {}, "Delivered"),
        ("failed", {"severity": "permanent", "reason": "bounce"}, "Failed_Bounced"),
        ("rejected", {"reject": {"reason": "suppressed"}}, "Failed_SupressedRecipient"),
    ],
)
def test_an_event_that_decides_is_kept(
    webhooks: Client, event: str, members: dict[str, Any], status: str
) -> None:
    assert tell(webhooks, mail_event(event, **members)).status_code == 200
    report = DeliveryReport.objects.get()
    assert report.channel == NotificationChannel.EMAIL
    assert (report.reference, report.status) == ("0195@altinn.cloud", status)
    assert report.report["receiver"] == "kari@example.com"
    assert report.report["time"] == "2026-09-21T14:13:20.500000+00:00"


@pytest.mark.parametrize(
    ("event", "members"),
    [
        ("failed", {"severity": "temporary"}),
        ("opened", {}),
        ("clicked", {}),
        ("complained", {}),
        ("unsubscribed", {}),
        ("accepted", {}),
        ("something-new", {}),
    ],
)
def test_an_event_that_decides_nothing_is_taken_and_passed_over(
    webhooks: Client, event: str, members: dict[str, Any]
) -> None:
    assert tell(webhooks, mail_event(event, **members)).status_code == 200
    assert not DeliveryReport.objects.exists()


@pytest.mark.parametrize("path", [MAIL_EVENTS, MAIL_EVENTS.rstrip("/")])
def test_the_address_may_end_in_a_slash(webhooks: Client, path: str) -> None:
    assert tell(webhooks, mail_event("delivered"), path=path).status_code == 200


@pytest.mark.parametrize("message_id", ["0195@altinn.cloud", "<0195@altinn.cloud>"])
def test_a_message_id_is_kept_without_brackets(webhooks: Client, message_id: str) -> None:
    tell(webhooks, mail_event("delivered", message={"headers": {"message-id": message_id}}))
    assert DeliveryReport.objects.get().reference == "0195@altinn.cloud"


def test_a_message_id_of_any_length_can_be_kept(webhooks: Client) -> None:
    tell(webhooks, mail_event("delivered", message={"headers": {"message-id": "x" * 10_000}}))
    assert len(DeliveryReport.objects.get().reference) == 300


def test_an_event_without_a_message_id_is_kept(webhooks: Client) -> None:
    assert tell(webhooks, mail_event("delivered", message={})).status_code == 200
    assert DeliveryReport.objects.get().reference == ""


def test_a_forged_event_is_refused(webhooks: Client) -> None:
    assert tell(webhooks, mail_event("delivered", key="guessed")).status_code == 400
    assert tell(webhooks, {"event-data": {"event": "delivered"}}).status_code == 400
    assert not DeliveryReport.objects.exists()


@pytest.mark.parametrize("age", [31 * 60, 86_400, -31 * 60, 1e9])
def test_attack_a10_an_old_signature_proves_nothing(webhooks: Client, age: float) -> None:
    assert tell(webhooks, mail_event("delivered", age=age)).status_code == 400
    assert not DeliveryReport.objects.exists()
    assert not EventProof.objects.exists()


@pytest.mark.parametrize("age", [29 * 60, -29 * 60])
def test_clocks_may_differ_and_posts_be_repeated_for_minutes(webhooks: Client, age: float) -> None:
    assert tell(webhooks, mail_event("delivered", age=age)).status_code == 200
    assert DeliveryReport.objects.count() == 1


def test_attack_a10_an_event_counts_once_however_often_it_is_posted(webhooks: Client) -> None:
    event = mail_event("delivered")
    assert {tell(webhooks, event).status_code for _ in range(50)} == {200}
    assert DeliveryReport.objects.count() == 1


@pytest.mark.parametrize("first", ["delivered", "opened"])
def test_attack_a10_a_captured_signature_proves_no_other_event(
    webhooks: Client, first: str
) -> None:
    """Also where the first event decided nothing, and none was kept."""
    captured = mail_event(first)
    assert tell(webhooks, captured).status_code == 200
    forged = mail_event("failed", severity="permanent") | {"signature": captured["signature"]}
    assert tell(webhooks, forged).status_code == 200
    assert [one.status for one in DeliveryReport.objects.all()] == (
        ["Delivered"] if first == "delivered" else []
    )
    assert tell(webhooks, mail_event("delivered", nonce="another")).status_code == 200
    assert DeliveryReport.objects.filter(status="Delivered").exists()


def test_attack_a10_proofs_are_forgotten_when_nobody_would_believe_them(webhooks: Client) -> None:
    tell(webhooks, mail_event("delivered"))
    sweep.sweep(now=timezone.now() + timedelta(minutes=59))
    assert EventProof.objects.exists()
    sweep.sweep(now=timezone.now() + timedelta(minutes=61))
    assert not EventProof.objects.exists()


def test_of_many_posts_of_one_event_at_a_time_one_is_kept(transactional_db: None) -> None:
    report = ReceivedReport(NotificationChannel.EMAIL, "ref", NotificationStatus.DELIVERED, {})
    start = Barrier(8)

    def keep(_number: int) -> bool:
        try:
            start.wait(60)
            return delivery_reports.store_once(proof="x", reports=[report], now=timezone.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(keep, range(8))) == 1
    assert DeliveryReport.objects.count() == 1


ODD_VALUES: list[object] = [None, [], {}, 7, 1e300, "æ", "\x00", "ø" * 9]
SIGNED: dict[str, object] = {"timestamp": "1", "token": "x", "signature": "x"}


@pytest.mark.parametrize(
    "posted",
    [
        *(None, [], "x", 1, {"signature": None}, {"signature": []}, {"signature": "x"}),
        *({"signature": SIGNED | {"timestamp": value}} for value in ODD_VALUES),
        *({"signature": SIGNED | {"token": value}} for value in ODD_VALUES),
        *({"signature": SIGNED | {"signature": value}} for value in ODD_VALUES),
    ],
)
def test_nothing_that_nobody_signed_is_more_than_refused(webhooks: Client, posted: object) -> None:
    assert tell(webhooks, posted).status_code == 400


@pytest.mark.parametrize(
    "event",
    [
        *(None, [], "x", 1, {}, {"event": None}, {"event": []}, {"event": "delivered"}),
        {"event": "delivered", "message": [], "timestamp": "x"},
        {"event": "delivered", "message": {"headers": None}, "timestamp": 1e300},
        {"event": "delivered", "message": {"headers": {"message-id": 7}}},
        {"event": "rejected", "message": {"headers": {"to": [1]}}, "reject": "x"},
        {"event": "failed", "delivery-status": [], "client-info": 1},
    ],
)
def test_signed_events_of_any_form_are_taken_or_refused(webhooks: Client, event: object) -> None:
    posted = mail_event("delivered") | {"event-data": event}
    assert tell(webhooks, posted).status_code in (200, 400)


@pytest.mark.parametrize("body", [b"[" * 100_000, b"\xff", b"", b"{", b'{"signature": ' * 5_000])
@pytest.mark.parametrize(
    "content_type", ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_no_body_breaks_the_webhook(webhooks: Client, body: bytes, content_type: str) -> None:
    answer = webhooks.generic("POST", MAIL_EVENTS, body, content_type=content_type)
    assert answer.status_code == 400


def test_what_the_database_cannot_hold_is_left_out(webhooks: Client) -> None:
    status: Any = {"message": "5.1.1\x00 no \ud800 user"}
    event = mail_event("failed", severity="permanent", **{"delivery-status": status})
    assert tell(webhooks, event).status_code == 200
    assert DeliveryReport.objects.get().report["mailServersReply"] == "5.1.1 no ? user"


def test_an_event_has_a_largest_size(webhooks: Client) -> None:
    event = mail_event("delivered", tags=["x" * 5_000_000])
    assert tell(webhooks, event).status_code == 413


@pytest.mark.parametrize("path", ["postmark/tracking/", "mailgun/inbound/", "sendgrid/tracking/"])
def test_only_the_named_provider_and_only_its_events_are_served(
    webhooks: Client, path: str
) -> None:
    event = mail_event("delivered")
    assert tell(webhooks, event, path=f"/notifications/email/api/v1/{path}").status_code == 404


def test_without_a_provider_no_events_are_served() -> None:
    assert [str(url.pattern) for url in report_urls(gateways_with(""))] == ["sms/api/v1/reports"]


@pytest.mark.parametrize("provider", ["amazon_ses", "mailgun", "mandrill", "postmark", "brevo"])
def test_a_provider_is_named_as_anymail_names_it(provider: str) -> None:
    assert f"email/api/v1/{provider}/tracking" in [
        str(url.pattern) for url in report_urls(gateways_with(provider))
    ]


def test_a_provider_that_nobody_knows_serves_nothing() -> None:
    """And is refused at start, as tests/config/setting_rules/test_production.py shows."""
    assert len(report_urls(gateways_with("pigeon"))) == 1
