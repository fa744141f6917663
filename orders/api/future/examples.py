"""Examples of chains, shown in the API description."""

from drf_spectacular.utils import OpenApiExample

from orders.api.v1.examples import refused

CHAIN = OpenApiExample(
    "A letter, and a reminder after a week",
    request_only=True,
    value={
        "sendersReference": "letter-17",
        "idempotencyId": "63404f51-2079-4598-bd23-8f4467590fb4",
        "dialogportenAssociation": {"dialogId": "0198f2c1-5d1e-7d2b-9a34-5f0e2f6f1c11"},
        "recipient": {
            "recipientPerson": {
                "nationalIdentityNumber": "01838510058",
                "channelSchema": "EmailPreferred",
                "resourceId": "urn:altinn:resource:tax-2025",
                "emailSettings": {"subject": "A letter", "body": "There is a letter for you."},
                "smsSettings": {"body": "There is a letter for you."},
            }
        },
        "reminders": [
            {
                "sendersReference": "letter-17-reminder",
                "delayDays": 7,
                "conditionEndpoint": "https://ttd.apps.altinn.no/is-unread",
                "recipient": {
                    "recipientPerson": {
                        "nationalIdentityNumber": "01838510058",
                        "channelSchema": "Sms",
                        "smsSettings": {
                            "body": "The letter waits.",
                            "sendingTimePolicy": "Daytime",
                        },
                    }
                },
            }
        ],
    },
)
STORED = OpenApiExample(
    "A chain with one reminder",
    response_only=True,
    status_codes=["201", "200"],
    value={
        "notificationOrderId": "3f0c9d2c-6f0a-4a6e-9e38-52bd6f0b0f61",
        "notification": {
            "reminders": [
                {
                    "shipmentId": "5fbc0a29-6c6a-4f0b-90a6-5b7d0ea3a2a1",
                    "sendersReference": "letter-17-reminder",
                }
            ],
            "shipmentId": "b1a6b5b5-2a8b-4d29-8d2f-3c8f7f4de0d7",
            "sendersReference": "letter-17",
        },
    },
)
REFUSED = refused(
    "Reminders[0]", "Either DelayDays or RequestedSendTime must be defined, but not both."
)
NOT_REACHABLE = OpenApiExample(
    "Nobody can be reached",
    response_only=True,
    status_codes=["422"],
    value={
        "type": "urn:altinn:error:NOT-00001",
        "title": "Missing contact information for recipient(s)",
        "status": 422,
        "code": "NOT-00001",
        "traceId": "00-24d7cbf2a13f938741e8d2351d535556-2c30279c4891e50f-00",
        "statusDescription": "Unprocessable Entity",
        "errorCode": "NOT-00001",
        "detail": "Missing contact information for recipient(s)",
    },
)
COMPOSED = OpenApiExample(
    "A decision, with its letter",
    request_only=True,
    value={
        "sendersReference": "decision-17",
        "idempotencyId": "0b3f6a1e-8f5d-4a0f-9f0e-0a4b8f0f8c53",
        "recipient": {
            "emailAddress": "kari@example.com",
            "emailSettings": {
                "subject": "Your decision",
                "body": "<p>The letter is attached.</p>",
                "contentType": "Html",
                "attachments": [
                    {
                        "filename": "Decision.pdf",
                        "mimeType": "application/pdf",
                        "sasUrl": (
                            "https://decisions.blob.core.windows.net/letters/17.pdf"
                            "?sv=2024-11-04&sr=b&sp=r&se=2099-12-31T23%3A59%3A59Z&sig=c2lnbmVk"
                        ),
                    }
                ],
            },
        },
    },
)
STORED_ALONE = OpenApiExample(
    "A stored e-mail",
    response_only=True,
    status_codes=["201", "200"],
    value={
        "notificationOrderId": "3f0c9d2c-6f0a-4a6e-9e38-52bd6f0b0f61",
        "notification": {
            "shipmentId": "b1a6b5b5-2a8b-4d29-8d2f-3c8f7f4de0d7",
            "sendersReference": "decision-17",
        },
    },
)
REFUSED_ATTACHMENT = refused(
    "Recipient.Settings.Attachments[0].SasUrl",
    "Attachment 'Decision.pdf': sasUrl must be an absolute HTTPS URI.",
)
