"""Under which name a log-in that failed is counted."""

from collections.abc import Mapping

from django.http import HttpRequest

MAX_LETTERS = 255
"""What django-axes can keep. Names of accounts are shorter."""


def login_name(request: HttpRequest, credentials: Mapping[str, object] | None = None) -> str | None:
    """The name as it was typed, as far as it can be kept (django-axes's AXES_USERNAME_CALLABLE).

    Two names that begin with the same 255 letters count as one.
    """
    typed = (request.POST if credentials is None else credentials).get("username")
    return None if typed is None else str(typed).replace("\x00", "")[:MAX_LETTERS]
