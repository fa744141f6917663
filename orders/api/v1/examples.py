"""The examples of the product's API pages, shown in the API description.

https://docs.altinn.studio/notifications/reference/api/
"""

from drf_spectacular.utils import OpenApiExample

_ORDERS = "https://platform.altinn.no/notifications/api/v1/orders"

SMS = OpenApiExample(
    "SMS to three recipients",
    request_only=True,
    value={
        "sendersReference": "ref-2024-01-01",
        "body": "A text message to be sent immediately from an org.",
        "recipients": [
            {"mobileNumber": "+4799999999"},
            {"nationalIdentityNumber": "11876995923"},
            {"organizationNumber": "311000179"},
        ],
    },
)
SMS_WITH_KEYWORDS = OpenApiExample(
    "SMS with keywords",
    request_only=True,
    value={
        "sendersReference": "ref-2024-02-01",
        "body": (
            "Dear $recipientName$, this is an official notification regarding your organization,"
            " identified by the organization number $recipientNumber$. Please take the necessary"
            " actions."
        ),
        "recipients": [{"organizationNumber": "311000179"}],
    },
)
EMAIL = OpenApiExample(
    "E-mail to three recipients",
    request_only=True,
    value={
        "sendersReference": "ref-2023-12-01",
        "subject": "A test email from Altinn Notifications",
        "body": "A message to be sent immediately from an org.",
        "contentType": "Plain",
        "recipients": [
            {"emailAddress": "testuser@altinn.no"},
            {"nationalIdentityNumber": "11876995923"},
            {"organizationNumber": "311000179"},
        ],
    },
)
EMAIL_PREFERRED = OpenApiExample(
    "E-mail where possible, else SMS",
    request_only=True,
    value={
        "sendersReference": "9A547448-FDF4-4E60-87AC-C2F652C8353C",
        "emailTemplate": {
            "subject": "A test email from Altinn Notifications",
            "body": "A message to be sent immediately from an org.",
            "contentType": "Plain",
        },
        "smsTemplate": {"body": "Demo SMS content"},
        "notificationChannel": "EmailPreferred",
        "recipients": [
            {"organizationNumber": "311000179"},
            {"nationalIdentityNumber": "11876995923"},
        ],
        "resourceId": "app_ttd_apps-test",
    },
)
PARTLY_REACHABLE = OpenApiExample(
    "One recipient is reserved",
    response_only=True,
    status_codes=["202"],
    value={
        "orderId": "f1a1cc30-197f-4f34-8304-006ce4945fd1",
        "recipientLookup": {
            "status": "PartialSuccess",
            "isReserved": ["11876995923"],
            "missingContact": [],
        },
    },
)
NO_LOOK_UP = OpenApiExample(
    "No look-up needed",
    response_only=True,
    status_codes=["202"],
    value={"orderId": "f1a1cc30-197f-4f34-8304-006ce4945fd1"},
)
ORDER = OpenApiExample(
    "E-mail where possible, else SMS",
    response_only=True,
    status_codes=["200"],
    value={
        "id": "f1a1cc30-197f-4f34-8304-006ce4945fd1",
        "sendersReference": "ref-2024-01-01",
        "requestedSendTime": "2024-01-10T08:00:00Z",
        "creator": "ttd",
        "created": "2024-01-09T12:34:56.123456Z",
        "notificationChannel": "EmailPreferred",
        "ignoreReservation": False,
        "resourceId": "app_ttd_apps-test",
        "resourceAction": "read",
        "recipients": [
            {"organizationNumber": "311000179"},
            {"emailAddress": "testuser@altinn.no", "mobileNumber": "+4799999999"},
        ],
        "conditionEndpoint": "https://ttd.apps.altinn.no/condition",
        "emailTemplate": {
            "fromAddress": "noreply@altinn.cloud",
            "subject": "A test email from Altinn Notifications",
            "body": "A message to be sent immediately from an org.",
            "contentType": "Plain",
        },
        "smsTemplate": {"senderNumber": "Altinn", "body": "Demo SMS content"},
        "links": {
            "self": f"{_ORDERS}/f1a1cc30-197f-4f34-8304-006ce4945fd1",
            "status": f"{_ORDERS}/f1a1cc30-197f-4f34-8304-006ce4945fd1/status",
        },
    },
)
ORDER_LIST = OpenApiExample(
    "One order",
    response_only=True,
    status_codes=["200"],
    value={"count": 1, "orders": [ORDER.value]},
)


def refused(key: str, message: str) -> OpenApiExample:
    """A 400 answer with one broken rule."""
    return OpenApiExample(
        "A broken rule",
        response_only=True,
        status_codes=["400"],
        value={
            "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
            "title": "One or more validation errors occurred.",
            "status": 400,
            "errors": {key: [message]},
            "traceId": "00-24d7cbf2a13f938741e8d2351d535556-2c30279c4891e50f-00",
        },
    )
