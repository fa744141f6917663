"""The loop and the connections that all outgoing calls share."""

import asyncio
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import aiohttp
import pytest
from aiohttp import web
from django.db import connection, connections

from runtime.web import outgoing
from tests.recipients.local_server import Call, LocalServer, never


class Trouble(Exception):
    pass


async def get(url: str) -> str:
    async with outgoing.session().get(url) as response:
        return await response.text()


def test_the_result_comes_back_to_the_waiting_thread() -> None:
    async def answer() -> int:
        return 42

    assert outgoing.run(answer()) == 42


def test_an_exception_comes_back_to_the_waiting_thread() -> None:
    async def fail() -> None:
        raise Trouble

    with pytest.raises(Trouble):
        outgoing.run(fail())


def test_after_the_time_limit_the_coroutine_is_cancelled() -> None:
    cancelled = threading.Event()

    async def wait() -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    with pytest.raises(TimeoutError):
        outgoing.run(wait(), timeout=0.05)
    assert cancelled.wait(60)


def test_threads_share_one_loop_and_wait_side_by_side() -> None:
    arrived = []

    async def meet() -> None:
        arrived.append(asyncio.get_running_loop())
        while len(arrived) < 8:
            await asyncio.sleep(0.01)

    with ThreadPoolExecutor(8) as threads:
        for waiting in [threads.submit(outgoing.run, meet(), timeout=60) for _ in range(8)]:
            waiting.result()
    assert set(arrived) == {outgoing.loop()}


def test_waiting_on_the_loop_itself_is_refused() -> None:
    async def inner() -> None:
        pass

    async def outer() -> None:
        outgoing.run(inner())

    with pytest.raises(RuntimeError, match="awaits"):
        outgoing.run(outer(), timeout=60)


def test_the_session_is_refused_on_another_loop() -> None:
    async def take() -> None:
        outgoing.session()

    with pytest.raises(RuntimeError, match="belongs"):
        asyncio.run(take())


def test_there_is_one_session_for_each_limit_of_connections() -> None:
    async def take(limit: int) -> aiohttp.ClientSession:
        return outgoing.session(connections_per_host=limit)

    assert outgoing.run(take(3)) is outgoing.run(take(3))
    assert outgoing.run(take(3)) is not outgoing.run(take(4))


def test_connections_are_kept_and_shared(server: LocalServer) -> None:
    async def peer(call: Call) -> object:
        assert call.request.transport is not None
        return call.request.transport.get_extra_info("peername")[1]

    server.answer("/", peer)
    assert len({outgoing.run(get(server.url)) for _ in range(5)}) == 1


def test_no_more_connections_are_opened_to_a_host_than_allowed(server: LocalServer) -> None:
    async def slow(call: Call) -> object:
        await asyncio.sleep(0.02)
        return None

    async def get_many() -> None:
        session = outgoing.session(connections_per_host=2)
        await asyncio.gather(*(session.get(server.url) for _ in range(10)))

    server.answer("/", slow)
    outgoing.run(get_many(), timeout=60)
    assert len(server.calls) == 10
    assert server.most_at_once == 2


def test_no_cookie_is_kept(server: LocalServer) -> None:
    async def with_cookie(call: Call) -> object:
        response = web.Response(text="ok")
        response.set_cookie("who", "you")
        return response

    server.answer("/", with_cookie)
    by_name = server.url.replace("127.0.0.1", "localhost")  # no jar keeps cookies of addresses
    outgoing.run(get(by_name))
    outgoing.run(get(by_name))
    assert ["Cookie" in call.headers for call in server.calls] == [False, False]


def test_we_say_who_we_are(server: LocalServer) -> None:
    server.answer("/", "ok")
    outgoing.run(get(server.url))
    assert server.calls[0].headers["User-Agent"].startswith("altinn-notifications/")


def test_no_proxy_is_taken_from_the_environment(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    server.answer("/", "ok")
    assert outgoing.run(get(server.url), timeout=60) == '"ok"'


def test_together_raises_the_first_failure_and_cancels_the_rest(server: LocalServer) -> None:
    server.answer("/", never)
    cancelled = []

    async def wait() -> None:
        try:
            await get(server.url)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    async def fail() -> None:
        while not server.calls:
            await asyncio.sleep(0.01)
        raise Trouble

    async def both() -> None:
        async with outgoing.together() as group:
            group.create_task(wait())
            group.create_task(fail())

    with pytest.raises(Trouble):
        outgoing.run(both(), timeout=60)
    assert cancelled == [True]


def run_script(script: str, *arguments: str) -> tuple[str, str, int]:
    """Output, errors and exit status of a process of its own."""
    finished = subprocess.run(
        [sys.executable, "-X", "dev", "-c", script, *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return finished.stdout, finished.stderr, finished.returncode


FORK = """
import os, sys, warnings
from runtime.web import outgoing

async def get():
    async with outgoing.session().get(sys.argv[1]) as response:
        return response.status

assert outgoing.run(get(), timeout=60) == 200
parents_loop = outgoing.loop()
# Since Python 3.12 a fork beside threads is warned of, which is what is tried here.
warnings.simplefilter("ignore", DeprecationWarning)
child = os.fork()
if child == 0:
    assert outgoing.loop() is not parents_loop
    assert outgoing.run(get(), timeout=60) == 200
    sys.exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
assert outgoing.loop() is parents_loop
for _ in range(3):
    assert outgoing.run(get(), timeout=60) == 200
print("done")
"""


def test_a_forked_child_has_its_own_loop_and_leaves_the_parents_alone(server: LocalServer) -> None:
    server.answer("/", "ok")
    assert run_script(FORK, server.url) == ("done\n", "", 0)
    assert len(server.calls) == 5


EXIT = """
import atexit, sys

sessions = []
# What is registered first runs last.
atexit.register(lambda: print("closed" if sessions[0].closed else "open"))
from runtime.web import outgoing

async def get():
    sessions.append(outgoing.session())
    async with sessions[0].get(sys.argv[1]) as response:
        return response.status

assert outgoing.run(get(), timeout=60) == 200
"""


def test_connections_are_closed_when_the_process_ends(server: LocalServer) -> None:
    server.answer("/", "ok")
    assert run_script(EXIT, server.url) == ("closed\n", "", 0)


@pytest.mark.django_db(transaction=True)
def test_no_database_connection_is_held_while_waiting() -> None:
    connection.ensure_connection()
    # `connection` is another one in the thread of the loop.
    of_this_thread = connections["default"]

    async def is_let_go() -> bool:
        return of_this_thread.connection is None

    assert outgoing.run(is_let_go())


@pytest.mark.django_db
def test_a_connection_with_an_open_transaction_is_kept() -> None:
    connection.ensure_connection()
    mine = connection.connection

    async def answer() -> None:
        return None

    outgoing.run(answer())
    assert connection.connection is mine
