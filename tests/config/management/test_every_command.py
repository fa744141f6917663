"""Every command of ours tells how it is called, and says before it does what it would."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.core.management import get_commands, load_command_class
from django.core.management.base import CommandError, CommandParser

from tests.architecture.test_tree import APPS, ROOT

EXAMPLE = re.compile(r"Example: manage\.py (.+)", re.S)
OURS = sorted(name for name, app in get_commands().items() if app in APPS)
CHANGE_NOTHING = {"doctor", "token", "write_daily_file"}
SAY_FIRST = {"migrate": "--plan", "partition": "--apply"}
"""By another option than --dry-run."""


def parser_of(name: str) -> CommandParser:
    app = get_commands()[name]
    assert isinstance(app, str)
    return load_command_class(app, name).create_parser("manage.py", name)


def options_of(parser: CommandParser) -> Iterator[str]:
    for action in parser._actions:
        yield from action.option_strings


def test_there_are_some() -> None:
    assert len(OURS) >= 18


@pytest.mark.parametrize("name", OURS)
def test_its_help_has_an_example_that_can_be_given(name: str) -> None:
    parser = parser_of(name)
    found = EXAMPLE.search(parser.description or "")
    assert found
    called, *words = shlex.split(found[1])
    assert called == name
    parser.allow_abbrev = False
    parser.called_from_command_line = False
    parser.parse_args(words)


@pytest.mark.parametrize("name", [name for name in OURS if name not in CHANGE_NOTHING])
def test_what_changes_something_can_say_first_what_it_would_do(name: str) -> None:
    assert SAY_FIRST.get(name, "--dry-run") in options_of(parser_of(name))


@pytest.mark.parametrize("name", OURS)
def test_a_wrong_argument_is_told_in_a_sentence(name: str) -> None:
    parser = parser_of(name)
    parser.called_from_command_line = False
    with pytest.raises(CommandError, match="Error: "):
        parser.parse_args(["--no-such-option"])


def test_bytes_that_are_no_text_are_refused_before_any_command_sees_them() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "totp", b"k\xe5ri"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == "Argument 2 is no text in UTF-8.\n"
    assert done.returncode == 1
