"""Dialogporten shows a dialog to whom it belongs, by that person's own token."""

import time
from typing import Any

import jwt
import pytest

from script.launcher.system.simulators import Simulators
from tests.outside.conftest import Answer, ask, signing_key
from tests.simulators.openid import key_id

KARIS = "0198f1d2-77aa-7c3e-9d21-5b1f60a9c001"
KARI, OLA = "01838510058", "17857810058"
SCOPE = "altinn:portal/enduser"


def token(simulators: Simulators, **claims: Any) -> str:
    key = signing_key(simulators.environment["DEVELOPMENT_TOKEN_KEY"])
    given = {"iss": "anybody", "exp": time.time() + 60, "pid": KARI, "scope": SCOPE} | claims
    return jwt.encode(given, key, algorithm="RS256", headers={"kid": key_id(key.public_key())})


def look_up(simulators: Simulators, dialog: str, bearer: str) -> Answer:
    url = simulators.environment["DIALOGPORTEN_URL"]
    reference = f"instanceRef=urn:altinn:dialog-id:{dialog}"
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    return ask("GET", f"{url}enduser/dialoglookup?{reference}", headers=headers)


def test_it_shows_a_dialog_to_whom_it_belongs(simulators: Simulators) -> None:
    answer = look_up(simulators, KARIS, token(simulators))
    assert answer.status == 200
    assert answer.json["dialogId"] == KARIS


@pytest.mark.parametrize(
    ("dialog", "claims", "status"),
    [
        (KARIS, {"pid": OLA}, 403),
        (KARIS, {"scope": "a:b"}, 403),
        (KARIS, {"exp": 1}, 401),
        ("0198f1d2-77aa-7c3e-9d21-5b1f60a9cfff", {}, 404),
        ("x", {}, 400),
    ],
)
def test_and_to_nobody_else(
    simulators: Simulators, dialog: str, claims: dict[str, Any], status: int
) -> None:
    assert look_up(simulators, dialog, token(simulators, **claims)).status == status


def test_without_a_token_nobody_is_known(simulators: Simulators) -> None:
    assert look_up(simulators, KARIS, "").status == 401


def test_a_test_adds_dialogs(simulators: Simulators) -> None:
    added = "0198f1d2-77aa-7c3e-9d21-5b1f60a9c0aa"
    simulators.add_dialog(added, OLA)
    assert look_up(simulators, added, token(simulators, pid=OLA)).status == 200
