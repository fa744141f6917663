"""The mail providers whose events django-anymail can read, by its names for them."""

from collections.abc import Callable, Mapping

from anymail.urls import urlpatterns
from django.http.response import HttpResponseBase

_ENDING = "_tracking_webhook"

PROVIDERS: Mapping[str, Callable[..., HttpResponseBase]] = {
    pattern.name.removesuffix(_ENDING): pattern.callback
    for pattern in urlpatterns
    if pattern.name.endswith(_ENDING)
}
"""anymail's own view of each."""
