"""The one place that decides what is shown of a person: of each column of each table, how it is
masked, or that it names nobody.

Rows are masked as they are read for a page, a list or a file, so that whatever shows them cannot
show more by mistake. A table that is not declared here cannot be shown at all.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.admin.models import LogEntry
from django.db.models import Model

from back_office.models import (
    ActionOutcome,
    ActionSubject,
    PersonSeen,
    SecondFactor,
    StaffAction,
    StaffIdentity,
    Viewing,
)
from back_office.wording.reasons import told
from dispatch.models import (
    Attempt,
    ChannelIncident,
    ChannelPause,
    DeliveryReport,
    EventProof,
    GatewayState,
    JobRun,
)
from events.models import Delivery, Subscription
from notifications.models import CountedHour, Notification, StatusFeedEntry
from orders.models import Attachment, IdempotencyKey, Order, OrderChain, Sender
from recipients import masking
from recipients.models import Recipient

Known = tuple[str, ...]
"""What is known to belong to the recipient, in whatever form it is written."""
Mask = Callable[[Any, Any, Known], object]
"""Gets the row, the column's value (never None) and what is known."""
Row = TypeVar("Row", bound=Model)


def _text(_row: Model, value: str, known: Known) -> str:
    return masking.mask_text(value, known)


def _told(_row: Model, value: str, known: Known) -> str:
    """In the reader's language first: what is masked has no translation."""
    return masking.mask_text(told(value), known)


def _json(_row: Model, value: object, known: Known) -> object:
    return masking.mask_report(value, known)


def _reference(_row: Model, value: str, known: Known) -> str:
    return masking.mask_reference(value, known)


def _address(row: Notification, value: str, _known: Known) -> str:
    return masking.mask_address(row.channel, value)


def _identity_number(_row: Model, value: str, _known: Known) -> str:
    return masking.mask_identity_number(value)


def _email(_row: Model, value: str, _known: Known) -> str:
    return masking.mask_email_address(value)


def _mobile(_row: Model, value: str, _known: Known) -> str:
    return masking.mask_mobile_number(value)


def _external_identity(_row: Model, value: str, _known: Known) -> str:
    return masking.mask_external_identity(value)


def _url(_row: Model, value: str, _known: Known) -> str:
    return masking.mask_url(value)


def _nothing(_row: Model, _value: str, _known: Known) -> None:
    """Texts with their keywords filled in name the recipient in words that no pattern knows."""


MASKS: Mapping[type[Model], Mapping[str, Mask]] = {
    Order: {
        "senders_reference": _text,
        "resource_id": _text,
        "resource_action": _text,
        "email_subject": _text,
        "email_body": _text,
        "sms_body": _text,
        "condition_endpoint": _url,
        "condition_note": _told,
        "reason": _told,
    },
    Attachment: {"filename": _text, "link": _nothing},
    OrderChain: {
        "idempotency_id": _text,
        "dialog_id": _reference,
        "transmission_id": _reference,
    },
    Recipient: {
        "national_identity_number": _identity_number,
        "email_address": _email,
        "mobile_number": _mobile,
        "external_identity": _external_identity,
    },
    Notification: {
        "address": _address,
        "normalized_address": _address,
        "national_identity_number": _identity_number,
        "subject": _nothing,
        "body": _nothing,
        "reason": _told,
        "gateway_reference": _reference,
    },
    StatusFeedEntry: {"senders_reference": _text, "recipients": _json},
    DeliveryReport: {
        "reference": _reference,
        "status": _text,
        "report": _json,
        "reason": _told,
    },
    Attempt: {"reason": _told, "reference": _reference},
    ChannelIncident: {"reason": _told},
    GatewayState: {"reason": _told},
    ChannelPause: {"reason": _told},
    JobRun: {"result": _text},
    Subscription: {
        "endpoint": _url,
        "reason": _told,
        "secret": _nothing,
        "previous_secret": _nothing,
    },
    Delivery: {"senders_reference": _text, "tries": _json},
    Sender: {},
    StaffAction: {
        "reason": _text,
        "case_reference": _text,
        "subject_id": _reference,
        "detail": _json,
    },
    ActionSubject: {"subject_id": _reference},
    ActionOutcome: {"detail": _json},
    Viewing: {"page": _reference, "case_reference": _text},
    SecondFactor: {"secret": _nothing},
    IdempotencyKey: {"key": _text, "recipient_lookup": _json},
    LogEntry: {"object_id": _reference, "object_repr": _text, "change_message": _text},
    AccessAttempt: {
        "user_agent": _text,
        "http_accept": _text,
        "path_info": _text,
        "get_data": _text,
        "post_data": _text,
    },
    AccessLog: {"user_agent": _text, "http_accept": _text, "path_info": _text},
    AccessFailureLog: {"user_agent": _text, "http_accept": _text, "path_info": _text},
}
"""How each column is masked that may hold something of a person."""

PLAIN: Mapping[type[Model], frozenset[str]] = {
    # What service owners call themselves, to all their recipients.
    Order: frozenset({"email_sender", "sms_sender"}),
    Sender: frozenset({"address", "findings"}),
    Attachment: frozenset({"mime_type"}),
    # Organisation numbers are public.
    Recipient: frozenset({"organization_number"}),
    Notification: frozenset({"organization_number", "gateway"}),
    DeliveryReport: frozenset({"gateway"}),
    Attempt: frozenset({"gateway"}),
    GatewayState: frozenset({"gateway", "blamed"}),
    StatusFeedEntry: frozenset({"type"}),
    # Staff answer for what they do by their own names.
    ChannelIncident: frozenset({"set_by"}),
    ChannelPause: frozenset({"set_by", "blamed"}),
    StaffAction: frozenset({"staff_name"}),
    Viewing: frozenset({"staff_name"}),
    # A hash whose key is not in the database.
    PersonSeen: frozenset({"key"}),
    StaffIdentity: frozenset({"issuer", "subject"}),
    AccessAttempt: frozenset({"username", "ip_address"}),
    AccessLog: frozenset({"username", "ip_address", "session_hash"}),
    AccessFailureLog: frozenset({"username", "ip_address"}),
    JobRun: frozenset({"name"}),
    IdempotencyKey: frozenset({"fingerprint"}),
    EventProof: frozenset({"digest"}),
    CountedHour: frozenset({"counts"}),
    Subscription: frozenset({"event_types"}),
    Delivery: frozenset({"shipment_type"}),
}
"""The columns with text in them that name no recipient."""

_HIDDEN = "_hidden_personal_data"


def mask(row: Model) -> None:
    """Put what may be shown in place of what the row holds, and the same for the rows that were
    read with it. Such a row is never saved. Columns that were not read show nothing."""
    if is_masked(row):
        return
    masks, held = MASKS[type(row)], row.__dict__
    known = known_of(row)
    hidden = {name: held.get(name) for name in masks}
    shown = {
        name: None if value is None else masks[name](row, value, known)
        for name, value in hidden.items()
    }
    held.update(shown, **{_HIDDEN: hidden})
    for other in row._state.fields_cache.values():
        if type(other) in MASKS:
            mask(other)


def masked(rows: Iterable[Row]) -> list[Row]:
    """The rows, each of them masked."""
    found = list(rows)
    for row in found:
        mask(row)
    return found


def is_masked(row: Model) -> bool:
    return _HIDDEN in row.__dict__


def original(row: Model, column: str) -> Any:
    """What the column holds, masked or not: to compare and to count, not to show."""
    return row.__dict__[_HIDDEN][column] if is_masked(row) else getattr(row, column)


def known_of(row: Model) -> Known:
    """What names the recipient of a notification, or of the notification that the row was read
    with."""
    notification = (
        row if isinstance(row, Notification) else row._state.fields_cache.get("notification")
    )
    if notification is None:
        return ()
    columns = ("address", "normalized_address", "national_identity_number")
    return tuple(text for column in columns if (text := original(notification, column)))
