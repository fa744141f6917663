"""Published keys: fetched when they are needed, and not more often than that."""

import asyncio
import gzip
import json
import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import web

from config.tokens import jwks
from config.tokens.jwks import KeysByIssuer, KeysUnavailable, PublishedKeys, read
from tests.config.key_server import KeyServer, key_server
from tests.contracts.tokens import Signer, publish
from tests.recipients.local_server import Call, LocalServer

FIRST, SECOND = Signer("first"), Signer("second", elliptic=True)


@pytest.fixture
def server() -> Iterator[KeyServer]:
    with key_server() as running:
        running.documents["/jwks"] = {"keys": [FIRST.jwk]}
        running.documents["/metadata"] = {
            "issuer": "https://tokens.example/",
            "jwks_uri": f"{running.url}/jwks",
        }
        yield running


@pytest.fixture
def odd_server() -> Iterator[LocalServer]:
    running = LocalServer()
    yield running
    running.stop()


@pytest.fixture
def no_cool_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jwks, "COOL_DOWN", 0.0)


def test_metadata_name_the_issuer_and_lead_to_its_keys(server: KeyServer) -> None:
    published = read(f"{server.url}/metadata")
    assert published.issuer == "https://tokens.example/"
    assert list(published.keys) == ["first"]


def test_a_key_set_names_no_issuer(server: KeyServer) -> None:
    assert read(f"{server.url}/jwks").issuer == ""


def test_keys_may_be_in_a_file(tmp_path: Path) -> None:
    publish(tmp_path / "keys.json", FIRST, SECOND)
    assert list(read(str(tmp_path / "keys.json")).keys) == ["first", "second"]


def test_keys_for_encryption_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": [FIRST.jwk | {"use": "enc"}, SECOND.jwk]}))
    assert list(read(str(path)).keys) == ["second"]


def test_known_keys_are_not_fetched_again(server: KeyServer) -> None:
    keys = PublishedKeys(f"{server.url}/jwks")
    for _ in range(5):
        assert "first" in keys.with_key("first").keys
    assert server.visits == ["/jwks"]


def test_unknown_keys_do_not_hammer_the_issuer(server: KeyServer) -> None:
    keys = PublishedKeys(f"{server.url}/jwks")
    for index in range(20):
        assert f"unknown-{index}" not in keys.with_key(f"unknown-{index}").keys
    assert server.visits == ["/jwks"]


@pytest.mark.usefixtures("no_cool_down")
def test_a_new_key_is_found_without_a_restart(server: KeyServer) -> None:
    keys = PublishedKeys(f"{server.url}/jwks")
    keys.with_key("first")
    server.documents["/jwks"] = {"keys": [SECOND.jwk]}
    assert list(keys.with_key("second").keys) == ["second"]


def test_old_keys_are_fetched_again(server: KeyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jwks, "LIFESPAN", 0.0)
    monkeypatch.setattr(jwks, "COOL_DOWN", 0.0)
    keys = PublishedKeys(f"{server.url}/jwks")
    keys.with_key("first")
    server.documents["/jwks"] = {"keys": [SECOND.jwk]}
    assert "first" not in keys.with_key("first").keys


@pytest.mark.usefixtures("no_cool_down")
def test_while_the_issuer_fails_its_last_keys_stay_good(server: KeyServer) -> None:
    keys = PublishedKeys(f"{server.url}/jwks")
    keys.with_key("first")
    server.is_failing = True
    assert "first" in keys.with_key("unknown").keys
    assert len(server.visits) == 2


def test_an_issuer_that_never_answered_is_not_asked_at_each_request(server: KeyServer) -> None:
    server.is_failing = True
    keys = PublishedKeys(f"{server.url}/jwks")
    for _ in range(5):
        with pytest.raises(KeysUnavailable):
            keys.with_key("first")
    assert len(server.visits) == 1
    assert keys.is_worth_keeping


def test_an_issuer_that_comes_back_is_believed(server: KeyServer) -> None:
    server.is_failing = True
    keys = PublishedKeys(f"{server.url}/jwks", retry_after=0.0)
    with pytest.raises(KeysUnavailable):
        keys.with_key("first")
    assert not keys.is_worth_keeping
    server.is_failing = False
    assert "first" in keys.with_key("first").keys


@pytest.mark.parametrize(
    "document",
    [
        [],
        "x",
        None,
        {},
        {"keys": []},
        {"keys": "x"},
        {"jwks_uri": 1, "issuer": "x"},
        {"jwks_uri": "/etc/hostname", "issuer": "x"},
        {"jwks_uri": "http://127.0.0.1:1/"},
    ],
)
def test_garbage_is_no_key_set(server: KeyServer, document: object) -> None:
    server.documents["/jwks"] = document
    with pytest.raises(KeysUnavailable):
        PublishedKeys(f"{server.url}/jwks").with_key("first")


def odd_answers() -> dict[str, Callable[[Call], object]]:
    async def drip(call: Call) -> object:
        answer = web.StreamResponse()
        await answer.prepare(call.request)
        while True:
            await answer.write(b" ")
            await asyncio.sleep(0.02)

    async def flood(call: Call) -> object:
        answer = web.StreamResponse()
        await answer.prepare(call.request)
        while True:
            await answer.write(b" " * 65_536)

    async def cut(call: Call) -> object:
        answer = web.StreamResponse(headers={"Content-Length": "100"})
        await answer.prepare(call.request)
        assert call.request.transport is not None
        call.request.transport.close()
        return answer

    async def no_http(call: Call) -> object:
        assert call.request.transport is not None
        call.request.transport.write(b"NO/9.9 HTTP\r\n\r\n")
        call.request.transport.close()
        return web.Response()

    good = json.dumps({"keys": [FIRST.jwk]}).encode()
    return {
        "drip": drip,
        "flood": flood,
        "cut": cut,
        "no HTTP": no_http,
        "nested": lambda call: b"[" * 100_000,
        "UTF-8 that is none": lambda call: b'{"keys": "\xff"}',
        "pairs": lambda call: [["keys", [FIRST.jwk]]],
        "redirect": lambda call: web.Response(status=302, headers={"Location": "/good"}),
        "another status": lambda call: web.Response(status=203, body=good),
        "no content": lambda call: web.Response(status=204),
        "bomb": lambda call: web.Response(
            body=gzip.compress(b" " * 3_000_000), headers={"Content-Encoding": "gzip"}
        ),
    }


@pytest.mark.parametrize("odd", odd_answers())
def test_whatever_an_address_answers_has_an_end_and_is_no_fault_of_the_caller(
    odd_server: LocalServer, odd: str
) -> None:
    odd_server.answer("/odd", odd_answers()[odd])
    with pytest.raises(KeysUnavailable):
        PublishedKeys(f"{odd_server.url}/odd", time_out=0.5).with_key("first")
    assert [call.path for call in odd_server.calls] == ["/odd"]


def test_a_key_without_a_name_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    names: list[object] = [[], ["first"], {}, 1, None, "", True]
    odd = [FIRST.jwk | {"kid": kid} for kid in names]
    path.write_text(json.dumps({"keys": [*odd, None, 1, "x", {}, SECOND.jwk]}))
    assert list(read(str(path)).keys) == ["second"]


@pytest.mark.usefixtures("no_cool_down")
def test_a_slow_issuer_keeps_nobody_waiting_who_has_keys(server: KeyServer) -> None:
    keys = PublishedKeys(f"{server.url}/jwks")
    keys.with_key("first")
    asked, may_answer = threading.Event(), threading.Event()

    def dawdle() -> None:
        asked.set()
        may_answer.wait(60)

    server.before_answering = dawdle
    slow = threading.Thread(target=keys.with_key, args=("unknown",))
    slow.start()
    assert asked.wait(60)
    assert "first" in keys.with_key("another-unknown").keys
    may_answer.set()
    slow.join()
    assert server.visits == ["/jwks", "/jwks"]


def test_who_comes_first_waits_together(server: KeyServer) -> None:
    keys = PublishedKeys(f"{server.url}/jwks")
    found: list[bool] = []
    together = threading.Barrier(8)

    def ask() -> None:
        together.wait()
        found.append("first" in keys.with_key("first").keys)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 8
    assert server.visits == ["/jwks"]


def test_issuers_are_bounded_and_the_ones_with_keys_stay(
    server: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jwks, "MAX_ISSUERS", 3)
    by_issuer = KeysByIssuer()
    assert by_issuer.with_key(f"{server.url}/jwks", "first").keys
    for index in range(10):
        with pytest.raises(KeysUnavailable):
            by_issuer.with_key(f"{server.url}/nobody{index}", "x")
    assert len(by_issuer._keys) == 3
    server.visits.clear()
    assert by_issuer.with_key(f"{server.url}/jwks", "first").keys
    assert not server.visits


def test_attack_a12_made_up_issuers_do_not_make_us_ask_for_each_nor_lock_a_new_one_out(
    server: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr("config.tokens.jwks.time.monotonic", lambda: now)
    by_issuer = KeysByIssuer()
    for index in range(1_001):
        with pytest.raises(KeysUnavailable):
            by_issuer.with_key(f"{server.url}/nobody{index}", "x")
    assert len(server.visits) == jwks.MAX_UNKNOWN_IN_A_ROW
    now += 1.01
    assert by_issuer.with_key(f"{server.url}/jwks", "first").keys


def test_attack_a26_a_silent_key_host_keeps_nobody_waiting(
    server: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jwks, "TIME_OUT_OF_UNKNOWN", 60.0)
    by_issuer = KeysByIssuer()
    assert by_issuer.with_key(f"{server.url}/jwks", "first").keys
    server.visits.clear()
    may_answer = threading.Event()
    server.before_answering = lambda: may_answer.wait(60)
    refused_at_once: queue.Queue[int] = queue.Queue()

    def ask(index: int) -> None:
        with pytest.raises(KeysUnavailable):
            by_issuer.with_key(f"{server.url}/nobody{index}", "x")
        refused_at_once.put(index)

    threads = [threading.Thread(target=ask, args=(index,)) for index in range(40)]
    for thread in threads:
        thread.start()
    assert by_issuer.with_key(f"{server.url}/jwks", "first").keys, "what is known stays good"
    for _ in range(len(threads) - jwks.MAX_UNKNOWN_AT_A_TIME):
        refused_at_once.get(timeout=30)
    may_answer.set()
    for thread in threads:
        thread.join()
    assert len(server.visits) <= jwks.MAX_UNKNOWN_AT_A_TIME
    server.visits.clear()
    ask(40)
    assert not server.visits, "for a moment nobody asks it at all"


def test_a_password_in_the_address_of_keys_is_told_to_no_name_server() -> None:
    with pytest.raises(ValueError, match="user name or password") as refused:
        jwks.read("http://kari:s3cret@127.0.0.1:1/keys")
    assert isinstance(refused.value, jwks.READING_ERRORS)
    assert "s3cret" not in str(refused.value)
