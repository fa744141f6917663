"""script/test: every check, then the tests, against services that live as long as the run."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import FrameType
from typing import NoReturn

from . import chromium, throw_away
from .console import Refusal, step
from .places import ROOT
from .processes import tie_to_this_process

LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
CHECKS: Mapping[str, Sequence[str]] = {
    "ruff check": ("-m", "ruff", "check", "--quiet", "--output-format=concise", "."),
    "ruff format": ("-m", "ruff", "format", "--check", "--output-format=concise", "."),
    "mypy": ("-m", "mypy", "."),
    "import layers": ("-c", LINT_IMPORTS),
    "migrations": ("manage.py", "makemigrations", "--check", "--dry-run"),
    "safe migrations": ("manage.py", "lintmigrations"),
}
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
            status = _test(arguments, environment) or int(not passed)
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
    """Run all the checks, also after one has failed."""
    results = [_passes(name, words, environment) for name, words in CHECKS.items()]
    return all(results)


def _passes(name: str, words: Sequence[str], environment: Mapping[str, str]) -> bool:
    done = subprocess.run(
        [sys.executable, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        cwd=ROOT,
        preexec_fn=tie_to_this_process(signal.SIGKILL),
    )
    if done.returncode == 0:
        step(f"{name}: in order")
        return True
    step(f"{name}: FAILED")
    print(done.stdout, end="", flush=True)
    return False


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
        if isinstance(reason, Terminated):  # Ctrl-C has reached pytest by itself
            tests.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            tests.wait(timeout=TEAR_DOWN_SECONDS)
        tests.kill()
        raise


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    raise Terminated


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
