"""What the files hold of notifications, orders and delivery reports."""

import json
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from back_office.lists.export.writing import Column
from back_office.story import details
from back_office.wording import labels
from dispatch.models import DeliveryReport
from notifications.models import Notification
from orders.models import Order

NOTIFICATIONS: Sequence[Column[Notification]] = (
    Column(_("notification"), lambda row: row.pk),
    Column(_("order"), lambda row: row.order_id),
    Column(_("service owner"), lambda row: row.creator.short_name),
    Column(_("channel"), lambda row: row.channel),
    Column(_("sending time"), lambda row: row.policy),
    Column(_("to"), lambda row: row.address),
    Column(_("recipient"), details.recipient_of),
    Column(_("progress"), lambda row: labels.of_notification(row).text),
    Column(_("status"), lambda row: row.status),
    Column(_("status since"), lambda row: row.status_at),
    Column(_("why"), lambda row: row.reason),
    Column(_("created"), lambda row: row.created),
    Column(_("sent"), lambda row: row.sent_at),
    Column(_("finished"), lambda row: row.finished_at),
    Column(_("attempts"), lambda row: row.attempts),
    Column(_("SMS segments"), lambda row: row.segments),
    Column(_("simulated"), lambda row: row.is_simulated),
    Column(_("gateway reference"), lambda row: row.gateway_reference),
    Column(_("sent again of"), lambda row: row.resend_of_id),
)
ORDERS: Sequence[Column[Order]] = (
    Column(_("order"), lambda row: row.pk),
    Column(_("service owner"), lambda row: row.creator.short_name),
    Column(_("sender's reference"), lambda row: row.senders_reference),
    Column(_("channel"), lambda row: row.channel),
    Column(_("sending time"), lambda row: row.sending_time_policy),
    Column(_("progress"), lambda row: labels.of_order(row).text),
    Column(_("status"), lambda row: row.status),
    Column(_("status since"), lambda row: row.status_at),
    Column(_("ordered"), lambda row: row.created),
    Column(_("to be sent"), lambda row: row.requested_send_time),
    Column(_("held since"), lambda row: row.held_at),
    Column(_("stopped"), lambda row: row.stopped_at),
    Column(_("test"), lambda row: row.is_test),
    Column(_("why"), lambda row: row.reason),
)
REPORTS: Sequence[Column[DeliveryReport]] = (
    Column(_("number"), lambda row: row.pk),
    Column(_("received"), lambda row: row.received),
    Column(_("channel"), lambda row: row.channel),
    Column(_("gateway reference"), lambda row: row.reference),
    Column(_("says"), lambda row: row.status),
    Column(_("state"), lambda row: row.state),
    Column(_("attempts"), lambda row: row.attempts),
    Column(_("notification"), lambda row: row.notification_id),
    Column(_("why"), lambda row: row.reason),
    Column(_("as received"), lambda row: json.dumps(row.report, ensure_ascii=False)),
)
