"""Counts the buffers that each hot statement touches, by EXPLAIN in transactions rolled back.

python -m bench.buffers; prints JSON: by name the buffers of all, those of finding the rows, and how
many statements it took.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime

import django
from django.db import connection, transaction
from django.utils import timezone

django.setup()

from back_office.pages.search import find  # noqa: E402
from bench.plans import Plan, buffers, is_explained, plan_of  # noqa: E402
from dispatch.reports import delivery_reports  # noqa: E402
from dispatch.sending import claims, pauses  # noqa: E402
from dispatch.upkeep import sweep  # noqa: E402
from notifications.expansion.claims import (  # noqa: E402
    claim_for_condition,
    claim_for_expansion,
)
from notifications.models import Notification, NotificationChannel  # noqa: E402
from notifications.reading import order_status, status_feed, summaries  # noqa: E402
from notifications.reading.status_feed import MAX_PAGE  # noqa: E402
from orders import queries  # noqa: E402
from orders.models import Order  # noqa: E402

CLAIMED = 200


class Counting:
    """Explains each statement before it is executed, and adds up."""

    def __init__(self) -> None:
        self.statements = 0
        self.whole = 0
        self.finding = 0

    def __call__(
        self, execute: Callable[..., object], sql: str, params: object, many: bool, context: object
    ) -> object:
        if is_explained(sql):
            # The first time looks into the catalogue, too.
            plan_of(sql, params)
            plan = plan_of(sql, params)
            self.statements += 1
            self.whole += buffers(plan)
            self.finding += found_by(plan)
        return execute(sql, params, many, context)


def found_by(plan: Plan) -> int:
    """Buffers of what is below the outermost change of rows, or of everything where none is."""
    if plan["Node Type"] == "ModifyTable":
        return sum(buffers(child) for child in plan["Plans"])
    changes = [child for child in plan.get("Plans", ()) if child["Node Type"] == "ModifyTable"]
    return sum(map(found_by, changes)) if changes else buffers(plan)


def measured(work: Callable[[], object]) -> dict[str, int]:
    """What the statements of the work touch; nothing of it stays."""
    count = Counting()
    with transaction.atomic():
        with connection.execute_wrapper(count):
            work()
        transaction.set_rollback(True)
    return {"whole": count.whole, "finding": count.finding, "statements": count.statements}


def statements(now: datetime) -> Mapping[str, Callable[[], object]]:
    """Every claim, sweep, search, feed page and status read, by name."""
    finished = Order.objects.filter(status="Completed").order_by("id")[0]
    message = Notification.objects.filter(order=finished).order_by("id")[0]
    creator, sms = finished.creator, NotificationChannel.SMS
    found = {
        kind: (lambda term=term: find.find(term))
        for kind, term in {
            "search by notification": str(message.pk),
            "search by order": str(finished.pk),
            "search by number": message.address,
            "search by gateway reference": str(message.gateway_reference),
            "search by reference": str(finished.senders_reference),
            "search by person": "01838510058",
            "search by organisation": "311000179",
            "search by e-mail": "nobody@bench.example",
        }.items()
    }
    return {
        "claim SMS": lambda: claims.claim(sms, limit=CLAIMED, now=now),
        "claim e-mail": lambda: claims.claim(NotificationChannel.EMAIL, limit=CLAIMED, now=now),
        "claim orders": lambda: claim_for_expansion(limit=CLAIMED, now=now),
        "claim conditions": lambda: claim_for_condition(limit=CLAIMED, now=now),
        "look at the pauses": lambda: pauses.gate(sms, now=now),
        "sweep lapsed leases": lambda: sweep.return_lapsed(now=now),
        "sweep expired": lambda: sweep.expire(now=now),
        "sweep orders": lambda: sweep.complete(now=now),
        "reports due": lambda: delivery_reports.apply_due(now=now),
        "feed page": lambda: status_feed.page(creator=creator, behind=0, limit=MAX_PAGE),
        "read the status": lambda: order_status.of_order(creator=creator, order_id=finished.pk),
        "read the summary": lambda: summary(finished, sms),
        "read the order": lambda: list(queries.with_id(finished.pk, creator=creator)),
        "read by reference": lambda: list(
            queries.with_reference(str(finished.senders_reference), creator=creator)
        ),
        **found,
    }


def summary(order: Order, channel: NotificationChannel) -> list[object]:
    read = summaries.of_order(creator=order.creator, order_id=order.pk, channel=channel)
    return [] if read is None else list(read.notifications)


if __name__ == "__main__":
    counted = {name: measured(work) for name, work in statements(timezone.now()).items()}
    print(json.dumps(counted))
