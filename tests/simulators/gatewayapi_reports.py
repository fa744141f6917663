"""Status notifications of GatewayAPI: one a post, signed by a token that says the same."""

import aiohttp
import jwt

from tests.simulators.reporting import Report

SECRET = "gatewayapi-signs-what-it-reports"
PATH = "/notifications/sms/api/v1/gatewayapi/reports"
_STATES = {"DELIVRD": "DELIVERED", "UNDELIV": "UNDELIVERABLE", "REJECTD": "REJECTED"}
_WORDS = frozenset({"DELIVERED", "UNDELIVERABLE", "REJECTED", "EXPIRED", "DELETED"})


async def post(reports: list[Report], *, session: aiohttp.ClientSession, url: str) -> bool:
    """Whether the receiver at base URL `url` took it: one report a post."""
    [report] = reports
    state = _STATES.get(report.outcome, report.outcome)
    said = {
        "id": int(report.message.reference),
        "msisdn": int(report.message.receiver),
        "time": int(report.message.received_at),
        "status": state if state in _WORDS else "UNDELIVERABLE",
        "error": None,
        "code": None,
        "userref": report.message.client_reference,
    }
    headers = {"X-Gwapi-Signature": jwt.encode(said, SECRET, algorithm="HS256")}
    try:
        async with session.post(url + PATH, json=said, headers=headers) as answer:
            return 200 <= answer.status < 300
    except (aiohttp.ClientError, TimeoutError):
        return False
