"""The recipe of point-in-time recovery, on a PostgreSQL of its own: restored to a moment before the
crash, what had left is not sent again, and what had not is sent."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from django.conf import LazySettings
from django.db import connection, connections

from dispatch.reports import delivery_reports
from dispatch.reports.delivery_reports import ReceivedReport
from dispatch.sending.sender import sender_for
from notifications.control import hold
from notifications.expansion.expand import process_past_due_orders
from notifications.models import Notification, NotificationChannel, NotificationStatus
from orders import creators
from orders.models import Creator, Order
from runtime import clock
from script.launcher.services import ephemeral, postgres
from script.launcher.services.account import Account, hand_over, identity, service_account
from script.launcher.services.binaries import Programs, find_postgres
from script.launcher.services.processes import Household
from script.launcher.system.simulators import Simulators
from tests.back_office.action_commands import REASON, run, run_json
from tests.building import mobiles, order

SMS = NotificationChannel.SMS
S = NotificationStatus
OF_EACH = 75


@dataclass(frozen=True, slots=True)
class Machine:
    """Where servers can be started, one after the other; `archive` outlives them."""

    programs: Programs
    account: Account | None
    folder: Path
    archive: Path

    @contextmanager
    def server(self, name: str, **settings: str) -> Iterator[tuple[str, Callable[[], None]]]:
        """Its address, and what ends it as a power cut would."""
        home = self.home(name)
        household = Household(log_folder=home)
        running = postgres.start(
            self.programs,
            folder=home,
            account=self.account,
            household=household,
            settings={**postgres.EPHEMERAL, "full_page_writes": "on", **settings},
        )

        def crash() -> None:
            running.child.process.send_signal(signal.SIGQUIT)
            running.child.process.wait()

        try:
            yield running.url, crash
        finally:
            household.stop()

    def home(self, name: str) -> Path:
        home = self.folder / name
        if not home.exists():
            home.mkdir()
            hand_over(home, self.account)
        return home

    def run(self, program: str, *words: str | Path, given: bytes = b"") -> bytes:
        return subprocess.run(
            [self.programs.folder / program, *words],
            input=given,
            capture_output=True,
            check=True,
            cwd="/",
            **identity(self.account),
        ).stdout


@pytest.fixture
def machine() -> Iterator[Machine]:
    account = service_account()
    folder = Path(tempfile.mkdtemp(prefix=ephemeral.PREFIX, dir=ephemeral.PLACE))
    hand_over(folder, account)
    machine = Machine(find_postgres(account), account, folder, folder / "archive")
    machine.home("archive")
    yield machine
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database_at(url: str) -> Iterator[None]:
    """This process works on another server's database meanwhile."""
    parts = urlsplit(url)
    settings = connections.settings["default"]
    before = {name: settings[name] for name in ("NAME", "HOST", "PORT", "USER")}
    there = {"NAME": parts.path[1:], "HOST": parse_qs(parts.query)["host"][0]}
    _reconnect(settings, there | {"PORT": "", "USER": "postgres"})
    try:
        yield
    finally:
        _reconnect(settings, before)


def _reconnect(settings: dict[str, object], to: Mapping[str, object]) -> None:
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # django-stubs do not know it
    settings.update(to)
    creators.known.clear()


def url_of_the_run() -> str:
    address, mark, options = os.environ["DATABASE_URL"].partition("?")
    name = connection.settings_dict["NAME"]
    return f"{address.rpartition('/')[0]}/{name}{mark}{options}"


def archive_all(url: str) -> datetime:
    """See to it that all that has happened is in the archive; returns the server's time."""
    with psycopg.connect(url, autocommit=True) as server:
        [(last, now)] = server.execute(
            "SELECT pg_walfile_name(pg_switch_wal()), clock_timestamp()"
        ).fetchall()
        deadline = time.monotonic() + 60
        while not server.execute(
            "SELECT FROM pg_stat_archiver WHERE last_archived_wal >= %s", [last]
        ).fetchall():
            assert time.monotonic() < deadline, "Nothing is archived."
            time.sleep(0.02)
    return datetime.fromisoformat(str(now))


def place(creator: Creator, number: int, *, of: int = OF_EACH) -> Order:
    return order(creator, recipients=mobiles(of, first=number * OF_EACH), now=clock.now())


def place_and_process(creator: Creator, number: int) -> Order:
    placed = place(creator, number)
    process()
    return placed


def process() -> None:
    while process_past_due_orders(now=clock.now()):
        pass


def send() -> None:
    sender_for(SMS).drain(seconds=20)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("fresh_transports")
def test_restored_to_an_earlier_moment_and_continued_nothing_is_sent_twice_and_nothing_lost(
    machine: Machine, simulators: Simulators, settings: LazySettings, tmp_path: Path
) -> None:
    settings.SMS_SEND_WINDOW = "00:00-24:00"
    tables = machine.run("pg_dump", url_of_the_run())
    archiving = {"archive_mode": "on", "archive_command": f"cp %p {machine.archive}/%f"}
    with machine.server("first", **archiving) as (url, crash):
        machine.run("psql", "-q", "-v", "ON_ERROR_STOP=1", url, given=tables)
        backup = machine.home("second") / f"data-{machine.programs.major}"
        machine.run("pg_basebackup", "-d", url, "-D", backup, "-c", "fast", "-X", "none")
        with database_at(url):
            restored_to = until_the_crash(url)
        crash()
    (backup / "recovery.signal").touch()
    recovery = {
        "restore_command": f"cp {machine.archive}/%f %p",
        "recovery_target_time": restored_to.isoformat(),
        "recovery_target_action": "promote",
        "hot_standby": "off",  # nobody gets in before it can be written to
    }
    with machine.server("second", **recovery) as (url, _), database_at(url):
        after_the_restore(simulators, restored_to, tmp_path / "taken.txt")

    times = Counter(message["receiver"] for message in simulators.messages())
    assert len(times) == 4 * OF_EACH + 1
    assert max(times.values()) == 1


def until_the_crash(url: str) -> datetime:
    """Of five orders one has left when the moment comes that is restored, and then three more, of
    which that moment knows one as processed, one as placed, and one not at all."""
    ttd = Creator.objects.create(short_name="ttd")
    place_and_process(ttd, 0)
    send()
    place_and_process(ttd, 1)
    kept = place_and_process(ttd, 2)
    hold.hold([kept.pk], now=clock.now())
    place(ttd, 3)
    restored_to = archive_all(url)
    place(ttd, 4, of=1)
    process()
    send()
    left = Notification.objects.filter(status=S.ACCEPTED)
    assert left.count() == 3 * OF_EACH + 1
    archive_all(url)
    return restored_to


def after_the_restore(simulators: Simulators, restored_to: datetime, taken: Path) -> None:
    """As the runbook tells it."""
    messages = simulators.messages()
    since = ("after_restore", "--since", restored_to.isoformat())
    assert Notification.objects.filter(status=S.ACCEPTED).count() == OF_EACH
    seen = run_json(*since)
    assert (seen["undecided"], seen["to_expand"], seen["placed_since"]) == (2 * OF_EACH, 1, 0)
    run(*since, *REASON)
    process()
    send()
    assert len(simulators.messages()) == len(messages), "a channel is not paused"

    # The first order's lines mean nothing to the command, and those made anew have another id.
    taken.write_text("".join(f"{one['clientReference']};OK\n" for one in messages))
    reports = [
        ReceivedReport(SMS, one["reference"], S.DELIVERED, {"receiver": one["receiver"]})
        for one in messages[2 * OF_EACH :]
    ]
    delivery_reports.store(reports=reports, now=clock.now())
    found = run_json(*since, *REASON, "--references", taken, "--sent", "--same-receiver")
    assert found["left"] + found["chosen"] == 2 * OF_EACH
    assert found["left"] >= OF_EACH
    assert found["still_undecided"] == OF_EACH
    delivery_reports.apply_due(now=clock.now())
    assert run_json(*since, *REASON, "--send")["still_undecided"] == 0
    hold.release([row.pk for row in Order.objects.all()], now=clock.now())
    run("resume_channel", "Sms", *REASON)
    send()
    assert not Notification.objects.filter(status=S.NEW).exists()
