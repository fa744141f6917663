"""script/bench: what the system does in a second, beside bare references of the same run."""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench import scaling
from bench.hosts import NoHosts
from bench.running import FIGURES, run, write
from script.launcher.console import Refusal, step

SCALE = "scale"


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0 if every goal was reached."""
    options = _parser().parse_args(arguments)
    logs = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        if options.figures == [SCALE]:
            return _scale(logs)
        rows = run(options.figures or FIGURES.keys(), logs=logs, full=options.full)
    except (Refusal, AssertionError) as reason:
        print(f"\n{reason}\nThe logs are in {logs}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    shutil.rmtree(logs)
    if not options.figures:
        write(rows)
        step("bench/results.md and bench/results.svg are written")
    missed = [goal for row in rows for goal in row.goals if not goal.is_met]
    step(f"{len(missed)} goals were missed" if missed else "every goal was reached")
    return int(bool(missed))


def _scale(logs: Path) -> int:
    try:
        print(scaling.table(logs))
    except NoHosts as reason:
        step(f"left out, for this machine allows no network namespaces: {reason}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument(
        "figures",
        nargs="*",
        choices=[*FIGURES, SCALE, []],
        metavar="FIGURE",
        help=f"Only these, without writing results: {', '.join(FIGURES)}. Or {SCALE} alone: placing"
        " and sending with the parts on hosts of their own, as network namespaces.",
    )
    parser.add_argument(
        "--full", action="store_true", help="5,000,000 notifications for 10; takes much longer."
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
