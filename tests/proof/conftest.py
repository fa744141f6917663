"""Transports made anew for each test, and a worker process of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from script.launcher.system.running_system import RunningSystem
from script.launcher.system.simulators import Simulators
from tests.dispatch.celery_worker import CeleryWorker

Workers = Callable[..., CeleryWorker]


@pytest.fixture(autouse=True)
def _fresh_transports(fresh_transports: None) -> None:
    """Everywhere below this folder."""


@pytest.fixture
def start_worker(tmp_path: Path, simulators: Simulators) -> Iterator[Workers]:
    """Starts a worker with the settings given; it ends with the test."""
    started: list[CeleryWorker] = []

    def start(**settings: str) -> CeleryWorker:
        environment = simulators.environment | settings
        started.append(CeleryWorker(tmp_path / "worker.log", environment))
        started[-1].start()
        return started[-1]

    yield start
    for worker in started:
        if worker.is_running:
            worker.kill()
        worker.stop()


@pytest.fixture(scope="session")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """A web process whose threads share a single connection to the database."""
    system = RunningSystem(
        tmp_path_factory.mktemp("proof"),
        name="proof",
        programs=["web"],
        settings={"DATABASE_POOL_SIZE": "1"},
    )
    system.token()
    yield system
    system.stop()
