"""`manage.py dbshell` opens the database that the product uses, on a socket, too."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import dj_database_url
import pytest
from django.db import connection

from config.database.client import DatabaseClient

ROOT = Path(__file__).resolve().parents[2]


def test_whatever_the_address_says_is_told_to_psql() -> None:
    address = "postgresql://kari@/notifications?host=/tmp/var&target_session_attrs=read-write"
    settings = dj_database_url.parse(address)
    settings["OPTIONS"]["pool"] = {"min_size": 1}  # which is none of psql's business
    arguments, environment = DatabaseClient.settings_to_cmd_args_env(dict(settings), ["-c", "x"])
    assert arguments == ["psql", "-U", "kari", "-c", "x", "notifications"]
    assert environment == {"PGHOST": "/tmp/var", "PGTARGETSESSIONATTRS": "read-write"}


def test_the_backend_uses_it() -> None:
    assert isinstance(connection.client, DatabaseClient)


@pytest.mark.skipif(not shutil.which("psql"), reason="psql is not installed")
def test_dbshell_finds_the_socket_of_the_development_address() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "dbshell", "--", "-tAc", "SELECT current_database()"],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.local"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "notifications"
