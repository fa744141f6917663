"""A few hundred generated requests, the same ones each time; script/fuzz sends thousands more."""

from pathlib import Path

from script.launcher.system.running_system import RunningSystem
from tests.fuzzing.api import fuzz


def test_every_answer_to_generated_requests_is_as_described(
    live_web: RunningSystem, tmp_path: Path
) -> None:
    finding = fuzz(live_web, seed=1, cases=100, folder=tmp_path, seconds=90)
    assert finding.failures == [], finding.report
    assert finding.cases > 500
    assert finding.orders > 10
