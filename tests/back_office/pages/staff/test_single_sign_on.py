"""Whoever the identity provider vouches for gets in, with the roles that their groups lead to."""

import time
from collections.abc import Iterator
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import LazySettings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from back_office.models import StaffIdentity
from back_office.pages.staff import identity_provider
from back_office.pages.staff.accounts import account_of, roles_of
from script.launcher.system.simulators import Simulators
from tests.outside.conftest import ask
from tests.recipients.local_server import LocalServer
from tests.simulators.identity_provider import CLIENT_ID, CLIENT_SECRET

BEGIN, CALLBACK = "/admin/single-sign-on/", "/admin/single-sign-on/callback/"


@pytest.fixture
def provider(outside_world: Simulators, settings: LazySettings, db: None) -> Iterator[Simulators]:
    outside_world.reset()
    settings.SSO_ISSUER = f"{outside_world.url}/staff"
    settings.SSO_CLIENT_ID, settings.SSO_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
    settings.SSO_SUPPORT_GROUPS = ["desk", "desk-east"]
    settings.SSO_OPERATOR_GROUPS = ["operations"]
    settings.SSO_AUDITOR_GROUPS = ["audit"]
    settings.SSO_TIMEOUT = 2.0
    identity_provider._Known.asked_for = ""
    yield outside_world
    identity_provider._Known.asked_for = ""


def way_back(client: Client, name: str, groups: str, *, wanted: str = "") -> str:
    """Where the provider sends the browser, once its owner has said who they are."""
    begun = client.get(BEGIN, {"next": wanted} if wanted else {})
    assert begun.status_code == 302, begun.content
    asked = dict(parse_qsl(urlsplit(begun["Location"]).query))
    host = "http://" + urlsplit(begun["Location"]).netloc
    assert ask("GET", begun["Location"]).status == 200
    form = "&".join(
        f"{key}={value}" for key, value in (asked | {"name": name, "groups": groups}).items()
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    back = ask("POST", f"{host}/staff/authorize", form, headers).headers["Location"]
    return f"{CALLBACK}?{urlsplit(back).query}"


def log_in(client: Client, name: str, groups: str) -> HttpResponse:
    return client.get(way_back(client, name, groups))  # type: ignore[return-value]


def roles(name: str) -> set[str]:
    return set(User.objects.get(username=name).groups.values_list("name", flat=True))


def test_a_group_leads_to_a_role_and_back_to_the_page_that_was_wanted(
    client: Client, provider: Simulators
) -> None:
    wanted = reverse("admin:orders_order_changelist")
    answer = client.get(way_back(client, "kari", "desk+other", wanted=wanted))
    assert (answer.status_code, answer["Location"]) == (302, wanted)
    assert client.get(wanted).status_code == 200
    account = User.objects.get(username="kari")
    assert (account.is_staff, account.is_superuser, account.email) == (
        True,
        False,
        "kari@desk.example",
    )
    assert not account.has_usable_password()
    assert roles("kari") == {"support"}


def test_roles_follow_the_claim_at_each_log_in(client: Client, provider: Simulators) -> None:
    log_in(client, "kari", "desk-east")
    log_in(Client(), "kari", "operations+audit")
    assert roles("kari") == {"operator", "auditor"}
    said = LogEntry.objects.values_list("change_message", flat=True).order_by("pk")
    assert [*said] == [
        "Roles by single sign-on: support.",
        "Roles by single sign-on: auditor, operator.",
    ]
    assert StaffIdentity.objects.count() == 1


def test_who_is_in_no_group_any_more_is_out_with_all_sessions(
    client: Client, provider: Simulators
) -> None:
    log_in(client, "kari", "desk")
    answer = log_in(Client(), "kari", "canteen")
    assert answer.status_code == 403
    assert "Ask for a role" in answer.content.decode()
    assert client.get("/admin/").status_code == 302
    assert roles("kari") == set()


def test_nobody_without_a_role_gets_an_account(client: Client, provider: Simulators) -> None:
    assert log_in(client, "gjest", "").status_code == 403
    assert not User.objects.filter(username="gjest").exists()


def test_an_account_that_was_switched_off_stays_so(client: Client, provider: Simulators) -> None:
    log_in(client, "kari", "desk")
    User.objects.update(is_active=False)
    assert log_in(Client(), "kari", "desk").status_code == 403
    assert client.get("/admin/").status_code == 302


def test_an_account_made_beforehand_is_its_owners_at_the_first_log_in(
    client: Client, provider: Simulators
) -> None:
    chief = Client()
    chief.force_login(User.objects.create_superuser("sjef"))
    form = chief.get(reverse("admin:auth_user_add")).content.decode()
    assert "password1" not in form
    given = {
        "username": "kari",
        "role": Group.objects.get(name="operator").pk,
        "reason": "New here.",
    }
    assert chief.post(reverse("admin:auth_user_add"), given).status_code == 302
    assert roles("kari") == {"operator"}
    log_in(client, "kari", "audit")
    assert roles("kari") == {"auditor"}
    assert User.objects.filter(username__startswith="kari").count() == 1


@pytest.mark.parametrize("has_been", [True, False], ids=["has been in", "may do more"])
def test_what_somebody_was_in_or_may_do_more_is_not_given_away_by_its_name(
    client: Client, provider: Simulators, has_been: bool
) -> None:
    made = User(username="kari", is_staff=True, last_login=timezone.now() if has_been else None)
    made.set_unusable_password()
    made.save()
    if not has_been:
        made.user_permissions.add(Permission.objects.get(codename="export_unmasked"))
    log_in(client, "kari", "audit")
    assert (roles("kari"), roles("kari-2")) == (set(), {"auditor"})


def test_a_name_that_is_taken_stays_its_owners(client: Client, provider: Simulators) -> None:
    User.objects.create_superuser("kari", password="correct horse battery staple")
    log_in(client, "kari", "audit")
    assert roles("kari-2") == {"auditor"}
    assert roles("kari") == set()


@pytest.mark.parametrize(
    "wrong",
    ["wrong-key", "wrong-nonce", "wrong-audience", "wrong-issuer", "expired", "unsigned"],
)
def test_a_token_that_proves_nothing_lets_nobody_in(
    client: Client, provider: Simulators, wrong: str
) -> None:
    provider.fault("staff-token", wrong)
    answer = log_in(client, "kari", "desk")
    assert answer.status_code == 403
    assert "could not be confirmed" in answer.content.decode()
    assert not User.objects.exists()
    assert client.get("/admin/").status_code == 302


def test_a_code_of_another_browser_lets_nobody_in(client: Client, provider: Simulators) -> None:
    """Nor does it log out whoever is there, whatever the address says."""
    back = way_back(client, "kari", "desk")
    assert Client().get(back).status_code == 403
    state = parse_qs(urlsplit(back).query)["state"][0]
    assert client.get(CALLBACK, {"code": "made-up", "state": state}).status_code == 403
    assert client.get(back).status_code == 403, "a state is good for one try"
    log_in(client, "kari", "desk")
    for query in ({}, {"error": "x"}, {"error": "x", "state": "y"}, {"code": "x", "state": "y"}):
        assert client.get(CALLBACK, query).status_code == 403
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("trouble", ["error500", "bad-json", "time-out"])
def test_a_provider_that_does_not_answer_is_told_of_in_time(
    client: Client, provider: Simulators, settings: LazySettings, trouble: str
) -> None:
    settings.SSO_TIMEOUT = 0.2
    provider.fault("staff", trouble)
    answer = client.get(BEGIN)
    assert answer.status_code == 503
    assert "does not answer" in answer.content.decode()
    provider.reset()
    assert client.get(BEGIN).status_code == 503, "it is not asked again at once"


def test_nor_does_it_let_in_while_its_keys_cannot_be_read(
    client: Client, provider: Simulators
) -> None:
    back = way_back(client, "kari", "desk")
    provider.fault("staff", "error500")
    assert client.get(back).status_code == 503


def test_what_comes_after_is_on_this_desk(client: Client, provider: Simulators) -> None:
    back = way_back(client, "kari", "desk", wanted="https://elsewhere.example/")
    assert client.get(back)["Location"] == "/admin/"


def test_the_session_is_a_new_one_and_lasts_a_working_day(
    client: Client, provider: Simulators, settings: LazySettings
) -> None:
    back = way_back(client, "kari", "desk")
    before = client.cookies["sessionid"].value
    client.get(back)
    cookie = client.cookies["sessionid"]
    assert cookie.value != before
    assert cookie["max-age"] == settings.SESSION_COOKIE_AGE
    assert Session.objects.count() == 1


def test_it_is_off_unless_set(client: Client, provider: Simulators, settings: LazySettings) -> None:
    assert "single sign-on" in client.get("/admin/login/").content.decode()
    log_in(client, "kari", "desk")
    settings.SSO_ISSUER = ""
    assert client.get(BEGIN).status_code == 404
    assert client.get(CALLBACK).status_code == 404
    assert client.get("/admin/").status_code == 302
    assert "single sign-on" not in client.get("/admin/login/").content.decode()


@pytest.mark.parametrize("claim", [None, 1, True, {"desk": 1}, [["desk"], 1, None], "Desk", ""])
def test_an_odd_claim_leads_nowhere(provider: Simulators, claim: object) -> None:
    assert roles_of({"groups": claim}) == set()
    assert roles_of({"groups": "desk"}) == {"support"}


@pytest.mark.parametrize("odd", ["\ud800", "\x00", "a" * 5_000, "\u202e", 1, None, ["x"], {}])
def test_a_person_of_an_odd_name_gets_in(provider: Simulators, odd: object) -> None:
    names = ("preferred_username", "given_name", "family_name", "email")
    claims = {"iss": "i", "sub": "s", "groups": "desk", **dict.fromkeys(names, odd)}
    assert account_of(claims) == account_of(claims)


@pytest.mark.parametrize("subject", ["", "a\x00", "\ud800", "a" * 256, "k\u00e5ri"])
def test_who_has_no_name_by_the_standard_is_nobody(
    provider: Simulators, monkeypatch: pytest.MonkeyPatch, subject: str
) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    monkeypatch.setattr(
        identity_provider, "_key", lambda known, header: jwt.PyJWK(public | {"alg": "RS256"})
    )
    now = int(time.time())
    claims = {"iss": identity_provider.provider().issuer, "aud": CLIENT_ID, "nonce": "n"}
    good = claims | {"sub": "kari", "iat": now, "exp": now + 300}

    def signed(**changes: object) -> str:
        return jwt.encode(good | changes, key, algorithm="RS256")

    assert identity_provider.verified(signed(), nonce="n")["sub"] == "kari"
    for token in (signed(sub=subject), signed(nonce="\ud800"), signed(aud=5)):
        with pytest.raises(identity_provider.NotProven):
            identity_provider.verified(token, nonce="n")


@pytest.mark.parametrize("answer", [b"[" * 100_000, b"\xff", b"[]", b" " * 1_000_001, b""])
def test_a_provider_that_says_something_else_is_away(server: LocalServer, answer: bytes) -> None:
    server.answer("/keys", answer)
    with pytest.raises(identity_provider.ProviderAway):
        identity_provider._asked("GET", f"{server.url}/keys")


def test_every_role_that_a_group_leads_to_is_one(provider: Simulators) -> None:
    found = roles_of({"groups": ["desk", "operations", "audit"]})
    assert found == set(Group.objects.values_list("name", flat=True))
