"""A short run under fire, with the faults that found most: nothing is lost, and nothing is sent
twice without a cause."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from script.launcher.services.account import hand_over, service_account
from script.launcher.system.servers import Servers
from tests.chaos.faults import FAULTS
from tests.chaos.running import run

SEED = 4
SHOWN = 20
WANTED = (
    "SIGKILL of a worker",
    "the clock of worker-2 steps",
    "the clock of beat steps",
    "PostgreSQL: immediate restart",
    "PostgreSQL: read-only",
    "a column is added to each table",
    "Redis: flushed",
    "SIGKILL of the process that answers requests",
    "gateway: close-after-reading",
    "smtp: close-after-reading",
    "reports: early",
    "a creator is held",
    "reports that contradict earlier ones",
)


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Servers]:
    """Of this run alone, since it stops them."""
    with tempfile.TemporaryDirectory(prefix="chaos-", dir="/tmp") as folder:
        hand_over(Path(folder), service_account())
        servers = Servers(Path(folder))
        try:
            for name, url in servers.urls.items():
                monkeypatch.setenv(name, url)
            yield servers
        finally:
            servers.stop()


def test_whatever_fails_while_messages_flow_all_arrive_and_each_repetition_is_explained(
    servers: Servers, tmp_path: Path
) -> None:
    by_name = {fault.name: fault for fault in FAULTS}
    faults = [by_name[name] for name in WANTED]
    finding = run(
        tmp_path,
        servers,
        seed=SEED,
        messages=400,
        seconds=10.0,
        faults=faults,
        max_recovery_seconds=60.0,
    )
    assert finding.faults.keys() == set(WANTED)
    assert not finding.verdict.complaints, "\n".join(finding.verdict.complaints[:SHOWN])
    assert not finding.ended
    assert finding.verdict.messages >= 400
