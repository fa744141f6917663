"""Reports can be posted at any time and in any number: none is lost, and no sending waits for them.

Who may post, and what is refused: tests/dispatch/test_webhooks.py.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from bench.plans import nodes, plan_of, rows_read
from config.jobs.schedule import PERIODIC_JOBS
from dispatch.models import DeliveryReport
from dispatch.reports import delivery_reports
from dispatch.reports.delivery_reports import BATCH, ReceivedReport
from dispatch.sending.sender import sender_for
from notifications.models import Notification, NotificationChannel, NotificationStatus
from orders.models import Creator
from script.launcher.system.running_system import Answer, RunningSystem
from script.launcher.system.simulators import Simulators
from tests.building import NOON, notification, processed_order
from tests.dispatch.waiting import messages_of
from tests.proof.live import database_away

S = NotificationStatus
SMS = NotificationChannel.SMS
UNKNOWN, DEAD = 20_000, 50_000
IN_A_POST = 100
XML = (
    b"<MSGLST><MSG><ID>1</ID><REF>early</REF><RCV>4799999999</RCV><STATE>DELIVRD</STATE></MSG>"
    b"</MSGLST>"
)

# --- While the database is away --------------------------------------------------------------


def post_sms_report(web: RunningSystem, *, password: str = "") -> Answer:
    known = web.outside.environment
    secret = f"{known['SMS_REPORTS_USER']}:{password or known['SMS_REPORTS_PASSWORD']}"
    headers = {
        "Authorization": "Basic " + base64.b64encode(secret.encode()).decode(),
        "Content-Type": "application/xml",
    }
    return web.call("POST", "/notifications/sms/api/v1/reports", XML, headers)


def post_mail_event(web: RunningSystem) -> Answer:
    key = web.outside.environment["ANYMAIL_MAILGUN_WEBHOOK_SIGNING_KEY"].encode()
    moment, token = str(int(time.time())), "0123456789"
    signature = hmac.new(key, (moment + token).encode(), hashlib.sha256).hexdigest()
    event = {
        "signature": {"timestamp": moment, "token": token, "signature": signature},
        "event-data": {
            "event": "delivered",
            "timestamp": time.time(),
            "recipient": "kari@example.com",
            "message": {"headers": {"message-id": "early"}},
        },
    }
    path = "/notifications/email/api/v1/mailgun/tracking/"
    return web.call("POST", path, json.dumps(event).encode(), {"Content-Type": "application/json"})


@pytest.mark.parametrize("post", [post_sms_report, post_mail_event])
def test_a_gateway_is_asked_to_repeat_what_cannot_be_stored(
    web: RunningSystem, post: Callable[[RunningSystem], Answer]
) -> None:
    count = "SELECT count(*) FROM dispatch_deliveryreport WHERE reference = 'early'"
    before = web.query(count)[0][0]
    with database_away(web):
        answer = post(web)
        assert (answer.status, answer.headers["Retry-After"]) == (503, "10")
        assert answer.body == b""
    web.wait_for(lambda: post(web).status == 200, "the report to be taken")
    assert web.query(count)[0][0] == before + 1


def test_a_wrong_password_is_refused_with_and_without_the_database(web: RunningSystem) -> None:
    assert post_sms_report(web, password="guessed").status == 401
    with database_away(web):
        assert post_sms_report(web, password="guessed").status == 401


# --- A flood ---------------------------------------------------------------------------------


def flood(count: int, state: DeliveryReport.State, *, now: datetime) -> None:
    """Reports for references that nobody knows, the last of them come at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO dispatch_deliveryreport"
            " (channel, reference, status, report, received, state, attempts, next_attempt_at,"
            " reason) SELECT 'Sms', 'unknown-' || n, 'Delivered', '{}', %(now)s, %(state)s, 0,"
            " %(now)s - (%(count)s - n) / %(size)s * interval '1 ms', ''"
            " FROM generate_series(1, %(count)s) n",
            {"now": now, "state": state.value, "count": count, "size": IN_A_POST},
        )
        cursor.execute("ANALYZE dispatch_deliveryreport")


def statements_of(job: Callable[[], object]) -> list[tuple[str, Any]]:
    caught: list[tuple[str, Any]] = []

    def catch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        caught.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(catch):
        job()
    return caught


def reports_read_by(job: Callable[[], object]) -> int:
    """How many reports the job looks at; nothing that it does stays."""
    with transaction.atomic():
        caught = statements_of(job)
        transaction.set_rollback(True)
    explained = [
        (sql, params) for sql, params in caught if sql.lstrip()[:6] in ("SELECT", "UPDATE")
    ]
    assert explained
    return sum(
        rows_read(node)
        for sql, params in explained
        for node in nodes(plan_of(sql, params))
        if node.get("Relation Name") == "dispatch_deliveryreport"
    )


@pytest.mark.django_db(transaction=True)
def test_sending_never_looks_at_reports_however_many_wait(
    ttd: Creator, simulators: Simulators
) -> None:
    now = timezone.now()
    flood(UNKNOWN, DeliveryReport.State.WAITING, now=now)
    messages_of(processed_order(ttd, now=now), 500, now=now)
    caught = statements_of(lambda: sender_for(SMS).drain(seconds=30))
    assert Notification.objects.filter(status=S.ACCEPTED).count() == 500
    assert len(caught) > 10
    assert not [sql for sql, _ in caught if "deliveryreport" in sql]


def test_reports_are_applied_on_a_queue_of_their_own_apart_from_sending() -> None:
    queues = {job.task: job.queue for job in PERIODIC_JOBS}
    sending = {queues["dispatch.send_sms"], queues["dispatch.send_email"]}
    assert len(sending) == 2
    assert queues["dispatch.apply_delivery_reports"] not in sending


@pytest.mark.django_db
def test_a_batch_of_reports_costs_the_same_however_many_wait_or_are_dead() -> None:
    flood(DEAD, DeliveryReport.State.DEAD, now=NOON)
    flood(UNKNOWN, DeliveryReport.State.WAITING, now=NOON)
    read = reports_read_by(lambda: delivery_reports.apply_due(now=NOON))
    # Each is read to be settled, and once more to be written; some more came at the same moment as
    # the last of the batch.
    assert 2 * BATCH <= read <= 2 * BATCH + IN_A_POST


@pytest.mark.django_db
def test_a_report_that_comes_after_a_flood_has_its_turn_before_the_flood_has_another(
    ttd: Creator,
) -> None:
    row = notification(processed_order(ttd), S.ACCEPTED, gateway_reference="known", sent_at=NOON)
    flood(5 * BATCH, DeliveryReport.State.WAITING, now=NOON)
    late = NOON + timedelta(milliseconds=1)
    report = ReceivedReport(SMS, "known", S.DELIVERED, {})
    delivery_reports.store(reports=[report], now=late)
    for _ in range(5):
        assert delivery_reports.apply_due(now=late) == BATCH
    assert delivery_reports.apply_due(now=late) == 1
    row.refresh_from_db()
    assert row.status == S.DELIVERED
