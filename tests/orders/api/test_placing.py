"""Placing orders: what it costs, how much is taken, and what a failure tells."""

import json

import pytest
from django.conf import LazySettings
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from orders import creators
from orders.models import Creator, Order
from tests.contracts.requests import PATHS, chain, request_for, sms
from tests.in_process_api import Api


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_an_order_costs_one_statement(
    api: Api, ttd: Creator, path: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    creators.speaking_for(creators.Caller("ttd"))
    with django_assert_num_queries(1):
        assert api.post(path, request_for(path)).status_code == 202


@pytest.mark.django_db
def test_a_refused_order_costs_none(
    api: Api, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert api.post("/orders", {}).status_code == 400


def test_an_order_has_a_greatest_number_of_recipients(api: Api, settings: LazySettings) -> None:
    settings.MAX_RECIPIENTS = 3
    errors = api.errors("/orders/sms", sms(recipients=[{}] * 4))
    assert errors == {"Recipients": ["The order has 4 recipients; at most 3 are allowed."]}
    assert len(api.errors("/orders/sms", sms(recipients=[{}] * 3))) == 3


def test_attack_a9_of_many_errors_the_first_are_shown_and_the_others_counted(api: Api) -> None:
    errors = api.errors("/orders/sms", sms(recipients=[{"mobileNumber": "1"}] * 150))
    assert len(errors) == 101
    assert errors["Recipients[99].MobileNumber"]
    assert errors["Recipients"] == ["50 more errors of recipients are not shown."]


@pytest.mark.django_db
def test_attack_a9_of_reminders_as_well(api: Api) -> None:
    errors = api.errors("/future/orders", chain(reminders=[None] * 150))
    assert len(errors) == 101
    assert errors["Reminders[99]"]
    assert errors["Reminders"] == ["50 more with errors are not shown."]


@pytest.mark.django_db
def test_an_sms_that_is_too_long_is_taken_where_it_will_be_cut(
    api: Api, settings: LazySettings
) -> None:
    long = sms(body="a" * 2_145)
    assert list(api.errors("/orders/sms", long)) == ["Body"]
    settings.SMS_TOO_LONG = "truncate"
    taken = api.post("/orders/sms", long)
    assert taken.status_code == 202
    assert taken["X-Sms-Segments"] == "16"
    shown = api.get(f"/orders/{taken.json()['orderId']}").json()
    assert shown["smsTemplate"]["body"] == "a" * 2_145


def test_a_body_has_a_greatest_size(api: Api, settings: LazySettings) -> None:
    body = json.dumps(sms(recipients=[])).encode()
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = len(body)
    assert api.post("/orders/sms", body).status_code == 400
    response = api.post("/orders/sms", body + b" ")
    assert response.status_code == 413
    problem = response.json()
    assert problem.pop("traceId")
    assert problem == {
        "type": "https://tools.ietf.org/html/rfc9110#section-15.5.14",
        "title": "Content Too Large",
        "status": 413,
        "detail": f"The body may be {len(body)} bytes long.",
    }


@pytest.mark.django_db
def test_what_goes_wrong_unexpectedly_is_a_problem_without_details(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE orders_order ADD CHECK (sms_body <> 'Kari''s secret')")
    response = api.post("/orders/sms", sms(body="Kari's secret"))
    assert response.status_code == 500
    problem = response.json()
    assert problem.pop("traceId")
    assert problem == {
        "type": "https://tools.ietf.org/html/rfc9110#section-15.6.1",
        "title": "An error occurred while processing your request.",
        "status": 500,
    }
    assert "psycopg.errors.CheckViolation" in caplog.text
    assert "register.py" in caplog.text
    # PostgreSQL's message quotes the whole row.
    assert "secret" not in caplog.text


@pytest.mark.django_db
@pytest.mark.parametrize("path", [*PATHS, "/future/orders"])
@pytest.mark.parametrize("of", ["nobody", "owner", "installation"])
def test_a_test_is_said_to_be_one_and_kept_as_one(
    api: Api, ttd: Creator, settings: LazySettings, path: str, of: str
) -> None:
    settings.TEST_MODE = of == "installation"
    Creator.objects.update(is_in_test_mode=of == "owner")
    document = chain() if path == "/future/orders" else request_for(path)
    said = None if of == "nobody" else "true"
    tried = api.post(path, document, headers=api.headers | {"Prefer": "dry-run"})
    assert (tried.status_code, tried.get("X-Test-Mode")) == (200, said)
    placed = api.post(path, document)
    assert (placed.status_code // 100, placed.get("X-Test-Mode")) == (2, said)
    answer = placed.json()
    told = answer.get("notification", answer)
    order = Order.objects.get(pk=told.get("orderId") or told["shipmentId"])
    assert order.is_test is (said is not None)
    progress = api.get(f"/orders/{order.pk}/progress").json()
    assert progress.get("test") is (True if said else None)
