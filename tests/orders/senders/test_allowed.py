"""A service owner names any sender, until staff have verified one of the kind for it."""

import pytest
from django.conf import LazySettings
from django.db import IntegrityError
from pytest_django import DjangoAssertNumQueries

from orders.creators import Caller
from orders.models import Creator, Sender
from orders.senders import allowed as senders
from orders.senders.allowed import ANY_SENDER, CallersSenders, form_of, may_use
from tests.building import NOON
from tests.registering import ASKED, REVOKED, VERIFIED, WAITING, sender

EMAIL, SMS = Sender.Kind.EMAIL, Sender.Kind.SMS
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("kind", "written", "form"),
    [
        (EMAIL, "Post@TTD.example", "post@ttd.example"),
        (EMAIL, '"Testdep" <post@ttd.example>', "post@ttd.example"),
        (EMAIL, "post@blåbær.no", "post@xn--blbr-roah.no"),
        (EMAIL, " post@ttd.example ", "post@ttd.example"),
        (EMAIL, "post@ttd.example, kari@ttd.example", ""),
        (SMS, "Testdep", "Testdep"),
        (SMS, "TESTDEP", "TESTDEP"),
        (SMS, "Skatteetaten", "Skatteetate"),
        (SMS, "Blåbær", "Blabaer"),
        (SMS, "+47 59 44 00 00", "4759440000"),
        (SMS, "004759440000", "4759440000"),
        (SMS, "A&B", ""),
    ],
)
def test_two_ways_of_writing_a_sender_are_the_same(
    kind: Sender.Kind, written: str, form: str
) -> None:
    assert form_of(kind, written) == form


@pytest.mark.parametrize("state", [None, ASKED, WAITING, REVOKED])
def test_nothing_is_bound_before_one_is_verified(ttd: Creator, state: Sender.State | None) -> None:
    if state:
        sender(ttd, "asked@ttd.example", state)
    assert may_use(ttd, EMAIL, "any@ttd.example")
    assert may_use(ttd, EMAIL, "asked@ttd.example") == (state != REVOKED)


def test_the_first_verified_one_binds_its_kind_and_its_owner(ttd: Creator, skd: Creator) -> None:
    sender(ttd, "post@ttd.example")
    sender(ttd, "soon@ttd.example", ASKED)
    assert may_use(ttd, EMAIL, "Testdep <POST@ttd.example>")
    assert not may_use(ttd, EMAIL, "any@ttd.example")
    assert not may_use(ttd, EMAIL, "soon@ttd.example")
    assert may_use(ttd, SMS, "Anybody")
    assert may_use(skd, EMAIL, "any@ttd.example")
    assert not may_use(ttd, EMAIL, "post@ttd.example.evil.example")


def test_revoking_the_last_one_frees_nobody(ttd: Creator) -> None:
    sender(ttd, "post@ttd.example", REVOKED, verified_at=NOON)
    assert not may_use(ttd, EMAIL, "post@ttd.example")
    assert not may_use(ttd, EMAIL, "any@ttd.example")


def test_what_looks_like_a_revoked_one_is_refused_unless_it_was_verified(ttd: Creator) -> None:
    sender(ttd, "Testdep", REVOKED)
    for one in ("TESTDEP", "testdep", "Test Dep", "T\u00ebstdep"):
        assert not may_use(ttd, SMS, one)
    assert may_use(ttd, SMS, "Testdep 1")
    sender(ttd, "TESTDEP")
    senders.known.clear()
    assert may_use(ttd, SMS, "TESTDEP")
    assert not may_use(ttd, SMS, "Testdep")


def test_all_may_be_bound_by_a_setting(ttd: Creator, settings: LazySettings) -> None:
    settings.ENFORCE_SENDERS = True
    assert not may_use(ttd, SMS, "Anybody")
    sender(ttd, "Testdep")
    senders.known.clear()
    assert may_use(ttd, SMS, "Testdep")


def test_defaults_are_always_there(ttd: Creator, settings: LazySettings) -> None:
    settings.ENFORCE_SENDERS = True
    settings.DEFAULT_EMAIL_FROM, settings.DEFAULT_SMS_SENDER = "Altinn <noreply@a.no>", "Altinn"
    Creator.objects.update(default_email_sender="post@ttd.example", default_sms_sender="Testdep")
    ttd.refresh_from_db()
    sender(ttd, "noreply@a.no", REVOKED)
    for one in ("noreply@a.no", "post@ttd.example", "Dep <post@ttd.example>"):
        assert may_use(ttd, EMAIL, one)
    assert may_use(ttd, SMS, "Altinn")
    assert may_use(ttd, SMS, "Testdep")


def test_what_is_known_of_an_owner_costs_a_query_only_now_and_then(
    ttd: Creator,
    django_assert_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with django_assert_num_queries(0):
        may_use(ttd, SMS, "Altinn")
    with django_assert_num_queries(1):
        assert may_use(ttd, SMS, "Testdep")
        assert may_use(ttd, EMAIL, "post@ttd.example")
    sender(ttd, "Testdep", REVOKED)
    assert may_use(ttd, SMS, "Testdep"), "this process remembers"
    monkeypatch.setattr(senders, "REMEMBERED_FOR", 0.0)
    senders.known.clear()
    assert not may_use(ttd, SMS, "Testdep")
    Sender.objects.update(state=VERIFIED, verified_at=NOON)
    assert may_use(ttd, SMS, "Testdep")


def test_who_is_nobody_is_bound_by_nothing(settings: LazySettings) -> None:
    settings.ENFORCE_SENDERS = True
    assert CallersSenders(Caller("")).may_use(SMS, "Testdep")
    assert CallersSenders(Caller("")).verified(SMS) == ()
    assert ANY_SENDER.may_use(SMS, "Testdep")


def test_no_sender_is_registered_twice(ttd: Creator) -> None:
    sender(ttd, "post@ttd.example")
    with pytest.raises(IntegrityError):
        sender(ttd, "POST@ttd.example")
