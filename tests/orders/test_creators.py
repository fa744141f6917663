"""Service owners are known by name, made on first sight, and may be shut out."""

import threading
from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from orders import creators
from orders.creators import Caller, NotAServiceOwner, speaking_for
from orders.models import Creator


@pytest.fixture(autouse=True)
def _nobody_known_yet() -> Iterator[None]:
    creators.known.clear()
    yield
    creators.known.clear()


@pytest.mark.django_db
def test_a_service_owner_is_made_on_first_sight() -> None:
    assert speaking_for(Caller("nav")) == Creator.objects.get(short_name="nav")


@pytest.mark.django_db
def test_a_known_one_is_found_and_costs_no_query_the_second_time(
    ttd: Creator, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        assert speaking_for(Caller("ttd")) == ttd
    with django_assert_num_queries(0):
        assert speaking_for(Caller("ttd")) == ttd


@pytest.mark.django_db
def test_names_differ_by_case(ttd: Creator) -> None:
    assert speaking_for(Caller("TTD")) != ttd


@pytest.mark.parametrize("name", ["", " ", "\t"])
def test_who_has_no_name_owns_no_service(name: str) -> None:
    with pytest.raises(NotAServiceOwner):
        speaking_for(Caller(name))


@pytest.mark.django_db
def test_an_inactive_one_is_shut_out_within_seconds(
    ttd: Creator, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert speaking_for(Caller("ttd")) == ttd
    Creator.objects.update(is_active=False)
    assert speaking_for(Caller("ttd")) == ttd
    monkeypatch.setattr(creators, "REMEMBERED_FOR", 0.0)
    creators.known.clear()
    for _ in range(2):
        with pytest.raises(NotAServiceOwner):
            speaking_for(Caller("ttd"))
    Creator.objects.update(is_active=True)
    assert speaking_for(Caller("ttd")) == ttd


@pytest.mark.django_db(transaction=True)
def test_two_first_orders_at_once_make_one_service_owner() -> None:
    found: list[int] = []
    together = threading.Barrier(8)

    def come() -> None:
        together.wait()
        found.append(speaking_for(Caller("nav")).pk)
        connection.close()

    threads = [threading.Thread(target=come) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [Creator.objects.get().pk] * 8
