"""What tokens prove, over time and under other settings than the usual ones."""

import time
from typing import Any

import pytest
from django.conf import LazySettings
from pytest_django import DjangoAssertNumQueries

from orders import creators
from orders.models import Creator
from tests.contracts.requests import sms
from tests.contracts.tokens import Cast
from tests.in_process_api import Api, is_empty


@pytest.mark.django_db
def test_an_inactive_creator_is_refused(api: Api, ttd: Creator) -> None:
    assert api.post("/orders/sms", sms()).status_code == 202
    ttd.is_active = False
    ttd.save()
    creators.known.clear()
    response = api.post("/orders/sms", sms())
    assert response.status_code == 403
    assert is_empty(response)


def test_a_remembered_token_is_refused_once_it_has_expired(
    api: Api, cast: Cast, time_machine: Any
) -> None:
    headers = {"Authorization": f"Bearer {cast.bearer(exp=int(time.time()) + 60)}"}
    assert api.post("/orders/sms", {}, headers=headers).status_code == 400
    time_machine.move_to(time.time() + 59, tick=False)
    assert api.post("/orders/sms", {}, headers=headers).status_code == 400
    time_machine.move_to(time.time() + 1, tick=False)
    assert api.post("/orders/sms", {}, headers=headers).status_code == 401


def test_a_key_set_without_issuers_lets_nobody_in(api: Api, settings: LazySettings) -> None:
    settings.ALTINN_ISSUERS = []
    assert api.post("/orders/sms", sms()).status_code == 401


def test_without_settings_nobody_is_let_in(api: Api, cast: Cast, settings: LazySettings) -> None:
    settings.ALTINN_JWKS = settings.PLATFORM_TOKEN_JWKS = ""
    headers = {**api.headers, "PlatformAccessToken": cast.platform(iss="ttd")}
    assert api.post("/orders/sms", sms(), headers=headers).status_code == 401


def test_while_no_keys_are_known_nobody_is_told_that_his_token_is_bad(
    api: Api, settings: LazySettings
) -> None:
    settings.ALTINN_JWKS = "/nowhere/keys.json"
    response = api.post("/orders/sms", sms())
    assert response.status_code == 503
    assert response.json()["code"] == "NOT-00004"
    assert int(response["Retry-After"]) > 0


@pytest.mark.django_db
def test_an_accepted_token_costs_no_query(
    api: Api, ttd: Creator, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    creators.speaking_for(creators.Caller("ttd"))
    with django_assert_num_queries(0):
        assert api.get("/orders/x/notifications/sms").status_code == 400
