"""What schemathesis is told about our API beyond its description (SCHEMATHESIS_HOOKS)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import schemathesis
from hypothesis import strategies
from hypothesis.strategies import SearchStrategy
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.openapi.checks import AllowHeaderMismatch, UnsupportedMethodResponse

ACCEPTABLE = {
    "requestedSendTime": (datetime.now(UTC) + timedelta(days=365)).isoformat(),
    "conditionEndpoint": "https://conditions.example.com/",
    "resourceAction": None,
}
RECIPIENTS = strategies.lists(
    strategies.sampled_from(
        [
            {"mobileNumber": "+4799999999"},
            {"emailAddress": "kari@example.com"},
            {"emailAddress": "ola@example.com", "mobileNumber": "+4799999998"},
            {"nationalIdentityNumber": "11876995923"},
            {"organizationNumber": "311000179"},
        ]
    ),
    min_size=1,
    max_size=3,
)

_EMAIL, _SMS = {"subject": "Hello", "body": "Hello."}, {"body": "Hello."}
_LOOKED_UP = {"channelSchema": "EmailPreferred", "emailSettings": _EMAIL, "smsSettings": _SMS}
ONE_RECIPIENT = strategies.sampled_from(
    [
        {"recipientEmail": {"emailAddress": "kari@example.com", "emailSettings": _EMAIL}},
        {"recipientSms": {"phoneNumber": "+4799999999", "smsSettings": _SMS}},
        {"recipientPerson": {"nationalIdentityNumber": "11876995923", **_LOOKED_UP}},
        {"recipientOrganization": {"orgNumber": "311000179", **_LOOKED_UP}},
        {
            "recipientExternalIdentity": {
                "externalIdentity": "urn:altinn:party:username:sunniva",
                **_LOOKED_UP,
            }
        },
    ]
)
REMINDER = strategies.fixed_dictionaries(
    {"recipient": ONE_RECIPIENT, "delayDays": strategies.integers(1, 400)}
)
CHAINS = strategies.fixed_dictionaries(
    {
        "requestedSendTime": strategies.just(ACCEPTABLE["requestedSendTime"]),
        "conditionEndpoint": strategies.just(ACCEPTABLE["conditionEndpoint"]),
        "recipient": ONE_RECIPIENT,
        "reminders": strategies.lists(REMINDER, max_size=3),
    }
)

COMPOSED = {
    "requestedSendTime": ACCEPTABLE["requestedSendTime"],
    "conditionEndpoint": ACCEPTABLE["conditionEndpoint"],
    "recipient": {
        "emailAddress": "kari@example.com",
        "emailSettings": {
            **_EMAIL,
            "attachments": [
                {
                    "filename": "Letter.pdf",
                    "mimeType": "application/pdf",
                    "sasUrl": "https://x.blob.core.windows.net/a?sr=b&sp=r&se=9999-01-01&sig=x",
                }
            ],
        },
    },
}


@schemathesis.hook
def flatmap_body(context: schemathesis.HookContext, body: Any) -> SearchStrategy[Any]:
    """Half of the orders get recipients who exist, and what else the rules ask for: few would get
    past them else."""
    path = context.operation.path if context.operation else ""
    if path.endswith("/composed-email") and isinstance(body, dict):
        return strategies.just(body) | strategies.just(body | COMPOSED)
    if isinstance(body, dict) and "idempotencyId" in body:
        return strategies.just(body) | CHAINS.map(lambda found: body | found)
    if not isinstance(body, dict) or "recipients" not in body:
        return strategies.just(body)
    orders = RECIPIENTS.map(lambda found: body | ACCEPTABLE | {"recipients": found})
    return strategies.just(body) | orders


@schemathesis.hook
def filter_failure(
    context: schemathesis.HookContext,
    failure: Failure,
    case: schemathesis.Case[Any],
    response: Response,
) -> bool:
    """GET /orders/sms asks for the order "sms", whatever else is to be found at that address; and
    there is no shipment, nor any content, where an id is no GUID."""
    if case.path == "/notifications/api/v1/future/shipment/{id}":
        return not (response.status_code == 404 and not response.content)
    if not case.path.endswith(("/orders/email", "/orders/sms")):
        return True
    if isinstance(failure, AllowHeaderMismatch):
        return failure.undocumented_methods != ["GET"]
    return not (isinstance(failure, UnsupportedMethodResponse) and failure.method == "GET")
