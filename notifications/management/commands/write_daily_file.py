"""Writes what ended on one day as a Parquet file, as the metrics serve it.

A process of its own, since pyarrow takes more memory than all else that a web process holds: the
one place where it is loaded (docs/decisions/0028).
"""

from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.core.management.base import BaseCommand, CommandParser

from notifications.models import NotificationChannel
from notifications.reading.finished import Finished, finished_on

ROWS_IN_A_GROUP = 50_000

# The column, its type, and the field that fills it.
_SHARED = [
    ("ShipmentId", pa.string(), "notification_id"),
    ("SendersReference", pa.string(), "senders_reference"),
    ("RequestedSendTime", pa.string(), "requested_send_time"),
    ("CreatorName", pa.string(), "creator"),
    ("ResourceId", pa.string(), "resource_id"),
    ("Result", pa.string(), "status"),
]
COLUMNS = {
    NotificationChannel.SMS: [
        ("SmsId", pa.int64(), "number"),
        *_SHARED,
        ("GatewayReference", pa.string(), "gateway_reference"),
        ("Rate", pa.string(), "rate"),
        ("MobileNumberPrefix", pa.string(), "number_prefix"),
        ("AltinnSmsCount", pa.int32(), "segments"),
        ("AltinnSmsBodyLength", pa.int32(), "body_length"),
        ("AltinnSmsCustomBodyLength", pa.int32(), "own_body_length"),
    ],
    NotificationChannel.EMAIL: [
        ("EmailId", pa.int64(), "number"),
        *_SHARED,
        ("OperationId", pa.string(), "gateway_reference"),
    ],
}


class Command(BaseCommand):
    help = (
        "Writes the notifications that ended on a day (UTC) as a Parquet file; prints how many."
        " Example: manage.py write_daily_file Sms 2026-01-31 /tmp/sms.parquet"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("channel", choices=[channel.value for channel in NotificationChannel])
        parser.add_argument("day", type=date.fromisoformat)
        parser.add_argument("path", type=Path)

    def handle(self, *args: object, **options: Any) -> None:
        channel = NotificationChannel(options["channel"])
        rows = finished_on(options["day"], channel)
        self.stdout.write(str(write(rows, channel, options["path"])))


def write(rows: Iterator[Finished], channel: NotificationChannel, path: Path) -> int:
    """Returns how many; in memory are those of one group only."""
    columns = COLUMNS[channel]
    schema = pa.schema(
        [pa.field(name, kind, nullable=name == "ResourceId") for name, kind, _ in columns]
    )
    count = 0
    with pq.ParquetWriter(path, schema) as file:
        while group := list(islice(rows, ROWS_IN_A_GROUP)):
            values = [[getattr(row, field) for row in group] for _, _, field in columns]
            file.write_table(pa.Table.from_arrays([pa.array(v) for v in values], schema=schema))
            count += len(group)
    return count
