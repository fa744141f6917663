"""The page of phones and inboxes needs nothing from elsewhere and lets nothing out."""

import re

from script.launcher.system.simulators import Simulators
from tests.outside.conftest import ask


def test_the_page_is_self_contained(simulators: Simulators) -> None:
    answer = ask("GET", f"{simulators.url}/")
    page = answer.body.decode()
    assert answer.status == 200
    assert "<title>Phones and inboxes</title>" in page
    links = re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?([^"'\s>]+)""", page)
    assert [link for link in links if not link.startswith("data:")] == []


def test_the_policy_lets_only_the_pages_own_script_run(simulators: Simulators) -> None:
    first, second = (ask("GET", f"{simulators.url}/") for _ in range(2))
    nonces = [
        re.search(r'<script nonce="([^"]+)">', answer.body.decode()) for answer in (first, second)
    ]
    for answer, nonce in zip((first, second), nonces, strict=True):
        assert nonce is not None
        policy = answer.headers["Content-Security-Policy"]
        assert f"script-src 'nonce-{nonce[1]}'" in policy
        assert "default-src 'none'" in policy
    assert first.body != second.body


def test_html_emails_are_shown_in_frames_that_may_do_nothing(simulators: Simulators) -> None:
    page = ask("GET", f"{simulators.url}/").body.decode()
    assert 'frame.sandbox = ""' in page
    assert "innerHTML" not in page


def test_health_is_answered(simulators: Simulators) -> None:
    assert simulators.get("/health") == b"Healthy"
