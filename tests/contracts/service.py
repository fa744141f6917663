"""The service as its callers know it: requests and answers of HTTP, and nothing else."""

import http.client
import json
from collections.abc import Iterator, Mapping
from typing import Any

from script.launcher.system.running_system import BASE, Answer

TIMEOUT = 90.0


class Service:
    """Speaks for ttd unless told otherwise; paths are below the API's base."""

    def __init__(self, *, port: int, token: str) -> None:
        self.port = port
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        return self.call("GET", BASE + path, headers=self.headers if headers is None else headers)

    def put(self, path: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        return self.call("PUT", BASE + path, headers=self.headers if headers is None else headers)

    def post(
        self,
        path: str,
        body: Any,
        *,
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """`body` as JSON, unless it is bytes or an iterator of them (sent chunked).

        An empty `content_type` sends none.
        """
        if not isinstance(body, bytes | Iterator):
            body = json.dumps(body).encode()
        own = {"Content-Type": content_type} if content_type else {}
        if isinstance(body, Iterator):
            own["Transfer-Encoding"] = "chunked"
        given = self.headers if headers is None else headers
        return self.call("POST", BASE + path, body, headers={**given, **own})

    def call(
        self,
        method: str,
        address: str,
        body: bytes | Iterator[bytes] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request on its own connection, without a token unless `headers` hold one."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        try:
            connection.request(
                method,
                address,
                body,
                dict(headers or {}),
                encode_chunked=isinstance(body, Iterator),
            )
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def errors(self, path: str, body: Any) -> dict[str, list[str]]:
        """The errors of a refused request, whose answer has the contract's shape, without the
        hints that stand behind the contract's sentences."""
        answer = self.post(path, body)
        assert answer.status == 400, answer
        assert list(answer.json) == ["type", "title", "status", "errors", "traceId"]
        return without_hints(answer.json["errors"])

    def place(
        self, path: str, body: Any, *, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Place an order that must be accepted, and read it back as it is stored."""
        answer = self.post(path, body, headers=headers)
        assert answer.status == 202, answer
        return self.order(answer.json["orderId"], headers=headers)

    def place_chain(
        self, body: Any, *, headers: Mapping[str, str] | None = None
    ) -> tuple[str, list[str]]:
        """Place a chain that must be accepted as new: its id, and those of its shipments, the main
        one first."""
        answer = self.post("/future/orders", body, headers=headers)
        assert answer.status == 201, answer
        main = answer.json["notification"]
        shipments = [main, *main.get("reminders", ())]
        return answer.json["notificationOrderId"], [one["shipmentId"] for one in shipments]

    def order(self, order_id: str, *, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        answer = self.get(f"/orders/{order_id}", headers=headers)
        assert answer.status == 200, answer
        document: dict[str, Any] = answer.json
        return document


def without_hints(errors: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The contract's sentences, of which each key has one at least, and the first."""
    shown = {}
    for key, messages in errors.items():
        sentences = [message for message in messages if not message.startswith("Hint: ")]
        assert sentences
        assert messages[: len(sentences)] == sentences
        shown[key] = sentences
    return shown


def is_empty(answer: Answer) -> bool:
    """Whether an answer has no body, and says so."""
    return (
        answer.body == b""
        and answer.headers["Content-Type"] is None
        and answer.headers["Content-Length"] == "0"
    )
