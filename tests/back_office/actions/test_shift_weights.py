"""Operators shift how much each of several gateways takes; the audit log keeps both sides."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from back_office.actions.channels import resume_channel, shift_weights
from back_office.models import StaffAction
from dispatch.models import ChannelPause, GatewayState
from dispatch.sending import gateway_states, pauses
from dispatch.sending.channel_watch import Trouble
from notifications.models import NotificationChannel
from tests.back_office.actions.conftest import ANNE, WHY, LogIn, list_of, page_of
from tests.building import NOON

SMS = NotificationChannel.SMS
LATER = timedelta(minutes=10)

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(settings: LazySettings) -> None:
    entry: dict[str, Any] = {
        "PROVIDER": "dispatch.gateways.link_mobility.gateway.LinkMobilityGateway",
    }
    settings.GATEWAYS = {"sms": {"main": {**entry, "WEIGHT": 3}, "second": entry}}


def test_a_shift_counts_at_once_and_is_in_the_audit_log(two: None) -> None:
    done = shift_weights.run(SMS, weights={"main": 0}, by=ANNE, why=WHY, now=NOON)
    assert done.figures["weights"] == {"main": 0, "second": 1}
    assert gateway_states.standing(SMS, now=NOON).of("main").weight == 0
    entry = StaffAction.objects.get()
    assert (entry.what, entry.subject_id) == ("Shifted", "Sms")
    assert entry.detail == {
        "before": {"main": 3, "second": 1},
        "after": {"main": 0, "second": 1},
    }


def test_a_shift_leaves_pauses_as_they_are(two: None) -> None:
    trouble = Trouble(ChannelPause.Cause.BREAKER, LATER, "Errors.")
    gateway_states.pause(SMS, "main", trouble, now=NOON)
    shift_weights.run(SMS, weights={"main": 9}, by=ANNE, why=WHY, now=NOON)
    assert not gateway_states.standing(SMS, now=NOON).is_open("main")


def test_nobody_may_be_left_without_a_gateway(two: None) -> None:
    assert shift_weights.preview(SMS, weights={"main": 0}, now=NOON).possible
    nothing = {"main": 0, "second": 0}
    assert not shift_weights.preview(SMS, weights=nothing, now=NOON).possible


def test_with_one_gateway_there_is_nothing_to_shift() -> None:
    assert not shift_weights.preview(SMS, weights={}, now=NOON).possible


def test_a_name_that_is_no_gateway_is_passed_over(two: None) -> None:
    shift_weights.run(SMS, weights={"main": 2, "pigeon": 5}, by=ANNE, why=WHY, now=NOON)
    assert list(GatewayState.objects.values_list("gateway", flat=True)) == ["main"]


def test_resuming_the_channel_resumes_its_gateways(two: None) -> None:
    trouble = Trouble(ChannelPause.Cause.BREAKER, LATER, "Errors.")
    gateway_states.pause(SMS, "main", trouble, now=NOON)
    pauses.pause(SMS, ChannelPause.Cause.BREAKER, until=NOON + LATER, reason="Errors.", now=NOON)
    resume_channel.run(SMS, by=ANNE, why=WHY, now=NOON)
    assert gateway_states.standing(SMS, now=NOON).is_open("main")


def test_the_desk_shows_each_gateway_and_shifts(two: None, log_in: LogIn) -> None:
    desk = log_in("operator")
    trouble = Trouble(ChannelPause.Cause.BREAKER, LATER, "The SMS gateway cannot be reached (X).")
    gateway_states.pause(SMS, "main", trouble, now=NOON)
    page = desk.read(list_of("dispatch_channelpause"))
    assert "main, weight 3" in page
    assert "The SMS gateway cannot be reached (X)." in page
    shift = page_of("dispatch_channelpause", "Sms", "weights")
    assert shift in page
    assert "3 → 3 (75 %)" in desk.read(shift)
    after = desk.confirm(shift, main="1", second="1")
    assert "the gateways' weights are shifted" in after
    assert "main, weight 1" in after
    assert StaffAction.objects.get().staff_name == "operator"


def test_others_may_not(two: None, log_in: LogIn) -> None:
    shift = page_of("dispatch_channelpause", "Sms", "weights")
    assert log_in("support").status(shift) == 403
