"""The desk cannot take the threads that the API needs. (Attack A7.)"""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from config.middleware import desk_limit
from config.middleware.desk_limit import DeskLimit

get = RequestFactory().get


@pytest.fixture(autouse=True)
def one_slot(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MAX_DESK_REQUESTS = 1
    monkeypatch.setattr(desk_limit, "WAIT_SECONDS", 0.01)


def test_a_page_within_a_page_finds_no_slot_and_the_api_needs_none() -> None:
    answers: list[HttpResponse] = []

    def view(request: HttpRequest) -> HttpResponse:
        if request.path == "/admin/outer/":
            answers.append(desk(get("/admin/inner/")))
            answers.append(desk(get("/notifications/api/v1/orders")))
            answers.append(desk(get("/health")))
        return HttpResponse("page")

    desk = DeskLimit(view)
    assert desk(get("/admin/outer/")).status_code == 200
    assert [answer.status_code for answer in answers] == [503, 200, 200]
    assert answers[0].headers["Retry-After"]
    assert "few seconds" in answers[0].content.decode()
    assert desk(get("/admin/inner/")).status_code == 200


def test_a_view_that_raises_gives_its_slot_back() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        raise RuntimeError

    desk = DeskLimit(view)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            desk(get("/admin/"))


@pytest.mark.django_db  # who ends an answer looks after the connections that there are
@pytest.mark.parametrize("reads", [True, False], ids=["read", "left"])
def test_an_export_keeps_its_slot_until_it_is_read_or_left(reads: bool) -> None:
    def rows() -> Iterator[bytes]:
        yield b"row"

    desk = DeskLimit(lambda request: StreamingHttpResponse(rows()))  # type: ignore[arg-type,return-value]
    export = desk(get("/admin/export/"))
    assert desk(get("/admin/")).status_code == 503
    if reads:
        assert b"".join(export) == b"row"
    export.close()
    assert desk(get("/admin/")).status_code == 200
