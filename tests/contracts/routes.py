"""Every address of the service and what it answers to whom."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from script.launcher.system.running_system import BASE
from tests.contracts.requests import (
    chain,
    composed,
    email,
    instant,
    instant_email,
    instant_sms,
    order,
    sms,
    webhook,
)
from tests.contracts.tokens import (
    COMPOSE_SCOPE,
    CREATE_SCOPE,
    END_USER_SCOPE,
    EVENTS_SCOPE,
    SUPPORT_SCOPE,
)

API = BASE.removeprefix("/") + "/"
ORDER = "<str:id>"
JOB = "<str:job>"
WEBHOOK = "<str:subscription>"
DELIVERY = "<str:delivery>"


@dataclass(frozen=True, slots=True)
class Guarded:
    """An address that asks for a token, spelled as in the URL configuration.

    `own` is the status for the service owner whose order `<str:id>` is, `foreign` for any other
    one, `without_org` for a token that names no service owner. `takes_platform_tokens` is whether
    one is enough in place of a bearer token with the scope; if not, `by_platform_token` is the
    status for one.
    """

    method: str
    address: str
    own: int
    foreign: int
    without_org: int = 403
    body: Callable[[], dict[str, Any]] | None = None
    query: str = ""
    scope: str = CREATE_SCOPE
    takes_platform_tokens: bool = True
    headers: Mapping[str, str] = field(default_factory=dict)
    by_platform_token: int = 403


@dataclass(frozen=True, slots=True)
class Open:
    """An address where tokens make no difference, for the reason given."""

    method: str
    address: str
    status: int
    why: str


def support(look_up: str, header: str, value: str) -> Guarded:
    """A look-up of the support dashboard, which is of no service owner."""
    return Guarded(
        "GET",
        f"{API}future/dashboard/recipients/notifications/{look_up}",
        200,
        200,
        without_org=200,
        scope=SUPPORT_SCOPE,
        takes_platform_tokens=False,
        headers={header: value},
    )


def events(
    method: str,
    below: str,
    own: int,
    foreign: int,
    *,
    without_org: int = 403,
    body: Callable[[], dict[str, Any]] | None = None,
) -> Guarded:
    """An address of webhooks, which are their owner's alone."""
    return Guarded(
        method,
        f"{API}events/subscriptions{below}",
        own,
        foreign,
        without_org=without_org,
        body=body,
        scope=EVENTS_SCOPE,
        takes_platform_tokens=False,
        by_platform_token=401,
    )


GUARDED = (
    Guarded("POST", f"{API}orders", 202, 202, body=order),
    Guarded("POST", f"{API}orders/email", 202, 202, body=email),
    Guarded("POST", f"{API}orders/sms", 202, 202, body=sms),
    Guarded("POST", f"{API}future/orders", 201, 201, body=chain),
    Guarded(
        "POST",
        f"{API}future/orders/composed-email",
        201,
        201,
        body=composed,
        scope=COMPOSE_SCOPE,
        takes_platform_tokens=False,
        by_platform_token=401,
    ),
    Guarded("POST", f"{API}future/orders/instant/sms", 201, 201, body=instant_sms),
    Guarded("POST", f"{API}future/orders/instant/email", 201, 201, body=instant_email),
    Guarded("POST", f"{API}future/orders/instant", 201, 201, body=instant),
    Guarded("GET", f"{API}orders", 200, 200, query="?sendersReference=x"),
    # There, the channel is read as an order's id, and is not a valid one.
    Guarded("GET", f"{API}orders/email", 400, 400, without_org=400),
    Guarded("GET", f"{API}orders/sms", 400, 400, without_org=400),
    Guarded("GET", f"{API}orders/{ORDER}", 200, 404),
    Guarded("GET", f"{API}orders/{ORDER}/status", 200, 404),
    Guarded("GET", f"{API}orders/{ORDER}/progress", 200, 404),
    Guarded("GET", f"{API}orders/{ORDER}/notifications/email", 200, 404),
    Guarded("GET", f"{API}orders/{ORDER}/notifications/sms", 200, 404),
    Guarded("GET", f"{API}order/{ORDER}", 200, 404),
    Guarded("GET", f"{API}order/{ORDER}/notifications/email", 200, 404),
    Guarded("GET", f"{API}order/{ORDER}/notifications/sms", 200, 404),
    Guarded("PUT", f"{API}orders/{ORDER}/cancel", 200, 404),
    Guarded("GET", f"{API}future/shipment/{ORDER}", 200, 404),
    Guarded("GET", f"{API}future/shipment/feed", 200, 200),
    Guarded("GET", f"{API}future/log", 200, 200, query="?dialogId=x"),
    # Without a dialog nobody needs to be asked whether it may be seen.
    Guarded(
        "GET",
        f"{API}future/enduser/log",
        400,
        400,
        without_org=400,
        scope=END_USER_SCOPE,
        takes_platform_tokens=False,
    ),
    events("GET", "", 200, 200),
    events("POST", "", 201, 201, body=webhook),
    events("GET", f"/{WEBHOOK}", 200, 404),
    # Without a body.
    events("PATCH", f"/{WEBHOOK}", 415, 415, without_org=415),
    events("DELETE", f"/{WEBHOOK}", 204, 404),
    events("POST", f"/{WEBHOOK}/secret", 200, 404),
    events("POST", f"/{WEBHOOK}/test", 202, 404),
    events("GET", f"/{WEBHOOK}/deliveries", 200, 404),
    events("GET", f"/{WEBHOOK}/deliveries/{DELIVERY}", 200, 404),
    events("POST", f"/{WEBHOOK}/deliveries/{DELIVERY}/redeliver", 202, 404),
    support("nin", "NationalIdentityNumber", "01838510058"),
    support("orgnumber", "OrganizationNumber", "311000179"),
    support("email", "Email", "kari@example.com"),
    support("phonenumber", "PhoneNumber", "+4799999999"),
    support("shipmentid", "ShipmentId", "0198e0a5-1c2d-7e3f-8a4b-5c6d7e8f9a0b"),
)
OPEN = (
    Open("GET", "health", 200, "load balancers have no token"),
    Open("GET", "ready", 200, "load balancers have no token"),
    Open("GET", "metrics", 200, "Prometheus on the same machine, or with a token of its own"),
    Open("GET", "swagger/", 200, "the description of a public contract"),
    Open("GET", "swagger/v1/swagger.json", 200, "the description of a public contract"),
    Open("GET", "swagger/v1/swagger-3.0.json", 200, "the description of a public contract"),
    Open("GET", f"{API}tests/sendcondition", 200, "a condition endpoint to try, off by default"),
    Open("GET", f"{API}metrics", 401, "the metrics have a key of their own"),
    Open("POST", f"{API}metrics/sms", 401, "the metrics have a key of their own"),
    Open("POST", f"{API}metrics/email", 401, "the metrics have a key of their own"),
    Open("POST", f"{API}trigger/{JOB}", 200, "this machine wakes jobs, or who has a token"),
    Open("POST", "notifications/sms/api/v1/reports", 401, "the SMS gateway logs in with Basic"),
    Open(
        "POST",
        "notifications/email/api/v1/mailgun/tracking",
        400,
        "the e-mail provider signs its events",
    ),
)
