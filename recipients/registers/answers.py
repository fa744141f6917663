"""Reading the registers' answers: each member must be there in the agreed type.

A member that is not raises NotAsAgreed, which names the member and never its value.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from recipients.registers import AnswerUnusable

JsonObject = Mapping[str, object]


class NotAsAgreed(Exception):
    """The answer is JSON, but of another shape than the register's contract."""


@contextmanager
def reading(register: str) -> Iterator[None]:
    """Turns NotAsAgreed into AnswerUnusable: an answer half understood is no answer."""
    try:
        yield
    except NotAsAgreed as error:
        raise AnswerUnusable(register, f"its answer is not as agreed: {error}") from error


def objects(answer: object, member: str) -> Iterator[JsonObject]:
    """The objects of a list that must be there."""
    if not isinstance(answer, dict):
        raise NotAsAgreed(f"no object holds {member}")
    entries = answer.get(member)
    if not isinstance(entries, list):
        raise NotAsAgreed(f"{member} is no list")
    for entry in entries:
        if not isinstance(entry, dict):
            raise NotAsAgreed(f"{member} holds something other than objects")
        yield entry


def objects_if_any(entry: JsonObject, member: str) -> Iterator[JsonObject]:
    """The objects of a list that may be absent or null."""
    return iter(()) if entry.get(member) is None else objects(entry, member)


def identifier(entry: JsonObject, member: str) -> str:
    """A text that must be there and not be blank."""
    value = text(entry, member)
    if not value:
        raise NotAsAgreed(f"{member} is missing")
    return value


def text(entry: JsonObject, member: str) -> str:
    """A text without white space around it; "" where it is absent or null."""
    return _text(entry.get(member), member)


def texts(entry: JsonObject, member: str) -> tuple[str, ...]:
    """The texts of a list, without blank ones; none where it is absent or null."""
    values = entry.get(member)
    if values is None:
        return ()
    if not isinstance(values, list):
        raise NotAsAgreed(f"{member} is no list")
    return tuple(value for value in (_text(value, member) for value in values) if value)


def number(entry: JsonObject, member: str) -> int:
    value = entry.get(member)
    if not isinstance(value, int) or isinstance(value, bool):
        raise NotAsAgreed(f"{member} is no whole number")
    return value


def truth(entry: JsonObject, member: str) -> bool:
    value = entry.get(member)
    if not isinstance(value, bool):
        raise NotAsAgreed(f"{member} is neither true nor false")
    return value


def _text(value: object, member: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise NotAsAgreed(f"{member} is no text")
    # JSON can hold what PostgreSQL cannot: NUL, and halves of surrogate pairs.
    storable = value if value.isascii() else value.encode(errors="ignore").decode()
    return storable.replace("\0", "").strip()
