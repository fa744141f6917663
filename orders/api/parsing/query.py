"""Parameters after the question mark."""

import re

from rest_framework.request import Request

# More digits than any number of ours has, leading zeros included.
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,100}")


def parameter(request: Request, name: str) -> str | None:
    """The first value given to the name, which may be written in any letter case."""
    for written, values in request.query_params.lists():
        if written.lower() == name.lower():
            return str(values[0])
    return None


def whole_number(text: str, *, bits: int) -> int | None:
    """The number, which may have a sign and blanks around it; None for anything else, and for one
    that so many bits cannot hold."""
    written = text.strip()
    if _WHOLE_NUMBER.fullmatch(written) is None:
        return None
    number = int(written)
    most = 2 ** (bits - 1)
    return number if -most <= number < most else None
