"""script/test runs every test, whatever has failed before."""

import os
import re
from pathlib import Path

import pytest

from script.launcher.paths import ROOT
from script.launcher.suite import tests
from script.launcher.system.staying_here import held

# Which of several workers runs a test is up to chance.
WORKER = re.compile(r"\[gw\d+\]")
PASSES, FAILS = "def test_one(): pass\n", "def test_one(): assert False\n"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose tests all pass, on whatever services there are."""
    monkeypatch.setattr(tests, "ROOT", tmp_path)
    for name in tests.GIVEN:
        monkeypatch.delenv(name, raising=False)
    for folder in ("tests/orders", *tests.ALONE):
        module = tmp_path / folder / f"test_{Path(folder).name}.py"
        module.parent.mkdir(parents=True)
        module.write_text(PASSES)
    (tmp_path / "pytest.ini").write_text("[pytest]\ntestpaths = tests\naddopts = -vv -p xdist\n")
    return tmp_path


def run(*arguments: str) -> int:
    environment = {"PATH": os.environ["PATH"], "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **held()}
    return tests.run(arguments, environment)


@pytest.mark.parametrize(
    ("folder", "failed"), [("orders", "side by side"), ("proof", "alone")], ids=["others", "alone"]
)
def test_whatever_fails_all_run_and_all_is_not_well(
    tree: Path, capfd: pytest.CaptureFixture[str], folder: str, failed: str
) -> None:
    (tree / "tests" / folder / f"test_{folder}.py").write_text(FAILS)
    assert run() == 1
    said = capfd.readouterr().out
    assert said.count("::test_one PASSED") + said.count("PASSED tests/") == len(tests.ALONE)
    assert f"FAILED tests/{folder}/test_{folder}.py" in said
    assert f"tests {failed}: FAILED" in said
    assert said.count(": FAILED") == said.count(": in order") == 1


def test_every_test_runs_once_and_those_alone_one_by_one(
    tree: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run() == 0
    side_by_side, _, alone = capfd.readouterr().out.partition(" 1 passed")
    assert WORKER.search(side_by_side)
    assert "tests/orders/" in side_by_side
    assert not WORKER.search(alone)
    assert all(f"{folder}/" in alone and f"{folder}/" not in side_by_side for folder in tests.ALONE)
    assert "tests/orders/" not in alone


def test_those_that_take_minutes_run_when_they_are_named(
    tree: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder,) = tests.WHEN_NAMED
    (tree / folder).mkdir()
    (tree / folder / "test_long.py").write_text(PASSES)
    assert run() == 0
    assert "test_long" not in capfd.readouterr().out
    assert run(folder) == 0
    assert "test_long" in capfd.readouterr().out


def test_chosen_tests_run_one_by_one(tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("tests", "-k", "one") == 0
    said = capfd.readouterr().out
    assert "4 passed" in said
    assert not WORKER.search(said)


def test_the_folders_that_are_set_apart_hold_tests() -> None:
    for folder in (*tests.ALONE, *tests.WHEN_NAMED):
        assert list((ROOT / folder).glob("test_*.py")), folder
