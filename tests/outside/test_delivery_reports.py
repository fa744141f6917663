"""Delivery reports are posted back in the formats of the gateway and of Mailgun."""

import base64
import json
import time
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from django.test import RequestFactory

from script.launcher.system.simulators import Simulators
from tests.outside.conftest import PostBox, Posted
from tests.outside.mail import deliver
from tests.outside.sms import message, send, submit
from tests.simulators.mail_events import PATH as MAIL_PATH
from tests.simulators.sms_reports import PATH as SMS_PATH

KARIS_NUMBER = "4793000002"


def entries(posted: list[Posted]) -> list[dict[str, str | None]]:
    """Each MSG of each report, as its elements by name."""
    return [
        {element.tag: element.text for element in entry}
        for report in posted
        for entry in ET.fromstring(report.body).findall("MSG")  # noqa: S314
    ]


def references(posted: list[Posted]) -> list[str | None]:
    return [entry["REF"] for entry in entries(posted)]


def anymail_events(posted: Posted, simulators: Simulators) -> list[Any]:
    """What django-anymail makes of an event, after it has checked the signature."""
    key = simulators.environment["ANYMAIL_MAILGUN_WEBHOOK_SIGNING_KEY"]
    view = MailgunTrackingWebhookView(webhook_signing_key=key)
    request = RequestFactory().post("/", posted.body, content_type="application/json")
    view.validate_request(request)
    events: list[Any] = view.parse_events(request)
    return events


def test_a_report_names_reference_receiver_state_and_time(
    simulators: Simulators, post_box: PostBox
) -> None:
    reference = send(simulators, KARIS_NUMBER).findtext("REF")
    (report,) = post_box.wait_for(len)
    (entry,) = entries([report])
    assert report.path == SMS_PATH
    assert report.headers["Content-Type"] == "application/xml"
    credentials = base64.b64encode(b"gateway:reports-password").decode()
    assert report.headers["Authorization"] == f"Basic {credentials}"
    assert (entry["REF"], entry["RCV"], entry["STATE"]) == (reference, KARIS_NUMBER, "DELIVRD")
    assert len(entry["DELIVERYTIME"] or "") == len("2025.01.31 12:00:00")


@pytest.mark.parametrize(
    ("receiver", "state"),
    [
        ("4741001000", "BARRED"),
        ("4741002999", "UNDELIV"),
        ("4741003000", "EXPIRED"),
        ("4741004000", "DELETED"),
        ("4741005000", "REJECTD"),
        ("4741006000", "FAILED"),
        ("4741007000", "UNKNOWN"),
    ],
)
def test_magic_numbers_have_their_state(
    simulators: Simulators, post_box: PostBox, receiver: str, state: str
) -> None:
    send(simulators, receiver)
    assert entries(post_box.wait_for(len))[0]["STATE"] == state
    (received,) = simulators.messages()
    assert received["arrives"] is False


def test_many_reports_travel_together(simulators: Simulators, post_box: PostBox) -> None:
    submit(simulators, *(message(f"479000{number:04d}") for number in range(250)))
    posted = post_box.wait_for(lambda posted: len(references(posted)) == 250)
    assert len(set(references(posted))) == 250
    assert max(len(references([report])) for report in posted) == 100


def test_reports_that_are_not_taken_come_again(simulators: Simulators, post_box: PostBox) -> None:
    post_box.statuses = [500]
    reference = send(simulators, KARIS_NUMBER).findtext("REF")
    first, second = post_box.wait_for(lambda posted: len(posted) == 2)
    assert references([first, second]) == [reference, reference]
    assert second.at - first.at > 0.4


def test_slow_and_repeated_reports_keep_their_time(
    simulators: Simulators, post_box: PostBox
) -> None:
    slow = send(simulators, "4741010000").findtext("REF")
    repeated = send(simulators, "4741013000").findtext("REF")
    deliver(simulators, "deferred@magic.example")
    posted = post_box.wait_for(lambda posted: len(posted) == 5)
    sms = [report for report in posted if report.path == SMS_PATH]
    assert references(sms) == [repeated, repeated, repeated, slow]
    assert sms[-1].at - sms[0].at > 2.5
    mail = [anymail_events(report, simulators)[0] for report in posted if report.path == MAIL_PATH]
    assert [event.event_type for event in mail] == ["deferred", "delivered"]


def test_silent_ones_are_never_reported(simulators: Simulators, post_box: PostBox) -> None:
    send(simulators, "4741012000")
    deliver(simulators, "silent@magic.example")
    reference = send(simulators, KARIS_NUMBER).findtext("REF")
    assert references(post_box.wait_for(len)) == [reference]
    assert simulators.reports()["sms"]["waiting"] == 0
    assert simulators.reports()["email"]["waiting"] == 0


def test_an_early_report_is_there_before_the_answer(
    simulators: Simulators, post_box: PostBox
) -> None:
    reference = send(simulators, "4741014000").findtext("REF")
    assert references(post_box.posted) == [reference]
    deliver(simulators, "early@magic.example")
    assert [report.path for report in post_box.posted] == [SMS_PATH, MAIL_PATH]


def test_faults_hold_back_speed_up_and_repeat_reports(
    simulators: Simulators, post_box: PostBox
) -> None:
    simulators.fault("reports", "none", times=1)
    send(simulators, KARIS_NUMBER)
    simulators.fault("reports", "early", times=1)
    early = send(simulators, KARIS_NUMBER).findtext("REF")
    assert references(post_box.posted) == [early]
    simulators.fault("reports", "duplicate", times=1)
    twice = send(simulators, KARIS_NUMBER).findtext("REF")
    posted = post_box.wait_for(lambda posted: len(references(posted)) == 3)
    assert references(posted) == [early, twice, twice]


def test_reports_can_come_in_another_order_than_the_messages(
    simulators: Simulators, post_box: PostBox
) -> None:
    simulators.fault("reports", "out-of-order")
    sent = [send(simulators, KARIS_NUMBER).findtext("REF") for _ in range(4)]
    reported = references(post_box.wait_for(lambda posted: len(references(posted)) == 4))
    assert reported != sent
    assert sorted(reported, key=sent.index) == sent


@pytest.mark.parametrize(
    ("name", "event_type", "reject_reason"),
    [
        ("testuser@altinn.no", "delivered", None),
        ("bounced@magic.example", "bounced", "bounced"),
        ("failed+1@magic.example", "bounced", "other"),
        ("rejected@magic.example", "rejected", "other"),
    ],
)
def test_anymail_believes_and_understands_the_events(
    simulators: Simulators,
    post_box: PostBox,
    name: str,
    event_type: str,
    reject_reason: str | None,
) -> None:
    deliver(simulators, name, message_id="<0190-abc@notifications.example>")
    (posted,) = post_box.wait_for(len)
    (event,) = anymail_events(posted, simulators)
    assert posted.path == MAIL_PATH
    assert (event.event_type, event.reject_reason) == (event_type, reject_reason)
    assert event.message_id == "<0190-abc@notifications.example>"
    assert event.recipient == name
    assert json.loads(posted.body)["event-data"]["event"] in {"delivered", "failed", "rejected"}


def test_a_handed_over_report_shows_on_the_message(
    simulators: Simulators, post_box: PostBox
) -> None:
    send(simulators, KARIS_NUMBER)
    post_box.wait_for(len)
    # The report counts as handed over when its answer is back.
    deadline = time.monotonic() + 60
    while simulators.messages()[0]["reportedAt"] is None and time.monotonic() < deadline:
        time.sleep(0.005)
    (received,) = simulators.messages()
    assert received["outcome"] == "DELIVRD"
    assert received["reportedAt"] >= received["receivedAt"]
