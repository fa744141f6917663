"""Which notifications a command means: single ones, of orders, of a service owner, or of a
pause."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from back_office.actions.channels import resend_expired
from back_office.actions.resend import resend_failed
from back_office.audit.log import Subjects
from back_office.management.action_command import (
    Options,
    a_channel,
    a_moment,
    an_id,
    creator_named,
    known_orders,
)
from notifications.models import Notification, NotificationStatus
from orders.models import Creator

_WAYS = ("notification", "order", "creator", "expired_in_pause")


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument(
        "--notification", action="append", default=[], type=an_id, help="Repeatable."
    )
    parser.add_argument(
        "--order",
        action="append",
        default=[],
        type=an_id,
        help="What failed of the order, or of the orders of a chain. Repeatable.",
    )
    parser.add_argument("--creator", help="What failed of this service owner's, with --since.")
    parser.add_argument(
        "--expired-in-pause",
        type=a_channel,
        metavar="CHANNEL",
        help="What expired unsent while Sms or Email was paused, the last time.",
    )
    parser.add_argument("--since", type=a_moment, help="Failed at this time or later.")
    parser.add_argument("--until", type=a_moment, help="Failed before this time.")
    parser.add_argument(
        "--status",
        action="append",
        default=[],
        choices=[status.value for status in NotificationStatus if status.is_final],
        metavar="STATUS",
        help="Only with this status, such as Failed_TTL. With --order also Delivered, which needs"
        " --force. Repeatable.",
    )


def chosen(options: Options, *, now: datetime) -> tuple[Sequence[UUID], Subjects | None]:
    """The notifications, and what the audit entries name instead of each of them."""
    if sum(bool(options[way]) for way in _WAYS) != 1:
        raise CommandError("Give one of --notification, --order, --creator, --expired-in-pause.")
    if bool(options["since"] or options["until"]) and not options["creator"]:
        raise CommandError("--since and --until go with --creator.")
    statuses = options["status"]
    if options["notification"]:
        if statuses:
            raise CommandError("--status does not go with --notification.")
        return _known(options["notification"]), None
    if options["order"]:
        orders = known_orders(options["order"])
        return resend_failed.failed_of(orders, statuses=statuses), Subjects.orders(orders)
    if options["creator"]:
        creator = creator_named(options["creator"])
        return _of_creator(creator, statuses, options, now), Subjects.creator(creator.pk)
    channel = options["expired_in_pause"]
    expired = resend_expired.expired_in_pause(channel, now=now)
    return list(expired), Subjects.channel(channel.value)


def _known(ids: Sequence[UUID]) -> list[UUID]:
    found = set(Notification.objects.filter(pk__in=ids).values_list("pk", flat=True))
    if unknown := [str(one) for one in dict.fromkeys(ids) if one not in found]:
        raise CommandError(f"There is no notification {', '.join(unknown)}.")
    return list(found)


def _of_creator(
    creator: Creator, statuses: Sequence[str], options: Options, now: datetime
) -> list[UUID]:
    since: datetime | None = options["since"]
    if since is None:
        raise CommandError("--creator needs --since.")
    if NotificationStatus.DELIVERED in statuses:
        raise CommandError("--status Delivered needs --order.")
    before: datetime = options["until"] or now
    rows = Notification.objects.failed_of_creator(creator, since=since, before=before)
    if statuses:
        rows = rows.filter(status__in=statuses)
    return list(rows.values_list("pk", flat=True))
