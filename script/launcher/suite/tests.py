"""The tests: most on all cores, and then, one by one, those that load the machine.

Each of several workers is a run of its own, with its own PostgreSQL and Valkey, and takes one
module after the other; those in a browser come last (`tests/browser/conftest.py`).
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress

from script.launcher.console import step
from script.launcher.paths import ROOT
from script.launcher.services.processes import children_of, tie_to_this_process

ALONE = (
    "tests/dispatch/upkeep/test_months.py",
    "tests/notifications/reading/test_finished.py",
    "tests/chaos",
    "tests/proof/test_composed.py",
    "tests/proof/test_fairness.py",
    "tests/proof/test_instant.py",
    "tests/proof/test_memory.py",
    "tests/proof/test_overload.py",
    "tests/proof/test_slow_clients.py",
    "tests/proof/test_ssrf_guard.py",
)
"""They load the machine, or count the seconds and the memory of what runs on it: nothing else may
run beside them. Or they look at plans, which hang on how full others have left the tables."""
WHEN_NAMED = ("tests/upgrade",)
"""They take minutes, and are for whoever makes a release: `script/test tests/upgrade`."""
WORKERS = min((os.cpu_count() or 1) + 1, 4)
"""One more than there are cores: many tests wait for what other processes do."""
SIDE_BY_SIDE = ("-n", str(WORKERS), "--dist", "loadfile", "--no-loadscope-reorder")
"""In the order of a plain run: its slow modules do not come last, and those in a browser do."""
GIVEN = ("TEST_DATABASE_URL", "TEST_REDIS_URL")
TEAR_DOWN_SECONDS = 20.0


class Terminated(BaseException):
    """SIGTERM."""


def run(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the chosen tests one by one; or all but those in `WHEN_NAMED`, whatever fails.

    Services that were given are not there several times: on them, all tests run one by one.
    """
    if arguments or any(map(os.environ.get, GIVEN)):
        return _test(arguments, environment)
    others = [f"--ignore={path}" for path in (*ALONE, *WHEN_NAMED)]
    statuses = {
        "tests side by side": _test([*SIDE_BY_SIDE, *others], environment),
        "tests alone": _test(ALONE, environment),
    }
    for name, status in statuses.items():
        step(f"{name}: {'FAILED' if status else 'in order'}")
    return next(filter(None, statuses.values()), 0)


def _test(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run pytest on this terminal; when interrupted, let it tear down what its tests have up."""
    tests = subprocess.Popen(
        [sys.executable, "-m", "pytest", *arguments],
        env=environment,
        cwd=ROOT,
        preexec_fn=tie_to_this_process(signal.SIGKILL),
    )
    try:
        return tests.wait()
    except (KeyboardInterrupt, Terminated) as reason:
        if isinstance(reason, Terminated):  # Ctrl-C has reached them by itself
            for pid in (*children_of(tests.pid), tests.pid):  # pytest's workers first
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            tests.wait(timeout=TEAR_DOWN_SECONDS)
        tests.kill()
        raise
