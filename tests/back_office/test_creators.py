"""What staff set for a service owner is checked, kept with its author, and followed."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from orders import creators
from orders.creators import Caller, speaking_for
from orders.limits import rate_limits
from orders.limits.rate_limits import LimitExceeded
from orders.models import Channel, Creator
from tests.building import NOON, order


@pytest.fixture
def operator(client: Client, db: None) -> User:
    user = User.objects.create_user("oda", is_staff=True)
    user.groups.add(Group.objects.get(name="operator"))
    client.force_login(user)
    return user


@pytest.fixture
def _limits_are_counted_anew() -> Iterator[None]:
    rate_limits.minutes_at.cache_clear()
    yield
    rate_limits.minutes_at.cache_clear()


def change(client: Client, creator: Creator, **fields: Any) -> Any:
    """Post the form of the service owner's page, filled in as far as needed."""
    data = {"is_active": "on", "contact": "", "reason": "They asked for it."} | fields
    return client.post(reverse("admin:orders_creator_change", args=[creator.pk]), data)


def page_of(client: Client, creator: Creator) -> str:
    page = client.get(reverse("admin:orders_creator_change", args=[creator.pk]))
    assert page.status_code == 200
    return page.content.decode()


def test_a_change_is_kept_with_who_and_why(client: Client, operator: User, ttd: Creator) -> None:
    assert change(client, ttd, contact="Lise, 8-16").status_code == 302
    ttd.refresh_from_db()
    assert ttd.contact == "Lise, 8-16"
    events: Any = ttd.events  # type: ignore[attr-defined]
    about = events.get(pgh_label="update").pgh_context.metadata
    assert about["user"] == operator.pk
    assert about["name"] == "oda"
    assert about["reason"] == "They asked for it."


def test_the_page_tells_who_changed_what(client: Client, operator: User, ttd: Creator) -> None:
    change(client, ttd, default_sms_sender="Testdep")
    page = page_of(client, ttd)
    assert "default SMS sender: - → Testdep" in page
    assert "They asked for it." in page
    assert "oda" in page


def test_test_mode_is_turned_on_with_a_list(client: Client, operator: User, ttd: Creator) -> None:
    listed = "+47 999 99 999\n@Example.com"
    assert change(client, ttd, is_in_test_mode="on", test_mode_allows=listed).status_code == 302
    ttd.refresh_from_db()
    assert ttd.is_in_test_mode
    assert ttd.test_mode_allows == "+4799999999\n@example.com"
    page = change(client, ttd, test_mode_allows="99999999")
    assert "99999999 is no number with country code" in page.content.decode()


def test_a_page_that_is_old_undoes_nothing_of_what_others_changed_since(
    client: Client, operator: User, ttd: Creator
) -> None:
    """A colleague's page, shown before test mode was on, must not turn it off."""
    shown = re.findall(r'name="(initial-[a-z_]+)"(?: value="([^"]*)")?', page_of(client, ttd))
    assert len(shown) == 8
    change(client, ttd, is_in_test_mode="on", test_mode_allows="@example.com")
    Creator.objects.update(requests_per_minute=10)
    assert change(client, ttd, contact="Lise", **dict(shown)).status_code == 302
    ttd.refresh_from_db()
    assert (ttd.contact, ttd.requests_per_minute) == ("Lise", 10)
    assert (ttd.is_in_test_mode, ttd.test_mode_allows) == (True, "@example.com")


def test_test_mode_is_turned_off_by_whoever_sees_it_on(
    client: Client, operator: User, ttd: Creator
) -> None:
    Creator.objects.update(is_in_test_mode=True)
    assert change(client, ttd, **{"initial-is_in_test_mode": "True"}).status_code == 302
    ttd.refresh_from_db()
    assert not ttd.is_in_test_mode


@pytest.mark.parametrize("reason", ["", " ", "018385 10058 asked", "kari@altinn.no asked"])
def test_nothing_is_changed_without_a_reason(
    client: Client, operator: User, ttd: Creator, reason: str
) -> None:
    assert change(client, ttd, contact="Lise", reason=reason).status_code == 200
    ttd.refresh_from_db()
    assert ttd.contact == ""


@pytest.mark.parametrize(
    "fields",
    [
        {"default_sms_sender": "Testdepartementet"},
        {"default_sms_sender": "Skåne"},
        {"default_sms_sender": "+4799998877665544"},
        {"default_email_sender": "nobody"},
        {"default_email_sender": "a@b.no, c@d.no"},
        {"requests_per_minute": "-1"},
        {"recipients_per_minute": "many"},
    ],
)
def test_what_a_gateway_would_refuse_is_refused(
    client: Client, operator: User, ttd: Creator, fields: dict[str, str]
) -> None:
    assert change(client, ttd, **fields).status_code == 200
    ttd.refresh_from_db()
    assert (ttd.default_sms_sender, ttd.default_email_sender) == ("", "")
    assert (ttd.requests_per_minute, ttd.recipients_per_minute) == (None, None)


@pytest.mark.parametrize("sender", ["Testdep", "Etaten 1", "26112", "+4799998877"])
def test_senders_that_arrive_as_written_are_taken(
    client: Client, operator: User, ttd: Creator, sender: str
) -> None:
    assert change(client, ttd, default_sms_sender=sender).status_code == 302
    ttd.refresh_from_db()
    assert ttd.default_sms_sender == sender


@pytest.mark.parametrize("group", ["support", "auditor"])
def test_only_operators_change_settings(client: Client, ttd: Creator, group: str) -> None:
    user = User.objects.create_user("siv", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client.force_login(user)
    assert "Reason for the change" not in page_of(client, ttd)
    assert change(client, ttd, contact="Lise").status_code == 403


def test_a_default_sender_stands_in_orders_that_name_none(ttd: Creator, skd: Creator) -> None:
    Creator.objects.filter(pk=ttd.pk).update(
        default_sms_sender="Testdep", default_email_sender="post@ttd.example"
    )
    ttd.refresh_from_db()
    own, others = order(ttd, Channel.EMAIL_AND_SMS), order(skd)
    assert (own.sms_sender, own.email_sender) == ("Testdep", "post@ttd.example")
    assert others.sms_sender == "Altinn"


@pytest.mark.usefixtures("_limits_are_counted_anew", "db")
def test_a_limit_of_its_own_replaces_the_installations() -> None:
    name = f"owner-{uuid4()}"
    Creator.objects.create(short_name=name, requests_per_minute=2, recipients_per_minute=0)
    speaking_for(Caller(name))
    own = creators.limits_of(name)
    for _ in range(2):
        rate_limits.count_request(creator_name=name, limits=own, now=NOON)
    with pytest.raises(LimitExceeded, match="At most 2 requests"):
        rate_limits.count_request(creator_name=name, limits=own, now=NOON)
    rate_limits.count_recipients(10_000_000, creator_name=name, limits=own, now=NOON)
    others = creators.limits_of(f"{name}x")
    with pytest.raises(LimitExceeded):
        rate_limits.count_recipients(10_000_000, creator_name=f"{name}x", limits=others, now=NOON)
