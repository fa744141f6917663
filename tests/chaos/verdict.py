"""Whether the promises were kept: the records of gateway and mail server against the database."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.traffic import Address, Placement
from tests.running_system import RunningSystem
from tests.simulators.magic import Fate, fate_of_address, fate_of_number

# What each word of a delivery report means, written down once more and apart from the product.
MEANINGS = {
    "DELIVRD": "Delivered",
    "BARRED": "Failed_BarredReceiver",
    "UNDELIV": "Failed_Undelivered",
    "REJECTD": "Failed_Rejected",
    "delivered": "Delivered",
    "bounced": "Failed_Bounced",
}
ENDED_UNKNOWN = "Nobody knows whether"

_ROWS = """
SELECT n.id, n.order_id, n.channel, n.status, n.reason, n.gateway_reference,
    n.finished_at IS NOT NULL AS finished,
    CASE n.channel WHEN 'Sms' THEN ltrim(n.normalized_address, '+') ELSE lower(n.address) END,
    (SELECT count(*) FROM dispatch_attempt a
        WHERE a.notification_id = n.id AND a.outcome = 'LeaseLost'),
    (SELECT count(*) FROM dispatch_attempt a
        WHERE a.notification_id = n.id AND a.outcome = 'Unknown'),
    (SELECT count(*) FROM notifications_statusfeedentry f, jsonb_array_elements(f.recipients) r
        WHERE f.order_id = n.order_id AND r->>'destination' = n.address
            AND r->>'status' = n.status)
FROM notifications_notification n
"""
_ORDERS = """
SELECT o.id, o.status, o.reason,
    (SELECT count(*) FROM notifications_statusfeedentry f WHERE f.order_id = o.id)
FROM orders_order o
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A notification, with how many attempts at it ended in which way."""

    id: str
    order_id: str
    channel: str
    status: str
    reason: str
    reference: str | None
    finished: bool
    receiver: str
    leases_lost: int
    unknown: int
    told_by_feed: int

    @property
    def fate(self) -> Fate:
        find = fate_of_number if self.channel == "Sms" else fate_of_address
        return find(self.receiver)


@dataclass(slots=True)
class Verdict:
    """Each complaint is a sentence about one order or message."""

    messages: int = 0
    lost: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    open_orders: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
    duplicates: Counter[str] = field(default_factory=Counter)
    unknown_for_good: int = 0

    @property
    def complaints(self) -> list[str]:
        return [*self.lost, *self.wrong, *self.open_orders, *self.unexplained]


def judge(system: RunningSystem, placements: Sequence[Placement], *, kills: int) -> Verdict:
    """`kills` is how many workers were killed: without any, no lease can be lost."""
    verdict = Verdict()
    received: dict[Address, list[dict[str, Any]]] = defaultdict(list)
    for message in system.outside.messages():
        received[message["channel"], message["receiver"].lower()].append(message)
    rows = [Row(str(row[0]), str(row[1]), *row[2:]) for row in system.query(_ROWS)]
    of_order: dict[str, dict[Address, Row]] = defaultdict(dict)
    for row in rows:
        of_order[row.order_id][row.channel, row.receiver] = row
    verdict.messages = len(rows)
    _orders(verdict, system, placements)
    for placement in placements:
        found = of_order.pop(placement.order_id, {})
        for address in placement.addresses:
            _message(verdict, address, found.pop(address, None), received.pop(address, []), kills)
        verdict.wrong += [f"{row.id} is to nobody in its order" for row in found.values()]
    verdict.wrong += [f"Nobody ordered what {address} received" for address in received]
    if len(rows) != sum(len(placement.addresses) for placement in placements):
        verdict.wrong.append("The number of notifications is not that of the recipients")
    return verdict


def _orders(verdict: Verdict, system: RunningSystem, placements: Sequence[Placement]) -> None:
    found = {str(row[0]): row[1:] for row in system.query(_ORDERS)}
    for placement in placements:
        wanted = "SendConditionNotMet" if placement.is_unmet else "Completed"
        status, reason, entries = found.pop(placement.order_id, ("missing", "", 0))
        if status != wanted:
            verdict.open_orders.append(f"Order {placement.order_id} is {status}. {reason}")
        elif entries != 1:
            verdict.wrong.append(f"Order {placement.order_id} has {entries} feed entries")
    verdict.wrong += [f"Order {order_id} was placed twice" for order_id in found]


def _message(
    verdict: Verdict,
    address: Address,
    row: Row | None,
    received: Sequence[dict[str, Any]],
    kills: int,
) -> None:
    if row is None:
        verdict.lost.append(f"{address} has no notification")
        return
    if not received and not _is_refused(row.fate):
        verdict.lost.append(f"{address}, {row.id}, never left: {row.status} {row.reason}")
        return
    again = len(received) - (not _is_refused(row.fate))
    if again > 0:
        by_kill = min(again, row.leases_lost)
        by_unknown = min(again - by_kill, row.unknown)
        verdict.duplicates += Counter(kill=by_kill, unknown=by_unknown)
        if again > by_kill + by_unknown or (by_kill and not kills):
            verdict.unexplained.append(f"{row.id} left {len(received)} times without a cause")
    verdict.unknown_for_good += row.reason.startswith(ENDED_UNKNOWN)
    verdict.wrong += [f"{row.id}, to {address}: {what}" for what in _lies(row, received)]


def _lies(row: Row, received: Sequence[dict[str, Any]]) -> Iterator[str]:
    """What the row says and the gateway does not, or the other way round."""
    said = {MEANINGS.get(message["outcome"], message["outcome"]) for message in received}
    if row.finished and not row.told_by_feed:
        yield f"the feed does not say {row.status}"
    if row.reason.startswith(ENDED_UNKNOWN):
        if row.unknown < 2:
            yield "ended as unknown without two unknown outcomes"
        if row.channel == "Email" and "Delivered" in said:
            yield "ended as unknown, and its report came"
        return
    if _is_refused(row.fate):
        if not row.status.startswith("Failed"):
            yield f"is {row.status} and was refused"
        return
    if len(row.fate.reports) > 1 and row.fate.reports[0][0] == "deferred":
        said |= {"Delivered"} & {row.status}
    of_row = [m for m in received if m["reference"].strip("<>") == row.reference]
    if not of_row:
        yield f"is {row.status} under the reference {row.reference} that nobody gave"
    elif row.status not in said:
        yield f"is {row.status}; the gateway said {', '.join(said)}"


def _is_refused(fate: Fate) -> bool:
    return (bool(fate.refusal) and not fate.first_time_only) or fate.trouble == "error554"
