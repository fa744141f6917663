"""Delivery reports of the SMS gateway, in Link Mobility's XML."""

import time
from datetime import datetime
from zoneinfo import ZoneInfo

import aiohttp

from tests.simulators.reporting import Report

PATH = "/notifications/sms/api/v1/reports"
MESSAGES_A_POST = 100

_OSLO = ZoneInfo("Europe/Oslo")


def written(reports: list[Report]) -> str:
    """References, numbers and states are all letters and digits, so nothing needs escaping."""
    moment = datetime.fromtimestamp(time.time(), tz=_OSLO).strftime("%Y.%m.%d %H:%M:%S")
    entries = "".join(
        f"<MSG><ID>{index}</ID><REF>{report.message.reference}</REF>"
        f"<RCV>{report.message.receiver}</RCV><STATE>{report.outcome}</STATE>"
        f"<DELIVERYTIME>{moment}</DELIVERYTIME></MSG>"
        for index, report in enumerate(reports, start=1)
    )
    return (
        '<?xml version="1.0"?>\n<!DOCTYPE MSGLST SYSTEM "pswincom_report_request.dtd">\n'
        f"<MSGLST>{entries}</MSGLST>"
    )


async def post(
    reports: list[Report], *, session: aiohttp.ClientSession, url: str, user: str, password: str
) -> bool:
    """Whether the receiver at base URL `url` took them."""
    try:
        async with session.post(
            url + PATH,
            data=written(reports).encode("ascii"),
            headers={"Content-Type": "application/xml"},
            auth=aiohttp.BasicAuth(user, password, encoding="utf-8"),
        ) as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False
