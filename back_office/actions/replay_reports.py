"""Gives dead delivery reports all their tries again."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from back_office.actions.action import Action, ActionRequest, Done, Preview
from back_office.audit import log
from back_office.audit.log import Actor, Subjects, Why
from back_office.models import StaffAction
from back_office.wording.counts import and_others, number
from dispatch.models import DeliveryReport
from dispatch.reports import delivery_reports
from notifications.models import NotificationChannel


def dead(channel: NotificationChannel | None = None) -> list[int]:
    """All dead reports, or those of one channel."""
    reports = DeliveryReport.objects.dead()
    if channel is not None:
        reports = reports.filter(channel=channel)
    return list(reports.values_list("pk", flat=True))


def preview(report_ids: Collection[int]) -> Preview:
    """How many of them are dead."""
    count = DeliveryReport.objects.dead().filter(pk__in=report_ids).count()
    others = len(set(report_ids)) - count
    return Preview(
        _will_replay(count),
        {"count": count, "others": others},
        refused=[(_("Not an unmatched report."), others)] if others else (),
        possible=count > 0,
    )


def run(
    report_ids: Collection[int], *, all_dead: bool = False, by: Actor, why: Why, now: datetime
) -> Done:
    """The next run of the job looks for their notifications again. The audit entry names each
    report, or the list for `all_dead`."""
    with transaction.atomic():
        fitting = DeliveryReport.objects.dead().filter(pk__in=report_ids).order_by("pk")
        ids = list(fitting.select_for_update().values_list("pk", flat=True))
        count = delivery_reports.replay(ids, now=now)
        subjects = Subjects(StaffAction.Subject.REPORT, ids)
        if all_dead and ids:
            subjects = Subjects(StaffAction.Subject.LIST, [DeliveryReport._meta.label_lower])
        log.record_about(
            StaffAction.What.REPLAYED,
            subjects,
            by=by,
            why=why,
            detail={"reports": count},
            now=now,
        )
    others = len(set(report_ids)) - count
    sentence = ngettext(
        "%(count)s report is being matched again.",
        "%(count)s reports are being matched again.",
        count,
    )
    return Done(
        and_others(sentence % {"count": number(count)}, others),
        {"count": count, "others": others},
        success=count > 0,
    )


def _will_replay(count: int) -> str:
    if not count:
        return _("None of the reports is unmatched.")
    return ngettext(
        "%(count)s unmatched report will be matched again.",
        "%(count)s unmatched reports will be matched again.",
        count,
    ) % {"count": number(count)}


class ReplayReports(Action[DeliveryReport, int]):
    name = "replay"
    permission = "back_office.replay_reports"
    title = gettext_lazy("Replay")
    icon = "replay"
    command = "manage.py replay_reports --all --reason ..."

    def fits(self, row: DeliveryReport) -> bool:
        return row.state == DeliveryReport.State.DEAD

    def preview(self, request: ActionRequest[int]) -> Preview:
        return preview(request.ids)

    def run(self, request: ActionRequest[int]) -> Done:
        return run(request.ids, by=request.by, why=request.why, now=request.now)
