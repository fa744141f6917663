"""What arrived at the phones and in the inboxes, and the page where its readers see it."""

import secrets
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

KEPT = 200_000
CHARACTERS_KEPT = 200_000_000

_PAGE = Path(__file__).with_suffix(".html").read_text(encoding="utf-8")


@dataclass(slots=True)
class Received:
    """One SMS or e-mail that the gateway or the mail server took.

    `outcome` is "Accepted" until a delivery report was handed over, then the word of the report.
    `arrives` is whether its reader sees it. Times are seconds since 1970.
    """

    channel: str
    reference: str
    receiver: str
    sender: str
    text: str
    subject: str = ""
    content_type: str = ""
    client_reference: str = ""
    encoding: str = ""
    parts: int = 1
    minutes_to_live: int | None = None
    arrives: bool = True
    outcome: str = "Accepted"
    reported_at: float | None = None
    received_at: float = field(default_factory=time.time)
    number: int = 0

    def as_json(self, *, owner: str) -> dict[str, object]:
        return {
            "number": self.number,
            "channel": self.channel,
            "reference": self.reference,
            "clientReference": self.client_reference,
            "receiver": self.receiver,
            "owner": owner,
            "sender": self.sender,
            "subject": self.subject,
            "text": self.text,
            "contentType": self.content_type,
            "encoding": self.encoding,
            "parts": self.parts,
            "minutesToLive": self.minutes_to_live,
            "arrives": self.arrives,
            "outcome": self.outcome,
            "receivedAt": self.received_at,
            "reportedAt": self.reported_at,
        }


class Messages:
    """The last messages, oldest first, within bounds of count and of size."""

    def __init__(self) -> None:
        self._messages: deque[Received] = deque()
        self._characters = 0
        self._last_number = 0
        self.epoch = secrets.token_hex(4)

    def add(self, message: Received) -> None:
        self._last_number += 1
        message.number = self._last_number
        self._messages.append(message)
        self._characters += len(message.text)
        while len(self._messages) > KEPT or self._characters > CHARACTERS_KEPT:
            self._characters -= len(self._messages.popleft().text)

    def after(self, number: int, *, last: int | None = None) -> list[Received]:
        """Those numbered above `number`, oldest first; with `last`, only the newest so many."""
        newer: list[Received] = []
        for message in reversed(self._messages):
            if message.number <= number or (last is not None and len(newer) >= last):
                break
            newer.append(message)
        newer.reverse()
        return newer

    def clear(self) -> None:
        """Forget all, and show it by a new epoch; numbers go on from where they were."""
        self._messages.clear()
        self._characters = 0
        self.epoch = secrets.token_hex(4)


async def page(request: web.Request) -> web.Response:
    """The page itself; it reads the messages from /control/messages.

    E-mails are shown in frames without scripts, and the policy keeps them from loading anything.
    """
    nonce = secrets.token_urlsafe(16)
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-{nonce}'; "
        "connect-src 'self'; img-src data:; frame-src 'self'; base-uri 'none'; form-action 'none'"
    )
    return web.Response(
        text=_PAGE.replace("{nonce}", nonce),
        content_type="text/html",
        headers={"Content-Security-Policy": policy, "Cache-Control": "no-store"},
    )


ROUTES = (web.get("/", page),)
