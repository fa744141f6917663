"""The tables of notifications, a file for each."""

from notifications.models.channel import NotificationChannel
from notifications.models.counted_hour import CountedHour
from notifications.models.daily_count import HISTOGRAM_CLASSES, HISTOGRAM_SECONDS, DailyCount
from notifications.models.daily_order_count import DailyOrderCount
from notifications.models.late_change import LateChange
from notifications.models.notification import Notification, NotificationQuerySet
from notifications.models.notification_status import (
    EMAIL_STATUSES,
    FAILED,
    FINAL_RANK,
    NOT_FAILED,
    RANKS,
    SMS_STATUSES,
    STATUS_WRITERS,
    SUCCEEDED,
    UNCERTAIN_RANK,
    NotificationStatus,
)
from notifications.models.status_feed_entry import StatusFeedEntry

__all__ = [
    "EMAIL_STATUSES",
    "FAILED",
    "FINAL_RANK",
    "HISTOGRAM_CLASSES",
    "HISTOGRAM_SECONDS",
    "NOT_FAILED",
    "RANKS",
    "SMS_STATUSES",
    "STATUS_WRITERS",
    "SUCCEEDED",
    "UNCERTAIN_RANK",
    "CountedHour",
    "DailyCount",
    "DailyOrderCount",
    "LateChange",
    "Notification",
    "NotificationChannel",
    "NotificationQuerySet",
    "NotificationStatus",
    "StatusFeedEntry",
]
