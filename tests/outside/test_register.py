"""Register tells names to those who show a valid platform token."""

import time

import jwt
import pytest

from script.launcher.system.simulators import Simulators
from tests.outside.conftest import Answer, ask, signing_key


def token(simulators: Simulators, key: str = "PLATFORM_TOKEN_KEY", **claims: object) -> str:
    private_key = signing_key(simulators.environment[key])
    members: dict[str, object] = {"iss": "platform", "exp": time.time() + 60} | claims
    return jwt.encode(members, private_key, algorithm="RS256")


def names(simulators: Simulators, parties: list[object], platform_token: str) -> Answer:
    url = simulators.environment["REGISTER_URL"] + "parties/nameslookup"
    return ask("POST", url, {"parties": parties}, {"PlatformAccessToken": platform_token})


def test_names_come_in_the_order_asked_and_unknown_ones_are_null(simulators: Simulators) -> None:
    parties: list[object] = [
        {"ssn": "24929010260"},
        {"orgNo": "312508729"},
        {"ssn": "00000000000"},
        {"ssn": "19848310150"},
        {"ssn": "90000000001"},
    ]
    answer = names(simulators, parties, token(simulators))
    assert answer.json["partyNames"] == [
        {"ssn": "24929010260", "orgNo": None, "name": "Åse Bjørg Ærlig-Øverås"},
        {"ssn": None, "orgNo": "312508729", "name": "Sørøya Trål og Ørret SA"},
        {"ssn": "00000000000", "orgNo": None, "name": None},
        {"ssn": "19848310150", "orgNo": None, "name": None},
        {"ssn": "90000000001", "orgNo": None, "name": "Bjørn Ås 0000001"},
    ]


@pytest.mark.parametrize(
    ("key", "claims"),
    [
        ("PLATFORM_TOKEN_KEY", {"iss": "ttd"}),
        ("PLATFORM_TOKEN_KEY", {"exp": time.time() - 60}),
        ("DEVELOPMENT_TOKEN_KEY", {}),
    ],
)
def test_a_token_of_another_issuer_or_key_or_time_is_refused(
    simulators: Simulators, key: str, claims: dict[str, object]
) -> None:
    answer = names(simulators, [{"ssn": "24929010260"}], token(simulators, key, **claims))
    assert answer.status == 401


def test_no_token_is_refused(simulators: Simulators) -> None:
    url = simulators.environment["REGISTER_URL"] + "parties/nameslookup"
    assert ask("POST", url, {"parties": [{"ssn": "24929010260"}]}).status == 401


@pytest.mark.parametrize(
    "parties",
    [
        [{"ssn": "24929010260"}, {"ssn": "123"}],
        [{"orgNo": "24929010260"}],
        [{}],
        [],
        [{"orgNo": f"500{number:06d}"} for number in range(1001)],
    ],
)
def test_a_call_with_anything_wrong_in_it_fails_as_a_whole(
    simulators: Simulators, parties: list[object]
) -> None:
    assert names(simulators, parties, token(simulators)).status == 400
