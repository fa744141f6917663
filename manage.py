#!/usr/bin/env python3
"""Runs Django's and the project's own commands; reads var/dev.env where nothing else is set."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from django.core.management import execute_from_command_line
from django.db import Error

from runtime.database.away import is_away, sqlstate

AWAY = "The database is away, read-only, or full: nothing more was done; try again later"
DEVELOPMENT_ENVIRONMENT = Path(__file__).resolve().parent / "var" / "dev.env"


def read_development_environment() -> None:
    """Make commands work from another shell while script/server runs."""
    if {
        "DATABASE_URL",
        "DATABASE_URL_FILE",
    } & os.environ.keys() or not DEVELOPMENT_ENVIRONMENT.exists():
        return
    for line in DEVELOPMENT_ENVIRONMENT.read_text().splitlines():
        name, separator, value = line.partition("=")
        if separator and not name.startswith("#"):
            os.environ.setdefault(name, value)


def refuse_what_is_no_text(arguments: Sequence[str]) -> None:
    """A terminal of another encoding would have it stored, or looked for, as something else."""
    for place, argument in enumerate(arguments[1:], start=1):
        if not is_text(argument):
            sys.exit(f"Argument {place} is no text in UTF-8.")


def is_text(argument: str) -> bool:
    """Python hands over bytes that are none as halves of surrogate pairs."""
    try:
        argument.encode()
    except UnicodeEncodeError:
        return False
    return True


if __name__ == "__main__":
    refuse_what_is_no_text(sys.argv)
    read_development_environment()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
    try:
        execute_from_command_line(sys.argv)
    except Error as error:
        if not is_away(error):
            raise
        # Not the error's words, which may hold a password or a row.
        sys.exit(f"{AWAY} (SQLSTATE {sqlstate(error) or 'none'}). manage.py doctor says more.")
