"""Writes shipments and entries of the feed as the contract shows them, piece by piece."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import orjson

from notifications.models import NotificationChannel
from notifications.reading import lifecycle
from notifications.reading.dialog_log import LogEntry
from notifications.reading.shipments import Delivery, Shipment
from notifications.reading.status_feed import Entry
from orders.api.v1.presentation import moment, unless_blank, without_absent
from runtime.json_stream import head, written

CHANNELS: dict[str, str] = {NotificationChannel.EMAIL: "Email", NotificationChannel.SMS: "SMS"}


def shipment(found: Shipment, pages: Iterable[Sequence[Delivery]]) -> Iterator[bytes]:
    """The document, whose pieces are made as they are taken."""
    members = {
        "shipmentId": found.id,
        "sendersReference": unless_blank(found.senders_reference),
        "type": found.type,
        "status": lifecycle.of_order(found.status),
        "lastUpdate": moment(found.at),
    }
    yield head(without_absent(members), last="recipients")
    between = b""
    for page in pages:
        if shown := [_delivery(each, is_purged=found.is_purged) for each in page]:
            yield between + orjson.dumps(shown)[1:-1]
            between = b","
    yield b"]}"


def feed_page(entries: Iterable[Entry]) -> deque[bytes]:
    """Of each entry only the text is kept."""
    shown = (orjson.Fragment(orjson.dumps(_entry(entry))) for entry in entries)
    return deque([b"[", *written(shown), b"]"])


def log(entries: Iterable[LogEntry]) -> list[dict[str, object]]:
    return [without_absent(_log_entry(entry)) for entry in entries]


def _log_entry(entry: LogEntry) -> dict[str, object]:
    """The status is told as it is, without the channel before it."""
    return {
        "notificationId": entry.notification_id,
        "dialogId": entry.dialog_id,
        "transmissionId": entry.transmission_id,
        "type": entry.type,
        "channel": entry.channel,
        "destination": None if entry.purged_at and not entry.destination else entry.destination,
        "status": entry.status,
        "requestedSendTime": moment(entry.requested_send_time),
        "lastUpdateTime": moment(entry.at),
    }


def _delivery(delivery: Delivery, *, is_purged: bool) -> Mapping[str, object]:
    address = None if is_purged and not delivery.address else delivery.address
    return _recipient(delivery.channel, address, delivery.status, delivery.at)


def _entry(entry: Entry) -> dict[str, object]:
    """`type` and the recipients' `type` are what the public documentation shows beside the members
    that the original sends."""
    return without_absent(
        {
            "sequenceNumber": entry.sequence_number,
            "shipmentId": entry.shipment_id,
            "sendersReference": unless_blank(entry.senders_reference),
            "recipients": [_recipient(*outcome) for outcome in entry.outcomes()],
            "status": lifecycle.of_order(entry.status),
            "lastUpdate": moment(entry.at),
            "shipmentType": entry.type,
            "type": entry.type,
        }
    )


def _recipient(channel: str, destination: str | None, status: str, at: datetime) -> dict[str, str]:
    shown = {"type": CHANNELS[channel]}
    if destination is not None:
        shown["destination"] = destination
    return shown | {
        "status": lifecycle.of_notification(status, channel=channel),
        "lastUpdate": moment(at),
    }
