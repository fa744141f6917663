"""What is said to somebody whose request cannot be taken."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """`section` is where RFC 9110 defines the status (https://www.rfc-editor.org/rfc/rfc9110);
    `retry_after` is in seconds, 0 where another try would end in the same way."""

    status: int
    title: str
    section: str
    sentence: str
    retry_after: int = 0


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """A request that the door has answered by itself, after so many seconds."""

    method: str
    refusal: Refusal
    trace_id: str
    seconds: float


class BodyWanted(BaseException):
    """The application wants to read a body that is not there: not yet, or, with a refusal, never.

    No Exception: nothing but the door may take it for an error of the application.
    """

    def __init__(self, refusal: Refusal | None) -> None:
        super().__init__(refusal)
        self.refusal = refusal


class Refused(Exception):
    """The body is not taken."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


LENGTH_REQUIRED = Refusal(
    411,
    "Length Required",
    "15.5.12",
    "Over HTTP/1.0 a request says in Content-Length how long its body is.",
)


TOO_MANY_HEADERS = Refusal(
    431,
    "Request Header Fields Too Large",
    "15.5",
    "The request has too many headers.",
)


def cut_off(announced: int | None) -> Refusal:
    length = "end" if announced is None else f"{announced} bytes"
    return Refusal(400, "Bad Request", "15.5.1", f"The body ends before its {length}.")


def too_large(most: int) -> Refusal:
    sentence = f"The body may be {most} bytes long."
    return Refusal(413, "Content Too Large", "15.5.14", sentence)


def too_slow(seconds: float, rate: int) -> Refusal:
    sentence = (
        f"The body came too slowly: after {seconds:g} seconds, at least {rate} bytes a second are"
        " expected."
    )
    return Refusal(408, "Request Timeout", "15.5.9", sentence)


def too_many(seconds: float) -> Refusal:
    sentence = "Too many large requests or answers are under way."
    retry_after = max(1, round(seconds))
    return Refusal(503, "Service Unavailable", "15.6.4", sentence, retry_after=retry_after)
