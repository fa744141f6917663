"""Examples of instant orders, shown in the API description."""

from drf_spectacular.utils import OpenApiExample

SMS = OpenApiExample(
    "A one-time password",
    request_only=True,
    value={
        "idempotencyId": "c2a2f7b6-6f0e-4d1e-9d58-2f1a4f6f4b11",
        "sendersReference": "login-17",
        "recipientSms": {
            "phoneNumber": "+4799999999",
            "timeToLiveInSeconds": 300,
            "smsSettings": {"sender": "Altinn", "body": "Your code is 1234."},
        },
    },
)
OLD_SMS = OpenApiExample(
    "A one-time password",
    request_only=True,
    value={
        "idempotencyId": "c2a2f7b6-6f0e-4d1e-9d58-2f1a4f6f4b11",
        "recipient": {
            "recipientSms": {
                "phoneNumber": "+4799999999",
                "timeToLiveInSeconds": 300,
                "smsSettings": {"body": "Your code is 1234."},
            }
        },
    },
)
EMAIL = OpenApiExample(
    "A code by e-mail",
    request_only=True,
    value={
        "idempotencyId": "2e1a0f6c-7a55-4a0c-8a3d-0f5d9b0a7c12",
        "recipientEmail": {
            "emailAddress": "kari@example.com",
            "emailSettings": {"subject": "Your code", "body": "It is 1234."},
        },
    },
)
SENT = OpenApiExample(
    "The gateway has answered",
    response_only=True,
    status_codes=["201", "200"],
    value={
        "notificationOrderId": "3f0c9d2c-6f0a-4a6e-9e38-52bd6f0b0f61",
        "notification": {
            "shipmentId": "b1a6b5b5-2a8b-4d29-8d2f-3c8f7f4de0d7",
            "sendersReference": "login-17",
        },
    },
)
