"""The doctor finds what is wrong, says what to do about it, and tells no secret."""

import http.server
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django_celery_beat.models import PeriodicTask

from config.doctor import broker, database, jobs, keys, outside, own_settings
from config.jobs.schedule import PERIODIC_JOBS
from dispatch.models import WITHOUT_END, ChannelPause, JobRun
from dispatch.sending import pauses
from notifications.models import NotificationChannel
from runtime.findings import LIMIT, MAX_EXAMINATION_SECONDS, Finding, Verdict
from script.launcher.paths import ROOT
from script.launcher.system.running_system import RunningSystem
from script.launcher.system.simulators import Simulators
from tests.building import NOON

NOWHERE = "http://127.0.0.1:9/"
SMTP = "django.core.mail.backends.smtp.EmailBackend"


def only(findings: list[Finding]) -> Finding:
    [finding] = findings
    return finding


def is_well(findings: list[Finding]) -> bool:
    return all(finding.verdict is Verdict.OK and not finding.remedy for finding in findings)


# The whole installation


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    folder = tmp_path_factory.mktemp("system")
    system = RunningSystem(folder, name="doctor", settings={"TMPDIR": str(folder)})
    yield system
    system.stop()


def doctor(system: RunningSystem, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "doctor", *words],
        cwd=ROOT,
        env=system.environment | settings,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def told(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, str]]:
    return {finding["name"]: finding for finding in json.loads(done.stdout)}


def test_a_running_installation_is_well_and_no_message_is_sent_by_asking(
    system: RunningSystem,
) -> None:
    often = {job.task for job in PERIODIC_JOBS if job.seconds == 1}
    seldom = {job.task for job in PERIODIC_JOBS} - often

    def have_run() -> bool:
        return often <= {name for (name,) in system.query("SELECT name FROM dispatch_tick")}

    system.wait_for(have_run, "the periodic jobs to run")
    # Those that come every half minute are not waited for.
    system.query(
        "INSERT INTO dispatch_tick (name, started_at, ended_at, result)"
        " SELECT name, now(), now(), '0' FROM unnest(%s::text[]) AS name"
        " ON CONFLICT DO NOTHING RETURNING name",
        list(seldom),
    )
    done = doctor(system)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert {line[43:].split()[0] for line in lines} == {"ok"}
    assert len(lines) > 25
    assert system.outside.messages() == []


@pytest.mark.parametrize(
    "process", ["beat", *(f"worker {queue}" for queue in sorted({j.queue for j in PERIODIC_JOBS}))]
)
def test_whatever_runs_gives_signs_of_life(system: RunningSystem, process: str) -> None:
    command = [sys.executable, "-m", "runtime.alive", *process.split()]

    def is_alive() -> bool:
        return subprocess.run(command, cwd=ROOT, env=system.environment).returncode == 0

    system.wait_for(is_alive, f"{process} to give a sign of life")


def test_without_a_database_everything_else_is_examined(system: RunningSystem) -> None:
    done = doctor(system, "--json", DATABASE_URL="postgresql://kari:s3cret@127.0.0.1:9/n")
    found = told(done)
    assert done.returncode == 1
    assert found["database"]["verdict"] == "FAILED"
    assert "DATABASE_URL" in found["database"]["remedy"]
    assert "beat" not in found
    for name in ("Profile", "mail", "Maskinporten", "broker", "send window"):
        assert found[name]["verdict"] == "ok", found[name]
    assert "s3cret" not in done.stdout + done.stderr


def test_where_nobody_ever_answers_it_ends_soon_and_tells_no_secret(
    system: RunningSystem,
) -> None:
    names = ["PROFILE_URL", "REGISTER_URL", "AUTHORIZATION_URL", "SMS_GATEWAY_URL"]
    names += ["MASKINPORTEN_URL", "ALTINN_WELL_KNOWN"]
    with socket.create_server(("127.0.0.1", 0), backlog=50) as silent:
        # Connections are made, and never served.
        place = f"kari:s3cret@127.0.0.1:{silent.getsockname()[1]}"
        began = time.monotonic()
        done = doctor(
            system,
            DATABASE_URL=f"postgresql://{place}/n",
            REDIS_URL=f"redis://{place}/0",
            EMAIL_URL=f"smtp://{place}",
            **dict.fromkeys(names, f"http://{place}/"),
        )
        took = time.monotonic() - began
    assert LIMIT < took < MAX_EXAMINATION_SECONDS + LIMIT
    assert done.returncode == 1
    assert done.stdout.count("FAILED") == 8, done.stdout
    assert "s3cret" not in done.stdout + done.stderr


def test_dead_workers_and_a_dead_beat_are_found(system: RunningSystem) -> None:
    system.kill("worker")
    system.kill("beat")
    system.query(
        "INSERT INTO dispatch_tick (name, started_at, ended_at, result)"
        " SELECT unnest(%s::text[]), now() - interval '1 hour', now() - interval '1 hour', ''"
        " ON CONFLICT (name) DO UPDATE SET ended_at = excluded.ended_at RETURNING 1",
        [job.task for job in PERIODIC_JOBS],
    )
    done = doctor(system, "--json")
    found = told(done)
    assert done.returncode == 1
    failed = {name for name, finding in found.items() if finding["verdict"] == "FAILED"}
    queues = {job.queue for job in PERIODIC_JOBS}
    jobs_of_ours = {f"job {job.task}" for job in PERIODIC_JOBS}
    assert failed == {"beat"} | {f"workers of {queue}" for queue in queues} | jobs_of_ours
    assert "celery -A config beat" in found["beat"]["remedy"]


# The outside world, one part at a time


CHECKS = [
    (outside.profile, "PROFILE_URL"),
    (outside.register, "REGISTER_URL"),
    (outside.authorization, "AUTHORIZATION_URL"),
    (outside.sms_gateway, "SMS_GATEWAY_URL"),
    (keys.maskinporten, "MASKINPORTEN_URL"),
    (keys.bearer_tokens, "ALTINN_WELL_KNOWN"),
    (keys.platform_tokens, "PLATFORM_TOKEN_JWKS"),
    (outside.dialogporten, "DIALOGPORTEN_URL"),
]
NEEDED_BY_ALL = CHECKS[:-2]


@pytest.mark.parametrize(("check", "setting"), CHECKS)
def test_each_part_of_the_outside_world_is_found_missing(
    simulators: Simulators, settings: LazySettings, check: Any, setting: str
) -> None:
    assert is_well(check())
    setattr(settings, setting, NOWHERE + "{issuer}" * ("PLATFORM" in setting))
    found = only(check())
    assert found.verdict is Verdict.FAILED
    assert setting in found.remedy


@pytest.mark.parametrize(("check", "setting"), NEEDED_BY_ALL)
def test_each_part_that_is_not_set_is_told(
    simulators: Simulators, settings: LazySettings, check: Any, setting: str
) -> None:
    settings.ALTINN_JWKS = ""
    setattr(settings, setting, "")
    found = only(check())
    assert found.verdict is Verdict.FAILED
    assert "is not set" in found.says


@pytest.fixture
def refusing() -> Iterator[Any]:
    """A server that answers everything with one status."""

    class Handler(http.server.BaseHTTPRequestHandler):
        status = 401
        seen: list[dict[str, str]] = []

        def do_HEAD(self) -> None:
            self.seen.append(dict(self.headers))
            self.send_response(self.status)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Silence."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("check", "setting", "header", "key"),
    [
        (outside.register, "REGISTER_URL", "PlatformAccessToken", "PLATFORM_TOKEN_KEY"),
        (
            outside.authorization,
            "AUTHORIZATION_URL",
            "Ocp-Apim-Subscription-Key",
            "AUTHORIZATION_KEY",
        ),
    ],
)
def test_a_register_that_refuses_our_key_is_told_from_one_that_is_away(
    simulators: Simulators,
    settings: LazySettings,
    refusing: Any,
    check: Any,
    setting: str,
    header: str,
    key: str,
) -> None:
    setattr(settings, setting, f"http://127.0.0.1:{refusing.server_port}/")
    found = only(check())
    assert (found.verdict, key in found.remedy) == (Verdict.FAILED, True)
    assert refusing.RequestHandlerClass.seen[-1][header]


def test_a_register_in_trouble_is_a_warning(
    simulators: Simulators, settings: LazySettings, refusing: Any
) -> None:
    refusing.RequestHandlerClass.status = 503
    settings.PROFILE_URL = f"http://127.0.0.1:{refusing.server_port}/"
    assert only(outside.profile()).verdict is Verdict.WARNING


def test_the_mail_server_lets_us_in(simulators: Simulators, settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = SMTP
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "notifications", "s3cret"
    found = only(outside.mail())
    assert (found.verdict, "lets us in" in found.says) == (Verdict.OK, True)


def test_a_wrong_password_at_the_mail_server_is_found(
    simulators: Simulators, settings: LazySettings
) -> None:
    settings.EMAIL_BACKEND = SMTP
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "notifications", "s3cret"
    simulators.fault("smtp", "log-in-fails")
    found = only(outside.mail())
    assert (found.verdict, found.remedy) == (
        Verdict.FAILED,
        "See user and password in EMAIL_URL.",
    )


def test_a_password_that_smtp_cannot_carry_is_found(
    simulators: Simulators, settings: LazySettings
) -> None:
    settings.EMAIL_BACKEND = SMTP
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "notifications", "blåbær"
    found = only(outside.mail())
    assert (found.verdict, "EMAIL_URL" in found.remedy) == (Verdict.FAILED, True)


def test_a_mail_server_that_is_away_is_found(
    simulators: Simulators, settings: LazySettings
) -> None:
    settings.EMAIL_BACKEND = SMTP
    settings.EMAIL_PORT = 9
    assert "cannot be reached" in only(outside.mail()).says


def test_a_mail_provider_without_its_keys_is_found(settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
    found = only(outside.mail())
    assert (found.verdict, "ANYMAIL_" in found.remedy) == (Verdict.FAILED, True)


@pytest.mark.parametrize(
    ("check", "setting"),
    [(keys.platform_key, "PLATFORM_TOKEN_KEY"), (keys.maskinporten, "MASKINPORTEN_KEY")],
)
def test_a_key_that_is_missing_or_no_key_is_found(
    simulators: Simulators, settings: LazySettings, tmp_path: Path, check: Any, setting: str
) -> None:
    assert is_well(check())
    setattr(settings, setting, str(tmp_path / "away.pem"))
    assert "cannot be read" in only(check()).says
    (tmp_path / "no.pem").write_text("no key")
    setattr(settings, setting, str(tmp_path / "no.pem"))
    assert only(check()).verdict is Verdict.FAILED


def test_a_client_that_maskinporten_does_not_know_is_found(
    simulators: Simulators, settings: LazySettings
) -> None:
    settings.MASKINPORTEN_CLIENT_ID = "somebody-else"
    found = only(keys.maskinporten())
    assert (found.verdict, "registered" in found.remedy) == (Verdict.FAILED, True)


# Within


def test_a_broker_that_is_away_is_a_warning_and_nobody_waits_for_its_workers(
    settings: LazySettings,
) -> None:
    settings.REDIS_URL = "redis://:s3cret@127.0.0.1:9/0"
    found = broker.examine()
    assert [finding.verdict for finding in found] == [Verdict.WARNING, Verdict.WARNING]
    assert "s3cret" not in str(found)


def test_a_wrong_password_at_the_broker_is_found(settings: LazySettings) -> None:
    scheme, _, place = os.environ["REDIS_URL"].partition("://")
    settings.REDIS_URL = f"{scheme}://:wrong@{place.rpartition('@')[2]}"
    assert broker.examine()[0].verdict is Verdict.WARNING
    assert "password" in broker.examine()[0].says


def ran(name: str, at: datetime, result: str = "0") -> None:
    JobRun.objects.create(name=name, started_at=at, ended_at=at, result=result)


def verdicts(found: list[Finding]) -> dict[str, Verdict]:
    return {finding.name: finding.verdict for finding in found}


@pytest.mark.django_db
def test_a_job_is_well_until_it_has_missed_some_turns() -> None:
    for job in PERIODIC_JOBS:
        ran(job.task, NOON)
    assert is_well(jobs.examine(now=NOON + timedelta(seconds=29)))
    later = verdicts(jobs.examine(now=NOON + timedelta(seconds=75)))
    assert later["beat"] is Verdict.FAILED
    assert later["job dispatch.send_sms"] is Verdict.FAILED
    assert later["job dispatch.sweep"] is Verdict.OK


@pytest.mark.django_db
def test_a_job_that_never_ran_failed_or_is_switched_off_is_found() -> None:
    for job in PERIODIC_JOBS:
        ran(job.task, NOON)
    PeriodicTask.objects.update(date_changed=NOON - timedelta(hours=1))
    JobRun.objects.filter(name="dispatch.sweep").delete()
    JobRun.objects.filter(name="dispatch.send_sms").update(failed_at=NOON)
    PeriodicTask.objects.filter(task="dispatch.send_email").update(enabled=False)
    PeriodicTask.objects.filter(task="dispatch.purge").delete()
    found = jobs.examine(now=NOON)
    assert {name: verdict for name, verdict in verdicts(found).items() if verdict != "ok"} == {
        "job dispatch.sweep": Verdict.FAILED,
        "job dispatch.send_sms": Verdict.FAILED,
        "job dispatch.send_email": Verdict.WARNING,
        "job dispatch.purge": Verdict.FAILED,
    }


@pytest.mark.django_db
def test_a_paused_channel_is_a_warning_with_its_reason() -> None:
    assert is_well(jobs.pauses(now=NOON))
    pauses.pause(
        NotificationChannel.SMS,
        ChannelPause.Cause.REFUSED,
        until=NOON + timedelta(minutes=5),
        reason="No credit.",
        now=NOON,
    )
    found = only(jobs.pauses(now=NOON))
    assert found.verdict is Verdict.WARNING
    assert found.says == "Sms is paused until 2025-08-25 12:05:00 in Oslo (Refused): No credit."


def test_a_channel_whose_trouble_is_not_known_to_be_over_is_a_warning(db: None) -> None:
    for cause in (ChannelPause.Cause.BREAKER, ChannelPause.Cause.RATE_LIMIT):
        pauses.pause(NotificationChannel.EMAIL, cause, until=NOON, reason="Errors.", now=NOON)
    found = only(jobs.pauses(now=NOON))
    assert found.verdict is Verdict.WARNING
    assert "until a message that goes ahead gets through (Breaker)" in found.says


def test_a_pause_without_an_end_is_told_as_such(db: None) -> None:
    pauses.pause(
        NotificationChannel.SMS,
        ChannelPause.Cause.PERSON,
        until=NOON + WITHOUT_END,
        reason="Maintenance.",
        now=NOON,
    )
    found = only(jobs.pauses(now=NOON))
    assert found.says == "Sms is paused until somebody resumes it (Person): Maintenance."


def test_a_job_that_never_ran_is_given_its_interval_and_a_minute(db: None) -> None:
    made = PeriodicTask.objects.get(task="dispatch.sweep").date_changed

    def sweep(now: datetime) -> Verdict:
        found = jobs.examine(now=now)
        return only([one for one in found if one.name == "job dispatch.sweep"]).verdict

    assert sweep(made + timedelta(seconds=89)) is Verdict.WARNING
    assert sweep(made + timedelta(seconds=91)) is Verdict.FAILED


def test_the_send_window_is_told_in_norwegian_time(settings: LazySettings) -> None:
    settings.SMS_SEND_WINDOW = "09:00-17:00"
    assert jobs.send_window(now=NOON).says == "Open for SMS (09:00-17:00 in Oslo)."
    closed = jobs.send_window(now=NOON + timedelta(hours=8))
    assert closed.says == "Closed for SMS; opens 2025-08-26 09:00 in Oslo."
    settings.SMS_SEND_WINDOW = "17:00-09:00"
    assert jobs.send_window(now=NOON).verdict is Verdict.FAILED


@pytest.mark.django_db
def test_the_database_its_migrations_and_its_clock_are_well() -> None:
    found = verdicts(list(database.examine()))
    assert found["database"] is found["migrations"] is found["clock"] is Verdict.OK


@pytest.mark.parametrize("seconds", [-3, 3])
def test_a_clock_that_is_wrong_is_found(seconds: int) -> None:
    assert database.own_clock(timedelta(seconds=seconds)).verdict is Verdict.FAILED
    assert database.own_clock(timedelta(seconds=seconds / 3)).verdict is Verdict.OK


def test_a_postgresql_that_is_too_old_is_found() -> None:
    assert database.version(14).verdict is Verdict.FAILED
    assert database.version(15).verdict is Verdict.OK


@pytest.mark.django_db
def test_a_migration_that_is_missing_is_found() -> None:
    call_command("migrate", "dispatch", "0001", "--fake", verbosity=0)
    assert verdicts(list(database.examine()))["migrations"] is Verdict.FAILED


def test_a_setting_that_is_missing_is_told_with_what_to_do(settings: LazySettings) -> None:
    settings.SILENCED_SYSTEM_CHECKS = []
    settings.PROFILE_URL = ""
    found = [finding for finding in own_settings.examine() if "PROFILE_URL" in finding.says]
    assert only(found).remedy == "Set PROFILE_URL in the environment."


def test_workers_that_share_a_name_are_all_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """As all of a machine do that are started without names of their own."""
    queues = sorted({job.queue for job in PERIODIC_JOBS})
    answers = [{"celery@host": [{"name": queue}]} for queue in [*queues, "events"]]
    monkeypatch.setattr("config.doctor.broker.app.control.broadcast", lambda *_, **__: answers)
    of_queue = {finding.name: finding for finding in broker.examine()}
    for queue in queues:
        says = "2 listening." if queue == "events" else "1 listening."
        assert of_queue[f"workers of {queue}"].says == says
