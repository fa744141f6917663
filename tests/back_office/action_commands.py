"""Commands of actions run as a script runs them."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

REASON = ("--reason", "The gateway was down.", "--case", "SAK-17")


def run(command: str, *words: object) -> str:
    """What it prints; a SystemExit where nothing could be done."""
    out = StringIO()
    call_command(command, *map(str, words), stdout=out, stderr=StringIO())
    return out.getvalue().strip()


def run_json(command: str, *words: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(command, *words, "--json"))
    return found


def run_refused(command: str, *words: object) -> str:
    """What it prints where nothing could be done, which its exit status tells."""
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command(command, *map(str, words), stdout=out, stderr=StringIO())
    assert ended.value.code == 1
    return out.getvalue().strip()
