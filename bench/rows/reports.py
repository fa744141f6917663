"""Row 8: delivery reports come in, are applied, and complete their orders."""

import base64
import time

from bench import loading
from bench.figures import Goal, Rounds, Row, alternating, milliseconds
from bench.system import MeasuredSystem
from bench.traffic import serving
from bench.traffic.serving import Served

REPORTS = 20_000
ORDERS = 2_000
EACH = REPORTS // ORDERS
WITHIN = 2.0
PATH = "/notifications/sms/api/v1/reports"
_XML = (
    '<?xml version="1.0"?><MSGLST><MSG><ID>1</ID><REF>{reference}</REF><RCV>{receiver}</RCV>'
    "<STATE>DELIVRD</STATE><DELIVERYTIME>2026.11.21 10:00:00</DELIVERYTIME></MSG></MSGLST>"
)


def coming_in(system: MeasuredSystem) -> Row:
    user = system.environment["SMS_REPORTS_USER"]
    password = system.environment["SMS_REPORTS_PASSWORD"]
    credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
    headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/xml"}
    bodies = [
        _XML.format(reference=f"ref-{order}-{number}", receiver=f"479{order * EACH + number:07d}")
        for order in range(1, ORDERS + 1)
        for number in range(1, EACH + 1)
    ]
    behind: list[float] = []
    ours: list[Served] = []
    with system.running("web", "worker-1", "beat"), serving.bare(system) as (bare_port, bare_pids):

        def full() -> float:
            system.empty()
            loading.orders(system, count=ORDERS)
            loading.notifications(system, each=EACH, status="Accepted")
            system.settle()
            ours.append(
                serving.load(
                    port=system.port,
                    pids=system.pids,
                    path=PATH,
                    bodies=bodies,
                    headers=headers,
                    seconds=None,
                )
            )
            began = time.monotonic()
            system.wait_for(lambda: completed(system) == ORDERS, "all orders to be completed")
            behind.append(time.monotonic() - began)
            return ours[-1].answered.rate

        def bare() -> float:
            return serving.load(
                port=bare_port,
                pids=bare_pids,
                path="/",
                bodies=bodies,
                headers=headers,
                seconds=None,
            ).answered.rate

        rates, least = alternating(full, bare)
    system.empty()
    return Row(
        8,
        "20,000 delivery reports in, applied, orders completed",
        "reports/s",
        rates,
        least,
        [
            Goal("rate / reference", rates.median / least.median, 0.45),
            Goal("behind the last", Rounds(behind).median, WITHIN, at_least=False, unit=" s"),
        ],
        {"CPU ms a report": milliseconds(ours[-1].cpu_ms_by_process)},
    )


def completed(system: MeasuredSystem) -> int:
    rows = system.query("SELECT count(*) FROM orders_order WHERE status = 'Completed'")
    return int(rows[0][0])
