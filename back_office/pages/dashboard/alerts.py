"""What on the front page somebody should look at now: short sentences, each with where to look."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from back_office.pages.dashboard.figures import Figures
from back_office.templatetags.figures import channel_name
from dispatch.models import ChannelPause

FAILURE_RATE = 0.03
FAILURES_OF = 50
"""So many must have ended in an hour before a rate says something."""


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the desk, with what is to be chosen there, and who may see it."""

    name: str
    permission: str
    query: str = ""


PAUSES = Place("dispatch_channelpause_changelist", "dispatch.view_channelpause")
JOBS = Place("dispatch_jobrun_changelist", "dispatch.view_jobrun")
UNMATCHED = Place(
    "dispatch_deliveryreport_changelist", "dispatch.view_deliveryreport", "state=Dead&period=any"
)
OWNERS = Place("orders_creator_changelist", "orders.view_creator")
HELD = Place("orders_order_changelist", "orders.view_order", "stopping=held")
SENDERS = Place("orders_sender_changelist", "orders.view_sender", "state=undecided")
RETRIED = Place("orders_order_changelist", "orders.view_order", "status=Processing")


@dataclass(frozen=True, slots=True)
class Alert:
    words: str
    place: Place


def alerts(figures: Figures) -> list[Alert]:
    """Without numbers that change all the time: the sentences are read aloud when they change."""
    return [alert for kind in KINDS for alert in kind(figures)]


def _test_mode(figures: Figures) -> Iterator[Alert]:
    """Not of service owners in test mode: that is theirs."""
    if settings.TEST_MODE:
        yield Alert(_("This installation is in test mode: what it sends is simulated."), OWNERS)


def _paused(figures: Figures) -> Iterator[Alert]:
    for channel in {pause.channel: None for pause in figures.pauses or ()}:
        causes = {pause.cause for pause in figures.pauses or () if pause.channel == channel}
        named = {"channel": channel_name(channel)}
        if ChannelPause.Cause.PERSON in causes:
            yield Alert(_("%(channel)s is paused by staff.") % named, PAUSES)
        else:
            yield Alert(_("%(channel)s is paused because of trouble.") % named, PAUSES)


def _late_notifications(figures: Figures) -> Iterator[Alert]:
    minutes: int = settings.LATE_NOTIFICATION_MINUTES
    for channel, late in figures.waiting.late if figures.waiting else ():
        if late > timedelta(minutes=minutes):
            words = _("%(channel)s: notifications are overdue by more than %(minutes)s minutes.")
            yield Alert(
                words % {"channel": channel_name(channel), "minutes": minutes},
                _notifications(f"group=waiting&channel={channel}"),
            )


def _failures(figures: Figures) -> Iterator[Alert]:
    for one in figures.events.channels if figures.events else ():
        is_much = one.failed_lately > FAILURE_RATE * one.ended_lately
        if one.ended_lately >= FAILURES_OF and is_much:
            words = _("%(channel)s: more than %(share)s %% failed in the last hour.")
            yield Alert(
                words % {"channel": channel_name(one.channel), "share": f"{FAILURE_RATE:.0%}"[:-1]},
                _notifications(f"group=failed&channel={one.channel}"),
            )


def _jobs(figures: Figures) -> Iterator[Alert]:
    late = [health.about for health in figures.jobs if health.is_late]
    off = sum(not health.is_on for health in figures.jobs)
    if late and len(late) == len(figures.jobs) - off:
        yield Alert(_("No periodic job runs: are beat and the workers up?"), JOBS)
    elif late:
        words = ngettext(
            "%(count)s periodic job is late.", "%(count)s periodic jobs are late.", len(late)
        )
        yield Alert(words % {"count": len(late)}, JOBS)
    if any(health.has_failed for health in figures.jobs):
        yield Alert(_("A periodic job failed in its last run."), JOBS)
    if off:
        words = ngettext(
            "%(count)s periodic job is switched off.",
            "%(count)s periodic jobs are switched off.",
            off,
        )
        yield Alert(words % {"count": off}, JOBS)


def _held(figures: Figures) -> Iterator[Alert]:
    if figures.owners_held and (count := figures.owners_held.count):
        words = ngettext(
            "New orders of %(count)s service owner are held.",
            "New orders of %(count)s service owners are held.",
            count,
        )
        yield Alert(words % {"count": count}, OWNERS)
    if figures.held and figures.held.count:
        owners = figures.held.owners
        words = ngettext(
            "Orders of %(count)s service owner are held back.",
            "Orders of %(count)s service owners are held back.",
            owners,
        )
        yield Alert(words % {"count": owners}, HELD)


def _unmatched(figures: Figures) -> Iterator[Alert]:
    if figures.dead_reports and figures.dead_reports.count:
        yield Alert(_("Unmatched delivery reports need attention."), UNMATCHED)


def _webhooks(figures: Figures) -> Iterator[Alert]:
    if figures.failing_webhooks and figures.failing_webhooks.count:
        yield Alert(_("Webhooks of service owners do not answer as they should."), OWNERS)


def _senders(figures: Figures) -> Iterator[Alert]:
    if count := figures.undecided_senders:
        words = ngettext(
            "%(count)s sender waits for verification.",
            "%(count)s senders wait for verification.",
            count,
        )
        yield Alert(words % {"count": count}, SENDERS)


def _retried(figures: Figures) -> Iterator[Alert]:
    if figures.backed_off:
        yield Alert(_("Orders wait for another try after a failure."), RETRIED)


def _notifications(query: str) -> Place:
    return Place("notifications_notification_changelist", "notifications.view_notification", query)


KINDS: tuple[Callable[[Figures], Iterator[Alert]], ...] = (
    _test_mode,
    _paused,
    _late_notifications,
    _failures,
    _jobs,
    _held,
    _unmatched,
    _webhooks,
    _senders,
    _retried,
)
"""In the order in which they are shown; a new kind is one line here."""
