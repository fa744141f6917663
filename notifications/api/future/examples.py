"""The examples of a shipment and of the feed, shown in the API description."""

from drf_spectacular.utils import OpenApiExample

_SHIPMENT_ID = "b1a6b5b5-2a8b-4d29-8d2f-3c8f7f4de0d7"
_EMAIL = {
    "type": "Email",
    "destination": "kari@example.com",
    "status": "Email_Failed_Bounced",
    "lastUpdate": "2025-03-28T16:24:17.818288Z",
}
_SMS = {
    "type": "SMS",
    "destination": "+4799999999",
    "status": "SMS_Delivered",
    "lastUpdate": "2025-03-28T16:24:19.5Z",
}
SHIPMENT = OpenApiExample(
    "Completed",
    response_only=True,
    status_codes=["200"],
    value={
        "shipmentId": _SHIPMENT_ID,
        "sendersReference": "ref-2025-03-28",
        "type": "Notification",
        "status": "Order_Completed",
        "lastUpdate": "2025-03-28T16:24:19.5Z",
        "recipients": [_EMAIL, _SMS],
    },
)
FEED = OpenApiExample(
    "One entry",
    response_only=True,
    status_codes=["200"],
    value={
        "sequenceNumber": 42,
        "shipmentId": _SHIPMENT_ID,
        "sendersReference": "ref-2025-03-28",
        "recipients": [_EMAIL, _SMS],
        "status": "Order_Completed",
        "lastUpdate": "2025-03-28T16:24:19.5Z",
        "shipmentType": "Notification",
        "type": "Notification",
    },
)
LOG = OpenApiExample(
    "One notification",
    response_only=True,
    status_codes=["200"],
    value={
        "notificationId": "0198f1d2-9a10-7d02-8c55-1c02b6d0aa10",
        "dialogId": "0198f1d2-77aa-7c3e-9d21-5b1f60a9c001",
        "type": "Notification",
        "channel": "Sms",
        "destination": "+4799999999",
        "status": "Delivered",
        "requestedSendTime": "2025-03-28T16:24:00Z",
        "lastUpdateTime": "2025-03-28T16:24:19.5Z",
    },
)
