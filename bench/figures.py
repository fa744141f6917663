"""One row of the table: rounds of the system and of its reference, and whether the goal is met."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Rounds:
    """The same figure, measured several times."""

    values: Sequence[float]

    @property
    def median(self) -> float:
        return median(self.values)

    def shown(self, digits: int = 0) -> str:
        low, high = min(self.values), max(self.values)
        return f"{self.median:,.{digits}f} ({low:,.{digits}f}-{high:,.{digits}f})"


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be reached, and what was."""

    what: str
    reached: float
    limit: float
    at_least: bool = True
    unit: str = ""

    @property
    def is_met(self) -> bool:
        return self.reached >= self.limit if self.at_least else self.reached <= self.limit

    def shown(self) -> str:
        sign = "≥" if self.at_least else "≤"
        verdict = "met" if self.is_met else "NOT MET"
        return f"{self.what} {self.reached:.2f}{self.unit} ({sign} {self.limit:g}): {verdict}"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the results."""

    number: int
    what: str
    unit: str
    system: Rounds
    reference: Rounds | None
    goals: Sequence[Goal]
    notes: Mapping[str, str] = field(default_factory=dict)
    digits: int = 0


def alternating(
    system: Callable[[], float], reference: Callable[[], float], *, rounds: int = ROUNDS
) -> tuple[Rounds, Rounds]:
    """System and reference in turn, each first as often as possible, so that a machine that grows
    slower meanwhile harms both."""
    found: dict[Callable[[], float], list[float]] = {system: [], reference: []}
    for number in range(rounds):
        order = (system, reference) if number % 2 else (reference, system)
        for measure in order:
            found[measure].append(measure())
    return Rounds(found[system]), Rounds(found[reference])


def milliseconds(per_unit: Mapping[str, float]) -> str:
    """CPU by process, the dearest first."""
    ordered = sorted(per_unit.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {value:.3f}" for name, value in ordered if value >= 0.0005)
