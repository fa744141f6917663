"""Asking senders' endpoints whether their orders should still be sent."""

import socket
import time
from asyncio import sleep
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp import web
from pytest_django import Settings
from yarl import URL

from notifications.conditions import client
from notifications.conditions.client import Answer, Verdict, may_see_token
from script.launcher.system.simulators import Simulators
from tests.notifications.conftest import condition_answers as check
from tests.recipients.local_server import Call, LocalServer, never

MET = Answer(Verdict.MET)
NOT_MET = Answer(Verdict.NOT_MET)


@pytest.fixture
def elsewhere() -> Iterator[LocalServer]:
    running = LocalServer()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def token_issuer(settings: Settings, simulators: Simulators) -> Simulators:
    """Maskinporten is the simulated one; two names of this machine may be called."""
    settings.SEND_CONDITION_ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
    return simulators


def ask(url: str) -> Answer:
    (answer,) = check({uuid4(): url}).values()
    return answer


def calls_of(server: LocalServer) -> list[str]:
    """The bearer tokens shown, oldest first; empty where there was none."""
    return [call.headers.get("Authorization", "").removeprefix("Bearer ") for call in server.calls]


@pytest.mark.parametrize(
    ("path", "verdict", "words"),
    [
        ("true", Verdict.MET, ""),
        ("false", Verdict.NOT_MET, ""),
        ("error", Verdict.IN_DOUBT, "status 500"),
        ("garbage", Verdict.IN_DOUBT, "not JSON"),
        ("empty", Verdict.IN_DOUBT, "not JSON"),
        ("wrong-case", Verdict.IN_DOUBT, "no sendNotification"),
        ("not-boolean", Verdict.IN_DOUBT, "no sendNotification"),
        ("null", Verdict.IN_DOUBT, "no sendNotification"),
        ("list", Verdict.IN_DOUBT, "no sendNotification"),
        ("huge", Verdict.IN_DOUBT, "too large"),
        ("redirect", Verdict.MET, ""),
        ("loop", Verdict.IN_DOUBT, "redirects"),
        ("expired-once", Verdict.MET, ""),
    ],
)
def test_only_a_clear_answer_decides(
    simulators: Simulators, path: str, verdict: Verdict, words: str
) -> None:
    answer = ask(f"{simulators.url}/condition/{path}?order={uuid4()}")
    assert answer.verdict is verdict
    assert words in answer.reason
    assert bool(answer.reason) is (verdict is Verdict.IN_DOUBT)
    assert not answer.blocked


@pytest.mark.parametrize(
    "said", [b'{"sendNotification": 1}', b"[" * 50_000, b"\xff", b'"sendNotification"', b"{}"]
)
def test_an_odd_answer_leaves_it_in_doubt(endpoint: LocalServer, said: bytes) -> None:
    endpoint.answer("/", said)
    assert ask(endpoint.url).verdict is Verdict.IN_DOUBT


def test_an_endpoint_is_asked_with_the_headers_that_the_product_promises(
    endpoint: LocalServer,
) -> None:
    endpoint.answer("/", {"sendNotification": True})
    assert ask(endpoint.url) == MET
    (call,) = endpoint.calls
    assert call.headers["Content-Type"] == "application/json"
    assert call.headers["Accept"] == "application/json"


WRITTEN = "/a%2Fb/%7Ex/./y/../z;v=1//?code=eyJ.a-_%3D%3d&next=https%3A%2F%2Fb.no%2F&q=a+b%20c%2B"


@pytest.mark.parametrize("redirect", ["", "absolute", "relative"])
def test_an_endpoint_is_asked_as_it_is_written(endpoint: LocalServer, redirect: str) -> None:
    met = {"sendNotification": True}
    there = {"Location": WRITTEN if redirect == "relative" else endpoint.url + WRITTEN}
    endpoint.answer("/go", lambda _call: web.Response(status=302, headers=there))
    # What is relative is resolved before it is asked for: RFC 3986, 5.2.4.
    asked = WRITTEN.replace("/./y/..", "") if redirect == "relative" else WRITTEN
    for path in ("/a/b/~x/./y/../z;v=1//", "/a/b/~x/z;v=1//"):
        endpoint.answer(path, met)
    assert ask(endpoint.url + ("/go" if redirect else WRITTEN)) == MET
    assert endpoint.calls[-1].request.raw_path == asked


def test_other_members_and_other_good_statuses_do_not_matter(endpoint: LocalServer) -> None:
    said = {"sendNotification": False, "why": "paid"}
    endpoint.answer("/", lambda _call: web.json_response(said, status=203))
    assert ask(endpoint.url) == NOT_MET


def test_a_compressed_bomb_is_not_unpacked(endpoint: LocalServer) -> None:
    def bomb(_call: Call) -> web.Response:
        answer = web.Response(body=b" " * 20_000_000 + b'{"sendNotification": true}')
        answer.enable_compression(web.ContentCoding.gzip)
        return answer

    endpoint.answer("/", bomb)
    assert "not JSON" in ask(endpoint.url).reason


# Time


def test_an_endpoint_that_does_not_answer_is_left_in_time(
    endpoint: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "MAX_CALL", timedelta(seconds=0.3))
    endpoint.answer("/", never)
    answer = ask(endpoint.url)
    assert answer.verdict is Verdict.IN_DOUBT
    assert "0.3 seconds" in answer.reason


def test_an_answer_that_drips_is_left_in_time(
    endpoint: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "MAX_CALL", timedelta(seconds=0.5))

    async def drip(call: Call) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(call.request)
        while True:
            await answer.write(b" ")
            await sleep(0.05)

    endpoint.answer("/", drip)
    begun = time.monotonic()
    assert ask(endpoint.url).verdict is Verdict.IN_DOUBT
    assert time.monotonic() - begun < 3


def test_redirects_share_the_time_of_one_call(
    endpoint: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "MAX_CALL", timedelta(seconds=0.5))

    async def redirect_slowly(_call: Call) -> web.Response:
        await sleep(0.3)
        return web.Response(status=302, headers={"Location": "/"})

    endpoint.answer("/", redirect_slowly)
    assert "0.5 seconds" in ask(endpoint.url).reason
    assert len(endpoint.calls) <= 2


def test_orders_with_the_same_endpoint_share_a_call(endpoint: LocalServer) -> None:
    endpoint.answer("/", {"sendNotification": False})
    orders: list[UUID] = [uuid4(), uuid4(), uuid4()]
    assert check(dict.fromkeys(orders, endpoint.url)) == dict.fromkeys(orders, NOT_MET)
    assert len(endpoint.calls) == 1


def test_no_orders_need_no_call() -> None:
    assert check({}) == {}


# The token


def test_the_token_is_shown(endpoint: LocalServer) -> None:
    endpoint.answer("/", {"sendNotification": True})
    assert ask(endpoint.url) == MET
    assert calls_of(endpoint)[0].count(".") == 2


def test_a_refused_token_is_renewed_and_shown_once_more(endpoint: LocalServer) -> None:
    endpoint.answer("/", lambda _call: web.Response(status=401))
    answer = ask(endpoint.url)
    assert "status 401" in answer.reason
    first, second = calls_of(endpoint)
    assert first != second


def test_endpoints_that_refuse_any_token_cost_one_renewal_a_round(
    endpoint: LocalServer, simulators: Simulators
) -> None:
    endpoint.answer("/", lambda _call: web.Response(status=401))
    ask(endpoint.url)  # so that a token is kept
    before = len(simulators.calls("maskinporten"))
    check({uuid4(): f"{endpoint.url}/?order={number}" for number in range(60)})
    assert len(simulators.calls("maskinporten")) == before + 1
    assert len(set(calls_of(endpoint)[2:])) == 2


def test_without_a_token_the_endpoint_is_not_called(
    endpoint: LocalServer, settings: Settings
) -> None:
    settings.MASKINPORTEN_KEY = "/no/such/file"
    settings.MASKINPORTEN_CLIENT_ID = "another"
    answer = ask(endpoint.url)
    assert answer.verdict is Verdict.IN_DOUBT
    assert not answer.blocked
    assert endpoint.calls == []


def test_the_token_does_not_follow_to_another_host(
    endpoint: LocalServer, elsewhere: LocalServer
) -> None:
    there = elsewhere.url.replace("127.0.0.1", "localhost")
    endpoint.answer("/", lambda _call: web.Response(status=307, headers={"Location": there}))
    elsewhere.answer("/", {"sendNotification": True})
    assert ask(endpoint.url) == MET
    assert calls_of(endpoint) != [""]
    assert calls_of(elsewhere) == [""]


def test_a_host_that_sees_no_token_gets_none_by_asking(
    endpoint: LocalServer, elsewhere: LocalServer
) -> None:
    there = elsewhere.url.replace("127.0.0.1", "localhost")
    endpoint.answer("/", lambda _call: web.Response(status=302, headers={"Location": there}))
    elsewhere.answer("/", lambda _call: web.Response(status=401))
    assert ask(endpoint.url).verdict is Verdict.IN_DOUBT
    assert calls_of(elsewhere) == [""]


@pytest.mark.parametrize(
    ("url", "first", "may"),
    [
        ("https://a.no/x", "https://a.no/", True),
        ("https://a.no:8443/", "https://a.no/", True),
        ("https://a.no/", "http://a.no/", True),
        ("http://a.no/", "http://a.no/", False),
        ("http://a.no/", "https://a.no/", False),
        ("https://b.no/", "https://a.no/", False),
        ("https://a.no.b.no/", "https://a.no/", False),
        ("http://localhost/", "http://localhost/", False),
    ],
)
def test_the_token_is_for_https_and_the_senders_own_host(
    settings: Settings, url: str, first: str, may: bool
) -> None:
    settings.SEND_CONDITION_TOKEN_OVER_HTTP = False
    assert may_see_token(URL(url), first=URL(first)) is may


@pytest.mark.parametrize(("first", "may"), [("http://a.no/", True), ("http://b.no/", False)])
def test_development_may_show_the_token_without_tls_to_the_senders_own_host(
    settings: Settings, first: str, may: bool
) -> None:
    settings.SEND_CONDITION_TOKEN_OVER_HTTP = True
    assert may_see_token(URL("http://a.no/"), first=URL(first)) is may


def test_an_endpoint_without_tls_is_called_without_the_token(
    endpoint: LocalServer, settings: Settings
) -> None:
    settings.SEND_CONDITION_TOKEN_OVER_HTTP = False
    endpoint.answer("/", {"sendNotification": True})
    assert ask(endpoint.url) == MET
    assert calls_of(endpoint) == [""]


# The SSRF guard


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://127.1:{port}/",
        "http://2130706433:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://[::1]:{port}/",
        "http://0.0.0.0:{port}/",
        "http://169.254.169.254/latest/meta-data",
        "http://user:secret@example.com/",
        "ftp://example.com/",
    ],
)
def test_an_endpoint_inside_is_blocked_and_never_called(
    endpoint: LocalServer, settings: Settings, url: str
) -> None:
    port = endpoint.url.rpartition(":")[2]
    settings.SEND_CONDITION_ALLOWED_HOSTS = []
    settings.SEND_CONDITION_ALLOWED_PORTS = [80, 443, int(port)]
    answer = ask(url.format(port=port))
    assert answer.verdict is Verdict.IN_DOUBT
    assert answer.blocked
    assert answer.reason
    assert endpoint.calls == []


@pytest.mark.parametrize("to", ["http://localhost:{port}/", "http://[::1]:{port}/", "file:///etc"])
def test_a_redirect_to_the_inside_is_blocked(
    endpoint: LocalServer, elsewhere: LocalServer, settings: Settings, to: str
) -> None:
    port = elsewhere.url.rpartition(":")[2]
    settings.SEND_CONDITION_ALLOWED_HOSTS = ["127.0.0.1"]
    settings.SEND_CONDITION_ALLOWED_PORTS = [80, 443, int(port)]
    location = to.format(port=port)
    endpoint.answer("/", lambda _call: web.Response(status=302, headers={"Location": location}))
    assert ask(endpoint.url).blocked
    assert elsewhere.calls == []


def test_a_name_is_resolved_once_for_the_look_and_the_call(
    endpoint: LocalServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a name server that changes its answer in between gains nothing."""
    settings.SEND_CONDITION_ALLOWED_HOSTS = ["rebinding.example"]
    endpoint.answer("/", {"sendNotification": True})
    port = endpoint.url.rpartition(":")[2]
    questions = []
    honest = socket.getaddrinfo

    def rebind(host: str, *about: Any, **how: Any) -> Any:
        if host != "rebinding.example":
            return honest(host, *about, **how)
        questions.append(host)
        return honest("127.0.0.1" if len(questions) == 1 else "127.0.0.2", *about, **how)

    with monkeypatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", rebind)
        assert ask(f"http://rebinding.example:{port}/") == MET
    assert questions == ["rebinding.example"]


@pytest.mark.parametrize("url", ["", "api/endpoint", "http://", "https://["])
def test_a_text_that_is_no_address_leaves_it_in_doubt(url: str) -> None:
    assert ask(url).verdict is Verdict.IN_DOUBT


def test_a_refused_connection_leaves_it_in_doubt() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    answer = ask(f"http://127.0.0.1:{port}/secret-path")
    assert "cannot be called" in answer.reason
    assert "secret-path" not in answer.reason


def test_a_server_without_tls_leaves_it_in_doubt(endpoint: LocalServer) -> None:
    assert "cannot be called" in ask(endpoint.url.replace("http:", "https:")).reason
    assert endpoint.calls == []
