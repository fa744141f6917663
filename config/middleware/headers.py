"""What browsers are told to refuse on our behalf, and everybody not to keep."""

from collections.abc import Callable, Mapping, Sequence

from django.http import HttpRequest, HttpResponse

from config.middleware.language import STAFF_PAGES

Policy = Mapping[str, Sequence[str]]

NONE, SELF = "'none'", "'self'"
UNSAFE_INLINE = "'unsafe-inline'"

NOTHING: Policy = {"default-src": [NONE], "frame-ancestors": [NONE]}
"""For answers to programs: nothing in them is to be run or shown."""

SWAGGER: Policy = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [NONE],
}

STAFF: Policy = {
    **SWAGGER,
    "frame-src": [SELF],
    "form-action": [SELF],
}
"""No code is evaluated (docs/decisions/0024). unfold sets its colours in a style element, bars have
their width in an attribute, and HTML e-mails bring their own styles into their frame. From other
hosts nothing is fetched, a pixel in an e-mail least of all."""

KEEP_NOTHING = "no-store"
"""Answers name people; files alone may be kept (https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2.5)."""

PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def written(policy: Policy) -> str:
    return "; ".join(f"{directive} {' '.join(sources)}" for directive, sources in policy.items())


_NOTHING, _SWAGGER, _STAFF = written(NOTHING), written(SWAGGER), written(STAFF)


class SecurityHeaders:
    """Content-Security-Policy, Permissions-Policy and Cache-Control; a view's own is left alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        path, headers = request.path_info, response.headers
        if path.startswith(STAFF_PAGES):
            headers.setdefault("Content-Security-Policy", _STAFF)
            headers.setdefault("Permissions-Policy", PERMISSIONS)
        elif path.startswith("/swagger/"):
            headers.setdefault("Content-Security-Policy", _SWAGGER)
            headers.setdefault("Permissions-Policy", PERMISSIONS)
        else:
            headers.setdefault("Content-Security-Policy", _NOTHING)
        headers.setdefault("Cache-Control", KEEP_NOTHING)
        return response
