"""The tests: most on all cores, and those that load the machine after them, one by one.

Each of several workers is a run of its own, with its own PostgreSQL and Valkey, and takes one
module after the other.
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

ALONE = ("tests/chaos", "tests/proof", "tests/browser")
"""They load the machine, or count the seconds of what runs on it: nothing else may run beside
them."""
WHEN_NAMED = ("tests/upgrade",)
"""They take minutes, and are for whoever makes a release: `script/test tests/upgrade`."""
SIDE_BY_SIDE = ("-n", "auto", "--maxprocesses", "4", "--dist", "loadfile", "--no-loadscope-reorder")
"""In the order of a plain run, whose slow modules do not come last."""
GIVEN = ("TEST_DATABASE_URL", "TEST_REDIS_URL")
TEAR_DOWN_SECONDS = 20.0


class Terminated(BaseException):
    """SIGTERM."""


def run(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the chosen tests one by one; or all but those in `WHEN_NAMED`, those in `ALONE` also
    after others failed.

    Services that were given are not there several times: on them, all tests run one by one.
    """
    if arguments or any(map(os.environ.get, GIVEN)):
        return _test(arguments, environment)
    others = [*SIDE_BY_SIDE, *(f"--ignore={folder}" for folder in (*ALONE, *WHEN_NAMED))]
    statuses = {
        "tests side by side": _test(others, environment),
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
