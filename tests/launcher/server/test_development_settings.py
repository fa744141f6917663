"""The settings of script/server, and the file that keeps them."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from script.launcher.console import Refusal
from script.launcher.server import development_settings
from script.launcher.server.development_settings import SECRETS
from script.launcher.server.keys import Keys
from script.launcher.services.ports import Ports

KEYS = Keys(Path("/keys/development"), Path("/keys/platform"), Path("/keys/maskinporten"))
SERVICES = {"DATABASE_URL": "postgresql://postgres@/db?host=/run", "REDIS_URL": "redis://x"}


def compose(
    *, environment: Mapping[str, str] | None = None, kept: Mapping[str, str] | None = None
) -> dict[str, str]:
    return development_settings.compose(
        environment=environment or {},
        kept=kept or {},
        ports=Ports(web=8000, simulators=8100, smtp=8101),
        keys=KEYS,
        services=SERVICES,
    )


def test_everything_points_at_this_machine() -> None:
    settings = compose()
    assert settings["PUBLIC_BASE_URL"] == "http://127.0.0.1:8000"
    assert settings["PLATFORM_TOKEN_JWKS"] == "http://127.0.0.1:8100/platform-keys/{issuer}"
    assert settings["EMAIL_URL"] == "smtp://127.0.0.1:8101"
    assert all(
        "127.0.0.1" in value
        for name, value in settings.items()
        if name.endswith("_URL") and name not in SERVICES
    )


def test_sms_leave_at_any_hour_unless_the_caller_says_otherwise() -> None:
    assert compose()["SMS_SEND_WINDOW"] == "00:00-24:00"
    real = compose(environment={"SMS_SEND_WINDOW": "09:00-17:00"})
    assert real["SMS_SEND_WINDOW"] == "09:00-17:00"


def test_a_condition_endpoint_to_try_is_there() -> None:
    assert compose()["SEND_CONDITION_TEST_ENDPOINT"] == "true"


def test_what_the_caller_has_set_wins_also_over_a_kept_secret() -> None:
    settings = compose(
        environment={"REDIS_URL": "redis://elsewhere", "ADMIN_PASSWORD": "mine", "HOME": "/home"},
        kept={"ADMIN_PASSWORD": "kept"},
    )
    assert settings["REDIS_URL"] == "redis://elsewhere"
    assert settings["ADMIN_PASSWORD"] == "mine"
    assert "HOME" not in settings


def test_an_empty_variable_is_not_a_value() -> None:
    assert compose(environment={"SMS_SEND_WINDOW": ""})["SMS_SEND_WINDOW"] == "00:00-24:00"


def test_secrets_survive_a_restart_and_addresses_do_not(tmp_path: Path) -> None:
    file = tmp_path / "dev.env"
    first = compose()
    development_settings.write(file, {**first, "PUBLIC_BASE_URL": "http://127.0.0.1:9999"})
    second = compose(kept=development_settings.read(file))
    assert {name: second[name] for name in SECRETS} == {name: first[name] for name in SECRETS}
    assert second["PUBLIC_BASE_URL"] == "http://127.0.0.1:8000"


def test_no_two_secrets_are_alike_and_no_two_machines_share_them() -> None:
    drawn = [settings[name] for settings in (compose(), compose()) for name in SECRETS]
    assert len(set(drawn)) == len(drawn)
    assert min(map(len, drawn)) >= 32


def test_the_file_can_be_read_back_and_only_by_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "dev.env"
    development_settings.write(file, {"DATABASE_URL": "postgresql://u@/db?host=/a", "EMPTY": ""})
    assert development_settings.read(file) == {
        "DATABASE_URL": "postgresql://u@/db?host=/a",
        "EMPTY": "",
    }
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["dev.env"]


def test_a_value_of_several_lines_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="MASKINPORTEN_KEY has several lines"):
        development_settings.write(tmp_path / "dev.env", {"MASKINPORTEN_KEY": "-----\nMII"})


def test_before_the_first_start_nothing_is_kept(tmp_path: Path) -> None:
    assert development_settings.read(tmp_path / "dev.env") == {}
