"""The checks of the whole repository: style, types, imports and migrations."""

import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from script.launcher.console import step
from script.launcher.paths import ROOT
from script.launcher.services.processes import tie_to_this_process

LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
CHECKS: Mapping[str, Sequence[str]] = {
    "ruff check": ("-m", "ruff", "check", "--quiet", "--output-format=concise", "."),
    "ruff format": ("-m", "ruff", "format", "--check", "--output-format=concise", "."),
    "mypy": ("-m", "mypy", "."),
    "import layers": ("-c", LINT_IMPORTS),
    "migrations": ("manage.py", "makemigrations", "--check", "--dry-run"),
    "safe migrations": ("-m", "script.launcher.suite.safe_migrations"),
}


def all_pass(environment: Mapping[str, str]) -> bool:
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
