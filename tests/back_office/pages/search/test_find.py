"""One box takes whatever a caller reads out, and finds it by an index."""

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from back_office.actions.resend.address_owner import owner_of
from back_office.pages.search import find
from back_office.pages.search.find import Kind
from bench.plans import nodes, plan_of
from notifications.models import Notification, NotificationStatus
from orders.models import Channel, Creator, Order
from tests.back_office.chains import DIALOG, IDEMPOTENCY_ID, chain
from tests.building import (
    FJELLHEIM,
    KARI,
    direct,
    notification,
    order,
    organization,
    person,
    processed_order,
)

FIND = reverse("admin:find")
BUSY = "+4790000000"
LARGE_TABLES = {"orders_order", "notifications_notification", "recipients_recipient"}


@pytest.fixture
def staff(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


def page_of(row: Order | Notification) -> str:
    kind = "orders_order" if isinstance(row, Order) else "notifications_notification"
    return reverse(f"admin:{kind}_change", args=[row.pk])


@pytest.mark.parametrize(
    ("text", "kind", "stored"),
    [
        ("0198F2A0-0000-7000-8000-00000000000A", Kind.ID, "0198f2a0-0000-7000-8000-00000000000a"),
        ("{0198f2a0-0000-7000-8000-00000000000a}", Kind.ID, "0198f2a0-0000-7000-8000-00000000000a"),
        ("0198f2a0000070008000 00000000000a", Kind.ID, None),
        ("0198f2a000007000800000000000000a", Kind.ID, "0198f2a0-0000-7000-8000-00000000000a"),
        ("  Brev 17 ", Kind.REFERENCE, "Brev 17"),
        ("010101 23456", Kind.PERSON, "01010123456"),
        ("0101012345", Kind.PERSON, None),
        ("311 000 179", Kind.ORGANIZATION, "311000179"),
        ("NO 311 000 179 MVA", Kind.ORGANIZATION, "311000179"),
        ("no311000179mva", Kind.ORGANIZATION, "311000179"),
        ("Kari.Nordmann@Example.COM", Kind.EMAIL, "kari.nordmann@example.com"),
        ("kari@", Kind.EMAIL, None),
        ("99 99 99 99", Kind.MOBILE, "+4799999999"),
        ("999 99 999", Kind.MOBILE, "+4799999999"),
        ("99999999", Kind.MOBILE, "+4799999999"),
        ("+47 99999999", Kind.MOBILE, "+4799999999"),
        ("+47 99 99 99 99", Kind.MOBILE, "+4799999999"),
        ("(+47) 99-99-99-99", Kind.MOBILE, "+4799999999"),
        ("004799999999", Kind.MOBILE, "+4799999999"),
        ("0047 99 99 99 99", Kind.MOBILE, "+4799999999"),
        ("4799999999", Kind.MOBILE, "+4799999999"),
        ("+46 70 123 45 67", Kind.MOBILE, "+46701234567"),
        ("22 22 22 22", Kind.MOBILE, None),
        ("call 99999999", Kind.MOBILE, None),
    ],
)
def test_a_term_is_read_as_it_is_stored(text: str, kind: Kind, stored: str | None) -> None:
    assert find.kinds(text).get(kind) == stored


def test_a_term_may_be_several_things_at_once() -> None:
    assert set(find.kinds("99999999")) == {Kind.REFERENCE, Kind.MOBILE}
    assert set(find.kinds("01010123456")) == {Kind.REFERENCE, Kind.PERSON}


@pytest.mark.django_db
@pytest.mark.parametrize("stored", ["ola@skjæreblå.no", "ola@xn--skjrebl-kxae.no"])
@pytest.mark.parametrize("asked", ["Ola@Skjæreblå.no", "ola@xn--skjrebl-kxae.NO"])
def test_an_address_is_found_in_each_form_that_it_was_ever_stored_in(
    ttd: Creator, stored: str, asked: str
) -> None:
    placed = processed_order(ttd, channel=Channel.EMAIL)
    made = notification(placed, channel="Email", address=stored, normalized_address=stored)
    assert find.find(asked).the_notification == made
    other = notification(placed, channel="Email", address="ola@n.no", normalized_address="ola@n.no")
    owner = owner_of(asked, instead_of=other.pk)
    assert owner is not None
    assert owner.notifications == 1


@pytest.mark.parametrize("nothing", ["", "   ", "\0"])
def test_nothing_is_no_question(nothing: str) -> None:
    assert find.kinds(nothing) == {}


def test_an_order_is_found_by_its_id_and_shown_at_once(staff: Client, ttd: Creator) -> None:
    made = processed_order(ttd, NotificationStatus.DELIVERED)
    for text in (str(made.pk), str(made.pk).upper(), made.pk.hex, f"{{{made.pk}}}"):
        answer = staff.post(FIND, {"term": text})
        assert answer.status_code == 303
        assert answer.headers["Location"] == page_of(made)


def test_a_notification_is_found_by_its_id_and_its_gateway_reference(
    staff: Client, ttd: Creator
) -> None:
    made = processed_order(ttd, NotificationStatus.DELIVERED)
    row = notification(made, NotificationStatus.ACCEPTED, gateway_reference="8812345")
    for text in (str(row.pk), "8812345"):
        assert staff.post(FIND, {"term": text}).headers["Location"] == page_of(row)


def test_a_reference_is_found_exactly(staff: Client, ttd: Creator, skd: Creator) -> None:
    made = order(ttd, senders_reference="Brev-17")
    order(skd, senders_reference="brev-17")
    assert staff.post(FIND, {"term": "Brev-17"}).headers["Location"] == page_of(made)
    assert staff.post(FIND, {"term": "Brev"}).status_code == 200


def test_a_reference_of_eight_digits_is_found_beside_the_mobile_number(
    staff: Client, ttd: Creator
) -> None:
    referred = order(ttd, senders_reference="99999999")
    row = notification(processed_order(ttd), address="+4799999999")
    page = staff.post(FIND, {"term": "99999999"}).content.decode()
    assert page_of(referred) in page
    assert page_of(row) in page


@pytest.mark.parametrize("written", ["99 99 99 99", "+47 99999999", "0047 999 99 999"])
def test_a_notification_is_found_by_its_mobile_number_in_any_form(
    staff: Client, ttd: Creator, written: str
) -> None:
    row = notification(processed_order(ttd))
    assert staff.post(FIND, {"term": written}).headers["Location"] == page_of(row)


def test_a_notification_is_found_by_its_email_address(staff: Client, ttd: Creator) -> None:
    row = notification(processed_order(ttd, channel=Channel.EMAIL))
    assert staff.post(FIND, {"term": "KARI@example.com"}).headers["Location"] == page_of(row)


def test_a_person_is_found_before_the_order_is_processed(staff: Client, ttd: Creator) -> None:
    made = order(ttd, recipients=[person(KARI)])
    spaced = f"{KARI[:6]} {KARI[6:]}"
    assert staff.post(FIND, {"term": spaced}).headers["Location"] == page_of(made)


def test_an_organization_is_found_among_recipients_and_notifications(
    staff: Client, ttd: Creator
) -> None:
    made = order(ttd, recipients=[organization(FJELLHEIM)], status="Processed")
    assert staff.post(FIND, {"term": FJELLHEIM}).headers["Location"] == page_of(made)
    row = notification(made, organization_number=FJELLHEIM)
    assert staff.post(FIND, {"term": FJELLHEIM}).headers["Location"] == page_of(row)
    notification(made, organization_number=FJELLHEIM)
    assert staff.post(FIND, {"term": FJELLHEIM}).headers["Location"] == page_of(made)


def test_the_page_says_that_waiting_orders_are_not_found_by_address(
    staff: Client, ttd: Creator
) -> None:
    order(ttd, recipients=[direct(mobile="+4799999999")])
    page = staff.post(FIND, {"term": "99999999"})
    assert page.status_code == 200
    assert "Nothing found" in page.content.decode()
    assert "Orders that are not processed yet have none" in page.content.decode()


def test_several_are_listed_masked_the_newest_first(staff: Client, ttd: Creator) -> None:
    older, newer = (notification(processed_order(ttd)) for _ in range(2))
    answer = staff.post(FIND, {"term": "99999999"})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert page.index(page_of(newer)) < page.index(page_of(older))
    assert page_of(older.order) in page
    assert "+47 99 99 ** **" in page
    assert "+4799999999" not in page


def test_a_long_list_is_cut_and_says_so(staff: Client, ttd: Creator) -> None:
    made = processed_order(ttd)
    rows = [notification(made) for _ in range(51)]
    processed_order(ttd, NotificationStatus.NEW)
    answer = staff.post(FIND, {"term": "99999999"})
    page = answer.content.decode()
    assert "there are more" in page
    assert page_of(rows[-1]) in page
    assert page_of(rows[0]) not in page


@pytest.mark.parametrize("typed", ["brev-20", "BREV-20", "Brev-20", "Brev-2026-17"])
def test_a_reference_is_found_by_its_beginning_in_any_case(ttd: Creator, typed: str) -> None:
    made = order(ttd, senders_reference="Brev-2026-17")
    order(ttd, senders_reference="Brev-1999")
    order(ttd, senders_reference="Brf")
    assert find.find(typed).the_order == made
    assert find.find("Br").orders == []


def test_a_mistyped_number_is_said_and_the_right_one_offered(staff: Client, ttd: Creator) -> None:
    order(ttd, recipients=[person(KARI)])
    for mistyped in (f"{KARI[:-1]}{(int(KARI[-1]) + 1) % 10}", f"{KARI[1]}{KARI[0]}{KARI[2:]}"):
        page = staff.post(FIND, {"term": mistyped}).content.decode()
        assert "The control digits of this number are wrong." in page
        assert f'name="term" value="{KARI}"' in page


def test_of_a_name_it_is_said_that_names_are_not_stored(staff: Client, db: None) -> None:
    assert b"Names are not stored." in staff.post(FIND, {"term": "Kari Nordmann"}).content
    assert b"Names are not stored." not in staff.post(FIND, {"term": "brev-17"}).content


def test_what_is_found_shows_reference_order_and_reason(staff: Client, ttd: Creator) -> None:
    made, other = (processed_order(ttd, senders_reference=name) for name in ("Brev-17", "Brev-18"))
    for one in (made, other):
        notification(one, NotificationStatus.FAILED, reason="The SMS gateway cannot be reached.")
    page = staff.post(FIND, {"term": "99999999"}).content.decode()
    assert page.count(f'<a href="{page_of(made)}">Brev-17</a>') == 1
    assert "The SMS gateway cannot be reached." in page


def test_what_is_looked_for_never_stands_in_an_address(staff: Client, ttd: Creator) -> None:
    row = notification(processed_order(ttd))
    answer = staff.get(FIND, {"term": "99999999", "s": "99999999"})
    assert answer.status_code == 200
    assert page_of(row) not in answer.content.decode()
    page = staff.get(reverse("admin:orders_order_changelist")).content.decode()
    assert f'<form method="post" action="{FIND}"' in page
    assert "hx-get" not in page


def test_only_who_may_see_orders_and_notifications_may_find_them(client: Client, db: None) -> None:
    user = User.objects.create_user("lise", is_staff=True)
    client.force_login(user)
    assert client.post(FIND, {"term": "99999999"}).status_code == 403
    wanted = ["view_order", "view_notification"]
    user.user_permissions.set(Permission.objects.filter(codename__in=wanted))
    assert client.post(FIND, {"term": "99999999"}).status_code == 200


def test_a_stranger_is_asked_to_log_in(client: Client, db: None) -> None:
    answer = client.post(FIND, {"term": "99999999"})
    assert "/admin/login/" in answer.headers["Location"]


@pytest.fixture
def much(ttd: Creator) -> Order:
    """Tables of 20,000 rows, a quarter of the messages to one address, person and organisation."""
    made = order(ttd, senders_reference="the one")
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS, {"creator": ttd.pk})
        cursor.execute(_RECIPIENTS)
        cursor.execute(_MESSAGES, {"creator": ttd.pk, "busy": BUSY})
        for table in LARGE_TABLES:
            cursor.execute(f"ANALYZE {table}")
    return made


QUESTIONS = (
    "0198f2a0-0000-7000-8000-00000000000a",
    "the one",
    "reference of many",
    "ref-17",
    "20000001234",
    "20000000000",
    "300001234",
    "300000000",
    "someone17@example.com",
    "90 00 00 00",
    "90 01 01 01",
)


@pytest.mark.usefixtures("much")
def test_every_question_is_answered_by_an_index_and_reads_few_rows() -> None:
    """All of them of the same tables, which take a second to fill."""
    for text in QUESTIONS:
        with CaptureQueriesContext(connection) as asked:
            find.find(text)
        assert asked.captured_queries, text
        for query in asked.captured_queries:
            for node in nodes(plan_of(query["sql"])):
                is_large = node.get("Relation Name") in LARGE_TABLES
                scans = is_large and node["Node Type"] == "Seq Scan"
                assert not scans, (text, query["sql"])
                assert node["Actual Rows"] <= find.MAX_ROWS, (text, query["sql"])


@pytest.mark.usefixtures("much")
def test_of_a_busy_address_the_newest_are_found() -> None:
    found = find.find("90 00 00 00")
    newest = Notification.objects.filter(normalized_address=BUSY).order_by("-id")[:50]
    assert [one.pk for one in found.notifications] == [one.pk for one in newest]
    assert found.more_notifications


_ORDERS = """
INSERT INTO orders_order (
    id, creator_id, type, created, senders_reference, requested_send_time, channel,
    sending_time_policy, sms_body, awaits_condition, condition_note, status, status_at,
    next_attempt_at, attempts, reason
)
SELECT
    ('0198f2a0-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, %(creator)s, 'Notification',
    now(), CASE WHEN i %% 4 = 0 THEN 'reference of many' ELSE 'ref-' || i END, now(), 'Sms',
    'Daytime', 'Hei', false, '', 'Completed', now(), now(), 0, ''
FROM generate_series(1, 20000) AS i
"""
_RECIPIENTS = """
INSERT INTO recipients_recipient (
    order_id, national_identity_number, organization_number, email_address, mobile_number,
    placement_look_up, is_repeat
)
SELECT
    ('0198f2a0-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid,
    CASE WHEN i % 2 = 0 THEN (20000000000 + CASE WHEN i % 4 = 0 THEN 0 ELSE i END)::text
        ELSE '' END,
    CASE WHEN i % 2 = 1 THEN (300000000 + CASE WHEN i % 4 = 1 THEN 0 ELSE i END)::text
        ELSE '' END,
    '', '', 'Found', false
FROM generate_series(1, 20000) AS i
"""
_MESSAGES = """
INSERT INTO notifications_notification (
    id, order_id, creator_id, channel, policy, address, normalized_address,
    national_identity_number, organization_number, status, status_at, reason, finished_at,
    next_attempt_at, gateway_reference, created, attempts
)
SELECT
    ('0198f2a1-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid,
    ('0198f2a0-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid,
    %(creator)s, 'Sms', 'Daytime', '', CASE WHEN i %% 4 = 0 THEN %(busy)s
        ELSE '+47' || (90000000 + i) END,
    CASE WHEN i %% 2 = 0 THEN (20000000000 + CASE WHEN i %% 4 = 0 THEN 0 ELSE i END)::text
        ELSE '' END,
    CASE WHEN i %% 2 = 1 THEN (300000000 + CASE WHEN i %% 4 = 1 THEN 0 ELSE i END)::text
        ELSE '' END,
    'Delivered', now(), '', now(), now(), 'g-' || i, now(), 0
FROM generate_series(1, 20000) AS i
"""


@pytest.mark.django_db
def test_a_chain_is_found_by_its_ids_and_its_dialog(ttd: Creator) -> None:
    orders = chain(ttd, "Completed", "Registered", idempotency_id=IDEMPOTENCY_ID)
    chain(ttd, "Registered", dialog_id=None)
    asked = [str(orders[0].chain_id), IDEMPOTENCY_ID, DIALOG, DIALOG.upper()]
    for term in asked:
        assert {one.pk for one in find.find(term).orders} == {one.pk for one in orders}, term


@pytest.mark.django_db
def test_a_dialog_may_have_an_id_of_another_kind(ttd: Creator) -> None:
    orders = chain(ttd, "Registered", dialog_id="5f3a")
    assert [one.pk for one in find.find("5f3a").orders] == [orders[0].pk]
