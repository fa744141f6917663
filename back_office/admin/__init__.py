"""The admin's pages, one module for each part of the desk; importing them registers them."""

from back_office.admin import (
    channels,
    creators,
    notifications,
    orders,
    reports,
    schedules,
    staff,
    ticks,
)

__all__ = [
    "channels",
    "creators",
    "notifications",
    "orders",
    "reports",
    "schedules",
    "staff",
    "ticks",
]
