"""script/audit fails for what is vulnerable, and for what nobody could tell about."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from script.launcher.python import auditing
from script.launcher.python.auditing import IN_ORDER, NOT_KNOWN, VULNERABLE

FOUND = {
    "id": "TEST-1",
    "affected": [
        {
            "package": {"name": "django", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"fixed": "99.1"}]}],
        }
    ],
}


class Osv(ThreadingHTTPServer):
    """Speaks as https://google.github.io/osv.dev/post-v1-query/ says."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.vulnerable: set[str] = set()
        self.asked: set[str] = set()

    @property
    def words(self) -> list[str]:
        url = f"http://127.0.0.1:{self.server_port}/v1/query"
        return ["--vulnerability-service", "osv", "--osv-url", url]


class Answers(BaseHTTPRequestHandler):
    server: Osv

    def do_POST(self) -> None:
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = query["package"]["name"]
        self.server.asked.add(name)
        body = json.dumps({"vulns": [FOUND]} if name in self.server.vulnerable else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def osv() -> Iterator[Osv]:
    server = Osv()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_requirements_without_vulnerabilities_are_in_order(osv: Osv) -> None:
    assert auditing.main(osv.words) == IN_ORDER
    assert {"django", "psycopg", "granian", "celery"} <= osv.asked
    assert "pytest" not in osv.asked


def test_a_known_vulnerability_fails_and_is_named_with_the_version_that_is_free_of_it(
    osv: Osv, capsys: pytest.CaptureFixture[str]
) -> None:
    osv.vulnerable = {"django"}
    assert auditing.main(osv.words) == VULNERABLE
    assert "TEST-1, fixed in 99.1" in capsys.readouterr().out


def test_a_service_out_of_reach_is_told_plainly(capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = ["--vulnerability-service", "osv", "--osv-url", "http://127.0.0.1:1/v1/query"]
    assert auditing.main(nowhere) == NOT_KNOWN
    assert "The vulnerability service could not be asked" in capsys.readouterr().err


def test_what_the_service_does_not_know_is_not_taken_for_safe(
    capsys: pytest.CaptureFixture[str],
) -> None:
    known = {"name": "celery", "version": "5.6", "vulns": []}
    assert auditing.tell([known, {"name": "ours", "skip_reason": "not found"}]) == NOT_KNOWN
    said = capsys.readouterr().out
    assert "the service knows nothing of 1: ours" in said
    assert "1 of 2 requirements asked about" in said
