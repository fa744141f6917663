"""All that the page of one notification shows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from back_office.audit import about, persons
from back_office.models import StaffAction
from back_office.privacy import personal_data
from back_office.privacy.personal_data import original
from back_office.story import details, timeline
from back_office.story.content import Texts
from back_office.story.details import NotificationStory
from back_office.story.stats import steps_of
from back_office.story.timeline import Moment
from dispatch.models import ChannelPause
from notifications.models import Notification


@dataclass(frozen=True, slots=True)
class NotificationPage:
    story: NotificationStory
    texts: Texts
    moments: Sequence[Moment]
    is_text_hidden: bool
    persons: Collection[str]


def read(notification: Notification, *, unmasked: bool, now: datetime) -> NotificationPage:
    """The notification comes with its order. Personal data is masked here."""
    order = notification.order
    if not unmasked:
        personal_data.mask(order)
    (story,) = details.read(
        [notification],
        order=order,
        pauses=personal_data.masked(
            ChannelPause.objects.in_force(now=now).filter(channel=notification.channel)
        ),
        unmasked=unmasked,
        now=now,
    )
    actions = about.subject(StaffAction.Subject.NOTIFICATION, notification.pk)
    steps = steps_of(notification.order_id, only=notification.pk)
    moments = [
        Moment(order.created, _("Order accepted"), icon="inbox"),
        *timeline.of_notifications(steps),
        *timeline.of_attempts(story.attempts),
        *timeline.of_reports(story.reports),
        *timeline.of_actions(actions),
    ]
    return NotificationPage(
        persons=persons.named_by([notification]),
        story=story,
        texts=Texts.of_notification(notification),
        moments=timeline.in_order(moments),
        is_text_hidden=not unmasked
        and any(original(notification, column) for column in ("subject", "body")),
    )
