"""The description's page is read, and answers any other method as every address does."""

import pytest
from django.test import Client

PAGE = "/swagger/"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "ODD"])
def test_another_method_is_an_empty_405(client: Client, method: str) -> None:
    answer = client.generic(method, PAGE)
    assert (answer.status_code, answer.content) == (405, b"")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_it_is_read(client: Client, method: str) -> None:
    assert client.generic(method, PAGE).status_code == 200
