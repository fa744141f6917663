"""The public addresses of orders, as answers and headers tell them."""

from uuid import UUID

from django.conf import settings


def link(order_id: UUID, below: str = "") -> str:
    """The address of the order, or of what lies below it."""
    return f"{settings.PUBLIC_BASE_URL}/notifications/api/v1/orders/{order_id}{below}"
