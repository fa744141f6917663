"""Staff are spoken to in their language, programs in the contract's."""

import pytest
from django.test import Client
from django.utils import translation

from tests.in_process_api import Api

NORWEGIAN = {"Accept-Language": "nb"}


def test_log_in_speaks_the_browsers_language(client: Client, db: None) -> None:
    page = client.get("/admin/login/", headers=NORWEGIAN)
    assert "Passord" in page.content.decode()
    assert page.headers["Content-Language"] == "nb"
    other = client.get("/admin/login/", headers={"Accept-Language": "de"})
    assert "Password" in other.content.decode()


def test_nothing_of_it_stays_with_the_thread(client: Client, db: None) -> None:
    before = translation.get_language()
    client.get("/admin/login/", headers=NORWEGIAN)
    assert translation.get_language() == before == "en"


@pytest.mark.django_db
def test_an_error_of_the_api_is_the_same_whatever_language_is_accepted(api: Api) -> None:
    body = {"sendersReference": 5, "recipients": [{}], "body": "", "requestedSendTime": "soon"}
    Client().get("/admin/login/", headers=NORWEGIAN)
    plain = api.post("/orders/sms", body).json()["errors"]
    accepted = api.post("/orders/sms", body, headers=api.headers | NORWEGIAN)
    assert plain
    assert accepted.json()["errors"] == plain
    assert "Accept-Language" not in accepted.headers.get("Vary", "")


def test_staff_switch_the_language(client: Client, db: None) -> None:
    client.post("/admin/i18n/setlang/", {"language": "nb", "next": "/admin/login/"})
    page = client.get("/admin/login/", headers={"Accept-Language": "en"})
    assert "Passord" in page.content.decode()
