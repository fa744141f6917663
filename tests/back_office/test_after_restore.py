"""`manage.py after_restore`: what may have left, what is known of it, and what is decided."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import CommandError
from time_machine import TimeMachineFixture

from back_office.actions import after_restore as action
from back_office.models import ActionSubject, StaffAction
from dispatch.models import ChannelPause, DeliveryReport
from dispatch.reports import delivery_reports
from dispatch.reports.delivery_reports import ReceivedReport
from dispatch.upkeep import sweep
from dispatch.upkeep.after_restore import LEFT_BEFORE_RESTORE
from notifications.expiry import GRACE
from notifications.models import (
    Notification,
    NotificationChannel,
    NotificationStatus,
    StatusFeedEntry,
)
from orders.models import Channel, Creator, Order, OrderType
from tests.back_office.action_commands import REASON, run, run_json
from tests.building import NOON, notification, order, processed_order

SMS, EMAIL = NotificationChannel.SMS, NotificationChannel.EMAIL
S = NotificationStatus
MINUTE = timedelta(minutes=1)
RESTORED_TO = NOON + MINUTE
CRASH = NOON + 30 * MINUTE
NOW = NOON + 60 * MINUTE
COMMAND = ("after_restore", "--since", RESTORED_TO.isoformat(), "--until", CRASH.isoformat())

# Each decision is a transaction of its own.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _after_the_restore(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def sms(ttd: Creator) -> Order:
    return processed_order(ttd)


@pytest.fixture
def mail(ttd: Creator) -> Order:
    return processed_order(ttd, channel=Channel.EMAIL)


def reported(channel: NotificationChannel, reference: str, receiver: str = "") -> None:
    """Came after the restore; its notification was not found."""
    said = {"receiver": receiver}
    report = ReceivedReport(channel, reference, S.DELIVERED, said)
    delivery_reports.store(reports=[report], now=NOW)
    DeliveryReport.objects.update(state="Dead", reason=delivery_reports.NOT_FOUND)


def state_of(row: Notification) -> tuple[str, bool]:
    row.refresh_from_db()
    return row.status, row.finished_at is not None


def decisions() -> list[tuple[str, str]]:
    """Of each notification that an audit entry names."""
    entries = StaffAction.objects.filter(what="Restored", subject_type="notification")
    alone = [(entry.subject_id, entry.detail) for entry in entries if entry.subject_id]
    together = ActionSubject.objects.filter(action__in=entries, subject_type="notification")
    named = together.values_list("subject_id", "action__detail")
    return sorted((subject, detail["decision"]) for subject, detail in [*alone, *named])


def test_without_a_reason_nothing_is_changed(sms: Order) -> None:
    notification(sms)
    for words in ((), ("--sent",), ("--stop", "--dry-run", *REASON)):
        found = run_json(*COMMAND, *words)
        assert (found["dry_run"], found["undecided"]) == (True, 1)
    assert run(*COMMAND).startswith("Dry run: 1 notifications may have left after the restored")
    assert not StaffAction.objects.exists()
    assert not ChannelPause.objects.exists()


@pytest.mark.parametrize(
    ("of_order", "of_it", "may_have_left"),
    [
        ({}, {}, True),
        ({}, {"status": S.SENDING}, True),
        ({}, {"created": NOW}, True),  # made anew after the restore
        ({}, {"is_held": True}, True),  # it may have been released in the lost time
        ({"requested_send_time": CRASH}, {}, True),
        ({"requested_send_time": CRASH + MINUTE}, {}, False),
        ({"now": CRASH + MINUTE}, {}, False),  # ordered after the restore
        ({}, {"status": S.ACCEPTED}, False),
        ({}, {"status": S.FAILED}, False),
        ({"type": OrderType.INSTANT}, {"status": S.SENDING}, False),  # never sent again
    ],
)
def test_what_may_have_left(
    ttd: Creator, of_order: dict[str, Any], of_it: dict[str, Any], may_have_left: bool
) -> None:
    notification(processed_order(ttd, **of_order), **of_it)
    assert run_json(*COMMAND)["undecided"] == may_have_left


def test_what_the_send_window_kept_all_the_time_cannot_have_left(
    sms: Order, settings: LazySettings
) -> None:
    notification(sms)
    notification(sms, policy="Anytime")
    settings.SMS_SEND_WINDOW = "20:00-22:00"
    assert run_json(*COMMAND)["undecided"] == 1


def test_a_resend_of_after_the_restore_cannot_have_left(sms: Order) -> None:
    failed = notification(sms, S.FAILED)
    notification(sms, resend_of=failed)
    notification(sms, resend_of=failed, created=NOW)
    assert run_json(*COMMAND)["undecided"] == 1


def test_the_first_run_pauses_both_channels_and_has_the_feed_go_on_above_lost_numbers(
    ttd: Creator, sms: Order
) -> None:
    order(ttd)
    notification(sms)
    before = StatusFeedEntry.objects.create(
        creator=ttd, order=sms, status="Completed", recipients=[], created=NOON
    ).pk
    assert "Let workers process the orders" in run(*COMMAND, *REASON)
    pauses = ChannelPause.objects.filter(cause="Person").values_list("channel", flat=True)
    assert set(pauses) == {"Sms", "Email"}
    run("after_restore", "--since", RESTORED_TO.isoformat(), *REASON)
    [begun] = StaffAction.objects.filter(what="Restored")
    assert begun.detail["until"] == CRASH.isoformat()
    goes_on = StatusFeedEntry.objects.create(
        creator=ttd, order=sms, status="Completed", recipients=[], created=NOW, round=2
    ).pk
    assert goes_on == begun.detail["feed_goes_on_after"] + 1 > before + 800_000
    # Later runs know when the lost time ended.
    seen = run_json("after_restore", "--since", RESTORED_TO.isoformat())
    assert (seen["until"], seen["to_expand"]) == (CRASH.isoformat(), 1)


def test_what_a_report_names_has_left_and_the_report_finds_it(mail: Order) -> None:
    left, other = notification(mail), notification(mail)
    reported(EMAIL, f"{left.pk}@altinn.cloud")
    run(*COMMAND, *REASON)
    assert state_of(left) == (S.SUCCEEDED, True)
    assert state_of(other) == (S.NEW, False)
    delivery_reports.apply_due(now=NOW)
    assert state_of(left) == (S.DELIVERED, True)
    assert decisions() == [(str(left.pk), "sent")]


def test_what_the_gateways_list_names_has_left(sms: Order, tmp_path: Path) -> None:
    by_id, by_reference, other = (
        notification(sms),
        notification(sms, gateway_reference="A-1"),
        notification(sms),
    )
    taken = tmp_path / "taken.csv"
    taken.write_text(f"4799999999;{str(by_id.pk).upper()};OK\nA-1\n\nA-12\n")
    assert run_json(*COMMAND, "--references", taken)["left"] == 2
    found = run_json(*COMMAND, *REASON, "--references", taken)
    assert found["still_undecided"] == 1
    for row in (by_id, by_reference):
        assert state_of(row) == (S.ACCEPTED, False)
        assert (row.sent_at, row.reason) == (CRASH, LEFT_BEFORE_RESTORE)
    assert state_of(other) == (S.NEW, False)
    with pytest.raises(CommandError, match="cannot be read"):
        run(*COMMAND, "--references", tmp_path / "nowhere")


def test_a_report_on_the_same_receiver_is_proof_of_nothing_but_can_be_decided_on(
    sms: Order,
) -> None:
    likely, one, other, silent = (
        notification(sms, normalized_address=f"+479000000{number}") for number in (1, 2, 2, 3)
    )
    reported(SMS, "R-1", "4790000001")
    reported(SMS, "R-2", "4790000002")
    found = run_json(*COMMAND, *REASON)
    assert (found["left"], found["likely"], found["still_undecided"]) == (0, 1, 4)
    run(*COMMAND, *REASON, "--sent", "--same-receiver")
    delivery_reports.apply_due(now=NOW)
    assert state_of(likely) == (S.DELIVERED, True)
    assert {state_of(row)[0] for row in (one, other, silent)} == {S.NEW}


def test_an_sms_that_left_waits_for_its_report_and_ends_with_what_is_known(sms: Order) -> None:
    left = notification(sms)
    run(*COMMAND, *REASON, "--sent")
    assert state_of(left) == (S.ACCEPTED, False)
    sweep.expire(now=NOON + timedelta(hours=48) + GRACE + MINUTE)
    assert state_of(left) == (S.FAILED_TTL, True)
    assert left.reason == LEFT_BEFORE_RESTORE


def test_each_decision_is_kept_once_and_later_ones_take_the_rest(
    skd: Creator, sms: Order, mail: Order
) -> None:
    sent, stopped = notification(mail), notification(processed_order(skd))
    send = notification(sms, S.SENDING)
    assert run_json(*COMMAND, *REASON, "--sent", "--channel", "Email")["chosen"] == 1
    assert run_json(*COMMAND, *REASON, "--stop", "--creator", "skd")["chosen"] == 1
    assert run_json(*COMMAND, *REASON, "--send", "--order", sms.pk)["chosen"] == 1
    told = run(*COMMAND, *REASON, "--stop")
    assert "Nothing is undecided. Both channels are paused: go on with resume_channel." in told
    assert state_of(sent) == (S.SUCCEEDED, True)
    assert state_of(stopped) == (S.FAILED, True)
    assert stopped.is_uncertain
    assert stopped.reason.endswith(f"nobody knows whether it had left before: {REASON[1]}")
    assert state_of(send) == (S.SENDING, False)
    assert decisions() == sorted(
        [(str(sent.pk), "sent"), (str(stopped.pk), "stop"), (str(send.pk), "send")]
    )


def test_cut_off_half_way_it_goes_on_where_it_was(
    sms: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        notification(sms)
    monkeypatch.setattr(action, "BATCH", 2)

    def interrupted(self: object, done: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("dispatch.management.progress.Progress.show", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(*COMMAND, *REASON, "--stop")
    assert Notification.objects.filter(status=S.FAILED).count() == len(decisions()) == 2
    assert run_json(*COMMAND, *REASON, "--stop")["chosen"] == 3
    assert len(decisions()) == 5
    sms.refresh_from_db()
    assert sms.status == "Completed"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--channel", "Sms"), "go with --sent"),
        (("--until", NOON.isoformat()), "--since comes before --until"),
        (("--until", (NOW + MINUTE).isoformat()), "neither is in the future"),
        (("--sent", "--creator", "nobody"), "no service owner nobody"),
    ],
)
def test_what_makes_no_sense_is_refused(words: tuple[str, ...], why: str) -> None:
    with pytest.raises(CommandError, match=why):
        run(*COMMAND, *words, *REASON)
    assert not ChannelPause.objects.exists()
