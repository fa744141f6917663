"""An auditor asks who has seen somebody, and the log that answers holds nobody's number."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from back_office.audit import seen
from back_office.audit.log import Actor
from back_office.audit.seen import Shown
from back_office.models import PersonSeen, Viewing
from back_office.tasks import forgetting
from notifications.models import NotificationStatus
from orders.models import Creator, Order
from recipients.models import Recipient
from tests.building import KARI, NOON, OLA, notification, order, person, processed_order

S = NotificationStatus
PAGE = reverse("admin:who_has_seen")
SEARCH = Shown(Viewing.How.SEARCH, "search")


@pytest.fixture
def kari_told(ttd: Creator) -> Order:
    made = processed_order(ttd)
    notification(made, S.DELIVERED, national_identity_number=KARI)
    return made


def log_in(client: Client, role: str) -> None:
    user = User.objects.create_user(f"{role}-1", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)


def asked(client: Client, term: str) -> str:
    log_in(client, "auditor")
    answer = client.post(PAGE, {"term": term})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("term", [KARI, "018385 10058", "99 99 99 99", "004799999999"])
def test_who_opened_a_page_is_found_by_whatever_it_named(
    client: Client, kari_told: Order, term: str
) -> None:
    log_in(client, "support")
    client.get(reverse("admin:orders_order_change", args=[kari_told.pk]))
    page = asked(client, term)
    assert "support-1" in page
    assert f"order {kari_told.pk}" in page


def test_an_unmasked_page_is_found_with_its_case(client: Client, kari_told: Order) -> None:
    log_in(client, "support")
    unmasked = reverse("admin:orders_order_unmasked", args=[kari_told.pk])
    client.post(unmasked, {"case_reference": "SAK-4711"})
    page = asked(client, KARI)
    assert "SAK-4711" in page
    assert "page, unmasked" in page


def test_a_search_is_noted_whether_or_not_it_found(client: Client, kari_told: Order) -> None:
    log_in(client, "support")
    for term in (OLA, KARI):
        client.post(reverse("admin:find"), {"term": term})
    assert [len(seen.of([one])) for one in (OLA, KARI, "+4799999999")] == [1, 1, 1]


def test_a_text_that_is_shown_before_it_is_sent_again_is_noted(
    client: Client, ttd: Creator
) -> None:
    failed = notification(processed_order(ttd), S.FAILED, national_identity_number=KARI)
    log_in(client, "support")
    name = "admin:notifications_notification_action"
    client.get(reverse(name, args=[failed.pk, "resend"]))
    assert [one.page for one in seen.of([KARI])] == [f"notification {failed.pk}"]


def test_recipients_of_an_order_without_notifications_are_seen(
    client: Client, ttd: Creator
) -> None:
    made = order(ttd, recipients=[person(KARI)])
    assert Recipient.objects.filter(order=made).exists()
    log_in(client, "support")
    client.get(reverse("admin:orders_order_change", args=[made.pk]))
    assert len(seen.of([KARI])) == 1


def test_the_log_holds_nobodys_number(kari_told: Order) -> None:
    seen.write(SEARCH, [KARI, "kari@post.example"], by=Actor("sara"), now=NOON)
    with connection.cursor() as cursor:
        cursor.execute("SELECT p.key, v::text FROM back_office_personseen p, back_office_viewing v")
        held = str(cursor.fetchall())
    assert KARI not in held
    assert "kari@" not in held


def test_a_view_costs_one_statement_for_all_its_persons(
    db: None, django_assert_num_queries: Any
) -> None:
    named = [f"{number:011}" for number in range(500)]
    with django_assert_num_queries(4):  # two of them open and close the transaction
        seen.write(SEARCH, named, by=Actor("sara"), now=NOON)
    assert PersonSeen.objects.count() == len(named)


def test_a_key_may_change_and_the_old_one_is_still_asked_by(
    db: None, settings: LazySettings
) -> None:
    settings.AUDIT_KEYS = ["old"]
    seen.write(SEARCH, [KARI], by=Actor("sara"), now=NOON)
    settings.AUDIT_KEYS = ["new", "old"]
    seen.write(SEARCH, [KARI], by=Actor("siri"), now=NOON)
    assert [one.staff_name for one in seen.of([KARI])] == ["siri", "sara"]
    settings.AUDIT_KEYS = ["new"]
    assert [one.staff_name for one in seen.of([KARI])] == ["siri"]


def test_what_is_past_its_period_goes_and_the_rest_stays(db: None, settings: LazySettings) -> None:
    for days in (0, 2):
        seen.write(SEARCH, [KARI], by=Actor("sara"), now=NOON - timedelta(days=days))
    settings.AUDIT_VIEWS_DAYS = 0
    assert seen.forget(now=NOON) == 0
    settings.AUDIT_VIEWS_DAYS = 1
    assert seen.forget(now=NOON) == 1
    assert (Viewing.objects.count(), PersonSeen.objects.count()) == (1, 1)


def test_sessions_that_have_ended_go_with_it(db: None, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)
    for key, hours in (("ended", -1), ("goes-on", 1)):
        until = NOON + timedelta(hours=hours)
        Session.objects.create(session_key=key, session_data="", expire_date=until)
    forgetting()
    assert [one.session_key for one in Session.objects.all()] == ["goes-on"]


@pytest.mark.parametrize("role", ["support", "operator"])
def test_the_page_is_for_auditors(client: Client, db: None, role: str) -> None:
    log_in(client, role)
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {"term": KARI}).status_code == 403


def test_what_is_no_number_or_address_is_said_to_be_none(client: Client, db: None) -> None:
    assert "This is no identity number" in asked(client, "Kari Nordmann")
