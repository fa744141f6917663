"""How far an order or shipment has come: `GET /orders/{id}/progress`. It is ours."""

# ruff: noqa: N815 - fields are named as the contract names its own

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.monitoring import progress
from dispatch.monitoring.progress import Progress, Reason, Wait
from orders.api.base import ContractView
from orders.api.parsing.guids import guid
from orders.api.v1.presentation import moment, unless_blank, without_absent
from orders.api.v1.reading import NOT_READ, ORDER_ID
from runtime import clock


class WaitExt(serializers.Serializer[object]):
    """What the order waits for."""

    reason = serializers.CharField(help_text=f"One of {', '.join(Reason)}.")
    until = serializers.DateTimeField(
        required=False,
        help_text="When it goes on at the latest, in UTC. Left out where a person ends the wait.",
    )
    channel = serializers.CharField(
        required=False, help_text="`Email` or `Sms`, where notifications of a channel wait."
    )


class OrderProgressExt(serializers.Serializer[object]):
    """How far an order has come. Members without a value are left out."""

    id = serializers.UUIDField(help_text="The order's id, or the shipment's: they are the same.")
    sendersReference = serializers.CharField(required=False, help_text="As submitted.")
    status = serializers.CharField(
        help_text="The order's status; `Processed` while its notifications are under way."
    )
    lastUpdate = serializers.DateTimeField(help_text="Since when it has that status, in UTC.")
    final = serializers.BooleanField(
        help_text=(
            "Whether it has ended. That may still change if something is sent once more, or a"
            " delivery report comes late."
        )
    )
    underWay = serializers.IntegerField(help_text="How many notifications have not ended.")
    succeeded = serializers.IntegerField(help_text="How many have ended well.")
    failed = serializers.IntegerField(help_text="How many have failed.")
    simulated = serializers.IntegerField(
        required=False,
        help_text=(
            "How many were handed to no gateway: test recipients, and what test mode lets go to"
            " nobody. Left out where it is none."
        ),
    )
    test = serializers.BooleanField(
        required=False, help_text="There, and true, for an order placed in test mode."
    )
    email = serializers.DictField(
        child=serializers.IntegerField(), help_text="How many e-mails have each status."
    )
    sms = serializers.DictField(
        child=serializers.IntegerField(), help_text="How many SMS have each status."
    )
    waitsUntil = WaitExt(
        required=False, help_text="Left out of what has ended, or goes on at any moment."
    )


_SCHEDULED = OpenApiExample(
    "An order that waits for its time",
    response_only=True,
    status_codes=["200"],
    value={
        "id": "f1a1cc30-197f-4f34-8304-006ce4945fd1",
        "status": "Registered",
        "lastUpdate": "2024-01-09T12:34:56.123456Z",
        "final": False,
        "underWay": 0,
        "succeeded": 0,
        "failed": 0,
        "email": {},
        "sms": {},
        "waitsUntil": {"reason": "Scheduled", "until": "2024-01-10T08:00:00Z"},
    },
)


class ProgressView(ContractView):
    """Counts, and no notifications: the answer is as short for 100,000 recipients as for one."""

    http_method_names = ["get"]

    @extend_schema(
        operation_id="getOrderProgress",
        summary="How far an order or shipment has come, for machines",
        description=(
            "Counts by status, whether the order has ended, and what it waits for. The original has"
            " nothing like it."
        ),
        parameters=[ORDER_ID],
        responses={200: OpenApiResponse(OrderProgressExt, "How far it has come."), **NOT_READ},
        examples=[_SCHEDULED],
        tags=["Order"],
    )
    def get(self, request: Request, id: str) -> Response:  # noqa: A002 - the contract's name
        order_id = guid(id, parameter="id")
        found = progress.of_order(creator=self.creator(), order_id=order_id, now=clock.now())
        if found is None:
            raise NotFound
        return Response(_document(found))


def _document(found: Progress) -> dict[str, object]:
    order = found.order
    counts = {
        channel.value.lower(): {status.value: count for status, count in statuses.items()}
        for channel, statuses in found.by_status.items()
    }
    return without_absent(
        {
            "id": order.pk,
            "sendersReference": unless_blank(order.senders_reference),
            "status": order.status,
            "lastUpdate": moment(order.status_at),
            "final": found.is_final,
            "underWay": found.under_way,
            "succeeded": found.succeeded,
            "failed": found.failed,
            "simulated": found.simulated or None,
            "test": order.is_test or None,
            "email": counts.get("email", {}),
            "sms": counts.get("sms", {}),
            "waitsUntil": _wait(found.waits) if found.waits else None,
        }
    )


def _wait(wait: Wait) -> dict[str, object]:
    return without_absent(
        {
            "reason": wait.reason.value,
            "until": moment(wait.until) if wait.until else None,
            "channel": wait.channel.value if wait.channel else None,
        }
    )
