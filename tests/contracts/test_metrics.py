"""The metrics: a monthly page, and a Parquet file of each day, for whoever has the key."""

import base64
import hashlib
import io
from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq
import pytest

from tests.contracts.live_web import METRICS_KEY
from tests.contracts.service import Service, is_empty

KEY = {"X-API-Key": METRICS_KEY}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BASE = "/notifications/api/v1"
SHARED = ["ShipmentId", "SendersReference", "RequestedSendTime", "CreatorName", "ResourceId"]
COLUMNS = {
    "sms": [
        "SmsId",
        *SHARED,
        "Result",
        "GatewayReference",
        "Rate",
        "MobileNumberPrefix",
        "AltinnSmsCount",
        "AltinnSmsBodyLength",
        "AltinnSmsCustomBodyLength",
    ],
    "email": ["EmailId", *SHARED, "Result", "OperationId"],
}


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({}, "API key required for Metrics endpoints"),
        ({"X-API-Key": ""}, "API key cannot be empty"),
        ({"X-API-Key": " "}, "API key cannot be empty"),
        ({"X-API-Key": "guessed"}, "Invalid API key"),
        ({"X-API-Key": METRICS_KEY + "x"}, "Invalid API key"),
        ({"X-API-Key": "n\u00f8kkel"}, "Invalid API key"),
    ],
)
def test_without_the_key_nothing_is_told(
    service: Service, headers: dict[str, str], error: str
) -> None:
    for method, path in (
        ("POST", "/metrics/sms"),
        ("POST", "/metrics/email"),
        ("GET", "/metrics"),
        ("POST", "/metrics"),
    ):
        answer = service.call(method, BASE + path, headers=headers)
        assert answer.status == 401
        assert answer.json == {"error": error}


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_a_daily_file_is_parquet_of_yesterday_and_says_what_it_is(
    service: Service, channel: str
) -> None:
    answer = service.call("POST", f"{BASE}/metrics/{channel}", headers=KEY)
    assert answer.status == 200
    headers = answer.headers
    assert headers["Content-Type"] == "application/octet-stream"
    yesterday = datetime.now(UTC) - timedelta(days=1)
    name = f"{yesterday:%Y%m%d}_{channel}_notifications_Tests.parquet"
    assert headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert headers["X-Environment"] == "Tests"
    assert headers["X-File-Size"] == headers["Content-Length"] == str(len(answer.body))
    digest = hashlib.md5(answer.body, usedforsecurity=False).digest()
    assert base64.b64decode(headers["X-File-Hash"]) == digest
    assert headers["X-Generated-At"].endswith("+00:00")
    assert datetime.fromisoformat(headers["X-Generated-At"]) > yesterday
    table = pq.read_table(io.BytesIO(answer.body))
    assert table.column_names == COLUMNS[channel]
    assert headers["X-Total-FileTransfer-Count"] == str(table.num_rows) == "0"


def test_the_monthly_page_asks_for_a_month_and_answers(service: Service) -> None:
    asked = service.call("GET", f"{BASE}/metrics", headers=KEY)
    assert asked.status == 200
    assert asked.headers.get_content_type() == "text/html"
    assert b"<h1>Altinn Notifications Metrics</h1>" in asked.body
    assert b"<script" not in asked.body
    body = b"month=2&year=2025"
    answer = service.call("POST", f"{BASE}/metrics", body, headers={**KEY, **FORM})
    assert answer.status == 200
    assert b"No notification orders with requested send time in February 2025" in answer.body


@pytest.mark.parametrize(
    "body", [b"", b"month=2", b"year=2025", b"month=0&year=2025", b"month=13&year=2025", b"month=a"]
)
def test_a_month_that_there_is_not_is_refused(service: Service, body: bytes) -> None:
    answer = service.call("POST", f"{BASE}/metrics", body, headers={**KEY, **FORM})
    assert answer.status == 400
    assert b"Choose a month and a year." in answer.body


@pytest.mark.parametrize("sent", ["Basic", "Basic \u00f8", "Basic =", "Basic /w==", "Basic OuO/"])
def test_what_is_no_log_in_brings_no_key(service: Service, sent: str) -> None:
    answer = service.call("GET", f"{BASE}/metrics", headers={"Authorization": sent})
    assert answer.status == 401
    assert answer.json == {"error": "API key required for Metrics endpoints"}


def test_a_wrong_method_is_told_the_right_ones(service: Service) -> None:
    for path, allowed in (("/metrics", "GET, POST"), ("/metrics/sms", "POST")):
        answer = service.call("PUT", BASE + path)
        assert (answer.status, answer.headers["Allow"]) == (405, allowed)
        assert is_empty(answer)


def test_a_browser_brings_the_key_as_a_password(service: Service) -> None:
    asked = service.call("GET", f"{BASE}/metrics")
    assert asked.headers["WWW-Authenticate"].startswith("Basic ")
    for password, status in ((METRICS_KEY, 200), ("guessed", 401)):
        basic = base64.b64encode(f"me:{password}".encode()).decode()
        headers = {"Authorization": f"Basic {basic}"}
        assert service.call("GET", f"{BASE}/metrics", headers=headers).status == status
        assert service.call("POST", f"{BASE}/metrics/sms", headers=headers).status == 401
