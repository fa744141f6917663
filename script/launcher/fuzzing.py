"""script/fuzz: what is sent to a real web process to see it fail.

Requests generated from the API's own description, and odd ones to every address.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from secrets import randbelow

from tests.running_system import RunningSystem

from . import page_fuzzing, throw_away
from .console import Refusal, step
from .page_fuzzing import Visits, fuzz_pages

CASES = 5_000
MOST_SECONDS = 900.0
PATIENCE_SECONDS = 10.0
"""For one answer."""
HOOKS = Path(__file__).with_name("fuzzed_requests.py")

SETTINGS = {"SEND_CONDITION_TEST_ENDPOINT": "true", "CREATOR_REQUESTS_PER_MINUTE": "1000000"}

NOT_CHECKED = (
    # The description cannot tell which orders are acceptable: rules join several properties.
    "positive_data_acceptance",
    # The contract takes more than is described, as an enumeration's numbers and names in any case.
    "negative_data_rejection",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a run found. `failures` name the broken check and the operations that broke it."""

    cases: int
    orders: int
    failures: Sequence[str]
    report: str


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0 if every answer was in order, and there were enough of them."""
    options = _parser().parse_args(arguments)
    step(f"seed {options.seed}; script/fuzz --seed {options.seed} makes the same requests")
    try:
        with (
            throw_away.services() as urls,
            tempfile.TemporaryDirectory(prefix="fuzz-") as folder,
        ):
            os.environ.update(urls)
            system = RunningSystem(
                Path(folder),
                name="fuzz",
                settings=SETTINGS | page_fuzzing.SETTINGS,
                programs=["web"],
            )
            try:
                step("a web process is up, on services of its own")
                finding = fuzz(
                    system,
                    seed=options.seed,
                    cases=options.cases,
                    folder=Path(folder),
                    seconds=MOST_SECONDS,
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


def fuzz(system: RunningSystem, *, seed: int, cases: int, folder: Path, seconds: float) -> Finding:
    """Send at least so many requests, spread over the operations. Raises Refusal when that takes
    longer than `seconds`."""
    description = system.call("GET", "/swagger/v1/swagger.json", headers={}).json
    operations = sum(len(methods) for methods in description["paths"].values())
    report = folder / "fuzz.json"
    orders_before = _orders(system)
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run"),
        f"{system.url}/swagger/v1/swagger.json",
        *("--header", f"Authorization: Bearer {system.token()}"),
        *("--phases", "examples,coverage,fuzzing,stateful"),
        *("--exclude-checks", ",".join(NOT_CHECKED)),
        *("--max-examples", str(-(-cases // operations))),
        *("--request-timeout", str(PATIENCE_SECONDS)),
        *("--seed", str(seed), "--generation-database", "none"),
        *("--report", "json", "--report-json-path", str(report), "--no-color"),
    ]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Refusal(f"The run took longer than {seconds:.0f} s.") from None
    if not report.exists():
        raise Refusal(f"The run did not come to an end:\n{done.stdout}")
    found = json.loads(report.read_text())
    return Finding(
        cases=found["test_cases"]["generated"],
        orders=_orders(system) - orders_before,
        failures=[*_broken_checks(found), *(str(error) for error in found["errors"])],
        report=done.stdout + logged_errors(system),
    )


def _orders(system: RunningSystem) -> int:
    return int(system.query("SELECT count(*) FROM orders_order")[0][0])


def _broken_checks(found: Mapping[str, Sequence[Mapping[str, object]]]) -> list[str]:
    return [f"{failure['title']}: {failure['operations']}" for failure in found["failures"]]


def logged_errors(system: RunningSystem) -> str:
    """What the web process has said of its failures."""
    lines = (system.folder / "web.log").read_text(errors="replace").splitlines()
    return "".join(f"{line}\n" for line in lines if '"level": "error"' in line)


def _environment() -> dict[str, str]:
    """With the maker of acceptable orders."""
    return {**os.environ, "SCHEMATHESIS_HOOKS": str(HOOKS)}


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
