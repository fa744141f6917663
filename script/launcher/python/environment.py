"""The virtual environment: made once, filled again only when the pinned requirements change."""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

from .. import console
from ..console import Refusal, step
from ..paths import ROOT, VENV, VENV_PYTHON, make_var

REQUIREMENTS = ROOT / "requirements-dev.txt"
STAMP = VENV / ".requirements-sha256"


def run_in_environment(module: str, arguments: Sequence[str]) -> NoReturn:
    """Replace this process by `module`, run in an up-to-date virtual environment."""
    try:
        with _one_at_a_time():
            bring_up_to_date()
    except Refusal as reason:
        sys.exit(str(reason))
    except KeyboardInterrupt:
        sys.exit(130)
    os.chdir(ROOT)
    os.execve(  # noqa: S606
        VENV_PYTHON,
        [str(VENV_PYTHON), "-m", module, *arguments],
        {**os.environ, console.STARTED: console.started()},
    )


def bring_up_to_date() -> None:
    """Make the environment, and install what the lock file pins, unless that is done already."""
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if VENV_PYTHON.exists() and STAMP.exists() and STAMP.read_text() == wanted:
        return
    if not VENV_PYTHON.exists() or not any(VENV.glob("lib/python*/site-packages/pip")):
        _require_venv_module()
        step(f"making the virtual environment {VENV}")
        _run([sys.executable, "-m", "venv", "--clear", str(VENV)])
    step("installing the pinned requirements (first time, or the lock file changed)")
    pip = [str(VENV_PYTHON), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    _run(
        [*pip, "install", "--no-compile", "--require-hashes", "--no-deps", "-r", str(REQUIREMENTS)]
    )
    STAMP.write_text(wanted)
    step("the virtual environment is ready")


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two commands typed at once must not install into the same folder at once."""
    with (make_var() / "environment.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _require_venv_module() -> None:
    """Debian ships Python without ensurepip: install it as root, else say the line to type."""
    if _can_make_environments():
        return
    package = f"python3.{sys.version_info.minor}-venv"
    apt = shutil.which("apt-get")
    if apt is None:
        raise Refusal(
            f"{sys.executable} lacks the modules venv and ensurepip: install them with your"
            " system's package manager, then run this again."
        )
    if os.geteuid() != 0:
        raise Refusal(
            f"{sys.executable} cannot make virtual environments yet. Type this, then run this"
            f" again:\n\n    sudo apt-get install {package}\n"
        )
    step(f"installing {package}, which Debian keeps apart from Python")
    apt_environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = [apt, "install", "-y", "-qq", "--no-install-recommends", package]
    if subprocess.run(install, capture_output=True, env=apt_environment).returncode != 0:
        _run([apt, "update", "-qq"], environment=apt_environment)
        _run(install, environment=apt_environment)


def _can_make_environments() -> bool:
    importlib.invalidate_caches()
    return all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))


def _run(command: Sequence[str], *, environment: dict[str, str] | None = None) -> None:
    """Run a step quietly; what it said is shown only if it failed."""
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        cwd=ROOT,
    )
    if done.returncode != 0:
        shown = "\n".join(done.stdout.strip().splitlines()[-15:])
        raise Refusal(f"This failed: {' '.join(command)}\n{shown}")
