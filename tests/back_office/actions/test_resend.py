"""What failed is sent again by a page that tells before what it will do, and it is audited."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management.base import CommandError

from back_office.actions.resend import resend
from back_office.actions.resend.resend import Resend
from back_office.audit.log import Subjects
from back_office.models import ActionOutcome, StaffAction
from notifications.models import Notification, NotificationStatus
from notifications.resend.eligibility import Terms
from orders.models import Creator, Order
from recipients.registers import RegisterUnavailable
from runtime import clock
from script.launcher.system.simulators import Simulators
from tests.back_office.action_commands import run
from tests.back_office.actions.conftest import (
    ANNE,
    WHY,
    LogIn,
    change_page_of,
    list_of,
    page_of,
    selection_of,
)
from tests.building import KARI, NOON, OLA, RAKEL_RESERVED, notification, processed_order

S = NotificationStatus
MESSAGE = "notifications_notification"
ORDER = "orders_order"


@pytest.fixture
def completed(ttd: Creator) -> Order:
    return processed_order(ttd, status="Completed")


def resends() -> list[Any]:
    rows = Notification.objects.exclude(resend_of=None).order_by("id")
    return list(rows.values_list("resend_of", flat=True))


def lines() -> list[StaffAction]:
    return list(StaffAction.objects.order_by("id"))


# The action


def test_the_audit_log_tells_who_why_what_and_how_it_ended(completed: Order) -> None:
    failed, arrived = notification(completed, S.FAILED), notification(completed, S.DELIVERED)
    done = resend.run(
        [failed.pk, arrived.pk],
        terms=Terms(),
        of=Subjects.orders([completed.pk]),
        by=ANNE,
        why=WHY,
        now=NOON,
    )
    assert done.figures == {"chosen": 2, "made": 1, "refused": {"Delivered": 1}}
    (began,) = lines()
    assert (began.what, began.staff_name, began.reason) == ("Resent", "anne", WHY.reason)
    assert (began.subject_type, began.subject_id) == ("order", str(completed.pk))
    assert began.case_reference == "SAK-17"
    assert began.detail == {
        "chosen": 2,
        "to_other_address": False,
        "force": False,
        "override_reservation": False,
    }
    assert began.ended.detail == {"made": 1, "refused": {"Delivered": 1}}


def test_a_deed_cut_off_is_in_the_audit_log_without_its_outcome(
    completed: Order, simulators: Simulators
) -> None:
    failed = notification(completed, S.FAILED, national_identity_number=KARI)
    simulators.fault("profile", "error500")
    with pytest.raises(RegisterUnavailable):
        resend.run(
            [failed.pk],
            terms=Terms(),
            of=Subjects.orders([completed.pk]),
            by=ANNE,
            why=WHY,
            now=NOON,
        )
    assert len(lines()) == 1
    assert not ActionOutcome.objects.exists()


def test_one_line_names_each_notification_that_is_resent_and_their_order(completed: Order) -> None:
    failed = [notification(completed, S.FAILED) for _number in range(2)]
    arrived = notification(completed, S.DELIVERED)
    chosen = [*failed, arrived]
    resend.run([one.pk for one in chosen], terms=Terms(), by=ANNE, why=WHY, now=NOON)
    (line,) = lines()
    named = list(line.subjects.order_by("id").values_list("subject_type", "subject_id"))
    resent = [("notification", str(pk)) for pk in sorted(one.pk for one in failed)]
    assert named == [*resent, ("order", str(completed.pk))]


def test_the_corrected_address_is_not_in_the_audit_log(completed: Order) -> None:
    failed = notification(completed, S.FAILED)
    resend.run([failed.pk], terms=Terms("+4791234567"), by=ANNE, why=WHY, now=NOON)
    assert Notification.objects.get(resend_of=failed).address == "+4791234567"
    assert lines()[0].detail["to_other_address"] is True
    assert "91234567" not in str([line.__dict__ for line in lines()])


def test_progress_is_told(completed: Order) -> None:
    failed = [notification(completed, S.FAILED).pk for _number in range(3)]
    told: list[int] = []
    resend.run(failed, terms=Terms(), by=ANNE, why=WHY, now=NOON, progress=told.append)
    assert told == [3]


def test_the_registers_are_asked_once(completed: Order, simulators: Simulators) -> None:
    failed = notification(completed, S.FAILED, national_identity_number=KARI)
    done = resend.run([failed.pk], terms=Terms(), by=ANNE, why=WHY, now=NOON)
    assert done.success
    assert len(simulators.calls("profile")) == 1


def test_what_was_resent_while_the_page_was_read_is_not_resent_again(
    completed: Order, simulators: Simulators
) -> None:
    failed = notification(completed, S.FAILED, national_identity_number=KARI)
    told = resend.preview([failed.pk], terms=Terms(), now=NOON)
    first = resend.run([failed.pk], terms=Terms(), by=ANNE, why=WHY, now=NOON)
    second = resend.run([failed.pk], terms=Terms(), by=ANNE, why=WHY, now=NOON)
    assert (told.possible, first.success, second.success) == (True, True, False)
    assert resends() == [failed.pk]
    assert len(lines()) == 1  # of the first


# The pages


def test_support_resends_a_failed_sms(log_in: LogIn, completed: Order) -> None:
    """The whole way: from the message's page to the new row and back."""
    failed = notification(completed, S.FAILED_BARRED_RECEIVER)
    desk = log_in("support")
    page = page_of(MESSAGE, failed.pk, "resend")
    assert page in desk.read(change_page_of(MESSAGE, failed.pk))
    assert "1 new notification will be created, linked to the old one." in desk.read(page)
    assert not resends()
    after = desk.confirm(page)
    assert "1 notification is sent again." in after
    new = Notification.objects.get(resend_of=failed.pk)
    assert str(new.pk) in after
    assert "data-live" in after
    assert "Resent by support" in desk.read(change_page_of(MESSAGE, failed.pk))
    assert resends() == [failed.pk]
    completed.refresh_from_db()
    assert completed.status == "Processed"
    # What took its place is on its way.
    assert (
        "It has been resent, and the new notification is on its way or has arrived."
        in desk.read(page)
    )


def test_nothing_is_done_without_a_reason(log_in: LogIn, completed: Order) -> None:
    failed = notification(completed, S.FAILED)
    desk = log_in("support")
    page = page_of(MESSAGE, failed.pk, "resend")
    assert "This field is required." in desk.send(page, reason=" ", shown="{}")
    assert "Name the case, not the person" in desk.send(page, reason=f"For {KARI}", shown="{}")
    assert not resends()


def test_a_choice_that_changes_what_happens_is_told_before_it_is_done(
    log_in: LogIn, completed: Order
) -> None:
    failed = notification(completed, S.FAILED)
    desk = log_in("support")
    page = page_of(MESSAGE, failed.pk, "resend")
    asked = desk.send(page, shown="{}", to_address="this is none")
    assert "Your choices change what will happen." in asked
    assert "The corrected address is not a mobile number that can receive SMS." in asked
    assert not resends()
    desk.confirm(page, to_address="912 34 567")
    assert Notification.objects.get(resend_of=failed).normalized_address == "+4791234567"


def test_force_is_for_those_who_may(log_in: LogIn, completed: Order) -> None:
    arrived = notification(completed, S.DELIVERED)
    desk = log_in("support")
    page = page_of(MESSAGE, arrived.pk, "resend")
    before = desk.read(page)
    assert "It has already been delivered." in before
    assert 'name="force"' not in before
    desk.confirm(page, force="on")
    assert not resends()


def test_who_may_force_resends_what_was_delivered(log_in: LogIn, completed: Order) -> None:
    arrived = notification(completed, S.DELIVERED)
    desk = log_in("support", "resend_delivered")
    page = page_of(MESSAGE, arrived.pk, "resend")
    assert "1 notification is sent again." in desk.confirm(page, force="on")
    assert lines()[0].detail["force"] is True


def test_a_reservation_is_overridden_by_those_who_may(
    log_in: LogIn, completed: Order, simulators: Simulators
) -> None:
    reserved = notification(
        completed,
        S.FAILED_RECIPIENT_RESERVED,
        national_identity_number=RAKEL_RESERVED,
        address="",
        normalized_address="",
    )
    desk = log_in("support", "override_reservation")
    page = page_of(MESSAGE, reserved.pk, "resend")
    assert "The recipient is reserved against digital communication." in desk.read(page)
    desk.confirm(page, override_reservation="on", to_address="+4791234567")
    assert resends() == [reserved.pk]


def test_the_page_tells_the_text_both_addresses_and_how_old_it_is(
    log_in: LogIn, completed: Order
) -> None:
    Order.objects.filter(pk=completed.pk).update(created=clock.now() - timedelta(days=4, hours=1))
    failed = notification(completed, S.FAILED)
    page = log_in("support").read(page_of(MESSAGE, failed.pk, "resend"))
    assert "It was ordered 4 days ago. Is what it says still true?" in page
    assert "(the same address)" in page
    assert completed.sms_body is not None
    assert completed.sms_body in page
    assert "99999999" not in page


def test_a_register_that_is_down_is_told(
    log_in: LogIn, completed: Order, simulators: Simulators
) -> None:
    failed = notification(completed, S.FAILED, national_identity_number=KARI)
    simulators.fault("profile", "error500")
    desk = log_in("support")
    page = page_of(MESSAGE, failed.pk, "resend")
    assert "Nothing can be told now: Profile is unavailable" in desk.read(page)
    assert "Nothing was sent again: Profile is unavailable" in desk.send(page, shown="{}")
    assert not resends()


def test_all_failed_notifications_of_an_order_are_resent(log_in: LogIn, completed: Order) -> None:
    failed = [notification(completed, S.FAILED).pk for _number in range(3)]
    notification(completed, S.DELIVERED)
    desk = log_in("support")
    page = page_of(ORDER, completed.pk, "resend-failed")
    assert "3 new notifications will be created" in desk.read(page)
    after = desk.confirm(page)
    assert after.count("Resent by support") == 1  # the line of its outcome is not another action
    assert resends() == sorted(failed)
    assert lines()[0].subject_id == str(completed.pk)


def test_notifications_chosen_in_the_list_travel_in_the_body(
    log_in: LogIn, completed: Order
) -> None:
    chosen = [notification(completed, S.FAILED).pk for _number in range(2)]
    notification(completed, S.FAILED)
    desk = log_in("support")
    listed = desk.client.post(
        list_of(MESSAGE) + "?period=any",
        {"action": "resend", "_selected_action": chosen, "index": "0"},
    )
    assert "2 new notifications will be created" in listed.content.decode()
    ids, page = listed.context["ids"], listed.context["action_url"]
    assert page == selection_of(MESSAGE, "resend")
    assert sorted(ids.split(",")) == sorted(map(str, chosen))
    after = desk.send(
        page, ids=ids, shown=listed.context["shown"], filters=listed.context["filters"]
    )
    assert "2 notifications are sent again." in after
    assert sorted(resends()) == sorted(chosen)


def test_a_whole_page_may_be_meant_for_all_that_the_filters_leave(
    log_in: LogIn, ttd: Creator
) -> None:
    order = processed_order(ttd, *[S.FAILED] * 101)
    other = processed_order(ttd, S.FAILED)
    desk = log_in("support")
    shown = list(Notification.objects.filter(order=order).values_list("pk", flat=True)[:100])
    listed = desk.client.post(
        f"{list_of(MESSAGE)}?order={order.pk}&period=any",
        {"action": "resend", "_selected_action": shown, "index": "0"},
    )
    assert "Take all rows that the filters leave" in listed.content.decode()
    filters = listed.context["filters"]
    everything = desk.client.post(listed.context["action_url"], {"all": "1", "filters": filters})
    ids = everything.context["ids"].split(",")
    assert len(ids) == 101
    assert str(other.pk) not in ids
    after = desk.send(listed.context["action_url"], ids=",".join(ids), shown="{}")
    assert "101 notifications are sent again." in after


def test_more_than_a_page_can_do_is_left_to_the_command(
    log_in: LogIn, completed: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Resend, "max_rows", 1)
    chosen = [notification(completed, S.FAILED).pk for _number in range(2)]
    desk = log_in("support")
    page = selection_of(MESSAGE, "resend")
    told = desk.send(page, ids=",".join(map(str, chosen)), shown="{}")
    assert "More than 1 are chosen" in told
    assert "manage.py resend" in told
    assert not resends()


def test_who_may_not_is_shown_no_button_and_refused(log_in: LogIn, completed: Order) -> None:
    failed = notification(completed, S.FAILED)
    desk = log_in("auditor")
    assert "Send again" not in desk.read(change_page_of(MESSAGE, failed.pk))
    assert 'value="resend"' not in desk.read(list_of(MESSAGE) + "?period=any")
    page = page_of(MESSAGE, failed.pk, "resend")
    assert desk.status(page) == 403
    assert desk.status(page, reason="x", shown="{}") == 403
    selection = selection_of(MESSAGE, "resend")
    assert desk.status(selection, ids=str(failed.pk), reason="x", shown="{}") == 403
    assert not resends()


def test_ids_that_are_none_are_not_found(log_in: LogIn, completed: Order) -> None:
    desk = log_in("support")
    assert desk.status(selection_of(MESSAGE, "resend"), ids="1;DROP", reason="x") == 404
    assert desk.status(page_of(MESSAGE, completed.pk, "resend")) == 404
    assert desk.status(page_of(MESSAGE, completed.pk, "explode")) == 404


# Attack A3: to read a message on a telephone of one's own


def test_attack_a3_who_may_not_see_may_not_send_elsewhere(
    completed: Order, log_in: LogIn, simulators: Simulators
) -> None:
    old, desk = notification(completed, S.FAILED), log_in("operator")
    page = page_of(MESSAGE, old.pk, "resend")
    assert "to_address" not in desk.read(page)
    desk.confirm(page, to_address="+4791234567")
    assert not Notification.objects.filter(normalized_address="+4791234567").exists()


def test_elsewhere_needs_a_case(completed: Order, log_in: LogIn, simulators: Simulators) -> None:
    old, desk = notification(completed, S.FAILED), log_in("support")
    page = page_of(MESSAGE, old.pk, "resend")
    shown = '{"to_address": "+4791234567"}'
    asked = desk.send(page, shown=shown, to_address="+4791234567", case_reference="")
    assert "Give the reference of the case that this is for." in asked
    assert not resends()


def test_it_says_whose_the_address_has_been(
    completed: Order, log_in: LogIn, simulators: Simulators
) -> None:
    theirs: dict[str, Any] = {"address": "+4791234567", "normalized_address": "+4791234567"}
    notification(completed, S.DELIVERED, national_identity_number=OLA, **theirs)
    old = notification(completed, S.FAILED, national_identity_number=KARI)
    desk = log_in("support")
    page = page_of(MESSAGE, old.pk, "resend")
    asked = desk.send(page, to_address="91234567")
    assert "Others were reached at this address (1): 178578*****" in asked
    for shown in ("+47 99 99 ** **", "+47 91 23 ** **", "Notifications to it before"):
        assert shown in asked
    assert OLA not in asked


def test_it_says_that_the_address_is_a_colleagues(
    ttd: Creator, log_in: LogIn, simulators: Simulators
) -> None:
    desk = log_in("support")
    User.objects.filter(pk=desk.user.pk).update(email="anne@desk.no")
    old = notification(processed_order(ttd, status="Completed"), S.FAILED_BOUNCED, channel="Email")
    page = page_of(MESSAGE, old.pk, "resend")
    asked = desk.send(page, to_address="Anne@desk.no")
    assert "This is the address of an account of the desk." in asked


def test_the_audit_log_says_from_where_to_where(
    completed: Order, log_in: LogIn, simulators: Simulators
) -> None:
    old, desk = notification(completed, S.FAILED), log_in("support")
    desk.confirm(page_of(MESSAGE, old.pk, "resend"), to_address="+4791234567")
    assert resends() == [old.pk]
    for line in lines():
        assert (line.detail["from"], line.detail["to"]) == ("+47 99 99 ** **", "+47 91 23 ** **")
        assert line.case_reference == "SAK-17"


def test_a_command_sends_elsewhere_for_a_case_only(completed: Order) -> None:
    old = notification(completed, S.FAILED)
    words = ("resend", "--notification", old.pk, "--to", "+4791234567", "--reason", "Moved")
    with pytest.raises(CommandError, match="case"):
        run(*words)
    assert not resends()
    run(*words, "--case", "SAK-17")
    assert lines()[0].detail["to"] == "+47 91 23 ** **"
