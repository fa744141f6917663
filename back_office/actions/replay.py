"""Gives dead delivery reports all their tries again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from back_office.audit import log
from back_office.audit.log import Actor, Why
from back_office.models import StaffAction
from dispatch.models import DeliveryReport
from dispatch.reports import delivery_reports
from notifications.models import MessageChannel


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many were (or are) dead, and how many not."""

    count: int
    others: int


def dead(channel: MessageChannel | None = None) -> list[int]:
    """All dead reports, or those of one channel."""
    reports = DeliveryReport.objects.dead()
    if channel is not None:
        reports = reports.filter(channel=channel)
    return list(reports.values_list("pk", flat=True))


def look_ahead(report_ids: Collection[int]) -> Replayed:
    """Which of them are dead; nothing is written."""
    count = DeliveryReport.objects.dead().filter(pk__in=report_ids).count()
    return Replayed(count, len(set(report_ids)) - count)


def replay(
    report_ids: Collection[int], *, all_dead: bool = False, by: Actor, why: Why, now: datetime
) -> Replayed:
    """The next tick looks for their messages again. The trail has a line for each report, or one
    for `all_dead`."""
    with transaction.atomic():
        fitting = DeliveryReport.objects.dead().filter(pk__in=report_ids).order_by("pk")
        ids = list(fitting.select_for_update().values_list("pk", flat=True))
        count = delivery_reports.replay(ids, now=now)
        subject, named = StaffAction.Subject.REPORT, list[object](ids)
        if all_dead and ids:
            subject, named = StaffAction.Subject.LIST, [DeliveryReport._meta.label_lower]
        log.record_each(
            StaffAction.What.REPLAYED,
            by=by,
            why=why,
            subject=subject,
            subject_ids=named,
            detail={"reports": count},
            now=now,
        )
    return Replayed(count, len(set(report_ids)) - count)
