"""What tries the alarms: Prometheus' own tool, from the machine or from Debian's package."""

import os
import shutil
import subprocess
from pathlib import Path

from script.launcher.console import step
from script.launcher.paths import VAR, make_var

PACKAGE = "prometheus"
SECONDS = 120.0
_UNPACKED = VAR / PACKAGE


def find() -> Path | None:
    """The program, if there is one on the PATH, or among what was unpacked earlier."""
    found = shutil.which("promtool") or shutil.which("promtool", path=_UNPACKED / "usr/bin")
    return Path(found) if found else None


def provide() -> Path | None:
    """The program, unpacked first where apt can fetch it. The package is not installed: that would
    start a server."""
    apt, dpkg = shutil.which("apt-get"), shutil.which("dpkg-deb")
    if (found := find()) or apt is None or dpkg is None or os.geteuid() != 0:
        return found
    step("fetching promtool for the tests of the alarms")
    make_var()
    _UNPACKED.mkdir(exist_ok=True)
    fetch = [apt, "-qq", "-o", "APT::Sandbox::User=root", "download", PACKAGE]
    if _succeeds(fetch) or (_succeeds([apt, "update", "-qq"]) and _succeeds(fetch)):
        for package in _UNPACKED.glob(f"{PACKAGE}_*.deb"):
            _succeeds([dpkg, "-x", str(package), str(_UNPACKED)])
            package.unlink()
    return find()


def _succeeds(command: list[str]) -> bool:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=_UNPACKED,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
