"""The judge of a run believes of an instant message only what gateway and database both say."""

from dataclasses import replace
from typing import Any

import pytest

from tests.chaos.instants import lies
from tests.chaos.placements import NOT_SENT, Placement, Shipment
from tests.chaos.rows import Row

NUMBER = "4748000001"
REFUSED = "4741030001"
ROW = Row(
    id="1",
    order_id="2",
    channel="Sms",
    status="Delivered",
    reason="",
    reference="R1",
    finished_at=12.0,
    receiver=NUMBER,
    unknown=0,
    told_by_feed=1,
    order_completed=True,
    type="Instant",
    created=10.0,
    lost_at=None,
)
TAKEN = {"reference": "R1", "outcome": "DELIVRD", "reportedAt": 11.0}
UNREPORTED = TAKEN | {"reportedAt": None, "outcome": "Accepted"}
EXPIRED = replace(ROW, status="Failed_TTL", reference=None)


def found(
    row: Row | None,
    *received: dict[str, Any],
    answers: tuple[str, ...] = ("201",),
    deaths: tuple[float, ...] = (),
) -> list[str]:
    path = "future/orders/instant/sms"
    placement = Placement(0, "ttd", path, {}, [Shipment([])], answers=list(answers))
    return list(lies(placement, row, received, deaths=deaths, now=30.0))


@pytest.mark.parametrize(
    ("row", "received"),
    [
        pytest.param(ROW, [TAKEN], id="delivered"),
        pytest.param(
            replace(ROW, receiver=REFUSED, status="Failed_InvalidRecipient"), [], id="refused"
        ),
        pytest.param(replace(EXPIRED, unknown=1), [], id="lost on its way, perhaps"),
        pytest.param(replace(EXPIRED, unknown=1), [TAKEN], id="its answer was lost"),
        pytest.param(replace(ROW, status="Failed"), [], id="could not be withdrawn in time"),
        pytest.param(replace(ROW, status="Failed_TTL"), [UNREPORTED], id="no report came"),
    ],
)
def test_what_both_say_is_believed(row: Row, received: list[dict[str, Any]]) -> None:
    assert found(row, *received) == []


@pytest.mark.parametrize(
    ("row", "received", "complaint"),
    [
        pytest.param(ROW, [TAKEN, TAKEN], "left 2 times", id="sent twice"),
        pytest.param(None, [TAKEN], "is not stored", id="not stored"),
        pytest.param(replace(ROW, finished_at=None, status="Sending"), [TAKEN], "open", id="open"),
        pytest.param(ROW, [], "never left", id="delivered, and never sent"),
        pytest.param(EXPIRED, [], "never left", id="expired without an attempt"),
        pytest.param(
            replace(ROW, status="Failed"), [TAKEN], "gateway said", id="said to be unsent"
        ),
        pytest.param(replace(ROW, status="Failed_TTL"), [TAKEN], "report had come", id="reported"),
        pytest.param(replace(ROW, reference="R2"), [TAKEN], "nobody gave", id="other reference"),
        pytest.param(replace(ROW, told_by_feed=0), [TAKEN], "the feed", id="not in the feed"),
    ],
)
def test_what_only_one_says_is_not(
    row: Row | None, received: list[dict[str, Any]], complaint: str
) -> None:
    [one] = found(row, *received)
    assert complaint in one


def test_who_was_told_that_nothing_is_stored_has_not_ordered_yet() -> None:
    assert found(ROW, TAKEN, answers=(NOT_SENT, "201")) == []
    assert found(ROW, TAKEN, answers=(NOT_SENT, "no answer", "200")) == []
    assert found(ROW, TAKEN, answers=(NOT_SENT, "200"))
    assert found(ROW, TAKEN, answers=("200",))
    assert found(replace(ROW, status="Failed"), answers=(NOT_SENT, "200")) == []


def test_only_a_death_loses_a_message() -> None:
    lost = replace(EXPIRED, lost_at=20.0)
    assert found(lost, deaths=(11.0,)) == []
    assert found(lost, deaths=(5.0, 21.0))
