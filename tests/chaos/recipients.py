"""Whom the orders of a run are for: drawn from its seed, and none of them twice."""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.simulators.magic import MAGIC_PREFIX

MAGIC_CODES = ("01", "02", "05", "10", "13", "14", "22", "23", "24", "30", "31")
MAGIC_NAMES = ("bounced", "deferred", "duplicate", "early", "greylisted", "lost", "slow", "spam")
MAGIC_SHARE = 0.03
POISONOUS_CODE = "32"

Address = tuple[str, str]
"""The channel and the receiver, as gateway and mail server see them."""
Recipient = tuple[dict[str, str], list[Address]]
"""As it stands in an order, and where it can be reached."""


@dataclass(slots=True)
class Recipients:
    """Draws recipients of whom none comes twice."""

    draw: random.Random
    _number: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _magic: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def numbers(self, count: int) -> Iterator[Recipient]:
        for _ in range(count):
            number = next(self._number)
            digits = f"4748{number:06d}"
            if self.draw.random() < MAGIC_SHARE:
                code = self.draw.choice(MAGIC_CODES)
                digits = f"{MAGIC_PREFIX}{code}{next(self._magic):03d}"
            yield {"mobileNumber": f"+{digits}"}, [("Sms", digits)]

    def poisonous(self, count: int) -> Iterator[Recipient]:
        """Whom the gateway refuses in words that would do for everybody."""
        for _ in range(count):
            digits = f"{MAGIC_PREFIX}{POISONOUS_CODE}{next(self._magic):03d}"
            yield {"mobileNumber": f"+{digits}"}, [("Sms", digits)]

    def mailboxes(self, count: int) -> Iterator[Recipient]:
        for _ in range(count):
            address = f"user.{next(self._number)}@chaos.example"
            if self.draw.random() < MAGIC_SHARE:
                name = self.draw.choice(MAGIC_NAMES)
                address = f"{name}+{next(self._number)}@magic.example"
            yield {"emailAddress": address}, [("Email", address)]

    def persons(self, count: int) -> Iterator[Recipient]:
        for _ in range(count):
            digits = f"{next(self._number):07d}"
            yield (
                {"nationalIdentityNumber": f"9000{digits}"},
                [("Sms", f"479{digits}"), ("Email", f"innbygger.{digits}@folk.example")],
            )

    def organizations(self, count: int) -> Iterator[Recipient]:
        for _ in range(count):
            digits = f"{next(self._number):06d}"
            yield (
                {"organizationNumber": f"500{digits}"},
                [("Sms", f"4746{digits}"), ("Email", f"post.{digits}@virksomhet.example")],
            )


def written(found: Sequence[Recipient]) -> list[dict[str, str]]:
    """As they stand in an order."""
    return [recipient for recipient, _ in found]


def reached(found: Sequence[Recipient], channel: str | None = None) -> list[Address]:
    """Where they are reached, on one channel or on both."""
    return [one for _, both in found for one in both if channel in (None, one[0])]
