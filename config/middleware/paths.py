"""The API's addresses are forgiving: letter case and one trailing slash do not matter."""

# Routes are written with these words; what else stands in a path is an identifier, kept as sent.
ROUTE_WORDS = frozenset(
    {
        "api",
        "cancel",
        "composed-email",
        "dashboard",
        "deliveries",
        "email",
        "enduser",
        "events",
        "feed",
        "future",
        "instant",
        "log",
        "metrics",
        "nin",
        "notifications",
        "order",
        "orders",
        "orgnumber",
        "phonenumber",
        "progress",
        "recipients",
        "redeliver",
        "reports",
        "secret",
        "sendcondition",
        "shipment",
        "shipmentid",
        "sms",
        "status",
        "subscriptions",
        "test",
        "tests",
        "trigger",
        "v1",
    }
)
HEALTH, READY = "/health", "/ready"
_SWAGGER = "/swagger/"

_ROOT = "/notifications/"
_EXACT = "/notifications/email/"
"""The webhooks of e-mail providers have addresses of their own making, slash included."""


def folded(path: str) -> str:
    """The path as the routes spell it; what does not belong to the API comes back as it is."""
    lower = path.lower()
    if (probe := lower.removesuffix("/")) in (HEALTH, READY):
        return probe
    if lower == _SWAGGER.removesuffix("/"):
        return _SWAGGER
    if not lower.startswith(_ROOT) or lower.startswith(_EXACT):
        return path
    return "/".join(_folded_segment(segment) for segment in path.removesuffix("/").split("/"))


def is_api_path(path: str) -> bool:
    """Whether a folded path belongs to the API, where errors are answered for programs."""
    return f"{path}/".startswith(_ROOT)


def _folded_segment(segment: str) -> str:
    lower = segment.lower()
    return lower if lower in ROUTE_WORDS else segment
