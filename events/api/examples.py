"""The examples of webhooks, shown in the API description."""

from drf_spectacular.utils import OpenApiExample

_ID = "0198f1d2-9a10-7d02-8c55-1c02b6d0aa10"
_DELIVERY_ID = "0198f1d3-0b21-7a4e-9c66-2d13c7e1bb21"
_SHIPMENT_ID = "b1a6b5b5-2a8b-4d29-8d2f-3c8f7f4de0d7"
_WEBHOOK = {
    "id": _ID,
    "endpoint": "https://kommune.example/altinn/events",
    "eventTypes": ["shipment.completed", "shipment.condition_not_met", "shipment.cancelled"],
    "status": "Active",
    "statusSince": "2026-03-02T08:00:00Z",
    "created": "2026-03-02T08:00:00Z",
}
_SECRET = {"secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD3pYqW6vJq1E="}
_DELIVERED = {
    "id": _DELIVERY_ID,
    "type": "shipment.completed",
    "occurred": "2026-03-02T08:24:19.5Z",
    "shipmentId": _SHIPMENT_ID,
    "sendersReference": "ref-2026-03-02",
    "sequenceNumber": 42,
    "status": "Delivered",
    "tries": [
        {
            "at": "2026-03-02T08:24:20Z",
            "status": 503,
            "milliseconds": 12,
            "reason": "The endpoint answered with status 503.",
        },
        {"at": "2026-03-02T08:24:25Z", "status": 204, "milliseconds": 31},
    ],
}
_WAITING = {**_DELIVERED, "status": "Waiting", "nextTry": "2026-03-02T09:00:00Z"}


def _answer(name: str, value: object, status: str = "200") -> OpenApiExample:
    return OpenApiExample(name, response_only=True, status_codes=[status], value=value)


REQUEST = OpenApiExample("All events", request_only=True, value={"endpoint": _WEBHOOK["endpoint"]})
PAUSE = OpenApiExample("Pause", request_only=True, value={"status": "Paused"})
MADE = _answer("Made", {**_WEBHOOK, **_SECRET}, "201")
ROTATED = _answer("A new secret", {**_WEBHOOK, **_SECRET})
ACTIVE = _answer("Active", _WEBHOOK)
PAUSED = _answer("Paused", {**_WEBHOOK, "status": "Paused"})
# Of a list, an example shows one.
LISTED = _answer("One webhook", _WEBHOOK)
DELIVERED = _answer("Delivered at the second try", _DELIVERED)
DELIVERIES = _answer("One delivery", _DELIVERED)
REDELIVERED = _answer("Waiting", _WAITING, "202")
TEST = _answer(
    "A test",
    {
        "id": _DELIVERY_ID,
        "type": "webhook.test",
        "occurred": "2026-03-02T08:30:00Z",
        "status": "Waiting",
        "nextTry": "2026-03-02T08:30:00Z",
        "tries": [],
    },
    "202",
)
