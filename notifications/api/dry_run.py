"""Writes what would become of a request (`Prefer: dry-run`); `orders.api.dry_run` has the shape."""

from collections.abc import Sequence
from datetime import datetime

from notifications.reading import dry_run
from notifications.reading.dry_run import Expected, Forecast
from orders.api.v1.presentation import moment, unless_blank, without_absent
from orders.models import Creator
from orders.requests import OrderRequest
from recipients import masking


def answer(
    requests: Sequence[OrderRequest], *, creator: Creator, must_reach: bool, now: datetime
) -> dict[str, object]:
    """Raises RegisterUnavailable and MissingContact."""
    forecasts = dry_run.of_orders(requests, creator=creator, must_reach=must_reach, now=now)
    return {"orders": [_order(forecast) for forecast in forecasts]}


def _order(forecast: Forecast) -> dict[str, object]:
    return without_absent(
        {
            "sendersReference": unless_blank(forecast.request.senders_reference),
            "requestedSendTime": moment(forecast.requested_send_time),
            "sent": forecast.sent,
            "failed": forecast.failed,
            "covered": forecast.covered,
            "segments": forecast.segments,
            "recipients": [
                {"notifications": [_notification(one) for one in expected]}
                for expected in forecast.recipients
            ],
            "recipientsNotShown": forecast.not_shown,
        }
    )


def _notification(one: Expected) -> dict[str, object]:
    """An address from the registers is not the caller's to know."""
    length = one.sms_length
    return without_absent(
        {
            "channel": one.channel.value,
            "address": masking.mask_address(one.channel, one.address) or None,
            "leavesAt": moment(one.leaves_at) if one.leaves_at else None,
            "segments": length.segments if length else None,
            "encoding": length.encoding.value if length else None,
            "failure": one.failure.value if one.failure else None,
            "reason": one.reason or None,
            "isCovered": one.is_covered or None,
        }
    )
