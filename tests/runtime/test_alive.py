"""Who is asked whether a process hangs says yes only where nothing has been heard of it lately."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from runtime import alive
from script.launcher.paths import ROOT


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)


def test_a_sign_counts_for_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not alive.is_alive("beat")
    now = 1_000.0
    monkeypatch.setattr("runtime.alive.time.monotonic", lambda: now)
    alive.sign("beat")
    for later, expected in (
        (0, True),
        (alive.SILENT - 1, True),
        (alive.SILENT, False),
        (-1, False),
    ):
        now = 1_000.0 + later
        assert alive.is_alive("beat") is expected, later


def test_no_link_is_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("dear")
    (tmp_path / "notifications-beat.alive").symlink_to(victim)
    with pytest.raises(OSError, match="symbolic links"):
        alive.sign("beat")
    assert victim.read_text() == "dear"


def test_the_command_answers_by_its_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    alive.sign("worker-dispatch-sms")
    assert alive.main(["worker", "dispatch-sms"]) == 0
    assert alive.main(["worker", "dispatch-email"]) == 1
    assert capsys.readouterr().err == "No sign of life of worker dispatch-email for 60 seconds.\n"
    for words in ([], ["worker"], ["worker", "../x"], ["web"]):
        assert alive.main(words) == 2


def test_it_loads_neither_django_nor_celery() -> None:
    asked = (
        "import sys, runtime.alive; print(*{'django', 'celery', 'psycopg'} & sys.modules.keys())"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "\n"
