"""The browser that the browser tests and the screenshots use: the machine's own Chromium."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from script.launcher.console import step

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGE = "chromium"
INSTALL_SECONDS = 300.0

QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
"""It calls nobody by itself, and finds nobody but this machine if a page asks it to."""

_REQUIRED = "required"


def find() -> Path | None:
    """The browser's program, if there is one on the PATH."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    return Path(found) if found else None


def is_required(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a run of the tests without a browser is a failed one (`BROWSER_TESTS=required`)."""
    return environment.get("BROWSER_TESTS") == _REQUIRED


def provide() -> Path | None:
    """The browser, installed first where that is ours to do: as root, with apt."""
    found = find()
    apt = shutil.which("apt-get")
    if found or apt is None or os.geteuid() != 0:
        return found
    step("installing Chromium for the browser tests")
    install = [apt, "install", "-y", "-qq", "--no-install-recommends", PACKAGE]
    if not (_succeeds([apt, "update", "-qq"]) and _succeeds(install)):
        step("Chromium could not be installed")
    return find()


def flags() -> list[str]:
    """For every start of it. Its sandbox refuses root."""
    return [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def how_to_install() -> str:
    return f"There is no Chromium or Google Chrome on the PATH (Debian: apt-get install {PACKAGE})."


def _succeeds(command: list[str]) -> bool:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            timeout=INSTALL_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
