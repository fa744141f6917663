"""What all views of the contract have in common."""

from concurrent.futures import Future
from datetime import datetime
from io import BytesIO
from typing import ClassVar, cast

from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from orders.creators import Caller, limits_of, speaking_for
from orders.limits import rate_limits
from orders.models import Creator
from orders.requests import ChainReceipt
from orders.senders.allowed import CallersSenders
from runtime import clock
from runtime.front.environ import ASKED
from runtime.front.parking import KNOWN, PARKS, Parked
from runtime.web.outgoing import give_back_connection

_CALLER = "contract.caller"
"""For whom a request was parked: the token may expire meanwhile."""


class ContractView(APIView):
    """Checks in the contract's order: method, tokens, limits, body, and last whom the caller speaks
    for.

    Subclasses list the methods that they answer to in `http_method_names`: HEAD and OPTIONS are
    not served.
    """

    body_name: ClassVar[str] = ""
    """Under what name the contract's errors speak of the body."""
    takes_platform_tokens: ClassVar[bool] = True
    """Otherwise a platform access token is as good as none."""

    counted: str = ""
    """The service owner whose limit the request uses up."""

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        if KNOWN in request.META:
            request.auth = request.META[_CALLER]
            self.counted = request.auth.creator_name
            return
        if str(request.method).lower() not in self.http_method_names:
            self.http_method_not_allowed(request)
        super().initial(request, *args, **kwargs)
        # Only a verified token names somebody whose limit could be used up; each request counts
        # once, also where it was asked before without its body.
        if isinstance(request.auth, Caller) and request.auth.creator_name:
            self.counted = request.auth.creator_name
            if ASKED not in request.META:
                rate_limits.count_request(
                    creator_name=self.counted, limits=limits_of(self.counted), now=clock.now()
                )

    def finalize_response(
        self, request: Request, response: Response, *args: object, **kwargs: object
    ) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        if self.counted:
            told = rate_limits.headers(creator_name=self.counted, now=clock.as_known())
            for name, value in told.items():
                answer.headers[name] = value
        return answer

    def count_recipients(self, count: int, *, creator: Creator, now: datetime) -> None:
        """Raises LimitExceeded."""
        name = creator.short_name
        rate_limits.count_recipients(count, creator_name=name, limits=limits_of(name), now=now)

    def document(self) -> object:
        """The parsed body. `request.data` would take a missing body for an empty form."""
        request = self.request
        parser = self.get_content_negotiator().select_parser(request, request.parsers or ())
        if parser is None:
            raise UnsupportedMediaType(request.content_type)
        return parser.parse(request.stream or BytesIO(), parser_context={"request": request})

    def known(self) -> ChainReceipt | None:
        """What the request was parked for, and has come; None before that. Raises what came of it
        instead."""
        until: Future[ChainReceipt] | None = self.request.META.get(KNOWN)
        return until.result() if until else None

    def wait_for(self, until: Future[ChainReceipt]) -> ChainReceipt:
        """The result; a request that can be parked is, and the view asked again."""
        if PARKS in self.request.META:
            self.request.META[_CALLER] = self.request.auth
            raise Parked(until)
        give_back_connection()
        return until.result()

    def senders(self) -> CallersSenders:
        """Those that the caller may name."""
        return CallersSenders(self._caller)

    def creator(self) -> Creator:
        """Raises NotAServiceOwner."""
        return speaking_for(self._caller)

    @property
    def _caller(self) -> Caller:
        return cast(Caller, self.request.auth)
