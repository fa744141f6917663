"""The registers that know people and organisations, one module for each."""

from collections.abc import Collection


class RegisterUnavailable(Exception):
    """A register did not answer, or not as agreed. The question is worth asking again later.

    `register` is "Profile", "Register" or "Authorization". `reason` never holds personal data.
    `about` are the identifiers that it cannot answer for, where it answers for the others; none
    where it answers for nobody. Keep them out of logs.
    """

    def __init__(self, register: str, reason: str, *, about: Collection[str] = ()) -> None:
        super().__init__(f"{register} is unavailable: {reason}.")
        self.register = register
        self.reason = reason
        self.about = frozenset(about)


class AnswerUnusable(RegisterUnavailable):
    """The register is there, but this answer is none: a single item of a long question may be at
    fault, such as a person whose entry the register, or we, cannot read."""
