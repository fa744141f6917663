"""Children are watched, end when asked, and end with the launcher."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from script.launcher.console import Refusal
from script.launcher.paths import ROOT
from script.launcher.services.processes import Child, ChildDied, Household, fresh_log
from script.launcher.system.running_system import kill_family

STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True)"
WITH_A_CHILD = (
    "import subprocess; print(subprocess.Popen(['sleep', '60']).pid, flush=True);"
    "import time; time.sleep(60)"
)


def start(household: Household, name: str, program: str) -> Child:
    return household.start(
        name, [sys.executable, "-c", program], environment=dict(os.environ), folder=ROOT
    )


def eventually(condition: Callable[[], bool], *, seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def is_running(pid: int) -> bool:
    """Whether the process lives; one that only waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_child_that_ends_is_named_with_the_end_of_its_log(household: Household) -> None:
    child = start(household, "web", "[print('line', n) for n in range(20)]; raise SystemExit(3)")
    child.process.wait()
    with pytest.raises(ChildDied) as died:
        household.check()
    said = str(died.value)
    assert said.startswith("web has ended (exit status 3).")
    assert "line 5\n" in said
    assert "line 19" in said
    assert "line 4\n" not in said


def test_a_child_that_dies_while_we_wait_ends_the_wait(household: Household) -> None:
    start(household, "worker", "raise SystemExit('no broker')")
    with pytest.raises(ChildDied, match="no broker"):
        household.wait_until(lambda: False, what="Waiting", seconds=10.0)


def test_a_wait_that_takes_too_long_says_where_to_look(household: Household) -> None:
    with pytest.raises(Refusal, match=r"Waiting for godot took longer .* see .*/log"):
        household.wait_until(lambda: False, what="Waiting for godot", seconds=0.05)


def test_a_child_that_will_not_listen_is_killed_in_bounded_time(household: Household) -> None:
    child = start(household, "stubborn", f"{STUBBORN}; time.sleep(60)")
    assert eventually(lambda: "up" in child.log.read_text())
    began = time.monotonic()
    household.stop(seconds=0.3)
    assert time.monotonic() - began < 20.0  # it would sleep for a minute
    assert child.process.returncode == -signal.SIGKILL
    assert household.children == []


def test_the_children_of_a_child_end_with_it(household: Household) -> None:
    child = start(household, "parent", WITH_A_CHILD)
    assert eventually(lambda: child.log.read_text().endswith("\n"))
    grandchild = int(child.log.read_text())
    assert is_running(grandchild)
    household.stop()
    assert eventually(lambda: not is_running(grandchild))


def test_who_is_killed_takes_its_children_along() -> None:
    words = [sys.executable, "-c", WITH_A_CHILD]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        kill_family(process)
        assert process.returncode == -signal.SIGKILL
    assert eventually(lambda: not is_running(child))


def test_only_the_named_children_are_stopped(household: Household) -> None:
    start(household, "web", "import time; time.sleep(60)")
    start(household, "database", "import time; time.sleep(60)")
    household.stop("web")
    assert [child.name for child in household.children] == ["database"]
    household.check()


def test_a_child_ends_when_its_launcher_is_killed(tmp_path: Path) -> None:
    launcher = (
        "import os, sys, time; from pathlib import Path\n"
        "from script.launcher.services.processes import Household\n"
        f"household = Household(log_folder=Path({str(tmp_path)!r}))\n"
        "child = household.start('sleeper', ['/bin/sleep', '60'], environment={},"
        " folder=Path('/'))\n"
        "print(child.process.pid, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", launcher]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        child = int(running.stdout.readline())
        assert is_running(child)
        running.kill()
    assert eventually(lambda: not is_running(child))


def test_the_log_of_the_start_before_is_kept_once(tmp_path: Path) -> None:
    for text in ("first", "second", "third"):
        fresh_log(tmp_path, "web").write_text(text)
    assert (tmp_path / "web.log").read_text() == "third"
    assert (tmp_path / "web.log.1").read_text() == "second"
    assert len(list(tmp_path.iterdir())) == 2
