"""Personal data is shown only for a case, and not before that is written down."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from back_office.audit import log, unmasking
from back_office.audit.grounds import Unfit
from back_office.models import StaffAction
from notifications.models import Notification
from orders.models import Creator
from tests.building import KARI, NOON, notification, processed_order

ADDRESS = "+4799999999"


pytestmark = pytest.mark.urls("tests.back_office.personal_page")


def staff_of(group: str) -> User:
    user = User.objects.create_user(f"{group}-anne", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


@pytest.fixture
def support(db: None) -> User:
    return staff_of("support")


@pytest.fixture
def row(ttd: Creator) -> Notification:
    return notification(processed_order(ttd), national_identity_number=KARI)


def answer(user: User, row: Notification, case: str | None = None) -> Any:
    """What the page's unmasked address answers: to a GET, or to a POST with the case."""
    address = f"/admin/notifications/notification/{row.pk}/unmasked/"
    client = Client()
    client.force_login(user)
    return client.get(address) if case is None else client.post(address, {"case_reference": case})


def usual_page(user: User, row: Notification) -> str:
    client = Client()
    client.force_login(user)
    page = client.get(f"/admin/notifications/notification/{row.pk}/change/")
    return page.content.decode()


def test_the_usual_page_holds_nothing_in_clear(support: User, row: Notification) -> None:
    page = usual_page(support, row)
    assert "+47 99 99 ** **" in page
    assert "018385*****" in page
    assert ADDRESS not in page
    assert KARI not in page


def test_asking_shows_nothing_yet(support: User, row: Notification) -> None:
    page = answer(support, row).content.decode()
    assert "case_reference" in page
    assert ADDRESS not in page
    assert not StaffAction.objects.exists()


def test_for_a_case_all_is_shown_and_written_down(support: User, row: Notification) -> None:
    page = answer(support, row, "INC0012345").content.decode()
    assert ADDRESS in page
    assert KARI in page
    assert "INC0012345" in page
    [noted] = StaffAction.objects.all()
    assert (noted.what, noted.staff, noted.staff_name) == ("Unmasked", support, "support-anne")
    assert (noted.subject_type, noted.subject_id) == ("notification", str(row.pk))
    assert noted.case_reference == "INC0012345"
    assert ADDRESS not in usual_page(support, row)


@pytest.mark.parametrize("case", ["", "  ", KARI, "kari@altinn.no"])
def test_without_a_case_nothing_is_shown(support: User, row: Notification, case: str) -> None:
    page = answer(support, row, case).content.decode()
    assert ADDRESS not in page
    assert not StaffAction.objects.exists()


@pytest.mark.parametrize("group", ["operator", "auditor"])
@pytest.mark.parametrize("case", [None, "INC0012345"])
def test_who_may_not_see_is_refused(row: Notification, group: str, case: str | None) -> None:
    assert answer(staff_of(group), row, case).status_code == 403
    assert not StaffAction.objects.exists()


def test_nothing_is_shown_if_it_cannot_be_written_down(
    support: User, row: Notification, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError("The disk is full.")

    monkeypatch.setattr(StaffAction, "save", full)
    with pytest.raises(OSError, match="disk"):
        answer(support, row, "INC0012345")


def test_the_rule_itself_asks_for_permission_and_case(db: None, support: User) -> None:
    about: Any = {"subject": StaffAction.Subject.ORDER, "subject_id": 1, "now": timezone.now()}
    with pytest.raises(Unfit):
        unmasking.open_for(support, case_reference=" ", **about)
    with pytest.raises(PermissionDenied):
        unmasking.open_for(staff_of("auditor"), case_reference="INC1", **about)
    assert not StaffAction.objects.exists()


def test_what_is_written_into_the_trail_names_nobody(support: User) -> None:

    line = log.record(
        StaffAction.What.HELD,
        by=log.Actor.of(support),
        why=log.Why(f"{KARI} called from +47 99887766", "kari@altinn.no"),
        subject=StaffAction.Subject.ORDER,
        now=NOON,
    )
    assert line.reason == "018385***** called from +47 99 88 ** **"
    assert line.case_reference == "k***@altinn.no"


def test_a_stranger_is_asked_to_log_in(client: Client, row: Notification) -> None:
    address = f"/admin/notifications/notification/{row.pk}/unmasked/"
    assert client.get(address).status_code == 302
