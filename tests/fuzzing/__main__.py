"""script/fuzz: what is sent to a real web process to see it fail.

Requests generated from the API's own description, and odd ones to every address.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from secrets import randbelow

from script.launcher.console import Refusal, step
from script.launcher.services import ephemeral
from script.launcher.system.running_system import RunningSystem
from tests.fuzzing import pages
from tests.fuzzing.api import SETTINGS, Finding, fuzz, logged_errors
from tests.fuzzing.pages import Visits, fuzz_pages

CASES = 5_000
MAX_SECONDS = 900.0


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0 if every answer was in order, and there were enough of them."""
    options = _parser().parse_args(arguments)
    step(f"seed {options.seed}; script/fuzz --seed {options.seed} makes the same requests")
    try:
        with (
            ephemeral.services() as urls,
            tempfile.TemporaryDirectory(prefix="fuzz-") as folder,
        ):
            os.environ.update(urls)
            system = RunningSystem(
                Path(folder),
                name="fuzz",
                settings=SETTINGS | pages.SETTINGS,
                programs=["web"],
            )
            try:
                step("a web process is up, on services of its own")
                finding = fuzz(
                    system,
                    seed=options.seed,
                    cases=options.cases,
                    folder=Path(folder),
                    seconds=MAX_SECONDS,
                )
                visits = fuzz_pages(system, seed=options.seed, cases=options.cases)
                unexpected = logged_errors(system)
            finally:
                system.stop()
    except Refusal as reason:
        print(f"\n{reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    failed = _judge(finding, options.cases)
    return max(failed, _judge_pages(visits, unexpected))


def _judge(finding: Finding, wanted: int) -> int:
    if finding.failures:
        print(finding.report)
    step(
        f"{finding.cases} requests answered, {finding.orders} orders placed,"
        f" {len(finding.failures)} kinds of failures"
    )
    for failure in finding.failures:
        print(f"  {failure}")
    if finding.cases < wanted:
        print(f"  Fewer than the {wanted} that were asked for.", file=sys.stderr)
    return int(bool(finding.failures) or finding.cases < wanted)


def _judge_pages(visits: Visits, unexpected: str) -> int:
    if visits.failures:
        print(unexpected)
    found = ", ".join(f"{status}: {count}" for status, count in sorted(visits.statuses.items()))
    step(
        f"{visits.statuses.total()} odd requests to {len(visits.patterns)} addresses ({found}),"
        f" {len(visits.failures)} failures"
    )
    for failure in visits.failures:
        print(f"  {failure}")
    return int(bool(visits.failures))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="script/fuzz")
    parser.add_argument("--seed", type=int, default=randbelow(2**32), help="Default: random.")
    parser.add_argument("--cases", type=int, default=CASES, help=f"At least; default {CASES}.")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
