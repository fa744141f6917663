"""The API's addresses are forgiving: letter case and one trailing slash do not matter."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# Routes are written with these words; what else stands in a path is an identifier, kept as sent.
ROUTE_WORDS = frozenset(
    {
        "api",
        "cancel",
        "composed-email",
        "dashboard",
        "email",
        "enduser",
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
        "recipients",
        "reports",
        "sendcondition",
        "shipment",
        "shipmentid",
        "sms",
        "status",
        "tests",
        "trigger",
        "v1",
    }
)
HEALTH = "/health"
_SWAGGER = "/swagger/"

_ROOT = "/notifications/"
_EXACT = "/notifications/email/"
"""The webhooks of e-mail providers have addresses of their own making, slash included."""


class FoldApiPaths:
    """Leads every spelling of an API path to the one that the routes know, without redirects."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.path_info = folded(request.path_info)
        return self.get_response(request)


def folded(path: str) -> str:
    """The path as the routes spell it; what does not belong to the API comes back as it is."""
    lower = path.lower()
    if lower.removesuffix("/") == HEALTH:
        return HEALTH
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
