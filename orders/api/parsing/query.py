"""Parameters after the question mark."""

from rest_framework.request import Request


def parameter(request: Request, name: str) -> str | None:
    """The first value given to the name, which may be written in any letter case."""
    for written, values in request.query_params.lists():
        if written.lower() == name.lower():
            return str(values[0])
    return None
