"""What the files hold of messages, orders and delivery reports."""

import json

from django.utils.translation import gettext_lazy as _

from back_office import labels, masking
from back_office.exporting import Column
from dispatch.models import DeliveryReport
from notifications.models import Notification


def _address(row: Notification, unmasked: bool) -> str:
    return row.address if unmasked else masking.mask_address(row.channel, row.address)


def _recipient(row: Notification, unmasked: bool) -> str:
    number = row.national_identity_number
    shown = number if unmasked else masking.mask_identity_number(number)
    return shown or row.organization_number


def _reason(row: Notification, unmasked: bool) -> str:
    if unmasked or not row.reason:
        return row.reason
    return masking.mask_text(row.reason, (row.address, row.normalized_address))


def _report(row: DeliveryReport, unmasked: bool) -> str:
    shown = row.report if unmasked else masking.mask_report(row.report)
    return json.dumps(shown, ensure_ascii=False)


MESSAGES = (
    Column(_("message"), lambda row, _unmasked: row.pk),
    Column(_("order"), lambda row, _unmasked: row.order_id),
    Column(_("service owner"), lambda row, _unmasked: row.creator.short_name),
    Column(_("channel"), lambda row, _unmasked: row.channel),
    Column(_("sending time"), lambda row, _unmasked: row.policy),
    Column(_("to"), _address),
    Column(_("recipient"), _recipient),
    Column(_("progress"), lambda row, _unmasked: labels.of_notification(row).text),
    Column(_("status"), lambda row, _unmasked: row.status),
    Column(_("status since"), lambda row, _unmasked: row.status_at),
    Column(_("why"), _reason),
    Column(_("made"), lambda row, _unmasked: row.created),
    Column(_("sent"), lambda row, _unmasked: row.sent_at),
    Column(_("finished"), lambda row, _unmasked: row.finished_at),
    Column(_("attempts"), lambda row, _unmasked: row.attempts),
    Column(_("SMS parts"), lambda row, _unmasked: row.segments),
    Column(_("gateway reference"), lambda row, _unmasked: row.gateway_reference),
    Column(_("sent again of"), lambda row, _unmasked: row.resend_of_id),
)
ORDERS = (
    Column(_("order"), lambda row, _unmasked: row.pk),
    Column(_("service owner"), lambda row, _unmasked: row.creator.short_name),
    Column(_("sender's reference"), lambda row, _unmasked: row.senders_reference),
    Column(_("channel"), lambda row, _unmasked: row.channel),
    Column(_("sending time"), lambda row, _unmasked: row.sending_time_policy),
    Column(_("progress"), lambda row, _unmasked: labels.of_order(row).text),
    Column(_("status"), lambda row, _unmasked: row.status),
    Column(_("status since"), lambda row, _unmasked: row.status_at),
    Column(_("ordered"), lambda row, _unmasked: row.created),
    Column(_("to be sent"), lambda row, _unmasked: row.requested_send_time),
    Column(_("held since"), lambda row, _unmasked: row.held_at),
    Column(_("stopped"), lambda row, _unmasked: row.stopped_at),
    Column(_("why"), lambda row, _unmasked: masking.mask_text(row.reason)),
)
REPORTS = (
    Column(_("number"), lambda row, _unmasked: row.pk),
    Column(_("received"), lambda row, _unmasked: row.received),
    Column(_("channel"), lambda row, _unmasked: row.channel),
    Column(_("gateway reference"), lambda row, _unmasked: row.reference),
    Column(_("says"), lambda row, _unmasked: row.status),
    Column(_("state"), lambda row, _unmasked: row.state),
    Column(_("attempts"), lambda row, _unmasked: row.attempts),
    Column(_("message"), lambda row, _unmasked: row.notification_id),
    Column(_("why"), lambda row, _unmasked: masking.mask_text(row.reason)),
    Column(_("as received"), _report),
)
