"""Who may read the metrics: whoever brings the installation's key."""

from base64 import b64decode

from django.conf import settings
from django.http import HttpRequest, HttpResponseNotAllowed, JsonResponse

from runtime.shared_secrets import is_one_of

HEADER = "X-API-Key"
KEY_WANTED = f'ApiKey realm="Metrics", header="{HEADER}"'
LOG_IN = 'Basic realm="Metrics"'


def wrong_method(allowed: list[str]) -> HttpResponseNotAllowed:
    """Empty, and so of no type, as everywhere below the API's address."""
    response = HttpResponseNotAllowed([method.upper() for method in allowed])
    del response["Content-Type"]
    return response


def refusal(request: HttpRequest, *, also_basic: bool = False) -> JsonResponse | None:
    """None where the request brings the key. A browser may bring it as the password of HTTP Basic,
    with any user name, where that is taken."""
    key = request.headers.get(HEADER)
    if key is None and also_basic:
        key = _password(request.headers.get("Authorization", ""))
    if key is None:
        error = "API key required for Metrics endpoints"
    elif not key.strip():
        error = "API key cannot be empty"
    elif not settings.METRICS_API_KEY:
        error = "API key validation not configured"
    elif not is_one_of(
        key.encode(), (settings.METRICS_API_KEY, *settings.METRICS_API_KEY_FALLBACKS)
    ):
        error = "Invalid API key"
    else:
        return None
    wanted = LOG_IN if also_basic else KEY_WANTED
    return JsonResponse({"error": error}, status=401, headers={"WWW-Authenticate": wanted})


def _password(authorization: str) -> str | None:
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        _, colon, password = b64decode(credentials, validate=True).decode().partition(":")
    except ValueError:  # no Base64, not even letters of ASCII, or no text
        return None
    return password if colon else None
