"""The examples of reading summaries and statuses, shown in the API description."""

from drf_spectacular.utils import OpenApiExample

from notifications.models import NotificationStatus
from notifications.reading.status_texts import (
    EMAIL_STATUS_TEXTS,
    ORDER_STATUS_TEXTS,
    SMS_STATUS_TEXTS,
)
from orders.models import OrderStatus

_ORDER_ID = "f1a1cc30-197f-4f34-8304-006ce4945fd1"
_NOTIFICATIONS = f"https://platform.altinn.no/notifications/api/v1/orders/{_ORDER_ID}/notifications"


def _not_sent_yet(recipient: dict[str, str], description: str) -> OpenApiExample:
    return OpenApiExample(
        "Not sent yet",
        response_only=True,
        status_codes=["200"],
        value={
            "orderId": _ORDER_ID,
            "sendersReference": "ref-2023-12-01",
            "generated": 1,
            "succeeded": 0,
            "notifications": [
                {
                    "id": "e0197ec7-3d82-4917-8329-8c9ecc4c569b",
                    "succeeded": False,
                    "recipient": recipient,
                    "sendStatus": {
                        "status": "New",
                        "description": description,
                        "lastUpdate": "2023-11-14T16:06:02.877361Z",
                    },
                }
            ],
        },
    )


SMS_NOT_SENT_YET = _not_sent_yet(
    {"mobileNumber": "+4799999999"}, SMS_STATUS_TEXTS[NotificationStatus.NEW]
)
EMAIL_NOT_SENT_YET = _not_sent_yet(
    {"emailAddress": "testuser@altinn.no"}, EMAIL_STATUS_TEXTS[NotificationStatus.NEW]
)
_ORDER = {
    "id": _ORDER_ID,
    "sendersReference": "ref-2024-01-01",
    "requestedSendTime": "2024-01-10T08:00:00Z",
    "creator": "ttd",
    "created": "2024-01-09T12:34:56.123456Z",
    "notificationChannel": "EmailPreferred",
    "ignoreReservation": False,
    "resourceId": "app_ttd_apps-test",
    "resourceAction": "read",
}


def _status(status: OrderStatus, since: str, **members: object) -> OpenApiExample:
    return OpenApiExample(
        status.value,
        response_only=True,
        status_codes=["200"],
        value=_ORDER
        | {
            "processingStatus": {
                "status": status.value,
                "description": ORDER_STATUS_TEXTS[status],
                "lastUpdate": since,
            }
        }
        | members,
    )


COMPLETED = _status(
    OrderStatus.COMPLETED,
    "2024-01-10T08:01:00.123456Z",
    notificationsStatusSummary={
        "email": {"links": {"self": f"{_NOTIFICATIONS}/email"}, "generated": 2, "succeeded": 1},
        "sms": {"links": {"self": f"{_NOTIFICATIONS}/sms"}, "generated": 1, "succeeded": 1},
    },
)
CANCELLED = _status(OrderStatus.CANCELLED, "2024-01-09T13:00:00.123456Z")
