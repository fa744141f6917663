"""Row 18: events leave to webhooks, while the endpoint of another webhook hangs."""

from collections.abc import Mapping

from bench import loading, processes
from bench.figures import Goal, Row, alternating, milliseconds
from bench.system import WORKERS, MeasuredSystem
from bench.traffic.outlets import outlet

EVENTS = 20_000
TIMEOUT = 120.0
HANGS = 600.0
"""Seconds; a call is given up long before."""

_SUBSCRIBE = """
from django.utils import timezone
from events import subscriptions
from orders.models import Creator
agencies = Creator.objects.filter(short_name__startswith="agency-").order_by("id")
for creator in agencies[:{count}]:
    subscriptions.make(creator=creator, endpoint="{endpoint}", now=timezone.now())
"""
_DELIVERED = """
SELECT count(*) FROM events_delivery d JOIN events_subscription s ON s.id = d.subscription_id
WHERE d.state = 'Delivered' AND s.endpoint = '{endpoint}'
"""


def deliver(system: MeasuredSystem, *, hanging: int) -> tuple[float, Mapping[str, float]]:
    """Events a second to one endpoint, which all agencies have a webhook to, and the CPU
    milliseconds an event by process; so many of them have another webhook, whose endpoint hangs."""
    system.empty()
    system.query_outside("TRUNCATE events_subscription CASCADE")
    loading.orders(system, count=EVENTS, status="Completed")
    with outlet("sms") as taking, outlet("sms", latency=HANGS) as dead:
        system.reach(taking.port)
        endpoints = [f"http://127.0.0.1:{one.port}/hook" for one in (taking, dead)]
        for endpoint, count in zip(endpoints, (loading.CREATORS, hanging), strict=True):
            words = _SUBSCRIBE.format(count=count, endpoint=endpoint)
            system.command("shell", "-v", "0", "-c", words)
        delivered = _DELIVERED.format(endpoint=endpoints[0])
        with (
            system.running(*WORKERS, "beat"),
            processes.measured(system.pids) as used,
        ):
            loading.feed(system, rounds=1)
            system.wait_for(
                lambda: system.query(delivered)[0][0] == EVENTS, "all events", seconds=TIMEOUT
            )
    if len(taking.came) != EVENTS:
        raise AssertionError(f"{len(taking.came)} events came.")
    if bool(dead.came) != bool(hanging):
        raise AssertionError(f"{len(dead.came)} calls hung.")
    return EVENTS / taking.seconds, used.per(EVENTS)


def to_webhooks(system: MeasuredSystem) -> Row:
    found: list[Mapping[str, float]] = []

    def beside_one_that_hangs() -> float:
        rate, cpu = deliver(system, hanging=1)
        found.append(cpu)
        return rate

    rates, alone = alternating(beside_one_that_hangs, lambda: deliver(system, hanging=0)[0])
    return Row(
        18,
        "20,000 events to webhooks, while the endpoint of one hangs (reference: none does)",
        "events/s",
        rates,
        alone,
        [
            Goal("rate", rates.median, 1_000),
            Goal("rate / none hangs", rates.median / alone.median, 0.9),
        ],
        {"CPU ms an event": milliseconds(found[-1])},
    )
