"""The names under which Prometheus knows the state of this installation."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from prometheus_client.core import GaugeMetricFamily, Metric

from dispatch.gateways import configured
from dispatch.models import ChannelPause, GatewayState
from dispatch.monitoring import backlog, gone_gateways, job_health
from dispatch.monitoring.backlog import Backlog
from dispatch.upkeep import purge
from events.backlog import webhooks
from notifications.models import NotificationChannel

NAMED_CREATORS = 10
OTHERS = "(others)"

Values = dict[tuple[str, ...], float]
"""By the values of the labels."""


def all_of(*, now: datetime) -> Iterator[Metric]:
    yield from _backlog(backlog.backlogs(now=now))
    yield from _sending(now=now)
    yield from _orders(now=now)
    yield from _figures(now=now)
    yield _pauses(now=now)
    yield _gateways(now=now)
    yield _gone_gateways()
    yield from _webhooks(now=now)
    yield from _jobs(now=now)
    counts: Values = {(state,): count for state, count in backlog.connections().items()}
    yield table("database_connections", "Connections to the database.", ["state"], counts)


def number(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"notifications_{name}", about, value=value)


def table(name: str, about: str, labels: Sequence[str], values: Values) -> Metric:
    family = GaugeMetricFamily(f"notifications_{name}", about, labels=labels)
    for of, value in values.items():
        family.add_metric(of, value)
    return family


def _backlog(backlogs: Sequence[Backlog]) -> Iterator[Metric]:
    """The creators that have most on a channel by name, all others as one."""
    shown: list[Backlog] = []
    for channel in NotificationChannel:
        ranked = sorted(
            (backlog for backlog in backlogs if backlog.channel == channel),
            key=lambda backlog: backlog.notifications,
            reverse=True,
        )
        others = ranked[NAMED_CREATORS:]
        late = max((other.late for other in others), default=timedelta())
        total = sum(other.notifications for other in others)
        shown += [*ranked[:NAMED_CREATORS], Backlog(channel, OTHERS, total, late)]
    labels = ["channel", "creator"]
    yield table(
        "backlog",
        "Messages that wait to be sent; at least, where they are very many.",
        labels,
        {(one.channel, one.creator): one.notifications for one in shown},
    )
    yield table(
        "backlog_late_seconds",
        "For how long the first of them could have left.",
        labels,
        {(one.channel, one.creator): one.late.total_seconds() for one in shown},
    )


def _sending(*, now: datetime) -> Iterator[Metric]:
    nothing: Values = {(channel,): 0 for channel in NotificationChannel}
    found = backlog.sending(now=now)
    yield table(
        "sending",
        "Messages claimed by a worker and not recorded yet.",
        ["channel"],
        nothing | {(one.channel,): one.notifications for one in found},
    )
    yield table(
        "sending_overdue",
        "Of these, the ones whose lease has lapsed.",
        ["channel"],
        nothing | {(one.channel,): one.overdue for one in found},
    )


def _orders(*, now: datetime) -> Iterator[Metric]:
    waiting = backlog.waiting_orders(now=now)
    yield table(
        "orders",
        "Orders to be processed: due now, in work, or put off after a failure.",
        ["state"],
        {
            ("due",): waiting.due,
            ("in_work",): waiting.in_work,
            ("backing_off",): waiting.backing_off,
        },
    )
    yield number(
        "orders_late_seconds", "For how long the first is due.", waiting.late.total_seconds()
    )


def _figures(*, now: datetime) -> Iterator[Metric]:
    found = backlog.figures(now=now)
    yield number("orders_held", "Orders that staff hold back.", found.orders_held)
    yield number("owners_held", "Service owners whose new orders staff hold.", found.owners_held)
    if found.first_expiry is not None:
        yield number(
            "first_expiry_seconds",
            "Until the first open message expires; below 0 it is waiting for the sweep.",
            (found.first_expiry - now).total_seconds(),
        )
    kept_for = purge.period()
    if kept_for is not None and found.unpurged_since is not None:
        late = (now - found.unpurged_since - kept_for).total_seconds()
        yield number("purge_late_seconds", "Since personal data should be gone.", max(late, 0.0))
    yield number("reports_waiting", "Delivery reports not matched yet.", found.reports_waiting)
    yield number(
        "reports_waiting_seconds",
        "For how long the first of them waits.",
        _seconds(found.reports_waiting_since, now=now),
    )
    yield number("reports_dead", "Reports of the last day without a match.", found.reports_dead)
    yield number("feed_number", "The last number of the status feed.", found.feed_number)
    yield number(
        "feed_entered_seconds",
        "Since the last entry of the feed.",
        _seconds(found.feed_entered, now=now),
    )
    yield number(
        "feed_writers_waiting", "Transactions queueing for the feed.", found.feed_writers_waiting
    )
    yield number(
        "database_connections_max", "Connections PostgreSQL allows.", found.connections_allowed
    )
    yield number(
        "database_oldest_transaction_seconds",
        "Age of the oldest open transaction.",
        found.oldest_transaction_seconds,
    )


def _pauses(*, now: datetime) -> Metric:
    in_force = set(ChannelPause.objects.in_force(now=now).values_list("channel", "cause"))
    return table(
        "channel_paused",
        "1 while the channel is paused for this cause.",
        ["channel", "cause"],
        {
            (channel.value, cause.value): (channel, cause) in in_force
            for channel in NotificationChannel
            for cause in ChannelPause.Cause
        },
    )


def _gateways(*, now: datetime) -> Metric:
    probed = ChannelPause.Cause.probed()
    rows = GatewayState.objects.values_list("channel", "gateway", "paused_until", "cause")
    in_trouble = {
        (channel, gateway)
        for channel, gateway, until, cause in rows
        if until is not None and (until > now or cause in probed)
    }
    names = [(one.channel.value, one.name) for one in configured.all_gateways()]
    return table(
        "gateway_paused",
        "1 while one of several gateways of a channel is paused, or tried again.",
        ["channel", "gateway"],
        {name: name in in_trouble for name in names},
    )


def _gone_gateways() -> Metric:
    values: Values = {(one.channel.value, one.name): 0 for one in configured.all_gateways()}
    for gone in gone_gateways.waited_for():
        values[gone.channel.value, gone.gateway] = gone.notifications
    return table(
        "gateway_gone_waiting",
        "Notifications that wait for a gateway which the settings do not name; 0 for each named.",
        ["channel", "gateway"],
        values,
    )


def _webhooks(*, now: datetime) -> Iterator[Metric]:
    found = webhooks(now=now)
    states = ("active", "failing", "paused", "given_up", "ended")
    yield table(
        "webhooks",
        "Webhooks by state; those given up were paused since nothing was delivered for days.",
        ["state"],
        {(state,): getattr(found, state) for state in states},
    )
    yield number("webhook_deliveries_waiting", "Events that wait to be posted.", found.waiting)
    yield number(
        "webhook_late_seconds",
        "For how long the first event could have been posted, but to webhooks that fail.",
        found.late.total_seconds(),
    )


def _jobs(*, now: datetime) -> Iterator[Metric]:
    """Of those that are switched on; the age of one that never ran is infinite."""
    jobs = [health for health in job_health.jobs(now=now) if health.is_on]
    ages: Values = {
        (one.task,): _seconds(one.run.started_at, now=now) if one.run else float("inf")
        for one in jobs
    }
    intervals: Values = {(one.task,): one.every.total_seconds() for one in jobs if one.every}
    late: Values = {(one.task,): one.is_late for one in jobs}
    failures: Values = {(one.task,): one.has_failed for one in jobs}
    yield table("job_age_seconds", "Since the last run began.", ["task"], ages)
    yield table("job_interval_seconds", "How often it is to run.", ["task"], intervals)
    yield table("job_late", "1 where it should have run a minute ago.", ["task"], late)
    yield table("job_failed", "1 where the last run ended in an error.", ["task"], failures)


def _seconds(since: datetime | None, *, now: datetime) -> float:
    """What is to come waits for nothing yet, as reports of what was simulated."""
    return max((now - since).total_seconds(), 0.0) if since else 0.0
