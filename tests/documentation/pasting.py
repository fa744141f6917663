"""Follows a page as a newcomer does: its files are saved, its commands pasted into a shell."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

BLOCK = re.compile(r"```(?P<kind>\w+)\n(?P<text>.*?)```\n", re.DOTALL)
ANSWERED = re.compile(
    r"```sh\n(?P<command>.*?)```\n(?:\n```http\n(?P<answer>.*?)```\n)?", re.DOTALL
)


class Shell:
    """Bash in a folder; variables stay from one command to the next."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self.folder = folder
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        self.variables = {**os.environ, "PATH": path, "no_proxy": "127.0.0.1", **variables}

    def run(self, command: str) -> str:
        """What it printed. Bash is told to end at the first error."""
        kept = self.folder / "variables"
        done = subprocess.run(
            ["bash", "-euc", f"set -a\n{command}\nenv -0 > {kept}"],
            cwd=self.folder,
            env=self.variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        named = kept.read_text().split("\0")
        self.variables = dict(one.split("=", 1) for one in named if "=" in one)
        return done.stdout
