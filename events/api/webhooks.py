"""Webhooks of the caller: make, list, read, change, delete; a new secret, and a test event."""

from django.conf import settings
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from events import subscriptions
from events.api import examples, presentation
from events.api.base import AUTH, NOT_FOUND, REFUSED, REFUSED_BODY, SUBSCRIPTION, EventsView
from events.api.serializers import (
    WebhookChangesExt,
    WebhookDeliveryExt,
    WebhookExt,
    WebhookRequestExt,
    WebhookWithSecretExt,
)
from events.models import OF_SHIPMENTS, Subscription
from orders.api import described
from orders.api.parsing.contract import kept
from orders.api.problems import ProblemDetails
from runtime import clock

LOCATION = "/notifications/api/v1/events/subscriptions/"
NOT_ACTIVE = {409: OpenApiResponse(ProblemDetails, "The webhook is not active.")}


class WebhooksView(EventsView):
    """Webhooks post what ends to an endpoint of the caller's, signed after Standard Webhooks."""

    http_method_names = ["get", "post"]

    @extend_schema(
        operation_id="listWebhooks",
        summary="List webhooks",
        description="All webhooks of the caller.",
        responses={200: OpenApiResponse(WebhookExt(many=True), "The oldest first."), **REFUSED},
        examples=[examples.LISTED],
        auth=AUTH,
        tags=["Events"],
    )
    def get(self, request: Request) -> Response:
        found = Subscription.objects.of_creator(self.creator())
        return Response([presentation.webhook(one) for one in found])

    @extend_schema(
        operation_id="makeWebhook",
        summary="Make a webhook",
        description=(
            "From now on, what ends is posted to the endpoint, signed after Standard Webhooks"
            " (https://www.standardwebhooks.com). The secret is told this once."
        ),
        request=WebhookRequestExt,
        responses={
            201: OpenApiResponse(WebhookWithSecretExt, "It is told of what ends from now on."),
            **REFUSED_BODY,
            409: OpenApiResponse(ProblemDetails, "The caller has as many webhooks as it may have."),
        },
        parameters=[
            described.location("The webhook's own address.", answer=status.HTTP_201_CREATED)
        ],
        examples=[examples.REQUEST, examples.MADE],
        auth=AUTH,
        tags=["Events"],
    )
    def post(self, request: Request) -> Response:
        wanted = kept(WebhookRequestExt).run_validation(self.document())
        made = subscriptions.make(
            creator=self.creator(),
            endpoint=wanted["endpoint"],
            event_types=wanted.get("event_types", OF_SHIPMENTS),
            now=clock.now(),
        )
        address = f"{settings.PUBLIC_BASE_URL}{LOCATION}{made.subscription.pk}"
        return Response(
            presentation.with_secret(made),
            status=status.HTTP_201_CREATED,
            headers={"Location": address},
        )


class WebhookView(EventsView):
    """One webhook of the caller."""

    http_method_names = ["get", "patch", "delete"]

    @extend_schema(
        operation_id="getWebhook",
        summary="Read a webhook",
        description="One webhook of the caller, and whether its events arrive.",
        parameters=[SUBSCRIPTION],
        responses={200: OpenApiResponse(WebhookExt, "As it stands."), **REFUSED, **NOT_FOUND},
        examples=[examples.ACTIVE],
        auth=AUTH,
        tags=["Events"],
    )
    def get(self, request: Request, subscription: str) -> Response:
        return Response(presentation.webhook(self.subscription(subscription)))

    @extend_schema(
        operation_id="changeWebhook",
        summary="Change, pause or resume a webhook",
        description=(
            "Changes what is given, and leaves the rest. Events wait while a webhook is paused."
        ),
        request=WebhookChangesExt,
        parameters=[SUBSCRIPTION],
        responses={
            200: OpenApiResponse(WebhookExt, "As it stands now."),
            **REFUSED_BODY,
            **NOT_FOUND,
        },
        examples=[examples.PAUSE, examples.PAUSED],
        auth=AUTH,
        tags=["Events"],
    )
    def patch(self, request: Request, subscription: str) -> Response:
        wanted = kept(WebhookChangesExt).run_validation(self.document())
        state = wanted.get("status")
        changed = subscriptions.change(
            self.subscription(subscription),
            endpoint=wanted.get("endpoint"),
            event_types=wanted.get("event_types"),
            state=Subscription.State(state) if state else None,
            now=clock.now(),
        )
        return Response(presentation.webhook(changed))

    @extend_schema(
        operation_id="deleteWebhook",
        summary="Delete a webhook",
        description="No more events are posted to it, and its deliveries are forgotten.",
        parameters=[SUBSCRIPTION],
        responses={
            204: OpenApiResponse(None, "Nothing is posted for it any more."),
            **REFUSED,
            **NOT_FOUND,
        },
        auth=AUTH,
        tags=["Events"],
    )
    def delete(self, request: Request, subscription: str) -> Response:
        subscriptions.delete(self.subscription(subscription), now=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class SecretView(EventsView):
    """Gives a webhook a new secret. For a day, events are signed with both."""

    http_method_names = ["post"]

    @extend_schema(
        operation_id="rotateWebhookSecret",
        summary="Get a new secret",
        description="Gives a webhook a new secret. For a day, events are signed with both.",
        request=None,
        parameters=[SUBSCRIPTION],
        responses={
            200: OpenApiResponse(WebhookWithSecretExt, "The new secret is told once."),
            **REFUSED,
            **NOT_FOUND,
        },
        examples=[examples.ROTATED],
        auth=AUTH,
        tags=["Events"],
    )
    def post(self, request: Request, subscription: str) -> Response:
        made = subscriptions.rotate(self.subscription(subscription), now=clock.now())
        return Response(presentation.with_secret(made))


class TestView(EventsView):
    """Posts an event of type `webhook.test` to the endpoint, at once."""

    http_method_names = ["post"]

    @extend_schema(
        operation_id="testWebhook",
        summary="Send a test event",
        description="Posts an event of type `webhook.test` to the endpoint, at once.",
        request=None,
        parameters=[SUBSCRIPTION],
        responses={
            202: OpenApiResponse(WebhookDeliveryExt, "Its delivery tells what came of it."),
            **REFUSED,
            **NOT_FOUND,
            **NOT_ACTIVE,
        },
        examples=[examples.TEST],
        auth=AUTH,
        tags=["Events"],
    )
    def post(self, request: Request, subscription: str) -> Response:
        sent = subscriptions.send_test(self.subscription(subscription), now=clock.now())
        return Response(presentation.delivery(sent), status=status.HTTP_202_ACCEPTED)
