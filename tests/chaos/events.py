"""Whether service owners were told of all that ended, by their webhooks."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator

import psycopg

from script.launcher.system.running_system import BASE, RunningSystem

_ENTRIES = """
SELECT c.short_name, f.sequence_number FROM notifications_statusfeedentry f
JOIN orders_creator c ON c.id = f.creator_id
"""
_LEFT = """
SELECT (SELECT count(*) FROM events_delivery WHERE state = 'Waiting')
    + (SELECT count(*) FROM events_subscription s JOIN notifications_statusfeedentry f
        ON f.creator_id = s.creator_id AND f.sequence_number > s.cursor)
"""
TAKEN = 204


def subscribe(system: RunningSystem, creators: Collection[str]) -> None:
    """Each has a webhook from the beginning."""
    for creator in creators:
        answer = system.call(
            "POST",
            f"{BASE}/events/subscriptions",
            json.dumps({"endpoint": f"{system.outside.url}/webhook/{creator}"}).encode(),
            {
                "Authorization": f"Bearer {system.token(creator)}",
                "Content-Type": "application/json",
            },
        )
        assert answer.status == 201, answer


def are_told(system: RunningSystem) -> bool:
    """Whether nothing is left to be told; False while the database is away."""
    try:
        return system.query(_LEFT) == [(0,)]
    except psycopg.OperationalError:
        return False


def lies(system: RunningSystem) -> Iterator[str]:
    """An event may come more than once, under one id; none may be lost, or be told to another."""
    ids: dict[tuple[str, int], set[str]] = defaultdict(set)
    for call in system.outside.calls("webhook"):
        message_id, number = call["about"].split()
        if call["status"] == TAKEN:
            ids[call["operation"], int(number)].add(message_id)
    for owner, number in system.query(_ENTRIES):
        its_ids = ids.pop((owner, number), set())
        if not its_ids:
            yield f"{owner} was never told of entry {number}"
        elif len(its_ids) > 1:
            yield f"{owner} was told of entry {number} under {len(its_ids)} ids"
    for owner, number in ids:
        yield f"{owner} was told of entry {number}, which is not its own"
