"""`manage.py resend` says what it would do and what it did, to people and to scripts."""

from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from back_office.models import StaffAction
from notifications.models import Notification, NotificationChannel, NotificationStatus
from notifications.resend import resend
from orders.models import Creator, Order
from script.launcher.system.simulators import Simulators
from tests.back_office.action_commands import REASON, run, run_json, run_refused
from tests.building import KARI, NOON, RAKEL_RESERVED, notification, processed_order

pytestmark = pytest.mark.django_db

S = NotificationStatus
DAY = timedelta(days=1)


@pytest.fixture
def completed(ttd: Creator) -> Order:
    return processed_order(ttd, S.FAILED, S.FAILED, S.DELIVERED, status="Completed")


def resends() -> int:
    return Notification.objects.exclude(resend_of=None).count()


def test_what_failed_of_an_order_is_resent(completed: Order) -> None:
    said = run("resend", "--order", completed.pk, *REASON)
    assert said.splitlines()[0] == "2 notifications are sent again."
    assert [line.split() for line in said.splitlines()[1:]] == [
        ["Chosen", "2"],
        ["Sent", "again", "2"],
    ]
    assert resends() == 2


def test_the_trail_names_the_account_of_the_operating_system(completed: Order) -> None:
    run("resend", "--order", completed.pk, *REASON)
    (began,) = StaffAction.objects.order_by("id")
    assert (began.staff, began.reason, began.case_reference) == (None, REASON[1], "SAK-17")
    assert began.staff_name
    assert (began.subject_type, began.subject_id) == ("order", str(completed.pk))
    assert began.ended.detail == {"made": 2, "refused": {}}


def test_a_dry_run_tells_and_changes_nothing(completed: Order, ttd: Creator) -> None:
    notification(completed, S.FAILED_TTL, sent_at=NOON)
    said = run("resend", "--order", completed.pk, "--dry-run")
    assert said.startswith(
        "Dry run: 3 new notifications will be created, each linked to the old one."
    )
    assert "May have arrived before" in said
    assert run_json("resend", "--order", completed.pk, "--dry-run") == {
        "dry_run": True,
        "chosen": 3,
        "planned": 3,
        "by_channel": {"Sms": 3},
        "may_have_arrived": 1,
        "refused": {},
    }
    assert resends() == 0
    assert not StaffAction.objects.exists()


def test_a_script_reads_what_was_refused(completed: Order) -> None:
    everything = [word for row in Notification.objects.all() for word in ("--notification", row.pk)]
    assert run_json("resend", *everything, *REASON) == {
        "dry_run": False,
        "chosen": 3,
        "made": 2,
        "refused": {"Delivered": 1},
    }
    assert run_json("resend", *everything, "--force", *REASON)["made"] == 3


def test_statuses_narrow_an_order_down(completed: Order) -> None:
    notification(completed, S.FAILED_TTL)
    assert (
        run_json("resend", "--order", completed.pk, "--status", "Failed_TTL", *REASON)["made"] == 1
    )
    delivered = ("resend", "--order", completed.pk, "--status", "Delivered", *REASON)
    assert "It has already been delivered." in run_refused(*delivered)
    assert run_json(*delivered, "--force")["made"] == 1


def test_what_failed_of_a_service_owners_in_a_period_is_resent(
    ttd: Creator, skd: Creator, completed: Order
) -> None:
    for days in (1, 2, 3):
        notification(completed, S.FAILED_BARRED_RECEIVER, now=NOON + days * DAY)
    notification(processed_order(skd), S.FAILED, now=NOON + DAY)
    period = ("--since", "2025-08-26", "--until", "2025-08-28T00:00")
    done = run_json("resend", "--creator", "ttd", *period, *REASON)
    assert (done["chosen"], done["made"]) == (2, 2)
    line = StaffAction.objects.order_by("id")[0]
    assert (line.subject_type, line.subject_id) == ("creator", str(ttd.pk))


def test_moments_without_an_offset_are_norwegian(completed: Order) -> None:
    notification(completed, S.FAILED_TTL, now=NOON + DAY)  # 12:00 by Norwegian clocks
    after = ("resend", "--creator", "ttd", "--since", "2025-08-26T12:01", "--dry-run")
    assert "No such notifications were found." in run_refused(*after)
    assert run_json(*after[:-2], "2025-08-26T12:00", "--dry-run")["planned"] == 1
    assert run_json(*after[:-2], "2025-08-26T12:00+02:00", "--dry-run")["planned"] == 1


def test_a_corrected_address_and_a_reservation(ttd: Creator, simulators: Simulators) -> None:
    old = notification(
        processed_order(ttd, status="Completed"),
        S.FAILED_RECIPIENT_RESERVED,
        national_identity_number=RAKEL_RESERVED,
    )
    words = ("resend", "--notification", old.pk, "--to", "912 34 567", *REASON)
    assert "The recipient is reserved" in run_refused(*words)
    run(*words, "--override-reservation")
    assert Notification.objects.get(resend_of=old).normalized_address == "+4791234567"


def test_what_expired_in_a_pause_is_resent(ttd: Creator) -> None:
    run("pause_channel", "Sms", *REASON)
    made = processed_order(ttd, status="Completed")
    began = StaffAction.objects.get().when
    notification(made, S.FAILED_TTL, now=began + timedelta(seconds=1))
    notification(made, S.FAILED_TTL, now=began - DAY)
    done = run_json("resume_channel", "sms", *REASON)
    assert (done["pauses"], done["expired"]) == (1, 1)
    assert run_json("resend", "--expired-in-pause", "Sms", *REASON)["made"] == 1
    assert run_refused("resend", "--expired-in-pause", "Email", *REASON)


def test_a_register_that_is_down_is_a_clear_error(ttd: Creator, simulators: Simulators) -> None:
    old = notification(processed_order(ttd), S.FAILED, national_identity_number=KARI)
    simulators.fault("profile", "error500")
    with pytest.raises(CommandError, match=r"Profile is unavailable.*begin again later"):
        run("resend", "--notification", old.pk, *REASON)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "Give one of --notification, --order, --creator"),
        (["--order", uuid4(), "--creator", "ttd"], "Give one of"),
        (["--order", "7"], "7 is no id."),
        (["--order", uuid4()], "There is no order"),
        (["--notification", uuid4()], "There is no notification"),
        (["--creator", "nav", "--since", "2025-01-01"], "There is no service owner nav."),
        (["--creator", "ttd"], "--creator needs --since."),
        (["--creator", "ttd", "--since", "noon"], "noon is no time"),
        (["--creator", "ttd", "--since", "2025-01-01", "--status", "Delivered"], "needs --order"),
        (["--notification", uuid4(), "--since", "2025-01-01"], "go with --creator"),
        (["--expired-in-pause", "Fax"], "The channel is Sms or Email."),
    ],
)
def test_what_cannot_be_meant_is_said(ttd: Creator, words: list[object], complaint: str) -> None:
    with pytest.raises(CommandError, match=complaint):
        run("resend", *words, *REASON)


def test_a_reason_is_needed(completed: Order) -> None:
    with pytest.raises(CommandError, match="Give a --reason"):
        run("resend", "--order", completed.pk)
    assert resends() == 0


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_grows_on_a_terminal_only(completed: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resend, "BATCH", 1)
    monkeypatch.setattr("back_office.actions.resend.resend.BATCH", 1)
    shown = Terminal()
    call_command("resend", "--order", str(completed.pk), *REASON, stdout=StringIO(), stderr=shown)
    assert "[###############...............] 1 of 2" in shown.getvalue()
    assert "[##############################] 2 of 2" in shown.getvalue()
    log = StringIO()
    notification(completed, S.FAILED, channel=NotificationChannel.SMS)
    call_command("resend", "--order", str(completed.pk), *REASON, stdout=StringIO(), stderr=log)
    assert log.getvalue() == ""
