"""The SMS gateway: takes Link Mobility's XML, answers it, and promises delivery reports."""

import asyncio
import itertools
import re
import secrets

# A simulator on loopback, and the only parser that keeps up with thousands of messages a second.
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from xml.sax.saxutils import escape

from aiohttp import web

from tests.simulators.faults import LONG, Fault
from tests.simulators.magic import Fate, fate_of_number
from tests.simulators.phones_and_inboxes import Received
from tests.simulators.sms_text import TEXT_MESSAGE, Unreadable, as_read
from tests.simulators.world import WORLD, World

_RECEIVER = re.compile(r"[1-9]\d{8,14}", re.ASCII)
_SENDER = re.compile(r"\d{1,15}|[A-Za-z0-9!\"#%&'()*+\-./?><; ]{1,11}", re.ASCII)
_NO_FAULT = Fault()
_LATE_MS = 3_000

_batch = secrets.token_hex(4).upper()
_references = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Submitted:
    """One MSG of a request, read and judged; `refusal` is empty when it can be sent."""

    number: str
    receiver: str
    fate: Fate
    refusal: str
    message: Received | None


async def submit(request: web.Request) -> web.Response:
    """One session: a log-on and its messages."""
    world = request.app[WORLD]
    body = await request.read()
    fault = world.faults.take("gateway") or _NO_FAULT
    if fault.latency_ms and fault.mode != "late":
        await asyncio.sleep(fault.latency_ms / 1000)
    try:
        session = ET.fromstring(body)  # noqa: S314
    except ET.ParseError as error:
        return _answered(world, [], web.Response(status=400, text=f"Not XML: {error}"))
    refused = _log_on_refused(world, session, fault)
    if refused is not None:
        return _answered(world, [], refused)
    client_reference = session.findtext("SD", "")
    submitted = [
        _judge(element, str(index), client_reference, fault)
        for index, element in enumerate(session.iterfind("MSGLST/MSG"), start=1)
    ]
    trouble = fault.mode or _trouble_of_numbers(world, submitted)
    if trouble in {"error500", "time-out", "too-many-requests"}:
        return _answered(world, submitted, await _turned_away(trouble))
    await _take(world, submitted)
    if trouble == "close-after-reading":
        if request.transport is not None:
            request.transport.abort()
    elif trouble == "late":
        await asyncio.sleep((fault.latency_ms or _LATE_MS) / 1000)
    answer = _xml("OK", "", "".join(map(_status, submitted)))
    return _answered(world, submitted, answer)


def _log_on_refused(world: World, session: ET.Element, fault: Fault) -> web.Response | None:
    settings = world.settings
    if (
        fault.mode == "log-on-fails"
        or session.findtext("CLIENT") != settings.gateway_client
        or session.findtext("PW") != settings.gateway_password
    ):
        return _xml("FAIL", "Unknown user or wrong password", "")
    return None


def _judge(element: ET.Element, position: str, client_reference: str, fault: Fault) -> Submitted:
    receiver = element.findtext("RCV", "")
    sender = element.findtext("SND", "")
    minutes = element.findtext("TTL", "")
    fate = fate_of_number(receiver)
    message = None
    refusal = "No credits left" if fault.mode == "no-credit" else fate.refusal
    if not _RECEIVER.fullmatch(receiver):
        refusal = "Invalid RCV"
    elif sender and not _SENDER.fullmatch(sender):
        refusal = "Invalid SND"
    elif minutes and not minutes.isdecimal():
        refusal = "Invalid TTL"
    if not refusal:
        try:
            operation = element.findtext("OP") or TEXT_MESSAGE
            text = as_read(element.findtext("TEXT", ""), operation=operation)
        except Unreadable as error:
            refusal = str(error)
        else:
            message = Received(
                channel="Sms",
                reference=f"{_batch}-{next(_references):08X}",
                client_reference=client_reference,
                receiver=receiver,
                sender=sender,
                text=text.text,
                encoding=text.encoding,
                parts=text.parts,
                minutes_to_live=int(minutes) if minutes else None,
                arrives=fate.arrives,
            )
    return Submitted(element.findtext("ID") or position, receiver, fate, refusal, message)


def _trouble_of_numbers(world: World, submitted: list[Submitted]) -> str:
    for entry in submitted:
        fate = entry.fate
        if fate.trouble and (
            not fate.first_time_only or world.first_time(f"number {entry.receiver}")
        ):
            return fate.trouble
    return ""


async def _turned_away(trouble: str) -> web.Response:
    match trouble:
        case "time-out":
            await asyncio.sleep(LONG)
            return web.Response(status=504)
        case "too-many-requests":
            return web.Response(status=429, headers={"Retry-After": "2"})
    return web.Response(status=500, text="Internal Server Error")


async def _take(world: World, submitted: list[Submitted]) -> None:
    for entry in submitted:
        if entry.message is not None:
            world.messages.add(entry.message)
            if world.reports_url:
                await world.sms_reports.expect(entry.message, entry.fate)


def _status(entry: Submitted) -> str:
    number = escape(entry.number)
    if entry.message is None:
        return f"<MSG><ID>{number}</ID><STATUS>FAIL</STATUS><INFO>{entry.refusal}</INFO></MSG>"
    reference = entry.message.reference
    return f"<MSG><ID>{number}</ID><REF>{reference}</REF><STATUS>OK</STATUS><INFO></INFO></MSG>"


def _xml(log_on: str, reason: str, statuses: str) -> web.Response:
    messages = f"<MSGLST>{statuses}</MSGLST>" if statuses else ""
    text = (
        '<?xml version="1.0"?>\n<!DOCTYPE SESSION SYSTEM "pswincom_submit_response.dtd">\n'
        f"<SESSION><LOGON>{log_on}</LOGON><REASON>{reason}</REASON>{messages}</SESSION>"
    )
    return web.Response(body=text.encode(), headers={"Content-Type": "text/xml; charset=utf-8"})


def _answered(world: World, submitted: list[Submitted], response: web.Response) -> web.Response:
    receiver = submitted[0].receiver if submitted else ""
    size, status = len(submitted), response.status
    world.calls.record("gateway", "submit", size=size, status=status, about=receiver)
    return response


ROUTES = (web.post("/gateway", submit),)
