"""Operators give dead delivery reports their tries again."""

import pytest

from back_office.actions import replay_reports
from back_office.models import StaffAction
from dispatch.models import DeliveryReport
from tests.back_office.actions.conftest import (
    ANNE,
    WHY,
    LogIn,
    change_page_of,
    list_of,
    page_of,
    selection_of,
)
from tests.building import NOON

REPORT = "dispatch_deliveryreport"

pytestmark = pytest.mark.django_db


def report(state: str = "Dead", channel: str = "Sms") -> DeliveryReport:
    return DeliveryReport.objects.create(
        channel=channel,
        reference="42",
        status="Delivered",
        report={},
        received=NOON,
        state=state,
        attempts=7,
        next_attempt_at=NOON,
        reason="No notification has this reference.",
    )


def waiting() -> list[int]:
    return list(DeliveryReport.objects.filter(state="Waiting").values_list("pk", flat=True))


def test_each_replayed_report_has_its_line() -> None:
    dead, applied = report(), report("Applied")
    done = replay_reports.run([dead.pk, applied.pk], by=ANNE, why=WHY, now=NOON)
    assert done.figures == {"count": 1, "others": 1}
    assert waiting() == [dead.pk]
    line = StaffAction.objects.get()
    assert (line.what, line.subject_type, line.subject_id) == ("Replayed", "report", str(dead.pk))


def test_all_dead_ones_are_one_line() -> None:
    for channel in ("Sms", "Email"):
        report(channel=channel)
    assert len(replay_reports.dead()) == 2
    replay_reports.run(replay_reports.dead(), all_dead=True, by=ANNE, why=WHY, now=NOON)
    line = StaffAction.objects.get()
    assert (line.subject_type, line.detail) == ("list", {"reports": 2})
    assert not replay_reports.dead()


def test_nothing_dead_leaves_no_line() -> None:
    assert not replay_reports.run([], all_dead=True, by=ANNE, why=WHY, now=NOON).success
    assert not StaffAction.objects.exists()


def test_operators_replay_from_the_page_and_from_the_list(log_in: LogIn) -> None:
    first, second = report(), report()
    desk = log_in("operator")
    page = page_of(REPORT, first.pk, "replay")
    assert page in desk.read(change_page_of(REPORT, first.pk))
    assert "1 unmatched report will be matched again." in desk.read(page)
    assert "1 report is being matched again." in desk.send(page, shown="{}")
    listed = desk.client.post(
        list_of(REPORT), {"action": "replay", "_selected_action": [second.pk], "index": "0"}
    )
    ids = listed.context["ids"]
    assert ids == str(second.pk)
    desk.send(selection_of(REPORT, "replay"), ids=ids, shown="{}")
    assert sorted(waiting()) == [first.pk, second.pk]
    assert "None of the reports is unmatched." in desk.read(page)


@pytest.mark.parametrize("group", ["support", "auditor"])
def test_others_may_not(log_in: LogIn, group: str) -> None:
    dead = report()
    desk = log_in(group)
    page = page_of(REPORT, dead.pk, "replay")
    assert page not in desk.read(change_page_of(REPORT, dead.pk))
    assert desk.status(page) == 403
    assert desk.status(page, reason="x", shown="{}") == 403
    assert not waiting()
