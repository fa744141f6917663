"""The PostgreSQL and Valkey that come along: private, quick, and gone when they should be."""

import json
import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import psycopg
import pytest
import redis

from script.launcher.paths import ROOT
from script.launcher.services import ephemeral, postgres, valkey
from script.launcher.services.account import hand_over, service_account
from script.launcher.services.binaries import find_postgres, find_valkey
from script.launcher.services.processes import Household, children_of
from tests.launcher.services.test_processes import eventually, is_running

RUN_AND_WAIT = """
import json, time
from script.launcher.services import ephemeral
with ephemeral.services({}) as urls:
    print(json.dumps(urls), flush=True)
    time.sleep(60)
"""


def test_a_run_that_is_killed_leaves_no_process_and_the_next_one_removes_its_folder() -> None:
    command = [sys.executable, "-c", RUN_AND_WAIT]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        urls = json.loads(running.stdout.readline())
        folder = Path(urls["DATABASE_URL"].partition("?host=")[2])
        with psycopg.connect(urls["DATABASE_URL"]) as connection:
            row = connection.execute("SELECT current_setting('fsync'), upper('ø')").fetchone()
        assert row == ("off", "Ø")
        started = children_of(running.pid)
        assert len(started) == 2
        running.kill()
    assert eventually(lambda: not any(is_running(pid) for pid in started))

    assert folder.exists()
    an_hour_ago = time.time() - 3600
    os.utime(folder, (an_hour_ago, an_hour_ago))
    given = {"TEST_DATABASE_URL": "postgresql://given", "TEST_REDIS_URL": "redis://given"}
    with ephemeral.services(given) as urls:
        assert urls == {"DATABASE_URL": "postgresql://given", "REDIS_URL": "redis://given"}
    assert not folder.exists()


def test_data_outlives_a_stop_and_a_start(postgres_folder: Path, household: Household) -> None:
    account = service_account()
    for expected in ([], [("kept",)]):
        running = postgres.start(
            find_postgres(account),
            folder=postgres_folder,
            account=account,
            household=household,
            settings={},
        )
        with psycopg.connect(running.url) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS t (word text)")
            assert connection.execute("SELECT word FROM t").fetchall() == expected
            connection.execute("INSERT INTO t VALUES ('kept')")
        household.stop()


def test_postgresql_listens_on_no_network_port(postgres_folder: Path, household: Household) -> None:
    account = service_account()
    running = postgres.start(
        find_postgres(account),
        folder=postgres_folder,
        account=account,
        household=household,
        settings=postgres.EPHEMERAL,
    )
    with psycopg.connect(running.url) as connection:
        row = connection.execute("SHOW listen_addresses").fetchone()
    assert row == ("",)
    assert postgres_folder.stat().st_mode & 0o077 == 0


def test_a_pid_file_that_names_another_program_does_not_stop_postgresql(
    postgres_folder: Path, household: Household
) -> None:
    account = service_account()
    programs = find_postgres(account)
    start = partial(
        postgres.start,
        programs,
        folder=postgres_folder,
        account=account,
        household=household,
        settings=postgres.EPHEMERAL,
    )
    start()
    household.stop()
    other_program = household.start(
        "other", ["/bin/sleep", "60"], environment={}, account=account, folder=Path("/")
    )
    data = postgres_folder / f"data-{programs.major}"
    (data / "postmaster.pid").write_text(f"{other_program.process.pid}\n{data}\n")
    start()


def test_a_path_too_long_for_a_socket_is_no_obstacle(
    postgres_folder: Path, household: Household
) -> None:
    account = service_account()
    deep = postgres_folder / ("a" * 60) / ("b" * 60)
    deep.mkdir(parents=True)
    for folder in (deep.parent, deep):
        hand_over(folder, account)
    running = postgres.start(
        find_postgres(account),
        folder=deep,
        account=account,
        household=household,
        settings=postgres.EPHEMERAL,
    )
    sockets = Path(running.url.partition("?host=")[2])
    try:
        with psycopg.connect(running.url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert sockets.stat().st_mode & 0o077 == 0
    finally:
        household.stop()
        sockets.rmdir()


def test_valkey_asks_for_its_password(household: Household) -> None:
    account = service_account()
    running = valkey.start(
        find_valkey(account), folder=Path("/"), account=account, household=household
    )
    with redis.Redis.from_url(running.url) as client:
        assert client.ping()
    with (
        redis.Redis.from_url(f"redis://{running.url.rpartition('@')[2]}") as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()
