"""Rows 3 and 11: one order of 100,000 mobile numbers is placed, and its messages are read."""

import json
import time
from io import BytesIO
from uuid import UUID, uuid4

import psycopg

from bench import loading, processes
from bench.figures import Goal, Row, alternating
from bench.system import MeasuredSystem
from script.launcher.system.running_system import BASE

RECIPIENTS = 100_000
MEGABYTE = 1_000_000
# The same rows, into a table like the product's.
_BARE_TABLE = (
    "CREATE TABLE IF NOT EXISTS bench_recipients (LIKE recipients_recipient INCLUDING ALL)"
)
_BARE_COLUMNS = {
    "order_id": "uuid",
    "national_identity_number": "varchar",
    "organization_number": "varchar",
    "email_address": "text",
    "mobile_number": "text",
    "placement_look_up": "varchar",
    "is_repeat": "bool",
}
_BARE_COPY = f"COPY bench_recipients ({', '.join(_BARE_COLUMNS)}) FROM STDIN (FORMAT BINARY)"
_READ = """
COPY (SELECT id, address, status, status_at, national_identity_number, organization_number
      FROM notifications_notification WHERE order_id = '{order}' AND channel = 'Sms' ORDER BY id)
TO STDOUT
"""


def placing(system: MeasuredSystem) -> Row:
    body = json.dumps(
        {
            "body": "Hello.",
            "recipients": [{"mobileNumber": f"+479{n:07d}"} for n in range(RECIPIENTS)],
        }
    ).encode()
    system.query_outside(_BARE_TABLE)
    with system.running("web"):
        web = system.processes["web"].pid
        usual = processes.peak_bytes(web)
        processes.forget_peak(web)

        def place() -> float:
            began = time.perf_counter()
            answer = system.place("orders/sms", body)
            seconds = time.perf_counter() - began
            if answer.status != 202:
                raise AssertionError(answer)
            return seconds

        seconds, bare = alternating(place, lambda: copy(system, body))
        grown = (processes.peak_bytes(web) - usual) / MEGABYTE
    system.query_outside("DROP TABLE bench_recipients")
    system.empty()
    return Row(
        3,
        "accept one order of 100,000 mobile numbers",
        "s",
        seconds,
        bare,
        [
            Goal("time / reference", seconds.median / bare.median, 6, at_least=False),
            Goal("memory of the web worker +", grown, 300, at_least=False, unit=" MB"),
        ],
        digits=2,
    )


def copy(system: MeasuredSystem, body: bytes) -> float:
    """Parse the same body and COPY its recipients; returns the seconds it takes."""
    with psycopg.connect(system.database) as connection, connection.cursor() as cursor:
        began = time.perf_counter()
        order_id = uuid4()
        with cursor.copy(_BARE_COPY) as rows:
            rows.set_types(list(_BARE_COLUMNS.values()))
            for recipient in json.loads(body)["recipients"]:
                number = recipient["mobileNumber"]
                rows.write_row((order_id, "", "", "", number, "NotNeeded", False))
        connection.commit()
        return time.perf_counter() - began


def reading(system: MeasuredSystem) -> Row:
    system.empty()
    loading.creators(system)
    loading.orders(system, count=1, status="Completed")
    loading.notifications(system, each=RECIPIENTS, status="Delivered", order_status="Completed")
    system.settle()
    order: UUID = system.query("SELECT id FROM orders_order")[0][0]
    headers = {"Authorization": f"Bearer {system.token('agency-2')}"}
    with system.running("web"):
        web = system.processes["web"].pid
        system.call("GET", f"{BASE}/orders/{uuid4()}", headers=headers)
        usual = processes.peak_bytes(web)
        processes.forget_peak(web)

        def read() -> float:
            began = time.perf_counter()
            answer = system.call("GET", f"{BASE}/orders/{order}/notifications/sms", headers=headers)
            seconds = time.perf_counter() - began
            if answer.json["generated"] != RECIPIENTS:
                raise AssertionError(answer.status)
            return seconds

        seconds, bare = alternating(read, lambda: copy_out(system, order))
        grown = (processes.peak_bytes(web) - usual) / MEGABYTE
    system.empty()
    return Row(
        11,
        "read the 100,000 notifications of an order",
        "s",
        seconds,
        bare,
        [
            Goal("time / reference", seconds.median / bare.median, 10, at_least=False),
            Goal("memory of the web worker +", grown, 50, at_least=False, unit=" MB"),
        ],
        digits=2,
    )


def copy_out(system: MeasuredSystem, order: UUID) -> float:
    """COPY the same columns out; returns the seconds it takes."""
    with psycopg.connect(system.database) as connection, connection.cursor() as cursor:
        began = time.perf_counter()
        taken = BytesIO()
        with cursor.copy(_READ.format(order=order).encode()) as rows:
            for block in rows:
                taken.write(block)
        return time.perf_counter() - began
