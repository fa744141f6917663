"""What the two commands say before anything is started."""

import subprocess
import sys

import pytest

from script.launcher.paths import ROOT
from script.launcher.server.examples import read_all
from script.launcher.system.staying_here import held

SCRIPTS = ("script/server", "script/test")
AS_AN_OLD_PYTHON = (
    "import runpy, sys; sys.version_info = (3, 9, 2);"
    "sys.path.insert(0, 'script'); runpy.run_path(sys.argv[1], run_name='__main__')"
)


@pytest.mark.parametrize("script", SCRIPTS)
def test_an_old_python_is_refused_in_a_sentence(script: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", AS_AN_OLD_PYTHON, script],
        cwd=ROOT,
        env={"PATH": "/nowhere", **held()},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("This needs Python 3.11 or newer")
    assert "is Python 3.9" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_commands_run_without_being_told_how(script: str) -> None:
    path = ROOT / script
    assert path.read_text().startswith("#!/usr/bin/env python3\n")
    assert path.stat().st_mode & 0o111 == 0o111


def test_the_server_explains_itself() -> None:
    done = subprocess.run(
        [sys.executable, "script/server", "--help"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0
    assert "SIMULATORS_PORT" in done.stdout


def test_continuous_integration_calls_exactly_the_test_command() -> None:
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert lines[-1] == "exec script/test"


def test_the_examples_are_the_documented_requests() -> None:
    examples = read_all()
    assert [(e.path.rpartition("/api/v1")[2], e.title) for e in examples[:5]] == [
        ("/orders/sms", "send sms"),
        ("/orders/sms", "send sms with keywords"),
        ("/orders/email", "send email"),
        ("/orders", "send notifications"),
        ("/orders", "send notifications with keywords"),
    ]
    assert all(b"recipients" in (example.body or b"") for example in examples[:5])
    assert [(example.title, example.body) for example in examples[5:]] == [
        ("get sms notifications", None)
    ]
