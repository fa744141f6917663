"""What deploy/ says can be run and watched is what the code has."""

import json
import re
import shlex
import subprocess
import sys
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from config.checks import NEEDED
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


@pytest.mark.parametrize("document", ["README.md", "deploy/README.md", "deploy/compose.yaml"])
def test_every_worker_has_a_name_of_its_own(document: str) -> None:
    """Without one, all of a machine are called the same."""
    text = (DEPLOY.parent / document).read_text()
    commands = re.findall(r"celery -A config worker .*", text)
    names = [re.findall(r" -n (\w+)@%h ", command) for command in commands]
    assert all(names)
    assert len({name for [name] in names}) == len(names) >= 1


def test_every_process_of_ours_gets_every_setting_that_is_needed() -> None:
    services = loaded("compose.yaml")["services"]
    ours = {name: one for name, one in services.items() if "build" in one}
    assert len(ours) == len(services) - len({"database", "broker", "proxy"})
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
    assert copied == packages - {"script", "tests", "bench"} | {"templates", "locale"}


def test_the_image_runs_as_a_user_with_a_number_and_says_whether_it_is_well() -> None:
    assert re.findall(r"^USER (.*)$", joined("Dockerfile"), re.MULTILINE) == ["10001:10001"]
    [probe] = re.findall(r"^HEALTHCHECK .* CMD (\[.*\])$", joined("Dockerfile"), re.MULTILINE)
    asked = loaded("compose.yaml")["services"]["web-1"]["healthcheck"]["test"]
    assert ["CMD", *json.loads(probe)] == asked


def test_the_image_tells_what_is_in_it() -> None:
    done = subprocess.run(
        [sys.executable, DEPLOY / "sbom.py"], capture_output=True, text=True, check=True
    )
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(done.stdout) is None
    told = {one["purl"] for one in json.loads(done.stdout)["components"]}
    assert f"pkg:pypi/django@{version('django')}" in told
    assert len(told) > 50


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
