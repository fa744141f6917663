"""How answers are written, and which error is seen when several things are wrong."""

import pytest

from tests.contracts.requests import PATHS, order
from tests.contracts.service import Service
from tests.contracts.tokens import Cast


def test_text_is_written_as_it_was_given(service: Service) -> None:
    text = "Blåbærsyltetøy + 'ost' <b>&</b> \"sitat\" \\ \t\r\n שלום \U0001f600"
    placed = service.place("/orders", order(emailTemplate={"subject": "s", "body": text}))
    assert placed["emailTemplate"]["body"] == text
    raw = service.get(f"/orders/{placed['id']}").body
    assert "Blåbærsyltetøy + 'ost' <b>&</b> \\\"sitat\\\"".encode() in raw


def test_what_is_unknown_is_left_out_and_not_null(service: Service) -> None:
    placed = service.place("/orders", order(sendersReference=None, ignoreReservation=None))
    assert b"null" not in service.get(f"/orders/{placed['id']}").body


@pytest.mark.parametrize("path", PATHS)
def test_the_token_is_looked_at_before_the_body(service: Service, cast: Cast, path: str) -> None:
    without_scope = {"Authorization": f"Bearer {cast.bearer(urn__altinn__scope=None)}"}
    for body in (b"{", b"", b"{}"):
        assert service.post(path, body, headers={}).status == 401
        assert service.post(path, body, headers=without_scope).status == 403
        assert service.post(path, body).status == 400


def test_every_error_has_a_trace_of_its_own(service: Service) -> None:
    first, second = (service.get("/orders/x").json["traceId"] for _ in range(2))
    assert first != second
    for trace_id in (first, second):
        assert [len(part) for part in trace_id.split("-")] == [2, 32, 16, 2]


def test_pages_of_other_sites_are_not_let_in(service: Service) -> None:
    answer = service.get("/orders/x", headers=service.headers | {"Origin": "https://example.no"})
    assert "Access-Control-Allow-Origin" not in answer.headers
