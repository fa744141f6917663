"""Whether a token is in force, by the times that it names (RFC 7519, section 4.1)."""

from collections.abc import Mapping
from typing import Any

# Issuers' clocks may be a little ahead of ours: section 4.1.5 allows for it. In seconds.
LEEWAY = 10.0
LATEST = 253_402_300_799
"""The end of the year 9999; what is later is no time."""


def why_not_in_force(claims: Mapping[str, Any], *, now: float) -> str | None:
    """None for a token in force. `exp` is needed and strict, `nbf` has a leeway, `iat` must only be
    a time. Times are seconds since 1970 as JSON numbers, nothing else."""
    times = [claims["exp"], *(claims[name] for name in ("nbf", "iat") if name in claims)]
    if not all(map(_is_time, times)):
        return "One of its times (exp, nbf, iat) is no number of seconds since 1970."
    if claims["exp"] <= now:
        return "It has expired."
    if claims.get("nbf", now) > now + LEEWAY:
        return "It is not valid yet."
    return None


def _is_time(value: object) -> bool:
    match value:
        case bool():
            return False
        case int() | float():
            return 0 <= value <= LATEST
    return False
