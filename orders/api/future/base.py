"""What the ways to place an order under an idempotency id have in common."""

from typing import NamedTuple

from django.conf import settings
from drf_spectacular.utils import OpenApiResponse
from rest_framework import status
from rest_framework.response import Response

from orders.api.future.serializers import responses
from orders.api.future.serializers.responses import NotificationOrderChainResponseExt
from orders.api.parsing.fields import MAX_REFERENCE_BYTES
from orders.api.preferences import PreferringView
from orders.api.sms_headers import sms_headers, test_header
from orders.creators import NotAServiceOwner
from orders.models import Creator
from orders.requests import ChainReceipt

LOCATION = "/notifications/api/v1/orders/chain/"
"""Of chains. It is told, as upstream tells it, and nothing is read there."""
KNOWN = {
    (200, "application/json"): OpenApiResponse(
        NotificationOrderChainResponseExt,
        "The idempotency id is known: this is what its first request was answered.",
    )
}


class OwnersId(NamedTuple):
    """An idempotency id belongs to a service owner: others may use the same."""

    creator: Creator
    idempotency_id: str


class FutureOrdersView(PreferringView):
    """A request under a known id is answered as the first one was, valid or not."""

    http_method_names = ["post"]

    def whose_id(self, document: object) -> OwnersId | None:
        """The id that stands in the document, and whose it is. Who is nobody has none: such a
        caller learns first what is wrong with the request."""
        idempotency_id = idempotency_id_of(document)
        if idempotency_id is None:
            return None
        try:
            return OwnersId(self.creator(), idempotency_id)
        except NotAServiceOwner:
            return None

    def answered(self, receipt: ChainReceipt) -> Response:
        """201 for a new one, 200 for an earlier one."""
        shown = responses.document(receipt)
        if not receipt.is_new:
            self.heeds_none()
            return Response(shown)
        location = f"{settings.PUBLIC_BASE_URL}{LOCATION}{receipt.chain_id}"
        return Response(
            shown,
            status=status.HTTP_201_CREATED,
            headers={
                "Location": location,
                **sms_headers(receipt.sms_length),
                **test_header(is_test=receipt.is_test),
            },
        )


def idempotency_id_of(document: object) -> str | None:
    """As it is written, before anything is validated; None where none can be known."""
    if not isinstance(document, dict):
        return None
    written = None
    for name, value in document.items():
        if name.lower() == "idempotencyid":
            written = value
    if not isinstance(written, str) or "\0" in written:
        return None
    return written if 0 < len(written.encode()) <= MAX_REFERENCE_BYTES else None
