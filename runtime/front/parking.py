"""A request that waits for something else to happen, and holds no thread meanwhile."""

from concurrent.futures import Future
from typing import Any

PARKS = "front.parks"
"""The variable that is there where requests can be parked."""
KNOWN = "front.known"
"""The variable under which the application, called again, finds what it has been waiting for."""


class Parked(BaseException):
    """The application can answer once `until` is done, and is then called again, with KNOWN and
    without the body: what it needs to know of that, `until` has to tell.

    Whether the caller still waits makes no difference to whoever does the work. No Exception:
    nothing but the door may take it for an error of the application.
    """

    def __init__(self, until: "Future[Any]") -> None:
        super().__init__(until)
        self.until = until
