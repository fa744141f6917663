"""The cast and the outside world that most tests share."""

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from django.conf import LazySettings
from django.test.client import ClientHandler
from django.urls import get_resolver
from pytest_django.plugin import DjangoDbBlocker

from config.middleware.chains import lead_apart
from config.prometheus import state
from dispatch.gateways.by_channel import composed_ways_out, ways_out
from dispatch.sending.sender import composed_sender, sender_for
from orders import creators
from orders.models import Creator
from orders.senders import allowed as senders
from runtime import clock
from script.launcher.system import staying_here
from script.launcher.system.simulators import Simulators
from tests import emptying
from tests.recipients.local_server import LocalServer

# How long an example takes depends on what else the machine does.
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")


@pytest.fixture(scope="session")
def tries_to_leave(tmp_path_factory: pytest.TempPathFactory) -> staying_here.Log:
    """What tests tried to reach outside this machine; they were refused it."""
    staying_here.begin()
    return staying_here.Log(tmp_path_factory.mktemp("staying-here") / "tries.log")


@pytest.fixture(autouse=True)
def _stays_on_this_machine(tries_to_leave: staying_here.Log) -> Iterator[None]:
    """Whatever became of a try, the test that made it fails."""
    yield
    tried = tries_to_leave.news()
    assert not tried, "\n".join(tried)


@pytest.fixture(scope="session")
def outside_world(
    tries_to_leave: staying_here.Log, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Simulators]:
    """Registers, gateways and mail server, as one process for the whole run."""
    folder: Path = tmp_path_factory.mktemp("outside")
    world = Simulators(folder)
    yield world
    world.stop()


@pytest.fixture
def simulators(outside_world: Simulators, settings: LazySettings) -> Iterator[Simulators]:
    """The outside world, empty and at peace, with Django's settings pointing at it."""
    outside_world.reset()
    for name, value in outside_world.environment.items():
        setattr(settings, name, value)
    settings.SEND_CONDITION_ALLOWED_HOSTS = ["127.0.0.1"]
    settings.ATTACHMENT_ALLOWED_HOSTS = ["127.0.0.1"]
    settings.WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1"]
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = outside_world.smtp_port
    yield outside_world
    outside_world.reset()


@pytest.fixture(scope="session", autouse=True)
def _clients_pass_the_chains_of_the_web_process() -> Iterator[None]:
    load = ClientHandler.load_middleware

    def load_both(self: ClientHandler, is_async: bool = False) -> None:
        load(self, is_async)
        lead_apart(self)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ClientHandler, "load_middleware", load_both)
        yield


@pytest.fixture(scope="session", autouse=True)
def _routes_are_those_of_the_settings() -> None:
    """Which there are is decided when they are loaded: not while a test has settings of its own."""
    assert get_resolver().url_patterns


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database of the tests, which those that commit leave as they found it."""
    with django_db_blocker.unblock():
        beginning = emptying.Beginning()
    with emptying.after_each_test(beginning):
        yield


@pytest.fixture(autouse=True)
def _no_creators_remembered() -> None:
    """A creator that an earlier test made is gone from the database."""
    creators.known.clear()
    senders.known.clear()


@pytest.fixture(autouse=True)
def _no_state_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is what an earlier test made told to Prometheus."""
    monkeypatch.setattr(state, "page", state.Page())


@pytest.fixture(autouse=True)
def _clock_of_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests patch the clock of this process; what it was measured to be would stand above that."""
    monkeypatch.setattr(clock, "measure", lambda: None)
    monkeypatch.setattr(clock, "keep", lambda: None)


@pytest.fixture
def fresh_transports() -> Iterator[None]:
    """Each test's transports are made from its own settings."""
    made_once = (ways_out, composed_ways_out, sender_for, composed_sender)
    for one in made_once:
        one.cache_clear()
    yield
    for one in made_once:
        one.cache_clear()


@pytest.fixture
def ttd(db: None) -> Creator:
    """The test department, a service owner."""
    return Creator.objects.create(short_name="ttd")


@pytest.fixture
def skd(db: None) -> Creator:
    """The tax administration, another service owner."""
    return Creator.objects.create(short_name="skd")


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A small HTTP server whose answers the test decides."""
    running = LocalServer()
    yield running
    running.stop()
