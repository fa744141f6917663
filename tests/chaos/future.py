"""Requests under `/future`: chains with reminders, instant messages, e-mails with attachments."""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from tests.chaos.placements import INSTANT, Placement, Shipment
from tests.chaos.recipients import Recipient, Recipients

MAX_SIZE = 25_000
"""Of an attachment, in bytes."""
REMINDED_AFTER = (1.0, 6.0)
"""Seconds."""
FAR_AHEAD = timedelta(hours=1)
MIN_LIFE = 10
"""Of an instant SMS of the system under fire, in seconds."""
SECRET = "c2lnbmVkLWJ5LWNoYW9z"

_SMS = {"body": "A letter has come."}
_EMAIL = {"subject": "A letter", "body": "A letter has come."}
_GOOD_FILES = ("file", "file", "flaky", "slow", "redirect")
_BAD_FILES = {
    "refused": "Failed_InvalidSasUrl",
    "missing": "Failed_InvalidSasUrl",
    "endless": "Failed_PayloadTooLarge",
}


def chains(
    draw: random.Random,
    recipients: Recipients,
    *,
    count: int,
    creators: Sequence[str],
    seconds: float,
    outside: str,
) -> Iterator[Placement]:
    """A main order and its reminders, seconds apart; every kind as often as any other."""
    kinds = ("plain", "main is unmet", "reminder is unmet", "main is cancelled", "reminder first")
    for number in range(count):
        kind = kinds[number % len(kinds)]
        main, shipment = _addressed(draw, recipients)
        at = draw.uniform(0, seconds)
        if kind == "main is unmet":
            _ask(main, shipment, outside, is_met=False)
        if kind in ("main is cancelled", "reminder first"):
            main["requestedSendTime"] = FAR_AHEAD
        if kind == "main is cancelled":
            shipment.addresses, shipment.end, shipment.is_cancelled = [], "Cancelled", True
        if kind == "reminder first":
            main["requestedSendTime"] = timedelta(seconds=REMINDED_AFTER[1])
        reminders = []
        for _ in range(draw.choice((1, 1, 2))):
            reminder, own = _addressed(draw, recipients)
            reminder["requestedSendTime"] = timedelta(seconds=draw.uniform(*REMINDED_AFTER))
            if kind == "reminder is unmet":
                _ask(reminder, own, outside, is_met=False)
            elif draw.random() < 0.3:
                _ask(reminder, own, outside, is_met=True)
            reminders.append((reminder, own))
        yield Placement(
            at,
            draw.choice(creators),
            "future/orders",
            main | {"reminders": [reminder for reminder, _ in reminders]},
            [shipment, *(own for _, own in reminders)],
        )


def instants(
    draw: random.Random,
    recipients: Recipients,
    *,
    count: int,
    creators: Sequence[str],
    seconds: float,
) -> Iterator[Placement]:
    """Two SMS for each e-mail."""
    for number in range(count):
        is_email = number % 3 == 2
        [one] = recipients.mailboxes(1) if is_email else recipients.numbers(1)
        body: dict[str, Any] = (
            {"recipientEmail": _email_of(one)}
            if is_email
            else {"recipientSms": _sms_of(one) | {"timeToLiveInSeconds": MIN_LIFE}}
        )
        path = INSTANT + ("email" if is_email else "sms")
        at, creator = draw.uniform(0, seconds), draw.choice(creators)
        yield Placement(at, creator, path, body, [Shipment(one[1])])


def composed(
    draw: random.Random,
    recipients: Recipients,
    *,
    count: int,
    creators: Sequence[str],
    seconds: float,
    outside: str,
) -> Iterator[Placement]:
    """Each of its files comes at once, late, at the second try or from elsewhere; of one e-mail in
    four the last does not come at all."""
    for number in range(count):
        [one] = recipients.mailboxes(1)
        shipment = Shipment(one[1])
        moods = [draw.choice(_GOOD_FILES) for _ in range(draw.randint(1, 3))]
        if number % 4 == 3:
            moods[-1] = draw.choice(sorted(_BAD_FILES))
            shipment.unsendable = _BAD_FILES[moods[-1]]
        files = [
            {
                "filename": f"Letter {position}.pdf",
                "mimeType": "application/pdf",
                "sasUrl": _link(outside, mood, f"{number}-{position}.pdf", draw),
            }
            for position, mood in enumerate(moods)
        ]
        recipient = {"emailAddress": one[1][0][1], "emailSettings": _EMAIL | {"attachments": files}}
        yield Placement(
            draw.uniform(0, seconds),
            draw.choice(creators),
            "future/orders/composed-email",
            {"recipient": recipient},
            [shipment],
        )


def _addressed(draw: random.Random, recipients: Recipients) -> tuple[dict[str, Any], Shipment]:
    """An order with a recipient of any sort, to which times and conditions are added."""
    match draw.choice(("number", "mailbox", "person", "both")):
        case "number":
            [one] = recipients.numbers(1)
            return {"recipient": {"recipientSms": _sms_of(one)}}, Shipment(one[1])
        case "mailbox":
            [one] = recipients.mailboxes(1)
            return {"recipient": {"recipientEmail": _email_of(one)}}, Shipment(one[1])
        case kind:
            [one] = recipients.persons(1)
            channel = "EmailAndSms" if kind == "both" else "EmailPreferred"
    person = one[0] | {"channelSchema": channel, "emailSettings": _EMAIL, "smsSettings": _SMS}
    addresses = [address for address in one[1] if kind == "both" or address[0] == "Email"]
    return {"recipient": {"recipientPerson": person}}, Shipment(addresses)


def _ask(order: dict[str, Any], shipment: Shipment, outside: str, *, is_met: bool) -> None:
    order["conditionEndpoint"] = f"{outside}/condition/{str(is_met).lower()}"
    if not is_met:
        shipment.addresses, shipment.end = [], "SendConditionNotMet"


def _sms_of(one: Recipient) -> dict[str, Any]:
    return {"phoneNumber": one[0]["mobileNumber"], "smsSettings": _SMS}


def _email_of(one: Recipient) -> dict[str, Any]:
    return {"emailAddress": one[0]["emailAddress"], "emailSettings": _EMAIL}


def _link(outside: str, mood: str, name: str, draw: random.Random) -> str:
    query: Mapping[str, object] = {
        "size": draw.randint(0, MAX_SIZE),
        "seconds": 1,
        "to": f"/store/file/{name}?size=100",
        "sr": "b",
        "sp": "r",
        "se": "2099-01-01T00:00:00Z",
        "sig": SECRET,
    }
    written = "&".join(f"{key}={quote(str(value), safe='')}" for key, value in query.items())
    return f"{outside}/store/{mood}/{name}?{written}"
