"""The virtual environment is filled by uv in seconds, and by pip where uv cannot be had."""

from collections.abc import Callable
from pathlib import Path

import pytest

from script.launcher.console import Refusal
from script.launcher.python import environment

Prepared = Callable[..., None]
PYTHON = """#!/bin/sh
echo "pip $*" >> {log}
case "$*" in
  *"config list") echo "{told}" ;;
  *uv.txt) {fetch} ;;
  *lock.txt) exit {pip_status} ;;
esac
"""
FETCH_UV = "cp {uv} {bin}/uv && chmod +x {bin}/uv"
UV = """#!/bin/sh
echo "uv $* from $UV_DEFAULT_INDEX" >> {log}
exit {status}
"""
LOCK = """\
pip==1.0 \\
    --hash=sha256:aa
uv==2.0 \\
    --hash=sha256:bb \\
    --hash=sha256:cc
    # via -r requirements-dev.in
valkey==3.0 \\
    --hash=sha256:dd
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def prepared(tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> Prepared:
    """A virtual environment that is there, and in which nothing of the lock file is."""
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "lib/python3/site-packages/pip").mkdir(parents=True)
    (tmp_path / "lock.txt").write_text(LOCK)
    for name, value in {
        "VENV": venv,
        "VENV_PYTHON": venv / "bin" / "python",
        "STAMP": venv / "stamp",
        "REQUIREMENTS": tmp_path / "lock.txt",
        "ROOT": tmp_path,
    }.items():
        monkeypatch.setattr(environment, name, value)

    def prepare(
        *, fetch: str = FETCH_UV, told: str = "", status: int = 0, pip_status: int = 0
    ) -> None:
        uv = tmp_path / "uv"
        uv.write_text(UV.format(log=log, status=status))
        fetch = fetch.format(uv=uv, bin=venv / "bin")
        python = venv / "bin" / "python"
        python.write_text(PYTHON.format(log=log, fetch=fetch, told=told, pip_status=pip_status))
        python.chmod(0o755)

    return prepare


def installed_by(log: Path) -> list[str]:
    """Who was told to install the whole lock file."""
    lines = log.read_text().splitlines()
    return [line.split()[0] for line in lines if "--requirement" in line and "lock.txt" in line]


def test_uv_installs_what_is_locked_and_nothing_is_installed_twice(
    prepared: Prepared, log: Path
) -> None:
    prepared()
    environment.bring_up_to_date()
    assert installed_by(log) == ["uv"]
    assert log.read_text().count("--require-hashes --no-deps") == 2
    log.unlink()
    environment.bring_up_to_date()
    assert not log.exists()


@pytest.mark.parametrize(
    "missing",
    [
        pytest.param({"fetch": "exit 1"}, id="not found by pip"),
        pytest.param({"fetch": "exit 0"}, id="not for this machine"),
        pytest.param({"status": 2}, id="finds not all"),
    ],
)
def test_where_uv_cannot_do_it_pip_does(
    prepared: Prepared, log: Path, missing: dict[str, str]
) -> None:
    prepared(**missing)
    environment.bring_up_to_date()
    assert installed_by(log)[-1] == "pip"
    assert log.read_text().splitlines()[-1].count("--require-hashes") == 1


def test_where_neither_can_nothing_counts_as_installed(prepared: Prepared, log: Path) -> None:
    prepared(fetch="exit 1", pip_status=1)
    for _ in range(2):
        with pytest.raises(Refusal):
            environment.bring_up_to_date()
    assert installed_by(log) == ["pip", "pip"]


@pytest.mark.parametrize(
    ("told", "index"),
    [
        ("global.index-url='https://a.example/simple'", "https://a.example/simple"),
        (
            ":env:.index-url='https://b.example/'\nglobal.index-url='https://a.example/'",
            "https://b.example/",
        ),
        ("global.extra-index-url='https://c.example/'", ""),
    ],
    ids=["in a file", "in the environment", "not at all"],
)
def test_uv_looks_where_pip_is_told_to_look(
    prepared: Prepared, log: Path, monkeypatch: pytest.MonkeyPatch, told: str, index: str
) -> None:
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    prepared(told=told)
    environment.bring_up_to_date()
    assert log.read_text().splitlines()[-1].partition(" from ")[2] == index


def test_the_lock_file_pins_uv_by_its_hash() -> None:
    pin = environment.PIN_OF_UV.search(environment.REQUIREMENTS.read_text())
    assert pin
    assert "--hash=sha256:" in pin[0]
    assert pin[0].count("==") == 1


def test_what_python_has_compiled_is_kept(
    prepared: Prepared, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    prepared()
    given: dict[str, str] = {}
    monkeypatch.setattr(environment, "make_var", lambda: tmp_path)
    monkeypatch.setattr("os.chdir", lambda folder: None)
    monkeypatch.setattr("os.execve", lambda program, words, variables: given.update(variables))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    environment.run_in_environment("script.launcher.suite.run", [])
    assert given
    assert "PYTHONDONTWRITEBYTECODE" not in given
