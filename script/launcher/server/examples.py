"""The example orders of the public documentation, placed as a service owner would place them."""

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from script.launcher.paths import ROOT
from script.launcher.server import loopback

FOLDER = ROOT / "script" / "examples"


@dataclass(frozen=True, slots=True)
class Example:
    """One example: the curl command that the documentation prints, as it prints it."""

    file: Path
    path: str
    headers: Mapping[str, str]
    body: bytes | None

    @classmethod
    def read(cls, file: Path) -> "Example":
        """Take the command apart as a shell and curl would."""
        words = shlex.split(file.read_text().replace("\\\n", " "))
        given = list(zip(words[3::2], words[4::2], strict=True))
        bodies = [value.encode() for option, value in given if option == "--data-raw"]
        headers = [value.partition(": ") for option, value in given if option == "--header"]
        return cls(
            file=file,
            path=urlsplit(words[2]).path,
            headers={name: value for name, _, value in headers},
            body=bodies[0] if bodies else None,
        )

    @property
    def title(self) -> str:
        """The file's name as words."""
        return self.file.stem.split("-", 1)[1].replace("-", " ")


def read_all() -> list[Example]:
    return [Example.read(file) for file in sorted(FOLDER.glob("*.sh"))]


def place(*, port: int, token: str) -> Iterator[str]:
    """Place every order of the examples; a line for the screen about each."""
    for example in read_all():
        if example.body is None:
            continue
        answer = loopback.post_json(port, example.path, body=example.body, token=token)
        yield f"{answer.status}  {example.title}: {_meaning(answer)}"


def _meaning(answer: loopback.Answer) -> str:
    if answer.status != 202:
        return " ".join(answer.body.decode(errors="replace").split())[:200]
    accepted = json.loads(answer.body)
    looked_up = accepted.get("recipientLookup") or {}
    return f"order {accepted['orderId']} {looked_up.get('status', '')}".rstrip()
