"""What the processes that deliver events count as they go, for Prometheus (decision 13)."""

from collections import Counter as Tally
from collections.abc import Iterable

from prometheus_client import Counter

from events.sending.client import Verdict

_TRIES = Counter(
    "notifications_webhook_tries", "Tries to deliver an event, by what came of them.", ["result"]
)
_tries = {verdict: _TRIES.labels(verdict.name.lower()) for verdict in Verdict}


def count_tries(verdicts: Iterable[Verdict]) -> None:
    for verdict, count in Tally(verdicts).items():
        _tries[verdict].inc(count)
