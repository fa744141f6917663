"""Rules of secrets, and of who says them."""

from collections.abc import Iterator
from itertools import pairwise

from config.setting_rules.rule import Complaint, Rule, doubtful, unfit, wrong
from config.settings.reading import listed

# What examples and habits put where a secret should be.
_HABITS = (
    "admin",
    "changeme",
    "default",
    "djangoinsecure",
    "example",
    "hemmelig",
    "insecure",
    "letmein",
    "lorem",
    "notifications",
    "onlyfor",
    "passord",
    "password",
    "placeholder",
    "qwerty",
    "replaceme",
    "secretkey",
    "testtest",
    "topsecret",
    "yoursecret",
)
MIN_DIFFERENT_CHARACTERS = 6


def secret(shortest: int) -> Rule:
    """One that we choose ourselves: nobody should be able to guess it."""

    def judge(given: str) -> Iterator[Complaint]:
        yield from guessable(given, shortest)

    return Rule(f"something random of {shortest} characters or more", judge)


def secrets(shortest: int) -> Rule:
    """A list of such, the newest first."""

    def judge(given: str) -> Iterator[Complaint]:
        for one in listed(given):
            yield from guessable(one, shortest)

    return Rule(
        f"one or more random texts of {shortest} characters or more, with commas between them",
        judge,
    )


def guessable(given: str, shortest: int) -> Iterator[Complaint]:
    plain = "".join(filter(str.isalnum, given.lower()))
    if len(given) < shortest:
        yield unfit(f"is shorter than {shortest} characters")
    elif len(set(given)) < MIN_DIFFERENT_CHARACTERS:
        yield unfit("holds the same few characters over and over")
    elif given in (given + given)[1:-1]:
        yield unfit("repeats itself")
    elif _is_counting(given):
        yield unfit("counts up or down, as 1234 and abcd do")
    elif any(habit in plain for habit in _HABITS):
        yield unfit("looks like an example that nobody has replaced")


def _is_counting(given: str) -> bool:
    """Whether three of four characters follow, or repeat, the one before them."""
    steps = [ord(one) - ord(before) for before, one in pairwise(given)]
    return 4 * sum(abs(step) <= 1 for step in steps) > 3 * len(steps)


def given_secret() -> Rule:
    """One that others have chosen: how long it is, is up to them."""

    def judge(given: str) -> Iterator[Complaint]:
        if len(given) < 8:
            yield doubtful("is shorter than 8 characters")
        elif len(set(given)) < 3:
            yield doubtful("holds the same few characters over and over")

    return Rule("what the other side has given out", judge, "shorter than 8 characters")


def user_name() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        if ":" in given:
            yield wrong("holds a colon, which ends a user name (RFC 7617)")

    return Rule("a user name without a colon", judge)
