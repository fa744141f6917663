"""The example orders of the public documentation, placed as a service owner would place them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import loopback
from .places import ROOT

FOLDER = ROOT / "script" / "examples"
API = "/notifications/api/v1"


@dataclass(frozen=True, slots=True)
class Example:
    """A request body, byte for byte as the documentation prints it, and where it is posted."""

    path: str
    file: str

    @property
    def title(self) -> str:
        """The file's name as words."""
        return Path(self.file).stem.split("-", 1)[1].replace("-", " ")

    @property
    def body(self) -> bytes:
        """The request body."""
        return (FOLDER / self.file).read_bytes().removesuffix(b"\n")


EXAMPLES = (
    Example(f"{API}/orders/sms", "1-sms-to-three-recipients.json"),
    Example(f"{API}/orders/sms", "2-sms-with-keywords.json"),
    Example(f"{API}/orders/email", "3-email-to-three-recipients.json"),
    Example(f"{API}/orders", "4-email-preferred.json"),
    Example(f"{API}/orders", "5-sms-preferred-with-keywords.json"),
)


def place(*, port: int, token: str) -> Iterator[str]:
    """Place every example; a line for the screen about each."""
    for example in EXAMPLES:
        answer = loopback.post_json(port, example.path, body=example.body, token=token)
        yield f"{answer.status}  {example.title}: {_meaning(answer)}"


def _meaning(answer: loopback.Answer) -> str:
    if answer.status != 202:
        return " ".join(answer.body.decode(errors="replace").split())[:200]
    accepted = json.loads(answer.body)
    looked_up = accepted.get("recipientLookup") or {}
    return f"order {accepted['orderId']} {looked_up.get('status', '')}".rstrip()
