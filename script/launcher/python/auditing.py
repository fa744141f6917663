"""script/audit: asks a vulnerability service about everything that production installs."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from script.launcher.console import step
from script.launcher.paths import ROOT

LOCK_FILE = "requirements.txt"
# What is locked is asked about, nothing is resolved or installed.
COMMAND = ("-m", "pip_audit", "--requirement", LOCK_FILE, "--disable-pip", "--require-hashes")
HOW = ("--format", "json", "--progress-spinner", "off")
IN_ORDER, VULNERABLE, NOT_KNOWN = 0, 1, 2


def main(arguments: Sequence[str]) -> int:
    """The exit status: 1 for a known vulnerability, 2 if the service did not answer for all."""
    done = subprocess.run(
        [sys.executable, *COMMAND, *HOW, *arguments], cwd=ROOT, capture_output=True, text=True
    )
    try:
        requirements = json.loads(done.stdout)["dependencies"]
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        print(f"The vulnerability service could not be asked: {last}", file=sys.stderr)
        return NOT_KNOWN
    return tell(requirements)


def tell(requirements: Sequence[Mapping[str, Any]]) -> int:
    """Print what pip-audit found. It calls a run good in which the service knew nothing of any
    requirement, as one does that answers for a package index alone; we do not."""
    skipped = [one["name"] for one in requirements if "skip_reason" in one]
    found = [(one, vulnerability) for one in requirements for vulnerability in one.get("vulns", [])]
    for one, vulnerability in found:
        fixed = ", ".join(vulnerability["fix_versions"]) or "no version yet"
        step(f"{one['name']} {one['version']}: {vulnerability['id']}, fixed in {fixed}")
    if skipped:
        step(f"the service knows nothing of {len(skipped)}: {', '.join(skipped)}")
    asked = len(requirements) - len(skipped)
    step(f"{asked} of {len(requirements)} requirements asked about: {len(found)} vulnerabilities")
    if found:
        return VULNERABLE
    return NOT_KNOWN if skipped else IN_ORDER


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
