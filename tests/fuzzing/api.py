"""Requests to a real web process that are generated from the API's own description."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from script.launcher.console import Refusal
from script.launcher.system.running_system import RunningSystem

TIMEOUT_SECONDS = 10.0
"""For one answer."""
HOOKS = Path(__file__).with_name("acceptable_orders.py")

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
        *("--request-timeout", str(TIMEOUT_SECONDS)),
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
