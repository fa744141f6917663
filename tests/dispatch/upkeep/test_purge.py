"""Personal data goes when its period is over; what can be counted stays."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.db import connection

from dispatch.models import Attempt, DeliveryReport
from dispatch.upkeep import purge as purging
from dispatch.upkeep import purge_statements
from dispatch.upkeep.purge import Purged
from notifications.models import Notification, NotificationStatus, StatusFeedEntry
from notifications.results import feed
from orders.models import Attachment, Channel, Creator, Order, OrderChain, OrderStatus
from orders.requests import Addressee, EmailText, SmsText
from recipients.models import Recipient
from tests.building import KARI, NOON, direct, mobiles, notification, order, organization, person

pytestmark = pytest.mark.django_db

S = NotificationStatus
DAY = timedelta(days=1)
LONG_AGO = NOON - 91 * DAY
BEFORE = NOON - 90 * DAY
PERSONAL = {
    "identity number": KARI,
    "external identity": "urn:altinn:party:username:kari",
    "organisation number": "311000179",
    "number": "99999999",
    "e-mail address": "kari@example.com",
    "text": "tannlegen",
    "text of one": "Kjære Kari",
    "reference": "gateway-reference",
    "condition endpoint": "condition.example",
    "gateway's words": "no such subscriber",
    "file name": "røntgenbilde.png",
}


def purge(before: datetime = BEFORE) -> Purged:
    return sum(purging.steps(before=before, now=NOON), Purged())


def ended_order(creator: Creator, ended: datetime = LONG_AGO) -> Order:
    """With everything that an order may leave behind."""
    made = order(
        creator,
        Channel.EMAIL_AND_SMS,
        [
            person(KARI),
            organization("311000179"),
            direct(email="kari@example.com"),
            Addressee(external_identity="urn:altinn:party:username:kari"),
        ],
        email=EmailText(subject="Hos tannlegen", body="Time hos tannlegen"),
        sms=SmsText(body="Time hos tannlegen"),
        senders_reference="ref-1",
        condition_endpoint="https://condition.example/?id=1",
        status=OrderStatus.COMPLETED,
        status_at=ended,
        condition_note="condition.example said no such subscriber",
        reason="condition.example",
    )
    sms = notification(
        made,
        S.FAILED_UNDELIVERED,
        now=ended,
        national_identity_number=KARI,
        body="Kjære Kari, time hos tannlegen",
        reason="The gateway said: no such subscriber",
        gateway_reference=f"gateway-reference-{uuid4()}",
    )
    notification(
        made,
        S.DELIVERED,
        now=ended,
        channel="Email",
        subject="Kjære Kari",
        address="kari@example.com",
    )
    DeliveryReport.objects.create(
        channel="Sms",
        reference=sms.gateway_reference or "",
        status=S.FAILED_UNDELIVERED,
        report={"receiver": "4799999999"},
        received=ended,
        state=DeliveryReport.State.APPLIED,
        notification=sms,
        next_attempt_at=ended,
    )
    Attempt.objects.create(
        notification=sms,
        outcome=Attempt.Outcome.ERROR,
        reason="no such subscriber",
        reference="gateway-reference",
        created=ended,
    )
    Attachment.objects.create(
        order=made,
        position=0,
        filename="røntgenbilde.png",
        mime_type="image/png",
        link_expires_at=ended,
    )
    feed.publish([made.pk], now=ended)
    return Order.objects.get(pk=made.pk)


def dead_report(received: datetime) -> DeliveryReport:
    return DeliveryReport.objects.create(
        channel="Sms",
        reference="gateway-reference",
        status=S.DELIVERED,
        report={"receiver": "4799999999"},
        received=received,
        state=DeliveryReport.State.DEAD,
        next_attempt_at=received,
    )


def everything_stored() -> str:
    """Every row of every table of ours, as text."""
    tables = [
        model._meta.db_table
        for label in ("dispatch", "notifications", "orders", "recipients", "back_office")
        for model in apps.get_app_config(label).get_models()
    ]
    with connection.cursor() as cursor:
        found = []
        for table in tables:
            cursor.execute(f"SELECT t::text FROM {table} t")  # noqa: S608
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


def what_stays() -> list[Any]:
    return [
        list(Order.objects.order_by("id").values("id", "creator", "channel", "senders_reference")),
        list(Order.objects.order_by("id").values("created", "status", "status_at", "resource_id")),
        list(Recipient.objects.order_by("id").values("id", "placement_look_up", "is_repeat")),
        list(Notification.objects.order_by("id").values("id", "channel", "status", "status_at")),
        list(Notification.objects.order_by("id").values("finished_at", "sent_at", "segments")),
        list(DeliveryReport.objects.order_by("id").values("id", "status", "state", "notification")),
        list(Attempt.objects.order_by("id").values("id", "outcome", "created")),
        list(StatusFeedEntry.objects.order_by("pk").values("pk", "order", "status", "created")),
    ]


def test_nothing_personal_is_left_in_any_table(ttd: Creator) -> None:
    ended_order(ttd)
    dead_report(LONG_AGO)
    before = everything_stored()
    assert {name for name, text in PERSONAL.items() if text in before} == set(PERSONAL)
    assert purge() == Purged(orders=1, recipients=4, notifications=2, reports=1, dead_reports=1)
    after = everything_stored()
    assert {name for name, text in PERSONAL.items() if text in after} == set()


def about_a_dialog(creator: Creator, *ended: datetime) -> list[Order]:
    """A chain about a dialog whose orders ended at these moments."""
    chain = OrderChain.objects.create(
        creator=creator,
        kind=OrderChain.Kind.CHAIN,
        idempotency_id=str(uuid4()),
        dialog_id="a-dialog",
        transmission_id="a-transmission",
        created=ended[0],
    )
    orders = [ended_order(creator, at) for at in ended]
    for position, made in enumerate(orders):
        Order.objects.filter(pk=made.pk).update(chain=chain, chain_position=position)
    return orders


def addresses(orders: list[Order]) -> set[str]:
    found = Notification.objects.filter(order__in=orders)
    return set(found.values_list("address", flat=True)) - {""}


def test_what_is_about_a_dialog_keeps_its_addresses_and_nothing_else(ttd: Creator) -> None:
    orders = about_a_dialog(ttd, LONG_AGO)
    assert purge().dialogs == 0
    assert addresses(orders) == {"+4799999999", "kari@example.com"}
    left = everything_stored()
    assert {name for name, text in PERSONAL.items() if text in left} == {
        *("number", "e-mail address"),
    }
    assert purge() == Purged()


def test_until_the_log_of_the_dialog_ends(ttd: Creator) -> None:
    orders = about_a_dialog(ttd, NOON - 731 * DAY)
    assert purge().dialogs == 1
    assert addresses(orders) == set()
    chain = OrderChain.objects.get()
    assert (chain.dialog_id, chain.transmission_id) == (None, None)
    assert purge() == Purged()


def test_a_log_ends_for_a_chain_as_a_whole(ttd: Creator) -> None:
    """A reminder may be much younger than the main order."""
    orders = about_a_dialog(ttd, NOON - 731 * DAY, NOON - 700 * DAY)
    about_a_dialog(ttd, NOON - 800 * DAY, NOON - 10 * DAY)
    assert purge().dialogs == 0
    assert addresses(orders[1:])
    later = purging.steps(before=BEFORE, now=NOON + 31 * DAY)
    assert sum(later, Purged()).dialogs == 1
    assert addresses(orders) == set()


@pytest.mark.parametrize(("days", "dialogs"), [(0, 0), (1, 1), (95, 1), (10_000, 0)])
def test_a_log_ends_when_the_setting_says_but_not_before_the_rest_goes(
    ttd: Creator, settings: LazySettings, days: int, dialogs: int
) -> None:
    settings.DIALOG_LOG_DAYS = days
    young = about_a_dialog(ttd, NOON - 89 * DAY)
    old = about_a_dialog(ttd, NOON - 1_000 * DAY)
    assert purge().dialogs == dialogs
    assert bool(addresses(old)) is not bool(dialogs)
    assert addresses(young)


def test_logs_that_go_on_are_passed_over(ttd: Creator, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many they are, those behind them end."""
    monkeypatch.setattr(purging, "ORDERS", 2)
    for number in range(5):
        about_a_dialog(ttd, NOON - (900 - number) * DAY, NOON - DAY)
    about_a_dialog(ttd, NOON - 800 * DAY)
    assert purge().dialogs == 1


def test_counts_statuses_ids_and_instants_stay(ttd: Creator) -> None:
    made = ended_order(ttd)
    before = what_stays()
    purge()
    assert what_stays() == before
    [entry] = StatusFeedEntry.objects.all()
    assert [set(told) for told in entry.recipients] == [{"channel", "status", "lastUpdate"}] * 2
    assert [told["status"] for told in entry.recipients] == ["Delivered", "Failed_Undelivered"]
    made.refresh_from_db()
    assert made.purged_at == NOON


@pytest.mark.parametrize(
    "status", [OrderStatus.COMPLETED, OrderStatus.CANCELLED, OrderStatus.SEND_CONDITION_NOT_MET]
)
def test_an_order_is_purged_however_it_ended(ttd: Creator, status: OrderStatus) -> None:
    order(ttd, status=status, status_at=LONG_AGO)
    assert purge().orders == 1


def test_what_ended_within_the_period_is_kept(ttd: Creator) -> None:
    ended_order(ttd, BEFORE)
    dead_report(BEFORE)
    before = everything_stored()
    assert purge() == Purged()
    assert everything_stored() == before


@pytest.mark.parametrize(
    "status", [OrderStatus.REGISTERED, OrderStatus.PROCESSING, OrderStatus.PROCESSED]
)
def test_an_order_that_goes_on_is_kept_however_old(ttd: Creator, status: OrderStatus) -> None:
    order(ttd, status=status, status_at=LONG_AGO - 900 * DAY)
    assert purge() == Purged()


def test_a_report_that_still_looks_for_its_notification_is_kept(ttd: Creator) -> None:
    report = dead_report(LONG_AGO)
    report.state = DeliveryReport.State.WAITING
    report.save()
    assert purge() == Purged()


def test_purging_again_changes_nothing(ttd: Creator) -> None:
    ended_order(ttd)
    purge()
    before = everything_stored()
    assert purge() == Purged()
    assert everything_stored() == before


@pytest.mark.parametrize("orders", [1, 2, 500])
def test_interrupted_after_any_step_it_goes_on_and_loses_nothing_else(
    ttd: Creator, monkeypatch: pytest.MonkeyPatch, orders: int
) -> None:
    monkeypatch.setattr(purging, "ORDERS", orders)
    monkeypatch.setattr(purging, "ROWS", 2)
    for _ in range(3):
        ended_order(ttd)
    large = order(ttd, recipients=mobiles(5), status=OrderStatus.COMPLETED, status_at=LONG_AGO)
    for _ in range(5):
        notification(large, S.DELIVERED)
    young = ended_order(ttd, NOON)
    kept = [Recipient.objects.filter(order=young), Notification.objects.filter(order=young)]
    before, of_young = what_stays(), [list(rows.values()) for rows in kept]
    done, interruptions = Purged(), 0
    # Each time one step is taken, and the process dies.
    while step := next(purging.steps(before=BEFORE, now=NOON), None):
        done, interruptions = done + step, interruptions + 1
        assert interruptions < 100
    assert done == Purged(orders=4, recipients=17, notifications=11, reports=3)
    assert what_stays() == before
    assert [list(rows.values()) for rows in kept] == of_young


def test_an_order_that_is_re_sent_meanwhile_keeps_the_rest(
    ttd: Creator, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ended_order(ttd)
    steps = purging.steps(before=BEFORE, now=NOON)
    next(steps)
    Order.objects.filter(pk=made.pk).update(status=OrderStatus.PROCESSED, status_at=NOON)
    again = notification(made, body="Kjære Kari", now=NOON)
    assert sum(steps, Purged()) == Purged()
    again.refresh_from_db()
    made.refresh_from_db()
    assert (again.address, again.body) == ("+4799999999", "Kjære Kari")
    assert (made.sms_body, made.purged_at) == ("Time hos tannlegen", None)
    assert Recipient.objects.exclude(national_identity_number="").exists()


def test_orders_to_purge_are_found_by_their_index(ttd: Creator) -> None:
    for _ in range(50):
        ended_order(ttd, NOON)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE orders_order")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute("PREPARE next AS " + _numbered(purge_statements.NEXT_ORDERS))
        cursor.execute("EXPLAIN EXECUTE next (now(), 500)")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Scan using order_to_purge" in plan
    assert "Sort" not in plan


def _numbered(statement: str) -> str:
    return statement.replace("%(before)s", "$1::timestamptz").replace("%(limit)s", "$2::bigint")


NIGHT = datetime(2025, 8, 25, 1, 17, tzinfo=UTC)  # 03:17 in Oslo


def test_the_job_works_at_night_only(ttd: Creator, settings: LazySettings) -> None:
    settings.RETENTION_DAYS = 90
    ended_order(ttd)
    assert purging.purge_at_night(now=NOON, seconds=10) == 0
    assert purging.purge_at_night(now=datetime(2025, 8, 25, 4, 0, tzinfo=UTC), seconds=10) == 0
    assert purging.purge_at_night(now=NIGHT, seconds=10) == 1
    assert Order.objects.get().purged_at == NIGHT


def test_a_period_of_nought_keeps_everything(ttd: Creator, settings: LazySettings) -> None:
    settings.RETENTION_DAYS = 0
    ended_order(ttd, NOON - 9_000 * DAY)
    assert purging.purge_at_night(now=NIGHT, seconds=10) == 0


def test_a_run_ends_in_time_and_the_next_one_goes_on(
    ttd: Creator, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RETENTION_DAYS = 90
    monkeypatch.setattr(purging, "ORDERS", 1)
    ended_order(ttd)
    ended_order(ttd)
    turns = 0
    while Order.objects.filter(purged_at=None).exists():
        purging.purge_at_night(now=NIGHT, seconds=0)
        turns += 1
        assert turns < 20
    assert turns > 1
