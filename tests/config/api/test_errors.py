"""What is answered when something goes wrong outside of the views."""

from contextlib import closing
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.http import Http404
from django.test import Client, RequestFactory

from config.api import errors
from orders.models import Creator
from tests.contracts.requests import sms
from tests.in_process_api import Api


def test_staff_are_told_on_a_page_that_there_is_none() -> None:
    response = errors.not_found(RequestFactory().get("/admin/nowhere"), Http404())
    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/notifications/nowhere", "/notifications", "/", "/orders"])
def test_an_unknown_address_has_no_body(path: str) -> None:
    response = Client().get(path)
    assert response.status_code == 404
    assert response.content == b""
    assert "Content-Type" not in response


def test_the_last_resort_speaks_json_to_programs_and_html_to_people() -> None:
    answer = errors.server_error(RequestFactory().get("/notifications/api/v1/orders"))
    assert answer.status_code == 500
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    assert b'"title":"An error occurred while processing your request."' in answer.content
    page = errors.server_error(RequestFactory().get("/admin/"))
    assert page.status_code == 500
    assert page["Content-Type"].startswith("text/html")


@pytest.mark.django_db(transaction=True)
def test_what_waited_for_a_lock_for_longer_than_its_role_may_is_asked_for_again(
    api: Api, ttd: Creator
) -> None:
    """As while a migration has the table, where the role has a statement_timeout."""
    desk = Client(raise_request_exception=False)
    desk.force_login(User.objects.create_superuser("anne"))
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '100ms'")
    try:
        with closing(connection.copy()) as migration, migration.cursor() as cursor:
            migration.set_autocommit(False)
            cursor.execute("LOCK TABLE orders_order IN ACCESS EXCLUSIVE MODE")
            answers = [
                api.post("/orders/sms", sms()),
                api.get("/orders?sendersReference=none"),
                desk.get(f"/admin/orders/order/{uuid4()}/change/"),
            ]
            migration.rollback()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET statement_timeout")
    assert [answer.status_code for answer in answers] == [503, 503, 503]
    assert {answer["Retry-After"] for answer in answers} == {"10"}
