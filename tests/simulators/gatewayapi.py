"""GatewayAPI: takes its REST API's JSON, answers it, and promises reports."""

import asyncio
import base64
import itertools
import re

from aiohttp import web

from tests.simulators.faults import LONG, Fault
from tests.simulators.magic import fate_of_number
from tests.simulators.phones_and_inboxes import Received
from tests.simulators.world import WORLD, World

TOKEN = "kringle-og-kaffe-til-alle"
_MSISDN = re.compile(r"[1-9]\d{6,14}", re.ASCII)
_BASIC = "Basic " + base64.b64encode(f"{TOKEN}:".encode()).decode()
_NO_FAULT = Fault()
_numbers = itertools.count(421_332_671)


async def submit(request: web.Request) -> web.Response:
    """One message to one receiver, as nobody here sends more at once."""
    world = request.app[WORLD]
    fault = world.faults.take("gatewayapi") or _NO_FAULT
    if fault.latency_ms:
        await asyncio.sleep(fault.latency_ms / 1000)
    if fault.mode == "log-on-fails" or request.headers.get("Authorization") != _BASIC:
        return _answered(world, _refused(401, "0x0210", "Unauthorized"))
    try:
        document = await request.json()
        [recipient] = document["recipients"]
        receiver, text = str(recipient["msisdn"]), str(document["message"])
    except (ValueError, KeyError, TypeError):
        return _answered(world, _refused(422, "0x0400", "Invalid JSON"))
    fate = fate_of_number(receiver)
    trouble = fault.mode or fate.trouble
    if fate.trouble and fate.first_time_only and not world.first_time(f"number {receiver}"):
        trouble = fault.mode
    match trouble:
        case "time-out":
            await asyncio.sleep(LONG)
            return _answered(world, web.Response(status=504))
        case "error500":
            return _answered(world, _refused(500, "", "Internal error"), receiver)
        case "too-many-requests":
            return _answered(world, web.Response(status=429, headers={"Retry-After": "2"}))
        case "no-credit":
            return _answered(world, _refused(403, "0x0216", "Insufficient credit"), receiver)
    if fate.refusal or not _MSISDN.fullmatch(receiver):
        return _answered(world, _refused(400, "0x0301", "Invalid msisdn: %1", receiver), receiver)
    message = Received(
        channel="Sms",
        reference=str(next(_numbers)),
        client_reference=str(document.get("userref", "")),
        receiver=receiver,
        sender=str(document.get("sender", "")),
        text=text,
        encoding="UCS-2" if document.get("encoding") == "UCS2" else "GSM-7",
        minutes_to_live=int(document.get("validity_period", 0)) // 60,
        arrives=fate.arrives,
    )
    world.messages.add(message)
    if world.reports_url:
        await world.gatewayapi_reports.expect(message, fate)
    if trouble == "close-after-reading" and request.transport is not None:
        request.transport.abort()
    answer = {"ids": [int(message.reference)], "usage": {"currency": "NOK", "total_cost": 0.4}}
    return _answered(world, web.json_response(answer), receiver)


def _refused(status: int, code: str, words: str, *variables: str) -> web.Response:
    said: dict[str, object] = {"incident_uuid": "d8127429-fa0c-4316-b1f2-e610c3958f43"}
    said |= {"message": words, "variables": list(variables)} | ({"code": code} if code else {})
    return web.json_response(said, status=status)


def _answered(world: World, response: web.Response, receiver: str = "") -> web.Response:
    world.calls.record("gatewayapi", "submit", size=1, status=response.status, about=receiver)
    return response


ROUTES = (web.post("/gatewayapi/rest/mtsms", submit),)
