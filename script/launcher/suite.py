"""script/test: every check, then the tests, against services that live as long as the run.

Most tests run on all cores: each of several workers is a run of its own, with its own PostgreSQL
and Valkey, and takes one module after the other. The tests in `ALONE` come after them, one by one.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from types import FrameType
from typing import NoReturn

from . import chromium, throw_away
from .console import Refusal, step
from .places import ROOT
from .processes import children_of, tie_to_this_process

LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
CHECKS: Mapping[str, Sequence[str]] = {
    "ruff check": ("-m", "ruff", "check", "--quiet", "--output-format=concise", "."),
    "ruff format": ("-m", "ruff", "format", "--check", "--output-format=concise", "."),
    "mypy": ("-m", "mypy", "."),
    "import layers": ("-c", LINT_IMPORTS),
    "migrations": ("manage.py", "makemigrations", "--check", "--dry-run"),
    "safe migrations": ("manage.py", "lintmigrations"),
}
# They load the machine, or count the seconds of what runs on it: nothing else may run beside them.
ALONE = ("tests/chaos", "tests/proof", "tests/browser")
# In the order of a plain run, whose slow modules do not come last.
SIDE_BY_SIDE = ("-n", "auto", "--maxprocesses", "4", "--dist", "loadfile", "--no-loadscope-reorder")
GIVEN = ("TEST_DATABASE_URL", "TEST_REDIS_URL")
TEAR_DOWN_SECONDS = 20.0
BROWSER_TESTS = "browser"
BROWSER_TESTS_SKIPPED = (
    "THE BROWSER TESTS DID NOT RUN: the back office is not tested as staff use it."
)


class Terminated(BaseException):
    """SIGTERM."""


def main(arguments: Sequence[str]) -> int:
    """The exit status: not 0 if any check or test failed."""
    signal.signal(signal.SIGTERM, _terminate)
    try:
        with throw_away.services() as urls:
            step("a throw-away PostgreSQL and Valkey are up")
            environment = {**os.environ, **urls, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
            environment |= {f"TEST_{name}": url for name, url in urls.items()}
            passed = bool(arguments) or _check_everything(environment)
            browser = _has_browser(arguments)
            status = _test_all(arguments, environment) or int(not passed)
            if not browser:
                print(f"\n{BROWSER_TESTS_SKIPPED}\n{chromium.how_to_install()}\n", file=sys.stderr)
            return status
    except Refusal as reason:
        print(f"\n{reason}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, Terminated):
        return 130


def _has_browser(arguments: Sequence[str]) -> bool:
    """Whether the browser tests can run, if they are among the chosen tests."""
    chosen = not arguments or any(BROWSER_TESTS in argument for argument in arguments)
    return not chosen or chromium.provide() is not None


def _check_everything(environment: Mapping[str, str]) -> bool:
    """Run all the checks at once, and tell of each, also after one has failed."""
    with ExitStack() as started:
        checks = {name: _start(words, environment) for name, words in CHECKS.items()}
        for check in checks.values():
            started.callback(check.kill)
        results = [_passes(name, check) for name, check in checks.items()]
    return all(results)


def _start(words: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        cwd=ROOT,
        preexec_fn=tie_to_this_process(signal.SIGKILL),
    )


def _passes(name: str, check: subprocess.Popen[str]) -> bool:
    said, _ = check.communicate()
    if check.returncode == 0:
        step(f"{name}: in order")
        return True
    step(f"{name}: FAILED")
    print(said, end="", flush=True)
    return False


def _test_all(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the chosen tests one by one; or all of them, those in `ALONE` also after others failed.

    Services that were given are not there several times: on them, all tests run one by one.
    """
    if arguments or any(map(os.environ.get, GIVEN)):
        return _test(arguments, environment)
    others = [*SIDE_BY_SIDE, *(f"--ignore={folder}" for folder in ALONE)]
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


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    raise Terminated


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
