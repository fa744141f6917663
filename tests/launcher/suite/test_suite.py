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


ORDERS = "tests/orders"
ALL = (ORDERS, *tests.ALONE)


def module_of(path: Path) -> Path:
    return path if path.suffix else path / f"test_{path.name}.py"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose tests all pass, on whatever services there are."""
    monkeypatch.setattr(tests, "ROOT", tmp_path)
    for name in tests.GIVEN:
        monkeypatch.delenv(name, raising=False)
    for path in ALL:
        module = module_of(tmp_path / path)
        module.parent.mkdir(parents=True, exist_ok=True)
        module.write_text(PASSES)
    (tmp_path / "pytest.ini").write_text("[pytest]\ntestpaths = tests\naddopts = -vv -p xdist\n")
    return tmp_path


def run(*arguments: str) -> int:
    environment = {"PATH": os.environ["PATH"], "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **held()}
    return tests.run(arguments, environment)


@pytest.mark.parametrize(
    ("path", "failed"),
    [
        (ORDERS, "side by side"),
        (tests.ALONE[0], "alone"),
    ],
    ids=["others", "alone"],
)
def test_whatever_fails_all_run_and_all_is_not_well(
    tree: Path, capfd: pytest.CaptureFixture[str], path: str, failed: str
) -> None:
    module = module_of(tree / path)
    module.write_text(FAILS)
    assert run() == 1
    said = capfd.readouterr().out
    assert said.count("::test_one PASSED") + said.count("PASSED tests/") == len(ALL) - 1
    assert f"FAILED {module.relative_to(tree)}" in said
    assert f"tests {failed}: FAILED" in said
    assert (said.count(": FAILED"), said.count(": in order")) == (1, 1)


def test_every_test_runs_once_and_those_alone_one_by_one(
    tree: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run() == 0
    side_by_side, alone, _ = re.split(r" \d+ passed", capfd.readouterr().out)
    assert WORKER.search(side_by_side)
    assert not WORKER.search(alone)
    modules = {path: str(module_of(Path(path))) for path in ALL}
    for path, module in modules.items():
        assert (module in side_by_side) is (path == ORDERS)
        assert (module in alone) is (path in tests.ALONE)


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
    assert f"{len(ALL)} passed" in said
    assert not WORKER.search(said)


def test_those_that_are_set_apart_are_tests() -> None:
    for path in (*tests.ALONE, *tests.WHEN_NAMED):
        module = ROOT / path
        assert module.is_file() or list(module.glob("test_*.py")), path
