"""The orders of a run, drawn from its seed, and the clients that place them and never give up."""

import http.client
import itertools
import json
import random
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from script.launcher.system.running_system import BASE, RunningSystem
from tests.simulators.magic import MAGIC_PREFIX

CREATORS = ("ttd", "skd", "nav", "digdir")
SHARE_OF_LARGEST = 0.6
AVERAGE_ORDER = 10
CLIENTS = 4
TIMEOUT = 120.0
AGAIN_AFTER = 0.3
MAGIC_CODES = ("01", "02", "05", "10", "13", "14", "22", "23", "24", "30", "31")
MAGIC_NAMES = ("bounced", "deferred", "duplicate", "early", "greylisted", "lost", "slow", "spam")
MAGIC_SHARE = 0.03
POISONER = CREATORS[-1]
POISONOUS_CODE = "32"
POISON_ORDERS = 3
POISON_AN_ORDER = 5

Address = tuple[str, str]
"""The channel and the receiver, as gateway and mail server see them."""


@dataclass(slots=True)
class Placement:
    """An order to be placed `at` so many seconds into the run; `addresses` are whom it reaches."""

    at: float
    creator: str
    path: str
    body: Mapping[str, Any]
    addresses: Sequence[Address]
    order_id: str = ""
    tries: int = 0
    is_unmet: bool = False


@dataclass(slots=True)
class Recipients:
    """Draws recipients of whom none comes twice."""

    draw: random.Random
    _number: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _magic: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def numbers(self, count: int) -> Iterator[tuple[dict[str, str], list[Address]]]:
        for _ in range(count):
            number = next(self._number)
            digits = f"4748{number:06d}"
            if self.draw.random() < MAGIC_SHARE:
                code = self.draw.choice(MAGIC_CODES)
                digits = f"{MAGIC_PREFIX}{code}{next(self._magic):03d}"
            yield {"mobileNumber": f"+{digits}"}, [("Sms", digits)]

    def poisonous(self, count: int) -> Iterator[tuple[dict[str, str], list[Address]]]:
        """Whom the gateway refuses in words that would do for everybody."""
        for _ in range(count):
            digits = f"{MAGIC_PREFIX}{POISONOUS_CODE}{next(self._magic):03d}"
            yield {"mobileNumber": f"+{digits}"}, [("Sms", digits)]

    def mailboxes(self, count: int) -> Iterator[tuple[dict[str, str], list[Address]]]:
        for _ in range(count):
            address = f"user.{next(self._number)}@chaos.example"
            if self.draw.random() < MAGIC_SHARE:
                name = self.draw.choice(MAGIC_NAMES)
                address = f"{name}+{next(self._number)}@magic.example"
            yield {"emailAddress": address}, [("Email", address)]

    def persons(self, count: int) -> Iterator[tuple[dict[str, str], list[Address]]]:
        for _ in range(count):
            digits = f"{next(self._number):07d}"
            yield (
                {"nationalIdentityNumber": f"9000{digits}"},
                [("Sms", f"479{digits}"), ("Email", f"innbygger.{digits}@folk.example")],
            )

    def organizations(self, count: int) -> Iterator[tuple[dict[str, str], list[Address]]]:
        for _ in range(count):
            digits = f"{next(self._number):06d}"
            yield (
                {"organizationNumber": f"500{digits}"},
                [("Sms", f"4746{digits}"), ("Email", f"post.{digits}@virksomhet.example")],
            )


def plan(
    draw: random.Random, recipients: Recipients, *, messages: int, seconds: float, outside: str
) -> list[Placement]:
    """Orders of so many messages in all, the largest near the beginning, over so many seconds."""
    largest = int(messages * SHARE_OF_LARGEST)
    found = list(recipients.persons(largest))
    body = {"body": "Dear $recipientName$, a letter has come.", "recipients": _of(found)}
    reached = [address for _, both in found for address in both if address[0] == "Sms"]
    placements = [Placement(seconds * 0.05, CREATORS[0], "orders/sms", body, reached)]
    left = messages - largest
    while left > 0:
        count = min(left, draw.randint(1, 2 * AVERAGE_ORDER))
        placements.append(_one(draw, recipients, count, draw.uniform(0, seconds)))
        left -= len(placements[-1].addresses)
    for outcome in ("true", "false"):
        found = list(recipients.numbers(1))
        body = {
            "body": "On a condition.",
            "recipients": _of(found),
            "conditionEndpoint": f"{outside}/condition/{outcome}",
        }
        reached = [address for _, both in found for address in both] if outcome == "true" else []
        placement = Placement(draw.uniform(0, seconds), "skd", "orders/sms", body, reached)
        placement.is_unmet = outcome == "false"
        placements.append(placement)
    placements += _poison(draw, recipients, seconds=seconds)
    return sorted(placements, key=lambda placement: placement.at)


def _poison(draw: random.Random, recipients: Recipients, *, seconds: float) -> Iterator[Placement]:
    """Orders of one creator, among its and the others' good ones."""
    for _ in range(POISON_ORDERS):
        found = list(recipients.poisonous(POISON_AN_ORDER))
        body = {"body": "Refused as if all were.", "recipients": _of(found)}
        at = draw.uniform(0.1, 0.6) * seconds
        yield Placement(at, POISONER, "orders/sms", body, _all(found))


def afterwards(recipients: Recipients) -> Iterator[Placement]:
    """What others still send, by which what is refused twice is known to be poison: where nobody
    else sends, the account might be empty."""
    for creator in itertools.cycle(creator for creator in CREATORS if creator != POISONER):
        (found,) = recipients.persons(1)
        body = {"body": "All is well.", "recipients": [found[0]]}
        reached = [address for address in found[1] if address[0] == "Sms"]
        yield Placement(0.0, creator, "orders/sms", body, reached)


def _one(draw: random.Random, recipients: Recipients, count: int, at: float) -> Placement:
    creator = draw.choice(CREATORS)
    name = draw.choice(("", " $recipientName$"))
    sms = {"body": f"Hello{name}."}
    mail = {"subject": f"A letter{name}", "body": f"Hello{name}."}
    match draw.choice(("numbers", "mailboxes", "persons", "organizations", "both")):
        case "numbers":
            found = list(recipients.numbers(count))
            return Placement(
                at, creator, "orders/sms", sms | {"recipients": _of(found)}, _all(found)
            )
        case "mailboxes":
            found = list(recipients.mailboxes(count))
            return Placement(
                at, creator, "orders/email", mail | {"recipients": _of(found)}, _all(found)
            )
        case "persons":
            found = list(recipients.persons(count))
            reached = [address for address in _all(found) if address[0] == "Email"]
            return Placement(
                at, creator, "orders/email", mail | {"recipients": _of(found)}, reached
            )
        case "organizations":
            found = list(recipients.organizations(count))
            reached = [address for address in _all(found) if address[0] == "Sms"]
            channel = "SmsPreferred"
        case _:
            found = list(recipients.persons(max(1, count // 2)))
            reached, channel = _all(found), "EmailAndSms"
    body = {
        "notificationChannel": channel,
        "emailTemplate": mail,
        "smsTemplate": sms,
        "recipients": _of(found),
    }
    return Placement(at, creator, "orders", body, reached)


def _of(found: Sequence[tuple[dict[str, str], list[Address]]]) -> list[dict[str, str]]:
    return [recipient for recipient, _ in found]


def _all(found: Sequence[tuple[dict[str, str], list[Address]]]) -> list[Address]:
    return [address for _, addresses in found for address in addresses]


class Clients:
    """Place each order at its time, again and again under its key until it is answered 202."""

    def __init__(self, system: RunningSystem, placements: Sequence[Placement], name: str) -> None:
        self._system = system
        self._name = name
        self._began = time.monotonic()
        self._stopped = threading.Event()
        for creator in CREATORS:
            system.token(creator)
        self._pool = ThreadPoolExecutor(CLIENTS)
        self._placing: list[Future[None]] = []
        for placement in placements:
            self.place(placement)

    def place(self, placement: Placement) -> None:
        """Begin to place it, in its turn."""
        number = len(self._placing)
        self._placing.append(self._pool.submit(self._place, placement, number))

    def wait(self) -> None:
        """Raises what a client met that it could not get over."""
        for placing in self._placing:
            placing.result()

    def stop(self) -> None:
        self._stopped.set()
        self._pool.shutdown(cancel_futures=True)

    def _place(self, placement: Placement, number: int) -> None:
        self._stopped.wait(placement.at - (time.monotonic() - self._began))
        headers = {
            "Authorization": f"Bearer {self._system.token(placement.creator)}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"{self._name}-{number}",
        }
        body = json.dumps(placement.body).encode()
        deadline = time.monotonic() + TIMEOUT
        while not self._stopped.is_set():
            placement.tries += 1
            try:
                answer = self._system.call("POST", f"{BASE}/{placement.path}", body, headers)
            except (OSError, http.client.HTTPException):
                said = "no answer"
            else:
                if answer.status == 202:
                    placement.order_id = answer.json["orderId"]
                    return
                said = f"{answer.status} {answer.body[:300]!r}"
                if answer.status < 500 and answer.status != 429:
                    raise AssertionError(f"An order was refused: {said}.")
            if time.monotonic() > deadline:
                raise AssertionError(f"An order could not be placed in {TIMEOUT} s: {said}.")
            self._stopped.wait(AGAIN_AFTER)
