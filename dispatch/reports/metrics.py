"""What came of delivery reports, counted for Prometheus (decision 13)."""

from collections import Counter as Tally
from collections.abc import Iterable

from prometheus_client import Counter

from dispatch.models import DeliveryReport

_REPORTS = Counter(
    "notifications_reports", "Tries at matching a delivery report, by what came of it.", ["result"]
)

_UNCLEAR = Counter(
    "notifications_reports_unclear",
    "Delivery reports that nobody can tell the meaning of, by what is unclear.",
    ["why"],
)

# Series that begin at nought show their first increase.
_unclear = {why: _UNCLEAR.labels(why) for why in ("state", "notification", "receiver")}
_reports = {state: _REPORTS.labels(state.name.lower()) for state in DeliveryReport.State}


def count_reports(states: Iterable[str]) -> None:
    """A batch of reports, by their state after this try: applied, waiting for another, or dead."""
    for state, count in Tally(states).items():
        _reports[DeliveryReport.State(state)].inc(count)


def count_unclear_reports(whys: Iterable[str]) -> None:
    """What is unclear of each: its `state`, which `notification` it means, or its `receiver`."""
    for why in whys:
        _unclear[why].inc()
