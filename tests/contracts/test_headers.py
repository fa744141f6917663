"""What the headers of an answer say, of every address, where the body is empty or says less."""

import re
from collections.abc import Iterator

from script.launcher.system.running_system import Answer
from tests.contracts.routes import DELIVERY, GUARDED, JOB, OPEN, ORDER, WEBHOOK, Guarded
from tests.contracts.service import Service

TRACE = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]")
CHALLENGE = re.compile(r'[A-Za-z]+ realm="[^"]+"(, [a-z_]+="[^"]+")*')
ADDRESSES = {route.address: route for route in (*GUARDED, *OPEN)}
NOWHERE = ("", "nowhere", "orders", "notifications", "notifications/api/v1/nowhere")
ORDER_ID = "f1a1cc30-197f-4f34-8304-006ce4945fd1"


def answers(service: Service) -> Iterator[tuple[str, Answer]]:
    """Of every address: to its own method with and without a token and with a body of an odd type,
    and to every other method; and of some where there is nothing."""
    for address, route in ADDRESSES.items():
        path = "/" + address.replace(JOB, "sendsms")
        for one in (ORDER, WEBHOOK, DELIVERY):
            path = path.replace(one, ORDER_ID)
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            yield f"{method} {path}", service.call(method, path)
        own = {**service.headers, **(route.headers if isinstance(route, Guarded) else {})}
        odd = own | {"Content-Type": "application/octet-stream"}
        yield f"{route.method} {path} with a token", service.call(route.method, path, headers=own)
        yield f"{route.method} {path}, odd", service.call(route.method, path, b"x", headers=odd)
    for path in NOWHERE:
        yield f"/{path}", service.call("GET", f"/{path}")


def test_every_answer_of_every_address_says_in_its_headers_what_its_body_leaves_out(
    service: Service,
) -> None:
    wrong: list[str] = []
    seen: dict[int, int] = {}
    for name, answer in answers(service):
        seen[answer.status] = seen.get(answer.status, 0) + 1
        told = answer.headers
        if not TRACE.fullmatch(told["X-Trace-Id"] or ""):
            wrong.append(f"{name}: no trace")
        if answer.status == 401 and not CHALLENGE.fullmatch(told["WWW-Authenticate"] or ""):
            wrong.append(f"{name}: {told['WWW-Authenticate']!r}")
        if answer.status == 405 and not told["Allow"]:
            wrong.append(f"{name}: no Allow")
        if answer.status == 415 and not told["Accept"]:
            wrong.append(f"{name}: no Accept")
        if answer.status == 404 and answer.body and told.get_content_type() != "application/json":
            wrong.append(f"{name}: a page")
    assert wrong == []
    assert {status: seen[status] > 3 for status in (200, 401, 404, 405, 415)} == dict.fromkeys(
        (200, 401, 404, 405, 415), True
    )


def test_an_accepted_order_tells_its_trace_too(service: Service) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    own = service.headers | {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    body = {"body": "Hi", "recipients": [{"mobileNumber": "+4799999999"}]}
    accepted = service.post("/orders/sms", body, headers=own)
    assert (accepted.status, accepted.headers["X-Trace-Id"][3:35]) == (202, trace)
    refused = service.post("/orders/sms", {}, headers=own)
    assert (refused.status, refused.headers["X-Trace-Id"]) == (400, refused.json["traceId"])


def test_why_nobody_is_let_in_is_said(service: Service) -> None:
    told = {}
    for authorization in (None, "Bearer x", "Basic eDp5"):
        headers = {"Authorization": authorization} if authorization else {}
        answer = service.get(f"/orders/{ORDER_ID}", headers=headers)
        told[authorization] = answer.headers["WWW-Authenticate"]
    scope = "altinn:serviceowner/notifications.create"
    bad = 'Bearer realm="notifications", error="invalid_token", error_description="'
    form = "The header is not written Authorization: Bearer, a space, the token."
    assert told == {
        None: f'Bearer realm="notifications", scope="{scope}"',
        "Bearer x": f'{bad}It is no signed JWT (RS256 or ES256, with a key id)."',
        "Basic eDp5": f'{bad}{form}"',
    }
