"""One running system for all journeys of a run."""

from collections.abc import Iterator

import pytest

from script.launcher.system.running_system import RunningSystem


@pytest.fixture(scope="session")
def running_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    system = RunningSystem(tmp_path_factory.mktemp("journeys"), name="journeys")
    yield system
    system.stop()


@pytest.fixture
def system(running_system: RunningSystem) -> RunningSystem:
    """The running system, its outside world empty and at peace."""
    running_system.outside.reset()
    return running_system
