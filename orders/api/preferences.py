"""What callers would rather have: the header `Prefer` of RFC 7240.

https://www.rfc-editor.org/rfc/rfc7240
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from rest_framework.request import Request
from rest_framework.response import Response

from orders.api.base import ContractView
from orders.api.dry_run import MEDIA_TYPE, DryRun
from orders.api.sms_headers import test_header
from orders.requests import OrderRequest

STRICT, DRY_RUN = "handling=strict", "dry-run"
"""Those that are heeded: who would rather be refused than have something carried out in another
way than it is written, and who only wants to know what would happen. Others are ignored, as the RFC
has it."""

_APPLIED = "contract.preferences-applied"


class PreferringView(ContractView):
    """Heeds preferences, and tells which in `Preference-Applied`, whatever the answer is."""

    dry_run: DryRun | None = None
    """Given with the address: what would become of orders is known further up."""

    def heeds(self, preference: str) -> bool:
        """Whether the caller has it, and so whether the answer is to tell that it was heeded; the
        request remembers that, as it may be parked."""
        name, _, value = preference.partition("=")
        wanted = preferred(self.request.headers.get("Prefer", "")).get(name) == value
        if wanted:
            self.request.META.setdefault(_APPLIED, []).append(preference)
        return wanted

    def heeds_none(self) -> None:
        """The answer is an earlier one."""
        self.request.META.pop(_APPLIED, None)

    def tried(
        self, requests: Sequence[OrderRequest], *, must_reach: bool = False, now: datetime
    ) -> Response:
        """What would become of them. They count for the caller's limits as if they were placed."""
        if self.dry_run is None:
            raise RuntimeError("The address was given nothing that tells what would become of it.")
        creator = self.creator()
        count = sum(len(request.recipients) for request in requests)
        self.count_recipients(count, creator=creator, now=now)
        expected = self.dry_run(requests, creator=creator, must_reach=must_reach, now=now)
        headers = test_header(is_test=creator.places_tests)
        return Response(expected, content_type=MEDIA_TYPE, headers=headers)

    def finalize_response(
        self, request: Request, response: Response, *args: object, **kwargs: object
    ) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        if applied := request.META.get(_APPLIED):
            answer.headers["Preference-Applied"] = ", ".join(applied)
        return answer


def preferred(header: str) -> Mapping[str, str]:
    """The preferences and their values, in lower case; of equal ones the first counts."""
    wanted: dict[str, str] = {}
    for part in header.lower().split(","):
        name, _, value = part.partition(";")[0].partition("=")
        wanted.setdefault(name.strip(), value.strip().strip('"'))
    return wanted
