"""What an examination finds. No finding holds a secret: addresses are told by their host."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from yarl import URL

# For one check, and for all of them together. Seconds.
LIMIT = 5.0
MAX_EXAMINATION_SECONDS = 15.0


class Verdict(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Finding:
    """`remedy` is what to do about it; empty where nothing is wrong."""

    name: str
    verdict: Verdict
    says: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """`examine` may raise whatever it likes: that is a finding, too."""

    name: str
    examine: Callable[[], list[Finding]]


def ok(name: str, says: str) -> Finding:
    return Finding(name, Verdict.OK, says)


def warning(name: str, says: str, remedy: str) -> Finding:
    return Finding(name, Verdict.WARNING, says, remedy)


def failed(name: str, says: str, remedy: str) -> Finding:
    return Finding(name, Verdict.FAILED, says, remedy)


def not_set(name: str, setting: str) -> Finding:
    return failed(name, f"{setting} is not set.", f"Set {setting} in the environment.")


def surprised(name: str, error: BaseException) -> Finding:
    """By its kind alone: the words may hold a password."""
    return failed(
        name, f"The check itself failed ({type(error).__name__}).", "See settings and logs."
    )


def host_of(address: str) -> str:
    """The host and port of an address; user, password, path and query are nobody's business."""
    try:
        url = URL(address)
    except ValueError:
        return "an address that cannot be read"
    if not url.host:
        return "an address without a host"
    return f"{url.host}:{url.port}" if url.port else url.host
