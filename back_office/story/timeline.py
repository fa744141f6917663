"""The story of an order from accepted to completed, as moments in the order of time.

What happened to many notifications at once is one moment: "312 SMS sent to the gateway between
09:00:03 and 09:00:05".
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from back_office.models import StaffAction
from back_office.story.details import Report, Trouble
from back_office.story.stats import Steps
from back_office.wording import labels, outcomes
from back_office.wording.local_time import to_the_second
from back_office.wording.reasons import told
from notifications.models import NotificationChannel, NotificationStatus, StatusFeedEntry
from orders.models import Order, OrderStatus
from recipients.models import Recipient
from runtime.local_time import LOCAL_TIME

N = NotificationStatus


@dataclass(frozen=True, slots=True)
class Moment:
    """`until` is the end of what took a while; `colour` is one of unfold's labels' colours."""

    at: datetime
    what: str
    detail: str = ""
    until: datetime | None = None
    colour: str = ""
    icon: str = "circle"

    @property
    def when(self) -> str:
        """In Oslo, to the second."""
        return to_the_second(self.at)


def of_order(
    order: Order,
    *,
    look_ups: Sequence[tuple[str, int]],
    steps: Sequence[Steps],
    attempts: Iterable[Trouble],
    reports: Iterable[Report],
    actions: Iterable[StaffAction],
    entries: Iterable[StatusFeedEntry],
) -> list[Moment]:
    """Everything that is known to have happened, the earliest first."""
    actions = list(actions)
    moments = [
        *_of_placement(order, look_ups),
        *_of_condition(order),
        *of_notifications(steps),
        *of_attempts(attempts),
        *of_reports(reports),
        *of_actions(actions),
        *_of_state(order),
        *_of_holding(order, {action.what for action in actions}),
        *(_of_entry(entry) for entry in entries),
    ]
    return in_order(moments)


def in_order(moments: Iterable[Moment]) -> list[Moment]:
    """The earliest first."""
    return sorted(moments, key=lambda moment: moment.at)


def _of_placement(order: Order, look_ups: Sequence[tuple[str, int]]) -> Iterator[Moment]:
    total = sum(count for _verdict, count in look_ups)
    found = ", ".join(
        f"{labels.LOOK_UP_WORDS[verdict]}: {count}"
        for verdict, count in look_ups
        if verdict != Recipient.LookUp.NOT_NEEDED
    )
    yield Moment(
        order.created,
        _("Accepted from %(creator)s, recipients: %(count)s")
        % {"creator": order.creator, "count": total},
        icon="inbox",
    )
    if found:
        yield Moment(order.created, _("Recipients looked up"), found, icon="contact_page")
    if order.requested_send_time > order.created:
        yield Moment(order.requested_send_time, _("Requested send time"), icon="event")


def _of_condition(order: Order) -> Iterator[Moment]:
    if order.condition_asked_at is None:
        return
    answer = {
        True: _("Condition endpoint asked: it answered yes"),
        False: _("Condition endpoint asked: it answered no"),
        None: _("Condition endpoint asked: its answer is in doubt"),
    }[order.condition_met]
    colour = "success" if order.condition_met else "warning"
    yield Moment(
        order.condition_asked_at, answer, told(order.condition_note), colour=colour, icon="rule"
    )


def of_notifications(steps: Sequence[Steps]) -> Iterator[Moment]:
    """Made, handed over, finished: each step of each channel once."""
    made = defaultdict(list)
    sent = defaultdict(list)
    for one in steps:
        made[one.channel, one.is_resend].append((one.count, one.created))
        if one.sent:
            sent[one.channel].append((one.sent_count, one.sent))
    for (channel, is_resend), spans in made.items():
        words = _("%(count)s %(channel)s created as resends") if is_resend else None
        yield _together(
            channel, spans, words or _("%(count)s %(channel)s created"), icon="edit_note"
        )
    for channel, spans in sent.items():
        words = (
            _("%(count)s %(channel)s sent to the gateway")
            if channel == NotificationChannel.SMS
            else _("%(count)s %(channel)s sent to the mail server")
        )
        yield _together(channel, spans, words, colour="info", icon="outbound")
    for one in steps:
        if one.finished and one.status != N.SUCCEEDED:
            yield _finished(one)


def _together(
    channel: str,
    spans: Sequence[tuple[int, tuple[datetime, datetime]]],
    words: str,
    *,
    colour: str = "",
    icon: str,
) -> Moment:
    """Several groups' like steps as one moment."""
    first = min(span[0] for _count, span in spans)
    last = max(span[1] for _count, span in spans)
    count = sum(count for count, _span in spans)
    return Moment(first, _said(words, count, channel, first, last), "", last, colour, icon)


def _finished(one: Steps) -> Moment:
    first, last = one.changed
    colour = labels.group(one.status, finished=True).colour
    words = "%(count)s %(channel)s: " + str(labels.NOTIFICATION_WORDS[one.status])
    delivered = one.status == N.DELIVERED
    return Moment(
        first,
        _said(words, one.count, one.channel, first, last),
        "",
        last,
        colour,
        "done_all" if delivered else "error",
    )


def _said(words: str, count: int, channel: str, first: datetime, last: datetime) -> str:
    said = words % {"count": count, "channel": "SMS" if channel == "Sms" else _("e-mail")}
    start, end = (
        f"{first.astimezone(LOCAL_TIME):%H:%M:%S}",
        f"{last.astimezone(LOCAL_TIME):%H:%M:%S}",
    )
    if first.astimezone(LOCAL_TIME).date() != last.astimezone(LOCAL_TIME).date():
        end = to_the_second(last)
    if start == end:
        return said
    return _("%(what)s between %(start)s and %(end)s") % {"what": said, "start": start, "end": end}


def of_attempts(attempts: Iterable[Trouble]) -> Iterator[Moment]:
    """Like troubles of many notifications as one moment."""
    groups = defaultdict(list)
    for attempt in attempts:
        groups[attempt.outcome, attempt.reason].append(attempt.created)
    for (_outcome, reason), moments in groups.items():
        words = _("%(count)s attempts failed") if len(moments) > 1 else _("An attempt failed")
        yield _at_once(words, moments, detail=reason, colour="warning", icon="warning")


def of_reports(reports: Iterable[Report]) -> Iterator[Moment]:
    groups = defaultdict(list)
    for report in reports:
        groups[report.channel, report.status].append(report.received)
    for (channel, status), moments in groups.items():
        words = (
            _("%(count)s delivery reports for %(channel)s")
            if len(moments) > 1
            else _("Delivery report for %(channel)s")
        )
        detail = str(labels.NOTIFICATION_WORDS.get(status, status))
        yield _at_once(words, moments, channel=channel, detail=detail, icon="mark_email_read")


def _at_once(
    words: str,
    moments: Sequence[datetime],
    *,
    channel: str = "",
    detail: str,
    colour: str = "",
    icon: str,
) -> Moment:
    """Like things as one moment, from the first of them to the last."""
    first, last = min(moments), max(moments)
    said = _said(words, len(moments), channel, first, last)
    return Moment(first, said, detail, last, colour, icon)


def of_actions(actions: Iterable[StaffAction]) -> Iterator[Moment]:
    for action in actions:
        if "outcome" in action.detail:  # as outcomes were kept once: in a second entry
            continue
        case = f" ({action.case_reference})" if action.case_reference else ""
        what = {"what": action.get_what_display(), "who": action.staff_name}
        words = _("%(what)s by %(who)s")
        if action.subject_type == StaffAction.Subject.CREATOR:
            words = _("%(what)s by %(who)s, with all of the service owner's")
        yield Moment(
            action.when,
            words % what,
            f"{action.reason}{case} {_outcome_of(action)}".strip(),
            colour="primary",
            icon="support_agent",
        )


def _outcome_of(action: StaffAction) -> str:
    """In brackets; "" where it is as the action says."""
    ended = action._state.fields_cache.get("ended")
    return f"[{outcomes.in_words(ended.detail)}]" if ended else ""


def _of_state(order: Order) -> Iterator[Moment]:
    """The state it is in; of those it has left only what other rows tell is known."""
    words = {
        OrderStatus.PROCESSED: (
            _("Processed: all its notifications are created"),
            "",
            "fact_check",
        ),
        OrderStatus.COMPLETED: (_("Completed"), "success", "flag"),
        OrderStatus.SEND_CONDITION_NOT_MET: (
            _("Stopped by its send condition"),
            "warning",
            "block",
        ),
        OrderStatus.CANCELLED: (_("Cancelled"), "warning", "cancel"),
        OrderStatus.PROCESSING: (_("Processing began"), "", "settings"),
    }.get(OrderStatus(order.status))
    if words:
        what, colour, icon = words
        yield Moment(order.status_at, what, "", colour=colour, icon=icon)


def _of_holding(order: Order, done: Collection[str]) -> Iterator[Moment]:
    """Where no audit entry tells of it."""
    if order.held_at and StaffAction.What.HELD not in done:
        yield Moment(order.held_at, _("Held by staff"), colour="warning", icon="pan_tool")
    if order.stopped_at and StaffAction.What.STOPPED not in done:
        yield Moment(order.stopped_at, _("Stopped by staff"), colour="warning", icon="block")


def _of_entry(entry: StatusFeedEntry) -> Moment:
    return Moment(
        entry.created,
        _("Entered in the status feed, round %(round)s") % {"round": entry.round},
        f"#{entry.sequence_number}",
        icon="rss_feed",
    )
