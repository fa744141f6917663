"""What one test commits no other sees, and what it changes of the first rows comes back."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django_celery_beat.models import PeriodicTask

from back_office.audit.log import Actor, Why, record
from back_office.models import StaffAction
from orders.models import Creator
from tests.building import NOON
from tests.emptying import MANY, Beginning

CreatorEvent = apps.get_model("orders", "CreatorEvent")


def commit() -> None:
    """Rows that refer to others, that refuse to go, and that a trigger writes."""
    User.objects.create_user("kari").groups.add(Group.objects.get(name="support"))
    Creator.objects.create(short_name="ttd")
    record(
        StaffAction.What.UNMASKED,
        by=Actor("kari"),
        why=Why("", "SAK-1"),
        subject=StaffAction.Subject.ORDER,
        now=NOON,
    )


def nothing_is_left() -> bool:
    left = (User, Creator, CreatorEvent, StaffAction)
    return not any(model.objects.exists() for model in left)


@pytest.mark.django_db(transaction=True)
def test_what_was_committed_is_gone_and_the_first_rows_stay() -> None:
    beginning = Beginning()
    groups = set(Group.objects.values_list("pk", "name"))
    commit()
    assert CreatorEvent.objects.exists()
    assert beginning.is_restored()
    assert nothing_is_left()
    assert set(Group.objects.values_list("pk", "name")) == groups


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_first_rows_that_are_changed_come_back(turn: str) -> None:
    beginning = Beginning()
    assert nothing_is_left()
    commit()
    assert PeriodicTask.objects.filter(enabled=True).update(enabled=False)
    Group.objects.all().delete()
    assert not beginning.is_restored()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_many_rows_go_the_long_way(turn: str) -> None:
    beginning = Beginning()
    assert nothing_is_left()
    Creator.objects.bulk_create(Creator(short_name=f"c{n}") for n in range(MANY + 1))
    assert not beginning.is_restored()
