"""Finding and installing the browser, and what script/test says without one."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from script.launcher.paths import ROOT
from script.launcher.services import chromium


@pytest.fixture
def only_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """A PATH on which there is nothing but these shell scripts."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def put(**scripts: str) -> Path:
        for name, lines in scripts.items():
            program = tmp_path / name.replace("_", "-")
            program.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{lines}\n")
            program.chmod(0o755)
        return tmp_path

    return put


def test_any_of_the_usual_browsers_is_found(only_programs: Callable[..., Path]) -> None:
    assert chromium.find() is None
    folder = only_programs(google_chrome="")
    assert chromium.find() == folder / "google-chrome"


def test_root_installs_a_missing_browser(
    only_programs: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    folder = only_programs(
        apt_get='cd "$(dirname "$0")"; echo "$*" >> calls;'
        ' [ "$1" = install ] && touch chromium && chmod +x chromium; exit 0'
    )
    assert chromium.provide() == folder / "chromium"
    assert (folder / "calls").read_text().splitlines() == [
        "update -qq",
        "install -y -qq --no-install-recommends chromium",
    ]


@pytest.mark.parametrize(("user", "script"), [(1000, "touch called"), (0, "exit 100")])
def test_without_root_or_without_packages_there_is_just_no_browser(
    user: int, script: str, only_programs: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    folder = only_programs(apt_get=f'cd "$(dirname "$0")"; {script}')
    assert chromium.provide() is None
    assert not (folder / "called").exists()


def test_a_browser_that_is_there_is_not_installed_again(
    only_programs: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    folder = only_programs(chromium="", apt_get='touch "$(dirname "$0")/called"')
    assert chromium.provide() == folder / "chromium"
    assert not (folder / "called").exists()


def test_the_browser_runs_as_root_and_reaches_this_machine_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert "--no-sandbox" in chromium.flags()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "--no-sandbox" not in chromium.flags()
    assert "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1" in chromium.flags()


@pytest.mark.parametrize(
    ("required", "status", "outcome"), [("", 0, "1 skipped"), ("required", 1, "1 error")]
)
def test_without_a_browser_the_end_of_the_run_says_so_loudly(
    required: str, status: int, outcome: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "script.launcher.suite.run"),
            *("tests/browser/test_log_in.py", "-k", "log_in_and_out"),
        ],
        cwd=ROOT,
        env={**os.environ, "PATH": str(tmp_path), "BROWSER_TESTS": required},
        capture_output=True,
        text=True,
    )
    assert done.returncode == status, done.stdout + done.stderr
    assert outcome in done.stdout
    last = done.stderr.strip().splitlines()[-2:]
    assert last[0].startswith("THE BROWSER TESTS DID NOT RUN")
    assert "apt-get install chromium" in last[1]
