"""Case 25, attack A32: one message's trouble is not the channel's, nor one creator's everyone's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from dispatch.gateways.base import Evidence, Outcome, OutcomeKind
from dispatch.models import ChannelPause
from dispatch.sending import pauses
from dispatch.sending.channel_watch import (
    LATELY,
    STRAGGLERS,
    SUSPECT_AGAIN_AFTER,
    ChannelWatch,
    Verdict,
)
from dispatch.sending.claims import LEASE, Claimed
from notifications.models import NotificationStatus
from orders.models import SendingTimePolicy
from orders.traces import Traced
from tests.dispatch.conftest import sms

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
Cause = ChannelPause.Cause

PASSED = Outcome.accepted(NotificationStatus.ACCEPTED, reference="r")
REFUSED = Outcome.refused("No credits left.")
ERROR = Outcome.channel_error("Status 500.")
NO_LOG_IN = Outcome.refused("Log-in refused.", Evidence.CONNECTION)
NO_CONNECTION = Outcome.channel_error("No connection.", Evidence.CONNECTION)


class Told:
    """A watch, and what it is told; each message is a new one unless it is named."""

    def __init__(self) -> None:
        self.watch = ChannelWatch()
        self.now = NOON

    def of(self, creator: str, outcome: Outcome | None, message: UUID | None = None) -> Verdict:
        return self.again(self.claimed(creator, message), outcome)

    def claimed(self, creator: str, message: UUID | None = None) -> Claimed:
        return Claimed(
            replace(sms(), notification_id=message or uuid4(), creator_name=creator),
            SendingTimePolicy.ANYTIME,
            0,
            uuid4(),
            self.now + LEASE,
            Traced(uuid4(), None),
        )

    def again(self, claimed: Claimed, outcome: Outcome | None) -> Verdict:
        verdict = self.watch.judge(claimed, outcome, now=self.now)
        self.watch.settled([claimed])
        return verdict

    def probe(self, creator: str, outcome: Outcome | None) -> Verdict:
        self.watch.probe = uuid4()
        return self.of(creator, outcome, self.watch.probe)


@pytest.fixture
def told() -> Told:
    return Told()


def causes(verdicts: list[Verdict]) -> list[Cause]:
    return [verdict.trouble.cause for verdict in verdicts if verdict.trouble]


# --- Refusals --------------------------------------------------------------------------------


def test_one_refusal_is_a_suspicion_and_no_pause(told: Told) -> None:
    verdict = told.of("ttd", REFUSED)
    assert verdict.is_suspect
    assert verdict.trouble is None


def test_two_refusals_in_a_row_are_the_channels(told: Told) -> None:
    told.of("ttd", REFUSED)
    trouble = told.of("skd", REFUSED).trouble
    assert trouble is not None
    assert (trouble.cause, trouble.length) == (Cause.REFUSED, pauses.REFUSED_FOR)
    assert told.watch.blamed is None


def test_a_refused_log_in_is_the_channels_at_once(told: Told) -> None:
    assert causes([told.of("ttd", NO_LOG_IN)]) == [Cause.REFUSED]
    assert told.watch.blamed is None


def test_a_message_refused_twice_while_others_get_through_fails_for_itself(told: Told) -> None:
    poison = uuid4()
    told.of("ttd", REFUSED, poison)
    told.now += STRAGGLERS + timedelta(seconds=1)
    told.of("skd", PASSED)
    told.now += SUSPECT_AGAIN_AFTER
    verdict = told.of("ttd", REFUSED, poison)
    assert verdict.outcome is not None
    assert verdict.outcome.kind is OutcomeKind.FAILED
    assert "No credits left." in verdict.outcome.reason
    assert verdict.trouble is None


@pytest.mark.parametrize("count", [2, 3])
def test_a_message_that_processes_try_in_turn_ends_with_the_first_that_has_it_twice(
    count: int,
) -> None:
    """And none of them pauses the channel: what is suspected, each knows alone."""
    processes, poison = [Told() for _ in range(count)], uuid4()
    for turn in range(count + 1):
        verdict = processes[turn % count].of("ttd", REFUSED, poison)
        assert verdict.trouble is None
        for told in processes:
            told.now += SUSPECT_AGAIN_AFTER
            told.of("skd", PASSED)
        assert verdict.outcome is not None
        assert (verdict.outcome.kind is OutcomeKind.FAILED) is (turn == count)


def test_what_was_under_way_when_it_was_refused_proves_nothing(told: Told) -> None:
    suspect = uuid4()
    told.of("ttd", REFUSED, suspect)
    told.now += timedelta(seconds=1)
    told.of("skd", PASSED)
    told.now += SUSPECT_AGAIN_AFTER
    assert told.of("ttd", REFUSED, suspect).outcome == REFUSED


def test_a_message_refused_twice_while_others_are_refused_too_is_not_burnt(told: Told) -> None:
    suspect = uuid4()
    told.of("ttd", REFUSED, suspect)
    told.now += 2 * STRAGGLERS
    told.of("skd", PASSED)
    told.of("skd", REFUSED)
    verdict = told.of("ttd", REFUSED, suspect)
    assert verdict.outcome == REFUSED
    assert causes([verdict]) == [Cause.REFUSED]


def test_a_refused_log_in_burns_nothing_however_often(told: Told) -> None:
    message = uuid4()
    for _ in range(5):
        assert told.of("ttd", NO_LOG_IN, message).outcome == NO_LOG_IN
        told.now += 2 * STRAGGLERS
        told.of("skd", PASSED)


THROTTLED = Outcome.rate_limited("Throttled.", retry_after=60.0, evidence=Evidence.MESSAGE)


def test_a_limit_fails_no_message_however_often_it_is_met_while_others_get_through(
    told: Told,
) -> None:
    """A gateway at its limit takes some and puts off others, whoever they are."""
    message = uuid4()
    for _ in range(5):
        verdict = told.of("ttd", THROTTLED, message)
        assert (verdict.outcome, verdict.is_suspect) == (THROTTLED, True)
        told.now += 2 * STRAGGLERS
        told.of("skd", PASSED)
        told.now += SUSPECT_AGAIN_AFTER


# --- One creator's own ---------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", [REFUSED, ERROR, THROTTLED])
def test_what_one_creator_meets_while_others_get_through_pauses_nothing(
    told: Told, outcome: Outcome
) -> None:
    told.of("skd", PASSED)
    verdicts = [told.of("ttd", outcome) for _ in range(2 * pauses.ERRORS_THAT_BREAK)]
    assert not causes(verdicts)
    told.now += LATELY
    assert causes([told.of("ttd", outcome)]), "but that was a while ago"


def test_what_another_meets_as_well_pauses_though_some_got_through_lately(told: Told) -> None:
    told.of("skd", PASSED)
    assert causes([told.of("ttd", REFUSED), told.of("skd", REFUSED)]) == [Cause.REFUSED]


def test_an_order_of_poison_ends_at_the_second_try_of_each(told: Told) -> None:
    poison = [uuid4() for _ in range(50)]
    told.of("skd", PASSED)
    assert all(told.of("ttd", REFUSED, one).is_suspect for one in poison)
    told.now += SUSPECT_AGAIN_AFTER
    told.of("skd", PASSED)
    outcomes = [told.of("ttd", REFUSED, one).outcome for one in poison]
    assert {one.kind for one in outcomes if one} == {OutcomeKind.FAILED}


def test_the_first_of_others_to_get_through_ends_the_pause_of_one(told: Told) -> None:
    before = told.claimed("skd")
    told.now += timedelta(seconds=1)
    verdicts = [told.of("ttd", REFUSED), told.of("ttd", REFUSED)]
    assert causes(verdicts) == [Cause.REFUSED]
    assert all(verdict.is_suspect for verdict in verdicts)
    told.now += timedelta(seconds=1)
    assert not told.again(before, PASSED).lifts, "it left before the pause"
    assert not told.of("ttd", PASSED).lifts, "it is the one's own, and was under way"
    assert told.of("skd", PASSED).lifts


def test_what_gets_through_ends_no_pause_for_all(told: Told) -> None:
    """That is left to the probe."""
    assert causes([told.of("ttd", REFUSED), told.of("skd", REFUSED)])
    told.now += timedelta(seconds=1)
    assert not told.of("nav", PASSED).lifts


# --- Errors ----------------------------------------------------------------------------------


def test_attack_a32_one_creators_errors_are_its_own_where_others_send(told: Told) -> None:
    verdicts = [told.of("ttd", ERROR) for _ in range(pauses.ERRORS_THAT_BREAK)]
    assert causes(verdicts) == [Cause.BREAKER]
    assert told.watch.blamed == "ttd"
    assert verdicts[-1].trouble is not None
    assert "So far only messages of ttd" in verdicts[-1].trouble.reason


def test_errors_of_more_than_one_creator_are_everybodys(told: Told) -> None:
    verdicts = [told.of(("ttd", "skd")[n % 2], ERROR) for n in range(pauses.ERRORS_THAT_BREAK)]
    assert causes(verdicts) == [Cause.BREAKER]
    assert told.watch.blamed is None


def test_what_another_creator_meets_as_well_is_everybodys(told: Told) -> None:
    for creator in ("ttd", "skd"):
        verdicts = [told.of(creator, ERROR) for _ in range(pauses.ERRORS_THAT_BREAK)]
    assert causes(verdicts) == [Cause.BREAKER]
    assert told.watch.blamed is None
    # And stays so, whoever comes next.
    for _ in range(pauses.ERRORS_THAT_BREAK):
        told.of("ttd", ERROR)
    assert told.watch.blamed is None


def test_errors_of_the_connection_are_everybodys(told: Told) -> None:
    verdicts = [told.of("ttd", NO_CONNECTION) for _ in range(pauses.ERRORS_THAT_BREAK)]
    assert causes(verdicts) == [Cause.BREAKER]
    assert told.watch.blamed is None


def test_an_open_channel_has_nobody_to_blame(told: Told) -> None:
    for _ in range(pauses.ERRORS_THAT_BREAK):
        told.of("ttd", ERROR)
    told.watch.opened()
    assert told.watch.blamed is None


def test_who_is_to_blame_may_be_another_process_finding(told: Told) -> None:
    before = told.claimed("skd")
    told.now += timedelta(seconds=1)
    told.watch.learn("ttd", now=told.now)
    told.watch.learn("ttd", now=told.now + timedelta(seconds=1))
    assert told.watch.blamed == "ttd"
    assert not told.again(before, PASSED).lifts
    assert not told.of("ttd", PASSED).lifts
    assert told.of("skd", PASSED).lifts


def test_what_others_meet_than_those_whom_another_process_blames_is_everybodys(told: Told) -> None:
    told.watch.learn("ttd", now=told.now)
    verdicts = [told.of("skd", ERROR) for _ in range(pauses.ERRORS_THAT_BREAK)]
    assert causes(verdicts) == [Cause.BREAKER]
    assert told.watch.blamed is None
    told.watch.learn("", now=told.now)
    assert told.watch.blamed is None


def test_attack_a1_faults_of_our_own_code_count_for_nothing(told: Told) -> None:
    ours = [
        Outcome.unwritable("The message cannot be written."),
        Outcome.unknown("A fault.", evidence=Evidence.NONE),
        None,
    ]
    for _ in range(2 * pauses.ERRORS_THAT_BREAK):
        for outcome in ours:
            assert told.of("ttd", outcome).trouble is None


def test_what_never_left_does_not_say_that_the_channel_works(told: Told) -> None:
    """Or twenty errors would never be in a row while somebody orders what cannot be written."""
    verdicts = []
    for n in range(pauses.ERRORS_THAT_BREAK):
        told.of("nav", Outcome.unwritable("Too long."))
        verdicts.append(told.of(("ttd", "skd")[n % 2], ERROR))
    assert causes(verdicts) == [Cause.BREAKER]


# --- Probes ----------------------------------------------------------------------------------


def test_a_probe_that_got_through_lifts(told: Told) -> None:
    assert told.probe("ttd", PASSED).lifts
    assert told.probe("ttd", Outcome.failed("Bad number.")).lifts


@pytest.mark.parametrize("outcome", [Outcome.unwritable("Too long."), None])
def test_a_probe_that_never_left_is_none(told: Told, outcome: Outcome | None) -> None:
    verdict = told.probe("ttd", outcome)
    assert (verdict.lifts, verdict.returns_probe, verdict.trouble) == (False, True, None)


@pytest.mark.parametrize("outcome", [ERROR, REFUSED])
def test_a_probe_whose_message_may_be_to_blame_is_followed_by_anothers(
    told: Told, outcome: Outcome
) -> None:
    first = told.probe("ttd", outcome)
    assert (first.returns_probe, first.trouble) == (True, None)
    assert told.watch.doubted == "ttd"
    second = told.probe("skd", outcome)
    assert second.trouble is not None
    assert told.watch.doubted is None


def test_a_probe_that_finds_no_connection_needs_no_second(told: Told) -> None:
    assert told.probe("ttd", NO_CONNECTION).trouble is not None


# --- Told again ------------------------------------------------------------------------------


def test_the_same_outcome_told_again_counts_once(told: Told) -> None:
    """As when the database goes away while it is being recorded."""
    claimed = Claimed(
        sms(),
        SendingTimePolicy.ANYTIME,
        0,
        uuid4(),
        NOON + timedelta(minutes=2),
        Traced(uuid4(), None),
    )
    for outcome in (REFUSED, ERROR):
        for _ in range(2 * pauses.ERRORS_THAT_BREAK):
            verdict = told.again(claimed, outcome)
            assert (verdict.outcome, verdict.trouble) == (outcome, None)
