"""What is answered when something goes wrong outside of the views."""

import pytest
from django.test import Client, RequestFactory

from config.api import errors


def test_an_unknown_page_is_a_page() -> None:
    response = Client().get("/nowhere")
    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/notifications/nowhere", "/notifications"])
def test_an_unknown_address_of_the_api_has_no_body(path: str) -> None:
    response = Client().get(path)
    assert response.status_code == 404
    assert response.content == b""
    assert "Content-Type" not in response


def test_the_last_resort_speaks_json_to_programs_and_html_to_people() -> None:
    answer = errors.server_error(RequestFactory().get("/notifications/api/v1/orders"))
    assert answer.status_code == 500
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    assert b'"title":"An error occurred while processing your request."' in answer.content
    page = errors.server_error(RequestFactory().get("/admin/"))
    assert page.status_code == 500
    assert page["Content-Type"].startswith("text/html")
