"""`manage.py token` prints tokens that the API takes."""

import io
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from config.tokens import verification
from script.launcher.system.simulators import Simulators
from script.launcher.system.staying_here import held

ROOT = Path(__file__).resolve().parents[2]
SCOPES = {
    "altinn:serviceowner/notifications.create",
    "altinn:serviceowner/notifications.composedemail.create",
    "altinn:serviceowner/notifications.events",
}


def printed(*words: str, **options: Any) -> str:
    out = io.StringIO()
    call_command("token", *words, stdout=out, **options)
    return out.getvalue().strip()


def test_a_bearer_token_is_taken(simulators: Simulators) -> None:
    found = verification.bearer_token(printed("ttd"))
    assert found.org == "ttd"
    assert found.scopes == SCOPES
    assert 7 * 3600 < found.expires_at - time.time() <= 8 * 3600


def test_a_platform_token_is_taken(simulators: Simulators) -> None:
    found = verification.platform_token(printed("skd", "--platform"))
    assert found.issuer == "skd"


def test_lifetime_and_scope_may_be_chosen(simulators: Simulators) -> None:
    token = printed("ttd", "--lifetime", "60", "--scope", "a:b c:d")
    found = verification.bearer_token(token)
    assert found.scopes == {"a:b", "c:d"}
    assert found.expires_at - time.time() <= 60


def test_an_end_user_has_a_scope_of_its_own_and_speaks_for_no_service_owner(
    simulators: Simulators,
) -> None:
    token = printed("--person", "01838510058")
    found = verification.bearer_token(token)
    assert found.org == ""
    assert found.scopes == {"altinn:portal/enduser"}
    assert _claims(token)["pid"] == "01838510058"


@pytest.mark.parametrize("words", [(), ("ttd", "--person", "01838510058")])
def test_a_token_is_for_a_service_owner_or_a_person(words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="or --person"):
        printed(*words)


def test_each_token_is_another(simulators: Simulators) -> None:
    assert printed("ttd") != printed("ttd")


def test_the_issuer_may_be_set(simulators: Simulators, settings: LazySettings) -> None:
    settings.DEVELOPMENT_TOKEN_ISSUER = "https://set.example/"
    assert _claims(printed("ttd"))["iss"] == "https://set.example/"


def test_the_issuer_may_be_a_listed_one(simulators: Simulators, settings: LazySettings) -> None:
    settings.ALTINN_WELL_KNOWN = ""
    settings.ALTINN_ISSUERS = ["https://listed.example/"]
    assert _claims(printed("ttd"))["iss"] == "https://listed.example/"


def test_the_issuer_is_derived_while_its_metadata_is_away(
    simulators: Simulators, settings: LazySettings
) -> None:
    simulators.fault("openid", "error500")
    assert _claims(printed("ttd"))["iss"] == f"{simulators.url}/authentication/"


def test_without_a_key_it_says_what_to_set(settings: LazySettings) -> None:
    settings.DEVELOPMENT_TOKEN_KEY = ""
    with pytest.raises(CommandError, match="Set it to a PEM file"):
        printed("ttd")


def test_without_an_issuer_it_says_what_to_set(
    simulators: Simulators, settings: LazySettings
) -> None:
    settings.ALTINN_WELL_KNOWN = settings.DEVELOPMENT_TOKEN_ISSUER = ""
    settings.ALTINN_ISSUERS = []
    with pytest.raises(CommandError, match="Set DEVELOPMENT_TOKEN_ISSUER"):
        printed("ttd")


def test_a_key_that_is_none_is_named(settings: LazySettings, tmp_path: Path) -> None:
    for content in ("garbage", None):
        path = tmp_path / str(content)
        if content is not None:
            path.write_text(content)
        settings.DEVELOPMENT_TOKEN_KEY = str(path)
        with pytest.raises(CommandError, match="cannot be read"):
            printed("ttd")


def test_it_needs_no_database_and_no_other_settings(outside_world: Simulators) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "token", "ttd"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            **held(),
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
            "DJANGO_SETTINGS_MODULE": "config.settings.base",
            "SECRET_KEY": "x",
            "DEVELOPMENT_TOKEN_KEY": outside_world.environment["DEVELOPMENT_TOKEN_KEY"],
            "DEVELOPMENT_TOKEN_ISSUER": "https://set.example/",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert _claims(done.stdout.strip())["urn:altinn:org"] == "ttd"


def _claims(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims
