"""Where a network has a proxy every call leaves through it, but those through the guard."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import LazySettings
from yarl import URL

from back_office.pages.staff import identity_provider
from config.tokens import jwks
from dispatch.gateways import posting
from dispatch.gateways.base import Evidence, Outcome, OutcomeKind
from dispatch.gateways.email.transport import Email
from notifications.reading import dialogporten
from recipients.registers import calls, tokens
from runtime.uuid7 import uuid7
from runtime.web import outgoing, outgoing_proxy, reaching
from runtime.web.guarded_http import guarded_session
from runtime.web.outgoing_proxy import proxy_for
from runtime.web.ssrf_guard import SsrfGuard
from tests.architecture.test_tree import APPS, ROOT, modules
from tests.dispatch.conftest import mail
from tests.recipients.local_server import LocalServer
from tests.small_proxy import SmallProxy, small_proxy

SESSION = re.compile(r"outgoing\.session\([^)]*\)\.\w+\((?P<arguments>(?:[^()]|\([^()]*\))*)\)")
VARIABLES = ("http_proxy", "https_proxy", "no_proxy")


@pytest.fixture
def proxy(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallProxy]:
    """As a process has it that started with the setting, and with an environment that names
    another proxy."""
    for name in VARIABLES:
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.upper(), "http://127.0.0.1:9")
    with small_proxy() as running:
        settings.OUTGOING_PROXY = running.url
        settings.OUTGOING_PROXY_EXCEPT = ["direct.example"]
        outgoing_proxy.tell_libraries()
        yield running


def to_register() -> None:
    outgoing.run(
        calls.post(register="Profile", base_url="http://there.example/", path="a", body={})
    )


def to_gateway() -> None:
    outgoing.run(posting.post(URL("http://there.example/a"), b"", headers={}))


def to_maskinporten() -> None:
    with pytest.raises(tokens.TokenUnavailable):
        outgoing.run(tokens.condition_check_token(renew=True))


WAYS: list[tuple[Callable[[], object], str]] = [
    (to_register, "POST http://there.example/a"),
    (to_gateway, "POST http://there.example/a"),
    (to_maskinporten, "POST http://there.example/token"),
    (lambda: jwks.read("http://there.example/keys"), "GET http://there.example/keys"),
    (lambda: reaching.status_of("http://there.example/"), "HEAD http://there.example/"),
    (
        lambda: dialogporten.may_see(uuid7(), bearer_token="t"),
        "GET http://there.example/enduser/dialoglookup",
    ),
    (
        lambda: identity_provider._asked("GET", "http://there.example/metadata"),
        "GET http://there.example/metadata",
    ),
]


@pytest.mark.parametrize(("call", "asked"), WAYS, ids=[asked for _, asked in WAYS])
def test_a_call_leaves_through_the_proxy_with_its_password(
    proxy: SmallProxy,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
    call: Callable[[], object],
    asked: str,
) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    monkeypatch.setattr(tokens, "private_key", lambda path: key)
    settings.MASKINPORTEN_URL = "http://there.example/token"
    settings.DIALOGPORTEN_URL = "http://there.example"
    proxy.answer = b'{"keys": []}'
    with suppress(*jwks.READING_ERRORS):  # nobody publishes an empty set
        call()
    [got] = proxy.asked
    assert got.startswith(asked)
    assert proxy.credentials == {"Basic dXM6dmFmbGVy"}


def test_a_tunnel_that_is_refused_is_known_to_have_taken_no_sms(proxy: SmallProxy) -> None:
    found = outgoing.run(posting.post(URL("https://there.example/a"), b"", headers={}))
    assert isinstance(found, Outcome)
    assert (found.kind, found.evidence) == (OutcomeKind.CHANNEL_ERROR, Evidence.CONNECTION)
    assert proxy.asked == ["CONNECT there.example:443"]


def test_nor_an_email(proxy: SmallProxy, settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
    settings.ANYMAIL = {"MAILGUN_API_KEY": "key", "MAILGUN_API_URL": "https://there.example/v3"}
    transport = Email(default_sender="n@altinn.cloud", max_in_flight=1, reports_delivery=False)
    found = outgoing.run(transport.send(mail()), timeout=20)
    assert (found.kind, found.evidence) == (OutcomeKind.CHANNEL_ERROR, Evidence.CONNECTION)
    assert set(proxy.asked) == {"CONNECT there.example:443"}


def test_what_is_named_and_this_machine_are_called_directly(
    proxy: SmallProxy, server: LocalServer
) -> None:
    server.answer("/keys", {"keys": []})
    assert reaching.status_of(f"{server.url}/keys") == 200
    for host in ("direct.example", "a.direct.example", "localhost", "127.0.0.1", "[::1]"):
        assert proxy_for(f"https://{host}/a") is None, host
    for host in ("indirect.example", "there.example", "10.0.0.1"):
        assert proxy_for(f"https://{host}/a") == proxy.url, host
    assert proxy.asked == []


def test_the_guards_calls_take_no_proxy_whatever_the_environment_says(
    proxy: SmallProxy, server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NO_PROXY", "")
    server.answer("/condition", {"sendNotification": True})

    async def ask() -> int:
        guard = SsrfGuard(["127.0.0.1"], allowed_ports=[])
        async with (
            guarded_session(guard, headers={}) as session,
            session.get(f"{server.url}/condition") as answer,
        ):
            return answer.status

    assert outgoing.run(ask()) == 200
    assert proxy.asked == []


def test_without_the_setting_no_environment_redirects_a_call(
    proxy: SmallProxy, settings: LazySettings, server: LocalServer
) -> None:
    os.environ["http_proxy"] = os.environ["HTTP_PROXY"] = proxy.url
    settings.OUTGOING_PROXY = ""
    outgoing_proxy.tell_libraries()
    server.answer("/keys", {"keys": []})
    for read in (jwks.read, reaching.status_of):
        with suppress(*jwks.READING_ERRORS):
            read(f"{server.url}/keys")
    assert [call.path for call in server.calls] == ["/keys", "/keys"]
    assert proxy.asked == []


def test_every_call_in_our_own_code_names_its_proxy() -> None:
    found = []
    for module in modules():
        if module.parts[0] in APPS:
            source = (ROOT / module).read_text()
            calls_here = list(SESSION.finditer(source))
            assert len(calls_here) == len(re.findall(r"outgoing\.session\(", source)), module
            found += [(module, "proxy=proxy_for(" in one["arguments"]) for one in calls_here]
    assert len(found) >= 6
    assert [module for module, names_it in found if not names_it] == []
