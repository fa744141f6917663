"""One server per checkout."""

from pathlib import Path

import pytest

from script.launcher.console import Refusal
from script.launcher.server.single_instance import single_instance


def test_a_second_copy_is_told_where_the_first_one_runs(tmp_path: Path) -> None:
    lock = tmp_path / "server.lock"
    with (
        single_instance(lock, address="http://127.0.0.1:8000"),
        pytest.raises(Refusal, match=r"already running .*: http://127\.0\.0\.1:8000 \(process \d+"),
        single_instance(lock, address="http://127.0.0.1:9000"),
    ):
        pytest.fail("two copies at once")


def test_after_the_first_copy_the_next_one_may_run(tmp_path: Path) -> None:
    lock = tmp_path / "server.lock"
    with single_instance(lock, address="http://127.0.0.1:8000"):
        pass
    with single_instance(lock, address="http://127.0.0.1:9000"):
        assert lock.read_text().startswith("http://127.0.0.1:9000")
