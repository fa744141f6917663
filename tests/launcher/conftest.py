"""A folder for PostgreSQL's data, and households that are always empty afterwards."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from script.launcher.services.account import hand_over, service_account
from script.launcher.services.processes import Household


@pytest.fixture
def household(tmp_path: Path) -> Iterator[Household]:
    """Starts programs with their logs in the test's folder; ends those that are left."""
    logs = tmp_path / "log"
    logs.mkdir()
    household = Household(log_folder=logs)
    yield household
    household.stop(seconds=2.0)


@pytest.fixture
def postgres_folder() -> Iterator[Path]:
    """A folder that PostgreSQL's account can reach: pytest's own is root's alone."""
    folder = Path(tempfile.mkdtemp(prefix="launcher-tests-", dir="/tmp"))
    hand_over(folder, service_account())
    yield folder
    shutil.rmtree(folder)
