"""The virtual environment: made once, filled again only when the pinned requirements change."""

import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from .. import console
from ..console import Refusal, step
from ..paths import ROOT, VENV, VENV_PYTHON, make_var

REQUIREMENTS = ROOT / "requirements-dev.txt"
STAMP = VENV / ".requirements-sha256"
PIP = ("-m", "pip", "--disable-pip-version-check")
AS_LOCKED = ("--require-hashes", "--no-deps", "--requirement")
PIN_OF_UV = re.compile(r"^uv==.*\n(?: .*\n)+", re.MULTILINE)
INDEX = re.compile(r"^(global|install|:env:)\.index-url='(.*)'$", re.MULTILINE)
"""As `pip config list` tells of it: in files for all commands or one, or in the environment."""


def run_in_environment(module: str, arguments: Sequence[str]) -> NoReturn:
    """Replace this process by `module`, run in an up-to-date virtual environment.

    What Python compiles is kept, whatever the user's wish: each process would do it anew.
    """
    try:
        with _one_at_a_time():
            bring_up_to_date()
    except Refusal as reason:
        sys.exit(str(reason))
    except KeyboardInterrupt:
        sys.exit(130)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
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
    try:
        _install_with_uv()
    except Refusal:
        step("uv could not do it: pip installs, which takes longer")
        _pip("install", "--no-compile", *AS_LOCKED, str(REQUIREMENTS))
    STAMP.write_text(wanted)
    step("the virtual environment is ready")


def _install_with_uv() -> None:
    """In seconds, where pip takes most of a minute. Refusal: pip finds no uv, or uv no package."""
    pin = PIN_OF_UV.search(REQUIREMENTS.read_text())
    if pin is None:
        raise Refusal(f"{REQUIREMENTS} pins no uv.")
    with tempfile.TemporaryDirectory() as folder:
        uv_alone = Path(folder) / "uv.txt"
        uv_alone.write_text(pin[0])
        _pip("install", "--no-compile", *AS_LOCKED, str(uv_alone))
    uv = [str(VENV / "bin" / "uv"), "pip", "install", "--quiet", "--python", str(VENV_PYTHON)]
    _run([*uv, *AS_LOCKED, str(REQUIREMENTS)], environment=_environment_of_uv())


def _environment_of_uv() -> dict[str, str]:
    """uv does not read where pip is told to look, and brings certificates of its own."""
    environment = {"UV_SYSTEM_CERTS": "1", **os.environ}
    told = dict(INDEX.findall(_pip("config", "list")))
    index = told.get(":env:") or told.get("install") or told.get("global")
    return {"UV_DEFAULT_INDEX": index, **environment} if index else environment


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


def _pip(*words: str) -> str:
    return _run([str(VENV_PYTHON), *PIP, *words])


def _run(command: Sequence[str], *, environment: dict[str, str] | None = None) -> str:
    """Run a step quietly, and return what it said; the reader sees that only if it failed."""
    try:
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
            cwd=ROOT,
        )
    except OSError as error:
        raise Refusal(f"This failed: {' '.join(command)}\n{error}") from error
    if done.returncode != 0:
        shown = "\n".join(done.stdout.strip().splitlines()[-15:])
        raise Refusal(f"This failed: {' '.join(command)}\n{shown}")
    return done.stdout
