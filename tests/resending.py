"""Resending in one go, for tests that do not care for batches."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from notifications.resend.eligibility import Terms
from notifications.resend.resend import Resent, resend_in_batches


def resend(notification_ids: Iterable[UUID], *, now: datetime, **terms: Any) -> Resent:
    """All batches together; `terms` as those of `Terms`."""
    whole = Resent()
    for part in resend_in_batches(notification_ids, terms=Terms(**terms), now=now):
        whole.ids.extend(part.ids)
        whole.refused.update(part.refused)
    return whole
