"""Condition endpoints answer in all the ways that real ones do."""

import pytest

from script.launcher.system.simulators import Simulators
from tests.outside.conftest import Answer, ask
from tests.outside.test_tokens import assertion, grant


def fresh_token(simulators: Simulators) -> str:
    token: str = grant(simulators, assertion(simulators)).json["access_token"]
    return token


def check(simulators: Simulators, path: str, token: str | None = None) -> Answer:
    token = fresh_token(simulators) if token is None else token
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return ask("GET", f"{simulators.url}/condition/{path}", headers=headers)


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("true", 200, b'{"sendNotification": true}'),
        ("true?order=1", 200, b'{"sendNotification": true}'),
        ("false", 200, b'{"sendNotification": false}'),
        ("error", 500, b"Internal Server Error"),
        ("garbage", 200, b"<p>sendNotification</p>"),
        ("wrong-case", 200, b'{"SendNotification": true}'),
        ("not-boolean", 200, b'{"sendNotification": "true"}'),
        ("empty", 200, b""),
        ("slow?seconds=0.01", 200, b'{"sendNotification": true}'),
        ("something-else", 404, b"404: Not Found"),
    ],
)
def test_each_path_has_its_answer(
    simulators: Simulators, path: str, status: int, body: bytes
) -> None:
    answer = check(simulators, path)
    assert (answer.status, answer.body) == (status, body)


def test_no_token_or_a_wrong_one_is_refused(simulators: Simulators) -> None:
    answers = [check(simulators, "true", token) for token in ("", "x.y.z")]
    assert [answer.status for answer in answers] == [401, 401]
    operations = [call["operation"] for call in simulators.calls("condition")]
    assert operations == ["without token", "with token"]


def test_the_open_one_needs_no_token(simulators: Simulators) -> None:
    assert check(simulators, "open", "").status == 200


def test_a_flaky_one_fails_the_first_time_of_each_address(simulators: Simulators) -> None:
    paths = ("flaky?order=1", "flaky?order=1", "flaky?order=2")
    assert [check(simulators, path).status for path in paths] == [500, 200, 500]


def test_only_another_token_helps_where_the_first_has_expired(simulators: Simulators) -> None:
    first, second = fresh_token(simulators), fresh_token(simulators)
    tokens = (first, first, second, second)
    statuses = [check(simulators, "expired-once", token).status for token in tokens]
    assert statuses == [401, 401, 200, 200]


def test_redirects_lead_on_or_nowhere(simulators: Simulators) -> None:
    def location(path: str) -> str | None:
        answer = check(simulators, path)
        assert answer.status == 302
        return answer.headers["Location"]

    assert location("redirect") == "/condition/true"
    assert location("redirect?to=http://127.0.0.1:1/x") == "http://127.0.0.1:1/x"
    assert location("loop") == "/condition/loop"


def test_a_huge_one_is_larger_than_any_honest_answer(simulators: Simulators) -> None:
    assert len(check(simulators, "huge").body) > 40_000_000
