"""Says of whatever is open or failed why it is so, and what happens next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from back_office.models import StaffAction
from back_office.wording.local_time import at
from back_office.wording.reasons import told
from dispatch.models import ChannelPause
from notifications import send_window
from notifications.expansion import claims
from notifications.expiry import GRACE
from notifications.models import Notification, NotificationChannel, NotificationStatus
from orders.models import Order, OrderStatus, OrderType, SendingTimePolicy
from runtime.local_time import later

N = NotificationStatus


@dataclass(frozen=True, slots=True)
class Explanation:
    """Sentences; `what_next` is empty where nothing is to come."""

    why: str
    what_next: str = ""


FAILURES: dict[str, Promise] = {
    N.FAILED: gettext_lazy("It failed."),
    N.FAILED_RECIPIENT_RESERVED: gettext_lazy(
        "The recipient is reserved against digital communication."
    ),
    N.FAILED_RECIPIENT_NOT_IDENTIFIED: gettext_lazy("The registers know no address to send to."),
    N.FAILED_TTL: gettext_lazy("It expired."),
    N.FAILED_INVALID_RECIPIENT: gettext_lazy("The gateway refused the number."),
    N.FAILED_BARRED_RECEIVER: gettext_lazy("The number is barred, blocked or not in use."),
    N.FAILED_DELETED: gettext_lazy("The notification was deleted at the operator."),
    N.FAILED_EXPIRED: gettext_lazy(
        "The phone was not reached for as long as the operator keeps a notification."
    ),
    N.FAILED_UNDELIVERED: gettext_lazy("The operator found no way to the number."),
    N.FAILED_REJECTED: gettext_lazy("The operator rejected the notification."),
    N.FAILED_INVALID_EMAIL_FORMAT: gettext_lazy("The mail server refused the form of the address."),
    N.FAILED_SUPRESSED_RECIPIENT: gettext_lazy("The mail provider no longer sends to the address."),
    N.FAILED_BOUNCED: gettext_lazy("The e-mail bounced: the mailbox or its domain does not exist."),
    N.FAILED_FILTERED_SPAM: gettext_lazy("The e-mail was taken for spam and blocked."),
    N.FAILED_QUARANTINED: gettext_lazy("The e-mail was quarantined, as spam or bulk mail."),
    N.FAILED_INVALID_SAS_URL: gettext_lazy(
        "An attachment could not be fetched: its link has expired or does not lead to it."
    ),
    N.FAILED_PAYLOAD_TOO_LARGE: gettext_lazy("The attachments are too large for an e-mail."),
}


# Where the status says little beside the reason, or would contradict it.
_TOLD_BY_REASON = frozenset({N.FAILED, N.FAILED_RECIPIENT_NOT_IDENTIFIED})


def of_notification(
    notification: Notification,
    *,
    order: Order,
    pauses: Iterable[ChannelPause] = (),
    last_trouble: str = "",
    was_resent: bool = False,
    now: datetime,
) -> Explanation | None:
    """None for what was delivered. `last_trouble` is why the latest try went wrong, `pauses` are
    all there are."""
    found = _of_state(notification, order, pauses, last_trouble, was_resent, now)
    if not notification.is_simulated:
        return found
    simulated = _("Simulated: no gateway was asked, and nothing was sent.")
    if found is None:
        return Explanation(simulated)
    return Explanation(f"{simulated} {found.why}", found.what_next)


def _of_state(
    notification: Notification,
    order: Order,
    pauses: Iterable[ChannelPause],
    last_trouble: str,
    was_resent: bool,
    now: datetime,
) -> Explanation | None:
    if notification.status == N.DELIVERED:
        return None
    if notification.finished_at is not None:
        return _of_finished(notification, was_resent=was_resent)
    if notification.status == N.NEW:
        mine = [pause for pause in pauses if pause.channel == notification.channel]
        return _of_waiting(notification, order, mine, last_trouble, now)
    if notification.status == N.SENDING:
        if order.type == OrderType.INSTANT and notification.resend_of_id is None:
            return _of_being_sent_once(notification, last_trouble, now)
        return _of_being_sent(notification, now)
    return Explanation(
        _("Waits for a delivery report."),
        _("Counts as failed %(at)s if none comes.")
        % {"at": at(_given_up_at(notification), now=now)},
    )


def _given_up_at(notification: Notification) -> datetime:
    """Of an open notification: each of them has an expiry."""
    if notification.expires_at is None:
        raise ValueError(f"Notification {notification} is finished.")
    return later(notification.expires_at, GRACE)


def _of_finished(notification: Notification, *, was_resent: bool) -> Explanation:
    if notification.status == N.SUCCEEDED:
        return Explanation(_("Sent to the mail server, which sends no delivery reports."))
    words = str(FAILURES[notification.status])
    reason = told(notification.reason)
    says_it_all = reason and notification.status in _TOLD_BY_REASON
    why = reason if says_it_all else f"{words} {reason}".strip()
    if was_resent:
        return Explanation(why, _("It was sent again."))
    if notification.is_uncertain:
        return Explanation(why, _("A delivery report that says more still counts."))
    return Explanation(why, _("Nothing more happens unless it is sent again."))


def _of_being_sent(notification: Notification, now: datetime) -> Explanation:
    if notification.lease_until is None or notification.lease_until <= now:
        return Explanation(
            _("The worker that was sending it did not come back."),
            _("Returns to the queue within a minute, and may reach the recipient twice."),
        )
    return Explanation(
        _("Has been on its way to the gateway since %(at)s.")
        % {"at": at(notification.status_at, now=now)},
        _("Should its worker not come back by %(at)s, it returns to the queue.")
        % {"at": at(notification.lease_until, now=now)},
    )


def _of_being_sent_once(
    notification: Notification, last_trouble: str, now: datetime
) -> Explanation:
    """Nobody puts an instant message back."""
    under_way = _("Has been on its way to the gateway since %(at)s.") % {
        "at": at(notification.status_at, now=now)
    }
    return Explanation(
        last_trouble or under_way,
        _("It is not sent again. Counts as failed %(at)s if no delivery report comes.")
        % {"at": at(_given_up_at(notification), now=now)},
    )


def _of_waiting(
    notification: Notification,
    order: Order,
    pauses: Sequence[ChannelPause],
    last_trouble: str,
    now: datetime,
) -> Explanation:
    """What holds a notification back for good comes first; then everything that lets it go by
    itself, with the moment at which the last of it does."""
    if held := _held(order, now, sent=True):
        return held
    if notification.is_held:
        return Explanation(
            _("Held by staff."), _("It stays until somebody releases or stops its order.")
        )
    if notification.expires_at is not None and notification.expires_at <= now:
        return Explanation(
            str(FAILURES[N.FAILED_TTL]),
            _("Counts as failed %(at)s.") % {"at": at(_given_up_at(notification), now=now)},
        )
    causes = [words for pause in pauses if (words := _paused(pause, now))]
    if any(pause.has_no_end(now=now) for pause in pauses):
        return Explanation(" ".join(causes), _("It goes on when somebody resumes the channel."))
    free_at = max([now, *(pause.until for pause in pauses)])
    if notification.next_attempt_at > now:
        causes.append(_failed_tries(notification.attempts, last_trouble))
        free_at = max(free_at, notification.next_attempt_at)
    opens = send_window.earliest(SendingTimePolicy(notification.policy), free_at)
    if opens > free_at:
        return Explanation(
            " ".join([*causes, _("Waits for the send window.")]),
            _("It opens %(at)s.") % {"at": at(opens, now=now)},
        )
    if not causes:
        return Explanation(_("Ready to be sent."), _("Leaves when its turn comes."))
    return Explanation(" ".join(causes), _("Next attempt %(at)s.") % {"at": at(free_at, now=now)})


def _paused(pause: ChannelPause, now: datetime) -> str:
    channel = {"channel": _channel(pause.channel), "reason": _as_sentence(pause.reason)}
    if pause.has_no_end(now=now):
        return _("%(channel)s is paused: %(reason)s") % channel
    if pause.until > now:
        until = {"at": at(pause.until, now=now)}
        return _("%(channel)s is paused until %(at)s: %(reason)s") % {**channel, **until}
    if pause.is_probing(now=now):
        return (
            _("%(channel)s was in trouble, and one notification goes ahead to try it: %(reason)s")
            % channel
        )
    return ""


def _failed_tries(attempts: int, last_trouble: str) -> str:
    if not attempts:
        return _("Is not due yet.")
    words = _("Attempt %(number)s failed.") % {"number": attempts}
    return f"{words} {_as_sentence(last_trouble)}".strip()


def _channel(channel: str) -> str:
    return str(NotificationChannel(channel).label)


def _as_sentence(reason: str) -> str:
    text = told(reason)
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."


def of_order(
    order: Order,
    *,
    open_notifications: int | None = None,
    hold: StaffAction | None = None,
    now: datetime,
) -> Explanation | None:
    """None for one that is completed. `open_notifications` is None where they were not counted,
    `hold` the audit entry of its hold."""
    match order.status:
        case OrderStatus.REGISTERED | OrderStatus.PROCESSING:
            return _held(order, now, sent=False, hold=hold) or _of_unprocessed(order, now)
        case OrderStatus.PROCESSED:
            return _held(order, now, sent=True, hold=hold) or _of_processed(open_notifications)
        case OrderStatus.SEND_CONDITION_NOT_MET:
            return _of_unmet_condition(order)
        case OrderStatus.CANCELLED:
            when = {"at": at(order.status_at, now=now)}
            return Explanation(_("Cancelled %(at)s; nothing was sent.") % when)
    return None


def of_hold(hold: StaffAction | None, held_at: datetime, *, now: datetime) -> str:
    """Since when and, where the audit log tells, by whom and why; the entry comes masked."""
    since = {"at": at(held_at, now=now)}
    if hold is None:
        return _("Held by staff since %(at)s.") % since
    case = f" ({hold.case_reference})" if hold.case_reference else ""
    told_by = since | {"who": hold.staff_name, "why": f"{hold.reason}{case}"}
    return _("Held by %(who)s since %(at)s: %(why)s") % told_by


def _held(
    order: Order, now: datetime, *, sent: bool, hold: StaffAction | None = None
) -> Explanation | None:
    """Of one that staff stopped or hold back; `sent` is whether some of it may have left."""
    if order.stopped_at:
        return Explanation(
            _("Stopped by staff %(at)s.") % {"at": at(order.stopped_at, now=now)},
            _("What had not left by then ends as failed."),
        )
    if order.held_at:
        return Explanation(
            of_hold(hold, order.held_at, now=now),
            _("What has not left stays until somebody releases or stops it.")
            if sent
            else _("It stays until somebody releases or stops it."),
        )
    return None


def _of_unprocessed(order: Order, now: datetime) -> Explanation:
    if order.lease_token and order.next_attempt_at > now:
        return Explanation(
            _("A worker is processing it."),
            _("Should it not come back by %(at)s, another one takes over.")
            % {"at": at(order.next_attempt_at, now=now)},
        )
    if order.awaits_condition and order.condition_asked_at:
        return _of_doubtful_condition(order, now)
    next_at = {"at": at(order.next_attempt_at, now=now)}
    if order.attempts and order.reason:
        why = _("%(reason)s Attempt %(number)s.") % {
            "reason": _as_sentence(order.reason),
            "number": order.attempts,
        }
        return Explanation(why, _next_try(order, now))
    if order.requested_send_time > now:
        return Explanation(
            _("Requested for %(at)s.") % {"at": at(order.requested_send_time, now=now)},
            _("The condition endpoint is asked then.")
            if order.awaits_condition
            else _("It is processed then."),
        )
    if order.next_attempt_at > now:
        return Explanation(_("Waits for its turn."), _("Next attempt %(at)s.") % next_at)
    return Explanation(_("Is due."), _("It is processed when its turn comes."))


def _next_try(order: Order, now: datetime) -> str:
    gives_up_at = claims.gives_up_at(order)
    return _("Next attempt %(next)s; given up after %(last)s.") % {
        "next": at(max(order.next_attempt_at, now), now=now),
        "last": at(gives_up_at, now=now),
    }


def _of_doubtful_condition(order: Order, now: datetime) -> Explanation:
    next_at = {"at": at(max(order.next_attempt_at, now), now=now)}
    return Explanation(
        _("The condition endpoint's answer is in doubt. %(note)s")
        % {"note": _as_sentence(order.condition_note)},
        _("Asked again %(at)s; if it is still in doubt, the order is sent.") % next_at
        if settings.SEND_CONDITION_FAIL_OPEN
        else _("Asked again %(at)s; if it is still in doubt, the order is stopped.") % next_at,
    )


def _of_processed(open_notifications: int | None) -> Explanation:
    if open_notifications is None:
        return Explanation(
            _("Not all its notifications have a final status."),
            _("Completed when the last of them has one."),
        )
    if open_notifications == 0:
        return Explanation(
            _("All its notifications have reached their end."), _("Completed within a minute.")
        )
    return Explanation(
        _("Notifications without a final status: %(count)s.") % {"count": open_notifications},
        _("Completed when the last of them has one."),
    )


def _of_unmet_condition(order: Order) -> Explanation:
    if order.condition_met is None:
        return Explanation(
            _("Stopped: the condition endpoint's answer stayed in doubt. %(note)s")
            % {"note": _as_sentence(order.condition_note)}
        )
    return Explanation(_("Stopped: condition answered no."))
