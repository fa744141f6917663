"""Everything that says how to run this names the same processes."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.checks import NEEDED
from config.jobs.schedule import PERIODIC_JOBS
from config.settings.reading import SECRETS
from notifications.models import NotificationChannel
from runtime import alive
from script.launcher.server import run as script_server
from script.launcher.system.running_system import PROGRAMS

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = DEPLOY / "systemd"
CHART = DEPLOY / "helm"
QUEUES = {job.queue for job in PERIODIC_JOBS}
SETTINGS = (ROOT / "docs/settings.md").read_text()


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return found["services"]


def words(command: str | list[str]) -> list[str]:
    return shlex.split(command) if isinstance(command, str) else command


def after(flag: str, command: list[str]) -> str:
    return command[command.index(flag) + 1]


def values() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())
    return found


def unit(name: str) -> str:
    return (UNITS / name).read_text()


# --- The same queues, with the same threads --------------------------------------------------


def of_the_guide() -> dict[str, int]:
    page = (DEPLOY / "README.md").read_text()
    rows = re.findall(r"\| worker: .+?`.*-c (\d+) -Q ([\w-]+)[ `]", page)
    return {queue: int(threads) for threads, queue in rows}


def of_compose() -> dict[str, int]:
    commands = [words(service.get("command", [])) for service in services().values()]
    return {after("-Q", one): int(after("-c", one)) for one in commands if "worker" in one}


def of_the_chart() -> dict[str, int]:
    return {one["queue"]: one["threads"] for one in values()["workers"].values()}


def of_systemd() -> dict[str, int]:
    usual = threads_of(UNITS / "notifications-worker@.service")
    found = {}
    for queue in re.findall(
        r"notifications-worker@([\w-]+)\.service", unit("notifications.target")
    ):
        own = UNITS / f"notifications-worker@{queue}.service.d" / "threads.conf"
        found[queue] = threads_of(own) if own.exists() else usual
    return found


def threads_of(file: Path) -> int:
    [threads] = re.findall(r"^Environment=THREADS=(\d+)$", file.read_text(), re.MULTILINE)
    return int(threads)


@pytest.mark.parametrize("read", [of_compose, of_the_chart, of_systemd])
def test_each_queue_has_a_worker_with_as_many_threads_as_the_guide_says(read: Any) -> None:
    assert of_the_guide().keys() == QUEUES
    assert read() == of_the_guide()


def test_one_worker_of_a_development_machine_serves_them_all() -> None:
    assert set(script_server.QUEUES.split(",")) == QUEUES
    assert set(after("-Q", words(PROGRAMS["worker"])).split(",")) == QUEUES


def test_there_are_two_web_processes_one_beat_and_one_migration() -> None:
    for_compose = {name: words(one.get("command", [])) for name, one in services().items()}
    assert {name for name in for_compose if name.startswith("web")} == {"web-1", "web-2"}
    assert [name for name, command in for_compose.items() if "beat" in command] == ["beat"]
    assert for_compose["migrate"] == ["python", "manage.py", "migrate", "--no-input"]
    assert values()["web"]["replicas"] == 2
    assert "replicas: 1\n  strategy: {type: Recreate}" in template("beat.yaml")
    assert "helm.sh/hook: pre-install,pre-upgrade" in template("migrate.yaml")
    wanted = re.findall(r"notifications-(?:web@\d+|beat)\.service", unit("notifications.target"))
    assert [name.partition("@")[0].partition(".")[0] for name in wanted] == [
        "notifications-web",
        "notifications-web",
        "notifications-beat",
    ]
    assert "manage.py migrate --no-input" in unit("notifications-migrate.service")


def template(name: str) -> str:
    return (CHART / "templates" / name).read_text()


# --- The same commands -----------------------------------------------------------------------


def image_command() -> list[str]:
    dockerfile = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    [command] = re.findall(r"^CMD (\[.*\])", dockerfile, re.MULTILINE)
    return [str(word) for word in json.loads(command)]


def test_web_is_started_by_the_same_words_everywhere() -> None:
    """But for where it listens, which is the machine's own matter under systemd."""
    [line] = re.findall(r"^ExecStart=\S*/(granian .*)$", unit("notifications-web@.service"), re.M)
    there = line.replace("127.0.0.1", "0.0.0.0").replace("%i", "8000")
    assert shlex.split(there) == image_command()
    assert all("command" not in services()[web] for web in ("web-1", "web-2"))
    assert "command:" not in template("web.yaml")


def test_workers_are_started_by_the_same_words_everywhere() -> None:
    [line] = re.findall(r"^ExecStart=\S*/(celery .*)$", unit("notifications-worker@.service"), re.M)
    of_unit = line.replace("%i", "events").replace("%%h", "%h").replace("${THREADS}", "2")
    assert shlex.split(of_unit) == words(services()["worker-events"]["command"])
    of_chart = re.findall(r"^            - (.*)$", template("workers.yaml"), re.MULTILINE)
    filled = " ".join(of_chart).replace("{{ $name }}", "events")
    filled = filled.replace("{{ $worker.threads }}", "2").replace("{{ $worker.queue }}", "events")
    assert " ".join(words(services()["worker-events"]["command"])) in filled.replace('"', "")
    beat = words(services()["beat"]["command"])
    assert f"command: [{', '.join(beat)}]" in template("beat.yaml")
    assert unit("notifications-beat.service").count(" ".join(beat[1:])) == 1


# --- Whether they live -----------------------------------------------------------------------


def probes() -> Iterator[list[str]]:
    for service in services().values():
        yield service.get("healthcheck", {}).get("test", [])[1:]
    for text in (template("workers.yaml"), template("beat.yaml")):
        for command in re.findall(r"command: \[(python, -m, runtime.*)\]", text):
            yield command.replace("{{ $worker.queue }}", "processing").split(", ")
    for command in re.findall(
        r"python (-m runtime\S* [^|]+) \|\|", unit("notifications-alive.service")
    ):
        yield ["python", *command.split()]


def test_every_probe_is_a_command_that_exists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    asked = [probe[3:] for probe in probes() if probe[:3] == ["python", "-m", "runtime.alive"]]
    assert [command for command in asked if alive.main(command) != 1] == []  # 2 is a wrong word
    hanging = {command[1] for command in asked if command[0] == "worker"}
    assert hanging == QUEUES


def test_systemd_asks_after_every_queue_and_beat() -> None:
    text = unit("notifications-alive.service")
    asked = re.findall(r"runtime.alive worker (\S+) \|\| systemctl try-restart (\S+)'", text)
    assert {(queue, f"notifications-worker@{queue}") for queue in QUEUES} == set(asked)
    assert "runtime.alive beat || systemctl try-restart notifications-beat'" in text


# --- Their settings --------------------------------------------------------------------------


def test_the_chart_hands_over_all_that_is_needed_and_secrets_as_files() -> None:
    given = values()
    named = {*given["settings"], *given["secretKeys"], *given["keyFiles"]}
    assert set(NEEDED) - named == set()
    assert {name for name in named if f"`{name}`" not in SETTINGS} == set()
    assert set(given["secretKeys"]) - set(SECRETS) == set()
    assert set(given["settings"]) & set(SECRETS) == set()
    assert "{{ . }}_FILE" in template("_parts.tpl")


def test_scaling_goes_by_channels_that_exist() -> None:
    scaled = values()["autoscaling"]["workers"]
    assert {one["channel"] for one in scaled.values()} == set(NotificationChannel)
    assert scaled.keys() <= values()["workers"].keys()


# --- By the tools that read them -------------------------------------------------------------


@pytest.fixture
def units(tmp_path: Path) -> Mapping[str, Path]:
    """As they would lie in /etc, with programs that are on this machine."""
    folder = tmp_path / "units"
    shutil.copytree(UNITS, folder)
    for file in folder.glob("*.service"):
        text = file.read_text().replace("/opt/notifications/.venv/bin", f"{Path(sys.prefix)}/bin")
        file.write_text(text.replace("/opt/notifications", str(ROOT)))
    return {file.name: file for file in folder.iterdir() if file.is_file()}


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed here.")
def test_systemd_understands_the_units_and_finds_little_that_they_could_do(
    units: Mapping[str, Path],
) -> None:
    folder = units["notifications.target"].parent
    started = [
        name.replace("web@", "web@8001").replace("worker@", "worker@events") for name in units
    ]
    done = analyze(folder, "verify", "--man=no", *started)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    for name in started:
        if name.endswith(".service") and "alive" not in name:
            # In tenths; a unit that says nothing has 96.
            done = analyze(folder, "security", "--offline=yes", "--threshold=20", name)
            assert done.returncode == 0, done.stdout


def analyze(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [shutil.which("systemd-analyze") or "", "--no-pager", *words],
        env={"SYSTEMD_UNIT_PATH": f"{folder}:", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


HELM = shutil.which("helm")
VALIDATORS = {"kubeconform": ["-strict"], "kubernetes-validate": ["--strict"]}
EVERYTHING = (
    "autoscaling.enabled=true,migrations.secret=owner,settings.PUBLIC_BASE_URL=https://a.no"
)


@pytest.mark.skipif(HELM is None, reason="helm is not installed here.")
@pytest.mark.parametrize("chosen", ["web.replicas=2", EVERYTHING])
def test_helm_renders_what_kubernetes_takes(tmp_path: Path, chosen: str) -> None:
    assert helm("lint", str(CHART))
    rendered = helm("template", "trial", str(CHART), "--set", chosen)
    found = [one for one in yaml.safe_load_all(rendered) if one]
    workers = [one for one in found if "worker" in str(one["metadata"]["name"])]
    assert len([one for one in workers if one["kind"] == "Deployment"]) == len(QUEUES)
    file = tmp_path / "rendered.yaml"
    file.write_text(yaml.safe_dump_all(found))
    for validator, words in VALIDATORS.items():
        if program := shutil.which(validator):
            subprocess.run([program, *words, str(file)], check=True)


def helm(*words: str) -> str:
    assert HELM is not None
    done = subprocess.run([HELM, *words], capture_output=True, text=True, check=True)
    return done.stdout
