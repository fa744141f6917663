"""What the page on webhooks tells receivers is so: its examples verify, its numbers are ours."""

import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from events import signing
from events.models import EventType
from events.sending import recording
from tests.documentation.pasting import BLOCK

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "webhooks.md").read_text()
BODY = '{"type":"webhook.test"}'
Verify = Callable[[str, dict[str, str], bytes], bool]


@pytest.fixture(scope="module")
def is_from_us() -> Verify:
    """The page's own function, as a receiver would paste it."""
    [source] = [
        block["text"] for block in BLOCK.finditer(PAGE) if "def is_from_us" in block["text"]
    ]
    pasted: dict[str, Verify] = {}
    exec(source, pasted)  # noqa: S102 - it is our own page
    return pasted["is_from_us"]


def headers(*secrets: str, age: timedelta = timedelta(0)) -> dict[str, str]:
    at = datetime.now(UTC) - age
    return {
        "webhook-id": "one",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signing.signature(secrets, message_id="one", at=at, body=BODY),
    }


def test_the_pages_example_takes_what_we_sign_and_nothing_else(is_from_us: Verify) -> None:
    new, old = signing.new_secret(), signing.new_secret()
    for secret in (new, old):
        assert is_from_us(secret, headers(new, old), BODY.encode())
    assert not is_from_us(signing.new_secret(), headers(new, old), BODY.encode())
    assert not is_from_us(new, headers(new), BODY.encode() + b" ")
    assert not is_from_us(new, headers(new) | {"webhook-id": "two"}, BODY.encode())
    assert not is_from_us(new, headers(new, age=timedelta(minutes=6)), BODY.encode())
    odd = base64.b64encode(b"odd").decode()
    assert not is_from_us(new, headers(new) | {"webhook-signature": f"v1,{odd} v2,\u00e5"}, b"")


def test_the_page_names_each_event_and_the_numbers_that_hold() -> None:
    named = set(re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \|", PAGE, re.MULTILINE))
    assert named == set(EventType.values)
    seconds = [int(wait.total_seconds()) for wait in recording.BACK_OFF]
    minute, hour = 60, 3_600
    assert seconds == [
        *(5, 30, 2 * minute, 10 * minute, 30 * minute),
        *(hour, 2 * hour, 4 * hour, 6 * hour, 8 * hour),
    ]
    assert "5 seconds, 30 seconds, 2, 10 and 30 minutes, 1, 2, 4, 6 and then every 8 hours" in PAGE
    assert timedelta(days=3) == recording.GIVE_UP_AFTER
    assert [int(rest.total_seconds()) for rest in recording.REST] == [5, 15, 60, 300, 600]
    assert "5 seconds, then 15, a minute, 5 minutes and at last 10 minutes" in PAGE
    assert "Nothing is lost meanwhile" not in PAGE
