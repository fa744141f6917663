"""What a test wants to go wrong, and how often."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

_OF_A_REGISTER = frozenset({"", "error500", "time-out", "bad-json"})
MODES: Mapping[str, frozenset[str]] = {
    "profile": _OF_A_REGISTER,
    "register": _OF_A_REGISTER,
    "authorization": _OF_A_REGISTER,
    "dialogporten": _OF_A_REGISTER,
    "maskinporten": _OF_A_REGISTER,
    "openid": _OF_A_REGISTER,
    "staff": _OF_A_REGISTER,
    "staff-token": frozenset(
        {
            "",
            "wrong-key",
            "wrong-nonce",
            "wrong-audience",
            "wrong-issuer",
            "expired",
            "unsigned",
        }
    ),
    "gateway": frozenset(
        {
            "",
            "error500",
            "time-out",
            "close-after-reading",
            "late",
            "log-on-fails",
            "no-credit",
            "too-many-requests",
        }
    ),
    "gatewayapi": frozenset(
        {
            "",
            "error500",
            "time-out",
            "close-after-reading",
            "log-on-fails",
            "no-credit",
            "too-many-requests",
        }
    ),
    "smtp": frozenset(
        {
            "",
            "error421",
            "error451",
            "error554",
            "time-out",
            "close-after-reading",
            "log-in-required",
            "log-in-fails",
            "without-smtputf8",
        }
    ),
    "reports": frozenset({"", "none", "early", "duplicate", "out-of-order"}),
}
LONG = 120.0


class InvalidFault(Exception):
    """The text says which part of the request cannot be used, and what could be."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`times` is how many calls are left to spoil; None spoils all until it is taken away."""

    mode: str = ""
    latency_ms: int = 0
    times: int | None = None


class Faults:
    """The faults in force, one for each part of the simulated world."""

    def __init__(self) -> None:
        self._by_part: dict[str, Fault] = {}

    def take(self, part: str, *modes: str) -> Fault | None:
        """The fault that this call meets, if any; with `modes`, only if it is one of those."""
        fault = self._by_part.get(part)
        if fault is None or (modes and fault.mode not in modes):
            return None
        if fault.times is not None:
            if fault.times == 1:
                del self._by_part[part]
            else:
                self._by_part[part] = replace(fault, times=fault.times - 1)
        return fault

    def put(self, document: object) -> None:
        """Set the faults of the parts named; null takes one away. Raises `InvalidFault`."""
        if not isinstance(document, dict):
            raise InvalidFault("A JSON object is needed, with the faults by part.")
        parsed = {part: _parse(part, entry) for part, entry in document.items()}
        for part, fault in parsed.items():
            self._by_part.pop(part, None)
            if fault is not None:
                self._by_part[part] = fault

    def clear(self) -> None:
        self._by_part.clear()

    def in_force(self) -> dict[str, dict[str, object]]:
        return {
            part: {"mode": fault.mode, "latency_ms": fault.latency_ms, "times": fault.times}
            for part, fault in self._by_part.items()
        }


def _parse(part: str, entry: object) -> Fault | None:
    if part not in MODES:
        raise InvalidFault(f"No part is called '{part}'. There are: {', '.join(MODES)}.")
    if entry is None:
        return None
    if not isinstance(entry, dict) or entry.keys() - {"mode", "latency_ms", "times"}:
        raise InvalidFault(f"'{part}' is an object with mode, latency_ms and times, or null.")
    mode = entry.get("mode", "")
    if not isinstance(mode, str) or mode not in MODES[part]:
        modes = ", ".join(sorted(MODES[part] - {""}))
        raise InvalidFault(f"'{part}' has no mode '{mode}'. There are: {modes}.")
    latency_ms, times = entry.get("latency_ms", 0), entry.get("times")
    if type(latency_ms) is not int or not 0 <= latency_ms <= LONG * 1000:
        raise InvalidFault(f"'{part}': latency_ms is a whole number from 0 to {LONG * 1000:.0f}.")
    if times is not None and (type(times) is not int or times < 1):
        raise InvalidFault(f"'{part}': times is a whole number from 1, or null for always.")
    return Fault(mode=mode, latency_ms=latency_ms, times=times)
