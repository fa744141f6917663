"""What deploy/ says can be run and watched is what the code has."""

import json
import re
import shlex
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from config.checks import NEEDED
from config.jobs.schedule import PERIODIC_JOBS
from notifications.models import DailyCount, NotificationStatus
from orders.models import Creator
from tests.building import order, processed_order
from tests.watching.certificates import key_with_certificate

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
DASHBOARD = DEPLOY / "grafana" / "notifications.json"
SETTINGS = DEPLOY.parent / "docs" / "settings.md"
METRIC = re.compile(r"\bnotifications_\w+")
LABEL = re.compile(r'(\w+)(?:=~|!~|!=|=)"')
GROUPING = re.compile(r"\bby \(([^)]*)\)")


def loaded(name: str) -> Any:
    return yaml.safe_load((DEPLOY / name).read_text())


def commands(service: dict[str, Any]) -> list[str]:
    command = service.get("command", [])
    return shlex.split(command) if isinstance(command, str) else command


def rules() -> list[dict[str, Any]]:
    return [rule for group in loaded("prometheus/alerts.yaml")["groups"] for rule in group["rules"]]


def expressions() -> list[str]:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    shown = [target["expr"] for panel in panels for target in panel["targets"]]
    alternatives = [part for rule in rules() for part in re.split(r"\bor\b", rule["expr"])]
    return alternatives + shown


def test_every_queue_has_a_worker_and_there_is_one_beat() -> None:
    services = [commands(service) for service in loaded("compose.yaml")["services"].values()]
    workers = [words for words in services if "worker" in words]
    consumed = [queue for words in workers for queue in words[words.index("-Q") + 1].split(",")]
    assert sorted(consumed) == sorted({job.queue for job in PERIODIC_JOBS})
    assert sum("beat" in words for words in services) == 1
    assert ["python", "manage.py", "migrate", "--no-input"] in services


def test_every_process_that_lives_on_is_asked_whether_it_does() -> None:
    services = loaded("compose.yaml")["services"]
    for name, service in services.items():
        words = commands(service)
        asked = service.get("healthcheck", {}).get("test", [])
        if "worker" in words:
            queue = words[words.index("-Q") + 1]
            assert asked == ["CMD", "python", "-m", "runtime.alive", "worker", queue], name
        if "beat" in words:
            assert asked == ["CMD", "python", "-m", "runtime.alive", "beat"], name


@pytest.mark.parametrize("page", ["README.md", "deploy/README.md", "deploy/compose.yaml"])
def test_every_worker_has_a_name_of_its_own(page: str) -> None:
    """Without one, all of a machine are called the same."""
    text = (DEPLOY.parent / page).read_text()
    commands = re.findall(r"celery -A config worker .*", text)
    names = [re.findall(r" -n (\w+)@%h ", command) for command in commands]
    assert all(names)
    assert len({name for [name] in names}) == len(names) >= 1


def test_every_process_of_ours_gets_every_setting_that_is_needed() -> None:
    services = loaded("compose.yaml")["services"]
    ours = {name: one for name, one in services.items() if "build" in one}
    assert len(ours) == len(services) - len({"database", "broker"})
    for name, service in ours.items():
        assert set(NEEDED) <= set(service["environment"]), name


def test_only_settings_that_exist_are_given() -> None:
    given = {
        setting
        for service in loaded("compose.yaml")["services"].values()
        if "build" in service
        for setting in service["environment"]
    }
    assert {setting for setting in given if f"`{setting}`" not in SETTINGS.read_text()} == set()


def test_every_worker_is_watched() -> None:
    services = loaded("compose.yaml")["services"]
    jobs = {
        job["job_name"]: job["static_configs"][0]["targets"]
        for job in loaded("prometheus/prometheus.yaml")["scrape_configs"]
    }
    ports = {
        f"{name}:{service['environment']['WORKER_METRICS_PORT']}"
        for name, service in services.items()
        if "worker" in commands(service)
    }
    assert set(jobs["notifications-workers"]) == ports
    named = {job for text in expressions() for job in re.findall(r'job="([^"]+)"', text)}
    assert named <= set(jobs)


def test_the_image_holds_every_folder_that_the_product_runs_from() -> None:
    copied = set(re.findall(r"^COPY (\w+) ", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE))
    packages = {path.parent.name for path in DEPLOY.parent.glob("*/__init__.py")}
    assert copied == packages - {"script", "tests", "bench"} | {"templates"}


def test_the_image_runs_what_the_guide_says() -> None:
    [command] = re.findall(r"^CMD (\[.*\])", joined("Dockerfile"), re.MULTILINE)
    words = json.loads(command)
    [told] = re.findall(r"`(granian [^`]+)`", (DEPLOY / "README.md").read_text())
    assert set(shlex.split(told)) <= set(words)


def joined(name: str) -> str:
    """The file with continued lines made one."""
    return (DEPLOY / name).read_text().replace("\\\n", " ")


def test_every_alarm_says_what_it_means_and_what_to_do() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names) >= 10
    for rule in rules():
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"].keys() == {"summary", "description"}


@pytest.mark.django_db
def test_every_series_in_an_alarm_or_on_the_dashboard_exists_with_its_labels(
    ttd: Creator, settings: LazySettings, tmp_path: Path
) -> None:
    now = timezone.now()
    settings.MASKINPORTEN_KEY = str(key_with_certificate(tmp_path, ends=now + timedelta(days=90)))
    counted = {"channel": "Sms", "status": NotificationStatus.DELIVERED, "notifications": 1}
    DailyCount.objects.create(day=now.date(), creator=ttd, **counted)
    processed_order(ttd, NotificationStatus.NEW)
    order(ttd, status="Completed")
    Client().get("/notifications/api/v1/orders")
    page = Client().get("/metrics").content.decode() + generate_latest(REGISTRY).decode()
    labels = {"up": {"job", "instance"}}
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            labels.setdefault(sample.name, {"instance"}).update(sample.labels)
    for expression in expressions():
        names = METRIC.findall(expression) or ["up"]
        assert set(names) <= labels.keys(), expression
        asked = set(LABEL.findall(expression))
        for grouping in GROUPING.findall(expression):
            asked |= {label.strip() for label in grouping.split(",")}
        for name in names:
            assert asked <= labels[name], expression


def test_panels_do_not_lie_on_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells
