"""Benchmark and chaos run tell of what ships: no setting that costs anything is another there."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from bench import system as measured
from config.setting_rules.table import RULES
from config.settings import base, local
from script.launcher.paths import ROOT
from tests.chaos import system as under_fire

LIMITS = {"CREATOR_REQUESTS_PER_MINUTE", "CREATOR_RECIPIENTS_PER_MINUTE"}
WHERE = {
    "DATABASE_URL",
    "EMAIL_REPORTS_FROM",
    "EMAIL_URL",
    "PROFILE_URL",
    "REDIS_URL",
    "SMS_GATEWAY_URL",
    "SMS_REPORTS_PASSWORD",
    "SMS_REPORTS_USER",
    "WORKER_METRICS_PORT",
}
"""They say where the servers and the outside world of a run are."""
PACE = {"EMAIL_TIMEOUT", "SMS_IN_FLIGHT"}
"""The chaos run makes its few messages last, and its faults short."""
NOT_FOR_TLS = {
    "ALLOWED_HOSTS",
    "CSRF_COOKIE_SECURE",
    "LANGUAGE_COOKIE_SECURE",
    "LEAVING_SECONDS",
    "LOCAL_LOGIN_TOTP",
    "SECURE_HSTS_SECONDS",
    "SECURE_SSL_REDIRECT",
    "SEND_CONDITION_TOKEN_OVER_HTTP",
    "SESSION_COOKIE_SECURE",
    "SILENCED_SYSTEM_CHECKS",
    "WHITENOISE_AUTOREFRESH",
    "WHITENOISE_USE_FINDERS",
}


def named_in(folder: str) -> Iterator[tuple[str, str]]:
    """Each setting that the folder's modules name, and the module."""
    for module in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Constant) and node.value in RULES:
                yield str(node.value), str(module.relative_to(ROOT))


def test_the_benchmark_names_limits_and_addresses_only() -> None:
    others = {one for one in named_in("bench") if one[0] not in LIMITS | WHERE}
    assert others == {("SMS_IN_FLIGHT", "bench/rows/draining.py")}


def test_the_chaos_run_names_limits_addresses_and_its_pace_only() -> None:
    assert {name for name, _ in named_in("tests/chaos")} <= LIMITS | WHERE | PACE
    assert settings.EMAIL_IN_FLIGHT == under_fire.EMAIL_IN_FLIGHT


@pytest.mark.parametrize("given", [measured.SETTINGS, under_fire.SETTINGS])
def test_limits_are_counted_and_too_high_to_refuse(given: dict[str, str]) -> None:
    assert given.keys() >= LIMITS
    for name in LIMITS:
        assert int(given[name]) >= 1000 * getattr(base, name)


def test_programs_without_tls_change_nothing_that_costs() -> None:
    """RunningSystem starts them with config.settings.local."""
    differing = {
        name
        for name in vars(local)
        if name.isupper() and getattr(base, name, None) is not getattr(local, name)
    }
    assert differing == NOT_FOR_TLS
    assert Path(local.__file__).read_text().count("import") == 1
