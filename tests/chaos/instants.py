"""Whether an instant message left once, and its sender was told what became of it."""

from collections.abc import Iterator, Sequence
from typing import Any

from tests.chaos.meanings import REFUSALS, REPORT_APPLIED_WITHIN, words
from tests.chaos.placements import Placement
from tests.chaos.rows import EXPIRED, Row


def lies(
    placement: Placement,
    row: Row | None,
    received: Sequence[dict[str, Any]],
    *,
    deaths: Sequence[float],
    now: float,
) -> Iterator[str]:
    """What is wrong with it. `deaths` are when web processes, or the database, were away."""
    if len(received) > 1:
        yield f"left {len(received)} times under one id"
    # Of what could be withdrawn too late, the shipment says that it was not sent.
    has_failed_unsent = row is not None and row.status == "Failed" and not received
    if placement.was_told_a_lie and not has_failed_unsent:
        yield f"was known, though nothing of it was stored: {', '.join(placement.answers)}"
    if row is None:
        yield f"is not stored, and was answered {', '.join(placement.answers)}"
        return
    if row.finished_at is None:
        yield f"is still open: {row.status}"
        return
    if row.order_completed and row.told_by_feed != 1:
        yield f"the feed says {row.told_by_feed} times that it is {row.status}"
    if row.lost_at and not any(row.created - 1 <= death <= row.lost_at for death in deaths):
        yield "was lost, and nobody had died"
    yield from _untrue(row, received, now=now)


def _untrue(row: Row, received: Sequence[dict[str, Any]], *, now: float) -> Iterator[str]:
    """Of one that nobody knows of, an attempt tells why; it may have left or not."""
    is_unknown = row.status == EXPIRED and (row.unknown > 0 or row.lost_at is not None)
    known = [one for one in received if one["reference"].strip("<>") == row.reference]
    if row.status == EXPIRED and any(
        one["reportedAt"] and one["reportedAt"] < now - REPORT_APPLIED_WITHIN for one in known
    ):
        yield "expired, though its report had come"
    elif is_unknown:
        return
    elif not received:
        if row.status != "Failed" and row.status != REFUSALS.get(row.fate.refusal):
            yield f"is {row.status}, and never left"
    elif not known:
        yield f"is {row.status} under the reference {row.reference} that nobody gave"
    elif row.status != EXPIRED and row.status not in (said := words(known)):
        yield f"is {row.status}; the gateway said {', '.join(said)}"
