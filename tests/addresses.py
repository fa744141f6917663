"""Every address that the system answers on, as tests walk them."""

import re
from collections.abc import Iterator, Sequence

from django.urls import URLPattern, URLResolver

PARAMETER = re.compile(r"<(?:\w+:)?\w+>|\(\?P<\w+>.*?\)|[\^$]|\\Z")


def addresses(patterns: Sequence[URLPattern | URLResolver], prefix: str = "/") -> Iterator[str]:
    """Every address there is, with something in the place of its parameters."""
    for pattern in patterns:
        address = prefix + PARAMETER.sub("1", str(pattern.pattern)).replace("//", "/")
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, address)
        else:
            yield address
