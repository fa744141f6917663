"""What is ordered in a run, drawn from its seed."""

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.chaos import future
from tests.chaos.placements import Placement, Shipment
from tests.chaos.recipients import Address, Recipients, reached, written

CREATORS = ("ttd", "skd", "nav", "digdir")
SHARE_OF_LARGEST = 0.6
AVERAGE_ORDER = 10
MESSAGES_A_CHAIN = 50
MESSAGES_AN_INSTANT = 10
POISONER = CREATORS[-1]
POISON_ORDERS = 3
POISON_AN_ORDER = 5


def plan(
    draw: random.Random, recipients: Recipients, *, messages: int, seconds: float, outside: str
) -> list[Placement]:
    """Orders of so many messages in all, the largest near the beginning, over so many seconds; and
    besides, what is placed under `/future`."""
    largest = int(messages * SHARE_OF_LARGEST)
    found = list(recipients.persons(largest))
    body = {"body": "Dear $recipientName$, a letter has come.", "recipients": written(found)}
    placements = [_sms(seconds * 0.05, CREATORS[0], body, reached(found, "Sms"))]
    left = messages - largest
    while left > 0:
        count = min(left, draw.randint(1, 2 * AVERAGE_ORDER))
        placements.append(_one(draw, recipients, count, draw.uniform(0, seconds)))
        left -= len(placements[-1].shipments[0].addresses)
    for outcome, end in (("true", "Completed"), ("false", "SendConditionNotMet")):
        found = list(recipients.numbers(1))
        body = {
            "body": "On a condition.",
            "recipients": written(found),
            "conditionEndpoint": f"{outside}/condition/{outcome}",
        }
        addresses = reached(found) if outcome == "true" else []
        placements.append(_sms(draw.uniform(0, seconds), "skd", body, addresses, end))
    placements += _poison(draw, recipients, seconds=seconds)
    few = max(8, messages // MESSAGES_A_CHAIN)
    chained = future.chains(
        draw, recipients, count=few, creators=CREATORS, seconds=seconds, outside=outside
    )
    composed = future.composed(
        draw, recipients, count=few, creators=CREATORS, seconds=seconds, outside=outside
    )
    instant = future.instants(
        draw,
        recipients,
        count=messages // MESSAGES_AN_INSTANT,
        creators=CREATORS,
        seconds=seconds,
    )
    return sorted([*placements, *chained, *composed, *instant], key=lambda placement: placement.at)


def _poison(draw: random.Random, recipients: Recipients, *, seconds: float) -> Iterator[Placement]:
    """Orders of one creator, among its and the others' good ones."""
    for _ in range(POISON_ORDERS):
        found = list(recipients.poisonous(POISON_AN_ORDER))
        body = {"body": "Refused as if all were.", "recipients": written(found)}
        at = draw.uniform(0.1, 0.6) * seconds
        yield _sms(at, POISONER, body, reached(found))


def afterwards(recipients: Recipients) -> Iterator[Placement]:
    """What others still send, by which what is refused twice is known to be poison: where nobody
    else sends, the account might be empty."""
    for creator in itertools.cycle(creator for creator in CREATORS if creator != POISONER):
        found = list(recipients.persons(1))
        body = {"body": "All is well.", "recipients": written(found)}
        yield _sms(0.0, creator, body, reached(found, "Sms"))


def _sms(
    at: float,
    creator: str,
    body: Mapping[str, Any],
    addresses: Sequence[Address],
    end: str = "Completed",
) -> Placement:
    return Placement(at, creator, "orders/sms", body, [Shipment(addresses, end)])


def _one(draw: random.Random, recipients: Recipients, count: int, at: float) -> Placement:
    creator = draw.choice(CREATORS)
    name = draw.choice(("", " $recipientName$"))
    sms = {"body": f"Hello{name}."}
    mail = {"subject": f"A letter{name}", "body": f"Hello{name}."}
    match draw.choice(("numbers", "mailboxes", "persons", "organizations", "both")):
        case "numbers":
            found = list(recipients.numbers(count))
            return _sms(at, creator, sms | {"recipients": written(found)}, reached(found))
        case "mailboxes" | "persons" as kind:
            draw_them = recipients.mailboxes if kind == "mailboxes" else recipients.persons
            found = list(draw_them(count))
            letter = mail | {"recipients": written(found)}
            shipment = Shipment(reached(found, "Email"))
            return Placement(at, creator, "orders/email", letter, [shipment])
        case "organizations":
            found = list(recipients.organizations(count))
            addresses, channel = reached(found, "Sms"), "SmsPreferred"
        case _:
            found = list(recipients.persons(max(1, count // 2)))
            addresses, channel = reached(found), "EmailAndSms"
    body = {
        "notificationChannel": channel,
        "emailTemplate": mail,
        "smsTemplate": sms,
        "recipients": written(found),
    }
    return Placement(at, creator, "orders", body, [Shipment(addresses)])
