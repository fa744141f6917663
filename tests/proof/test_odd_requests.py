"""A few hundred odd requests to every address there is; script/fuzz sends thousands more."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from script.launcher.system.running_system import RunningSystem
from tests.fuzzing import pages
from tests.fuzzing.api import logged_errors
from tests.fuzzing.desk import patterns
from tests.fuzzing.pages import fuzz_pages


@pytest.fixture
def web(tmp_path: Path) -> Iterator[RunningSystem]:
    """One of its own: the requests delete and change whatever they can."""
    system = RunningSystem(tmp_path, name="odd_requests", settings=pages.SETTINGS, programs=["web"])
    yield system
    system.stop()


def test_no_odd_request_to_any_address_is_a_5xx(web: RunningSystem) -> None:
    """Case 06, attack A6: open endpoints, and every page and form of the desk as each role."""
    visits = fuzz_pages(web, seed=1, cases=400)
    assert visits.failures == [], logged_errors(web)
    assert set(patterns()) <= set(visits.patterns), "An address that is never asked for."
    assert visits.statuses.total() >= 400
    assert visits.statuses[200] > 50
