"""Whether the promises were kept: the records of gateway and mail server against the database."""

import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.chaos import events, instants, leases
from tests.chaos.leases import Lease
from tests.chaos.meanings import REFUSALS, REPORT_APPLIED_WITHIN, words
from tests.chaos.placements import Placement, Shipment
from tests.chaos.recipients import Address
from tests.chaos.repetitions import Cause, Repetition, broken, repetitions, too_many
from tests.chaos.rows import MAX_UNKNOWN, Row, read_rows
from tests.chaos.system import SystemUnderFire

_ORDERS = """
SELECT o.id, o.status, o.reason,
    (SELECT jsonb_agg(jsonb_build_array(f.round, f.status) ORDER BY f.round)
        FROM notifications_statusfeedentry f WHERE f.order_id = o.id),
    (SELECT count(*) FROM orders_attachment a WHERE a.order_id = o.id AND a.link IS NOT NULL)
FROM orders_order o
"""


@dataclass(slots=True)
class Verdict:
    """Each complaint is a sentence about one order or message; `repeated` are the messages that
    left more than once, each time with its reason; `reports_given_up` are delivery reports that the
    outside tried in vain for so long that it gave up: their messages cannot finish; `instants` are
    what is wrong with instant messages, `events` with what webhooks were told."""

    messages: int = 0
    lost: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    open_orders: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
    leases: list[str] = field(default_factory=list)
    instants: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    repeated: list[tuple[str, Repetition]] = field(default_factory=list)
    ended_unknown: int = 0
    reports_given_up: int = 0

    @property
    def complaints(self) -> list[str]:
        """The worst first."""
        return [
            *self.lost,
            *self.open_orders,
            *self.instants,
            *self.events,
            *self.unexplained,
            *self.leases,
            *self.wrong,
        ]

    def repeated_by(self, cause: Cause) -> int:
        return sum(repetition.cause is cause for _, repetition in self.repeated)


def judge(system: SystemUnderFire, placements: Sequence[Placement]) -> Verdict:
    """What the gateway and the mail server took, and what the database says of it."""
    verdict = Verdict()
    received: dict[Address, list[dict[str, Any]]] = defaultdict(list)
    for message in system.outside.messages():
        received[message["channel"], message["receiver"].lower()].append(message)
    told = system.outside.reports()
    verdict.reports_given_up = sum(told[kind]["givenUp"] for kind in ("sms", "email"))
    rows = read_rows(system)
    of_order: dict[str, dict[Address, Row]] = defaultdict(dict)
    for row in rows:
        of_order[row.order_id][row.channel, row.receiver] = row
    verdict.messages = len(rows)
    _orders(verdict, system, placements, rows)
    for placement, shipment in _shipments(placements):
        found: dict[Address, Row] = of_order.pop(shipment.order_id, {})
        for address in shipment.addresses:
            sent = received.get(address, [])
            if placement.is_instant:
                _instant(verdict, system, placement, found.pop(address, None), sent)
            else:
                row_of = found.pop(address, None)
                _message(verdict, address, row_of, sent, unsendable=shipment.unsendable)
        verdict.wrong += [f"{row.id} is to nobody in its order" for row in found.values()]
    wanted = [one for _, shipment in _shipments(placements) for one in shipment.addresses]
    verdict.wrong += [
        f"Nobody ordered what {one} received" for one in received.keys() - set(wanted)
    ]
    if len(rows) != len(wanted):
        verdict.wrong.append("The number of notifications is not that of the recipients")
    _sends(verdict, system, rows, received)
    verdict.events += events.lies(system)
    return verdict


def _sends(
    verdict: Verdict,
    system: SystemUnderFire,
    rows: Sequence[Row],
    received: Mapping[Address, Sequence[dict[str, Any]]],
) -> None:
    """Explain what left more than once, and complain of what nobody may have done. Instant
    messages leave once only, and have no leases that could be handed on."""
    held: Mapping[str, Sequence[Lease]] = leases.read(system.database)
    for row in rows:
        if row.is_instant:
            continue
        of_row = held.get(row.id, [])
        sends = [m["receivedAt"] for m in received.get((row.channel, row.receiver), [])]
        found = repetitions(
            sends, of_row, system.kills, channel=row.channel, is_refused=row.is_refused
        )
        verdict.repeated += [(f"{row.id}, {row.channel} to {row.receiver}", one) for one in found]
        for what in broken(of_row, system.kills, system.servers.outages):
            verdict.leases.append(f"{row.id} {what}")
    verdict.unexplained += [
        f"{message} {one.about}" for message, one in verdict.repeated if one.cause is Cause.NONE
    ]
    all_found = [repetition for _, repetition in verdict.repeated]
    verdict.unexplained += too_many(all_found, system.kills, system.in_flight)


def _orders(
    verdict: Verdict,
    system: SystemUnderFire,
    placements: Sequence[Placement],
    rows: Sequence[Row],
) -> None:
    """An order may be told of again only for messages that first ended as unknown, and then had a
    report. Of one that was cancelled only webhooks tell, by an entry of that status."""
    corrected = Counter(row.order_id for row in rows if row.was_corrected)
    found = {str(row[0]): row[1:] for row in system.query(_ORDERS)}
    for _, shipment in _shipments(placements):
        what = f"Order {shipment.order_id}"
        status, reason, rounds, links = found.pop(shipment.order_id, ("missing", "", None, 0))
        if status != shipment.end:
            verdict.open_orders.append(f"{what} is {status}. {reason}")
            continue
        told = [tuple(entry) for entry in rounds or ()]
        if not told or told != [(n, shipment.end) for n in range(1, len(told) + 1)]:
            verdict.wrong.append(f"{what} is {status}, and the feed has {told}")
        elif len(told) > 1 + corrected[shipment.order_id]:
            verdict.wrong.append(f"{what} has {len(told)} feed entries")
        if links:
            verdict.wrong.append(f"{what} has ended, and {links} of its links are still there")
    verdict.wrong += [f"Order {order_id} was placed twice" for order_id in found]


def _shipments(placements: Sequence[Placement]) -> Iterator[tuple[Placement, Shipment]]:
    for placement in placements:
        for shipment in placement.shipments:
            yield placement, shipment


def _instant(
    verdict: Verdict,
    system: SystemUnderFire,
    placement: Placement,
    row: Row | None,
    received: Sequence[dict[str, Any]],
) -> None:
    deaths = [*system.web_deaths, *system.servers.outages]
    [shipment] = placement.shipments
    verdict.instants += [
        f"Instant {shipment.order_id}, {shipment.addresses[0]}, {what}"
        for what in instants.lies(placement, row, received, deaths=deaths, now=time.time())
    ]


def _message(
    verdict: Verdict,
    address: Address,
    row: Row | None,
    received: Sequence[dict[str, Any]],
    *,
    unsendable: str = "",
) -> None:
    if row is None:
        verdict.lost.append(f"{address} has no notification")
        return
    if unsendable:
        if received or row.status != unsendable:
            left = f" and left {len(received)} times" if received else ""
            verdict.wrong.append(f"{row.id}, to {address}: is {row.status}{left}, not {unsendable}")
        return
    verdict.ended_unknown += row.ended_unknown
    if not received and not row.is_refused and not row.ended_unknown:
        verdict.lost.append(f"{address}, {row.id}, never left: {row.status} {row.reason}")
        return
    verdict.wrong += [f"{row.id}, to {address}: {what}" for what in _lies(row, received)]


def _lies(row: Row, received: Sequence[dict[str, Any]]) -> Iterator[str]:
    """What the row says and the gateway does not, or the other way round."""
    if row.finished_at is None:
        yield f"is still open: {row.status}"
        return
    if row.order_completed and row.told_by_feed != 1:
        yield f"the feed says {row.told_by_feed} times that it is {row.status}"
    of_row = [m for m in received if m["reference"].strip("<>") == row.reference]
    said = words(of_row)
    if row.ended_unknown:
        if row.status != "Failed" or row.unknown != MAX_UNKNOWN:
            yield f"ended as unknown: {row.status} after {row.unknown} unknown outcomes"
        in_time = row.finished_at - REPORT_APPLIED_WITHIN
        if any(m["reportedAt"] and m["reportedAt"] < in_time for m in of_row):
            yield "ended as unknown, though its report had come"
    elif row.is_refused:
        refusal = REFUSALS.get(row.fate.refusal, "Failed")
        if row.status != refusal:
            yield f"is {row.status} and was refused: {refusal}"
    elif not of_row:
        yield f"is {row.status} under the reference {row.reference} that nobody gave"
    elif row.status not in said and not _was_deferred(row, said):
        yield f"is {row.status}; the gateway said {', '.join(said)}"


def _was_deferred(row: Row, said: Collection[str]) -> bool:
    """Whether the mail server put it off and told us of its delivery, and then that it had put it
    off once more, since we had not answered the first time."""
    return row.status == "Delivered" and row.fate.reports[0][0] == "deferred" and "deferred" in said
