"""A rule of a setting: what may stand there, and what can be wrong with it.

No complaint repeats a value: it may be a secret.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum


class Level(Enum):
    WRONG = "refused everywhere"
    UNFIT = "refused in production"
    DOUBTFUL = "warned of in production"


@dataclass(frozen=True, slots=True)
class Complaint:
    """`says` goes on where the setting's name has begun the sentence."""

    level: Level
    says: str


Judge = Callable[[str], Iterator[Complaint]]


@dataclass(frozen=True, slots=True)
class Rule:
    """`allowed` goes on after "Set it to"; `warned` names what is only warned of. `unset` is what a
    production is warned of that leaves the setting out. What has many lines is a whole document."""

    allowed: str
    judge: Judge
    warned: str = ""
    unset: str = ""
    has_many_lines: bool = False

    def or_warned(self, *, unset: str) -> "Rule":
        return replace(self, unset=unset, warned=self.warned or "not set")


def wrong(says: str) -> Complaint:
    return Complaint(Level.WRONG, says)


def unfit(says: str) -> Complaint:
    return Complaint(Level.UNFIT, says)


def doubtful(says: str) -> Complaint:
    return Complaint(Level.DOUBTFUL, says)
