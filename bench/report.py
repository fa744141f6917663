"""Writes the results as a page and as a chart."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

from bench.figures import Goal, Row

_HEAD = """# Results

Written by `script/bench` on {day}: {machine}. Every figure is the median of {rounds} rounds (lowest
to highest in brackets), system and reference in turn on the same servers. Ratios matter, not
figures: machines differ, and are noisy. [Performance](../docs/performance.md) explains them.

![Ratios to the goals](results.svg)

| # | What | System | Reference | Goals |
|---|---|---|---|---|
"""
_WIDTH, _LINE, _LABEL, _BAR = 900, 26, 430, 300
_MET, _MISSED, _GOAL = "#2e7d4f", "#b3452b", "#30343a"


def page(rows: Sequence[Row], *, machine: str, rounds: int, day: date) -> str:
    """Markdown."""
    lines = [_HEAD.format(day=day.isoformat(), machine=machine, rounds=rounds)]
    for row in rows:
        reference = row.reference.shown(row.digits) if row.reference else "-"
        goals = "<br>".join(goal.shown() for goal in row.goals)
        lines.append(
            f"| {row.number} | {row.what}, {row.unit} | {row.system.shown(row.digits)} |"
            f" {reference} | {goals} |\n"
        )
    lines.append("\n## Where the CPU goes, and other notes\n\n")
    for row in rows:
        for name, note in row.notes.items():
            lines.append(f"- {row.number}, {row.what}: {name}: {note}\n")
    return "".join(lines)


def chart(rows: Sequence[Row]) -> str:
    """SVG: how each goal was reached; the line is the goal, to its right is better."""
    goals = [(row, goal) for row in rows for goal in row.goals]
    height = _LINE * (len(goals) + 2)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img"'
        ' font-family="system-ui, sans-serif" font-size="13">',
        "<title>How each goal was reached</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
    ]
    goal_at = _LABEL + _BAR / 2
    for position, (row, goal) in enumerate(goals, start=1):
        middle = position * _LINE + 5
        length = _BAR / 2 * min(2.0, achievement(goal))
        colour = _MET if goal.is_met else _MISSED
        label = escape(f"{row.number}. {row.what}"[:60])
        parts += [
            f'<text x="{_LABEL - 10}" y="{middle}" text-anchor="end">{label}</text>',
            f'<rect x="{_LABEL}" y="{middle - 13}" width="{length:.0f}" height="17"'
            f' fill="{colour}"/>',
            f'<text x="{_LABEL + _BAR + 10}" y="{middle}" fill="{colour}">'
            f"{escape(value(goal))}</text>",
        ]
    parts += [
        f'<line x1="{goal_at}" x2="{goal_at}" y1="12" y2="{height - 14}" stroke="{_GOAL}"'
        ' stroke-dasharray="4 3"/>',
        f'<text x="{goal_at}" y="{height - 2}" text-anchor="middle" fill="{_GOAL}">goal</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def achievement(goal: Goal) -> float:
    """1 is the goal itself, 2 twice as good."""
    reached, limit = max(goal.reached, 1e-9), goal.limit
    if goal.at_least:
        return reached / limit
    return 2.0 if limit == 0 and goal.is_met else limit / reached


def value(goal: Goal) -> str:
    sign = "≥" if goal.at_least else "≤"
    return f"{goal.reached:.2f}{goal.unit} ({sign} {goal.limit:g})"


def write(
    rows: Sequence[Row], *, folder: Path, machine: str, rounds: int, day: date
) -> tuple[Path, Path]:
    """results.md and results.svg in the folder."""
    written = folder / "results.md", folder / "results.svg"
    written[0].write_text(page(rows, machine=machine, rounds=rounds, day=day))
    written[1].write_text(chart(rows))
    return written
