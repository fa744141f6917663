"""How the tests of the outside world speak to the SMS gateway."""

import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

from script.launcher.system.simulators import Simulators
from tests.outside.conftest import Answer, ask


def message(receiver: str, text: str = "Hei", **elements: str) -> str:
    members = {"ID": "1", "TEXT": text, "SND": "Altinn", "RCV": receiver, "TTL": "2880"} | elements
    return "<MSG>" + "".join(f"<{k}>{escape(v)}</{k}>" for k, v in members.items()) + "</MSG>"


def session(*messages: str, client: str = "notifications", sd: str = "") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f"<SESSION><CLIENT>{client}</CLIENT><PW>gateway-password</PW><SD>{sd}</SD>"
        f"<MSGLST>{''.join(messages)}</MSGLST></SESSION>"
    )


def submit(simulators: Simulators, *messages: str, timeout: float = 10.0) -> Answer:
    return ask("POST", f"{simulators.url}/gateway", session(*messages), timeout=timeout)


def send(simulators: Simulators, receiver: str, text: str = "Hei", **elements: str) -> ET.Element:
    """The MSG element of the answer to one message."""
    return statuses(submit(simulators, message(receiver, text, **elements)))[0]


def statuses(answer: Answer) -> list[ET.Element]:
    assert answer.status == 200
    root = ET.fromstring(answer.body)  # noqa: S314
    assert root.findtext("LOGON") == "OK"
    return root.findall("MSGLST/MSG")
