"""What is told of a batch that was sent: one line of the log, and the stages of its orders."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import structlog

from dispatch.gateways.base import OutcomeKind
from dispatch.sending.metrics import result_of
from dispatch.sending.recording import Sent
from notifications.models import NotificationChannel
from orders.traces import Stage, Traced, about, telling

logger = structlog.get_logger(__name__)

STAGE = "send"


def tell(channel: NotificationChannel, sent: Sequence[Sent]) -> None:
    """After its outcomes have been recorded."""
    results = Counter(result_of(one.outcome) for one in sent)
    of = about(one.claimed.of for one in sent)
    logger.info("A batch was sent", channel=channel.value, **results, **of)
    if telling.sink is not None:
        telling.sink(list(_stages(channel, sent)))


def _stages(channel: NotificationChannel, sent: Sequence[Sent]) -> Iterator[Stage]:
    by_order: dict[Traced, list[Sent]] = defaultdict(list)
    for one in sent:
        if one.began and one.ended:
            by_order[one.claimed.of].append(one)
    for of, its in by_order.items():
        results = Counter(result_of(one.outcome) for one in its)
        yield Stage(
            STAGE,
            of,
            min(one.began for one in its if one.began),
            max(one.ended for one in its if one.ended),
            {"channel": channel.value, "notifications": len(its), **results},
            has_failed=any(
                one.outcome is None or one.outcome.kind != OutcomeKind.ACCEPTED for one in its
            ),
        )
