"""script/server: starts everything in order, shows the way in, watches, and stops everything."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from script.launcher.console import Refusal, step
from script.launcher.paths import ROOT, make_var
from script.launcher.server import development_settings, examples, loopback, welcome
from script.launcher.server.keys import keep_keys
from script.launcher.server.single_instance import single_instance
from script.launcher.services import ports, postgres, valkey
from script.launcher.services.account import service_account
from script.launcher.services.binaries import find_postgres, find_valkey
from script.launcher.services.postgres_home import postgres_home
from script.launcher.services.processes import Household, fresh_log, last_lines, tie_to_this_process

HEALTH_SECONDS = 90.0
WATCH_SECONDS = 0.5
STOP_ORDER = (("web", "beat", "worker"), ("simulators",), ("valkey", "postgresql"))
QUEUES = "processing,dispatch-sms,dispatch-email,events,maintenance"


class StopRequested(BaseException):
    """Ctrl-C, SIGTERM, or the terminal has been closed."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the preparation of the database answered."""

    has_orders: bool
    bearer_token: str
    platform_token: str


def main() -> int:
    """The exit status: 0 when asked to stop, 1 when something went wrong."""
    _listen_to_signals()
    try:
        chosen = ports.choose(os.environ)
        var = make_var()
        with single_instance(var / "server.lock", address=f"http://{ports.HOST}:{chosen.web}"):
            ports.require_free(chosen)
            household = Household(log_folder=_folder(var / "log"))
            try:
                _serve(chosen, var, household)
            finally:
                _stop(household)
    except Refusal as reason:
        print(f"\n{reason}", file=sys.stderr, flush=True)
        return 1
    except StopRequested:
        step("stopped; nothing is left running")
        return 0


def _serve(chosen: ports.Ports, var: Path, household: Household) -> NoReturn:
    services = _start_services(var, household)
    dev_env = var / "dev.env"
    settings = development_settings.compose(
        environment=os.environ,
        kept=development_settings.read(dev_env),
        ports=chosen,
        keys=keep_keys(var / "keys"),
        services=services,
    )
    development_settings.write(dev_env, settings)
    environment = {**os.environ, **settings, "PYTHONUNBUFFERED": "1"}
    _start(household, "simulators", ["tests.simulators"], environment)
    prepared = _prepare(environment, household)
    step("the database is migrated and has its admin user")
    _start_product(household, environment, chosen)
    household.wait_until(
        lambda: loopback.is_healthy(chosen.web) and loopback.is_healthy(chosen.simulators),
        what="Waiting for /health of the web server and the simulators",
        seconds=HEALTH_SECONDS,
    )
    step("web, worker, beat and simulators are up")
    if not prepared.has_orders:
        for line in examples.place(port=chosen.web, token=prepared.bearer_token):
            step(line)
    welcome.show(
        ports=chosen,
        settings=settings,
        bearer_token=prepared.bearer_token,
        platform_token=prepared.platform_token,
        log_folder=household.log_folder,
    )
    while True:
        household.check()
        time.sleep(WATCH_SECONDS)  # a signal ends it at once


def _start_services(var: Path, household: Household) -> dict[str, str]:
    """DATABASE_URL and REDIS_URL: as given, else of servers of our own."""
    services = {name: os.environ.get(name, "") for name in ("DATABASE_URL", "REDIS_URL")}
    account = service_account()
    if services["REDIS_URL"]:
        step("Redis: as REDIS_URL says")
    else:
        program, folder = find_valkey(account), Path("/")
        started = valkey.start(program, folder=folder, account=account, household=household)
        services["REDIS_URL"] = started.url
        step("Valkey is up")
    if services["DATABASE_URL"]:
        step("PostgreSQL: as DATABASE_URL says")
    else:
        programs = find_postgres(account)
        services["DATABASE_URL"] = postgres.start(
            programs,
            folder=postgres_home(var, account),
            account=account,
            household=household,
            settings={},
        ).url
        step(f"PostgreSQL {programs.version} is up")
    return services


def _start_product(
    household: Household, environment: Mapping[str, str], chosen: ports.Ports
) -> None:
    web = f"granian --interface asginl --host {ports.HOST} --port {chosen.web} --workers 2"
    web += " --log-config config/web_logs.json"
    web += " --http 1 --http1-buffer-size 65536 --backlog 4096 --respawn-failed-workers"
    web += " --workers-kill-timeout 2"
    web += " config.asgi:application"
    # SIGTERM also if we are killed: granian then takes its worker processes along.
    _start(household, "web", shlex.split(web), environment, orphan_signal=signal.SIGTERM)
    worker = f"celery -A config worker -P threads -c 8 -Q {QUEUES} --without-gossip"
    _start(household, "worker", shlex.split(f"{worker} --without-mingle"), environment)
    _start(household, "beat", shlex.split("celery -A config beat"), environment)


def _start(
    household: Household,
    name: str,
    module: list[str],
    environment: Mapping[str, str],
    *,
    orphan_signal: signal.Signals = signal.SIGKILL,
) -> None:
    household.start(
        name,
        [sys.executable, "-m", *module],
        environment=environment,
        folder=ROOT,
        orphan_signal=orphan_signal,
    )


def _prepare(environment: Mapping[str, str], household: Household) -> Prepared:
    log = fresh_log(household.log_folder, "preparation")
    with log.open("ab") as output:
        done = subprocess.run(
            [sys.executable, "-m", "script.launcher.server.preparation"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=output,
            env=environment,
            cwd=ROOT,
            preexec_fn=tie_to_this_process(signal.SIGKILL),
        )
    if done.returncode != 0:
        raise Refusal(f"Preparing the database failed. The end of {log}:\n{last_lines(log)}")
    return Prepared(**json.loads(done.stdout.splitlines()[-1]))


def _stop(household: Household) -> None:
    """The doors first, the databases last. Further signals change nothing: this is bounded."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for names in STOP_ORDER:
        household.stop(*names)


def _listen_to_signals() -> None:
    signal.signal(signal.SIGINT, _request_stop)
    signal.signal(signal.SIGTERM, _request_stop)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup stays nohup
        signal.signal(signal.SIGHUP, _request_stop)


def _request_stop(number: int, frame: FrameType | None) -> NoReturn:
    raise StopRequested


def _folder(path: Path) -> Path:
    path.mkdir(mode=0o700, exist_ok=True)
    return path


if __name__ == "__main__":
    sys.exit(main())
