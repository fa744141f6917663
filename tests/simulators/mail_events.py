"""Delivery events of a mail provider, as Mailgun signs and posts them."""

import hashlib
import hmac
import secrets
import time

import aiohttp

from tests.simulators.reporting import Report

PATH = "/notifications/email/api/v1/mailgun/tracking/"

_DETAILS: dict[str, dict[str, object]] = {
    "delivered": {
        "event": "delivered",
        "log-level": "info",
        "delivery-status": {"code": 250, "message": "OK", "description": "", "attempt-no": 1},
    },
    "deferred": {
        "event": "failed",
        "severity": "temporary",
        "reason": "generic",
        "log-level": "warn",
        "delivery-status": {
            "code": 450,
            "message": "4.2.1 Mailbox busy, try again later",
            "description": "",
            "attempt-no": 1,
            "retry-seconds": 3,
        },
    },
    "bounced": {
        "event": "failed",
        "severity": "permanent",
        "reason": "bounce",
        "log-level": "error",
        "delivery-status": {
            "code": 550,
            "message": "5.1.1 The email account that you tried to reach does not exist",
            "description": "",
            "attempt-no": 1,
        },
    },
    "failed": {
        "event": "failed",
        "severity": "permanent",
        "reason": "generic",
        "log-level": "error",
        "delivery-status": {
            "code": 554,
            "message": "5.7.1 Message refused by policy",
            "description": "",
            "attempt-no": 1,
        },
    },
    "rejected": {
        "event": "rejected",
        "log-level": "warn",
        "reject": {"reason": "Recipient is on the suppression list", "description": ""},
    },
}


def written(report: Report, *, signing_key: str) -> dict[str, object]:
    """The event with its signature. Mailgun gives message ids without their angle brackets."""
    message = report.message
    moment, token = str(int(time.time())), secrets.token_hex(25)
    signature = hmac.new(signing_key.encode(), (moment + token).encode(), hashlib.sha256)
    event: dict[str, object] = {
        "id": secrets.token_urlsafe(16),
        "timestamp": time.time(),
        "message": {
            "headers": {
                "message-id": message.reference.strip("<>"),
                "from": message.sender,
                "to": message.receiver,
                "subject": message.subject,
            },
            "attachments": [],
            "size": len(message.text),
        },
        "recipient": message.receiver,
        "recipient-domain": message.receiver.rpartition("@")[2],
        "flags": {"is-authenticated": True, "is-test-mode": False},
        "tags": [],
        "user-variables": {},
    }
    if report.outcome == "rejected":
        # Real rejections name the recipient in the headers only.
        del event["recipient"], event["recipient-domain"]
    return {
        "signature": {"timestamp": moment, "token": token, "signature": signature.hexdigest()},
        "event-data": event | _DETAILS[report.outcome],
    }


async def post(
    reports: list[Report], *, session: aiohttp.ClientSession, url: str, signing_key: str
) -> bool:
    """Whether the receiver at base URL `url` took it; Mailgun posts events one by one."""
    (report,) = reports
    event = written(report, signing_key=signing_key)
    try:
        async with session.post(url + PATH, json=event) as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False
