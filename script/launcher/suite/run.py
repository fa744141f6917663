"""script/test: every check, then the tests, against services that live as long as the run."""

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from script.launcher.console import Refusal, step
from script.launcher.services import chromium, ephemeral, promtool
from script.launcher.suite import checks, tests

BROWSER_TESTS = "browser"
ALARM_TESTS = "watching"
BROWSER_TESTS_SKIPPED = (
    "THE BROWSER TESTS DID NOT RUN: the back office is not tested as staff use it."
)


def main(arguments: Sequence[str]) -> int:
    """The exit status: not 0 if any check or test failed."""
    signal.signal(signal.SIGTERM, _terminate)
    try:
        with ephemeral.services() as urls:
            step("a throw-away PostgreSQL and Valkey are up")
            environment = {**os.environ, **urls, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
            environment |= {f"TEST_{name}": url for name, url in urls.items()}
            passed = bool(arguments) or checks.all_pass(environment)
            browser = _has_browser(arguments)
            _fetch_promtool(arguments)
            status = tests.run(arguments, environment) or int(not passed)
            if not browser:
                print(f"\n{BROWSER_TESTS_SKIPPED}\n{chromium.how_to_install()}\n", file=sys.stderr)
            return status
    except Refusal as reason:
        print(f"\n{reason}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, tests.Terminated):
        return 130


def _has_browser(arguments: Sequence[str]) -> bool:
    """Whether the browser tests can run, if they are among the chosen tests."""
    chosen = not arguments or any(BROWSER_TESTS in argument for argument in arguments)
    return not chosen or chromium.provide() is not None


def _fetch_promtool(arguments: Sequence[str]) -> None:
    """Without it the alarms are not tried, as their tests say."""
    if not arguments or any(ALARM_TESTS in argument for argument in arguments):
        promtool.provide()


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    raise tests.Terminated


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
