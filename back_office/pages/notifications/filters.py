"""What the list of notifications can be narrowed down by: how they do, when, and whose they are."""

from uuid import UUID

from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from back_office.lists import periods
from back_office.lists.filters import Choice, KnownChoice, MadeInPeriod
from back_office.lists.periods import Period
from back_office.unfold_types import ModelAdmin, TextFilter
from back_office.wording.labels import NOTIFICATION_WORDS, Group
from notifications.models import FAILED, NotificationStatus

N = NotificationStatus

_OPEN = Q(finished_at__isnull=True)
# Each of them implies the predicate of a partial index, but for what was delivered: most are.
_IN_GROUP = {
    Group.WAITING: _OPEN & Q(status=N.NEW),
    Group.ON_ITS_WAY: _OPEN & ~Q(status=N.NEW),
    Group.DELIVERED: Q(status=N.DELIVERED) | Q(status=N.SUCCEEDED, finished_at__isnull=False),
    Group.FAILED: FAILED,
}
_FEW = ("order", "held", "resends", "unfinished")


def asks_for_failed(request: HttpRequest) -> bool:
    """Failed ones come by when they failed, which their own small index holds."""
    return request.GET.get("group") == Group.FAILED or request.GET.get("status", "").startswith(
        N.FAILED
    )


def _asks_for_few(request: HttpRequest) -> bool:
    """Whether what is asked for is little, whenever it was made: open ones do not stay open."""
    return (
        any(request.GET.get(name) for name in _FEW)
        or request.GET.get("group") in (Group.WAITING, Group.ON_ITS_WAY)
        or request.GET.get("status") in (N.NEW, N.SENDING, N.ACCEPTED)
    )


class NotificationPeriod(MadeInPeriod):
    """When it was made or, of failed ones, when it failed."""

    def __init__(
        self,
        request: HttpRequest,
        params: dict[str, list[str]],
        model: type[Model],
        model_admin: ModelAdmin[Model],
    ) -> None:
        super().__init__(request, params, model, model_admin)
        self.is_of_failure = asks_for_failed(request)
        if _asks_for_few(request):
            self.default = periods.ANY

    def within(self, rows: QuerySet[Model], period: Period) -> QuerySet[Model]:
        if self.is_of_failure:
            return rows.filter(period.of("finished_at"))
        return super().within(rows, period)


class GroupFilter(KnownChoice):
    title = _("progress")
    parameter_name = "group"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Model]) -> list[Choice]:
        return list(Group.choices)

    def shortcuts(self) -> list[Choice]:
        return [("", _("All")), *self.lookup_choices]

    def narrowed(self, rows: QuerySet[Model], chosen: str) -> QuerySet[Model]:
        return rows.filter(_IN_GROUP[Group(chosen)])


class ExactStatusFilter(KnownChoice):
    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Model]) -> list[Choice]:
        return [(status, f"{NOTIFICATION_WORDS[status]} ({status})") for status in N.values]

    def narrowed(self, rows: QuerySet[Model], chosen: str) -> QuerySet[Model]:
        rows = rows.filter(status=chosen)
        if chosen in (N.NEW, N.SENDING, N.ACCEPTED):
            return rows.filter(_OPEN)
        return rows.filter(FAILED) if chosen.startswith(N.FAILED) else rows


class YesFilter(KnownChoice):
    """Those with a rare quality, or all."""

    condition = Q()

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Model]) -> list[Choice]:
        return [("yes", _("Yes"))]

    def narrowed(self, rows: QuerySet[Model], chosen: str) -> QuerySet[Model]:
        return rows.filter(self.condition)


class HeldFilter(YesFilter):
    title = _("hold")
    parameter_name = "held"
    condition = _OPEN & Q(is_held=True)


class UnfinishedFilter(YesFilter):
    title = _("not finished")
    parameter_name = "unfinished"
    condition = _OPEN


class SentFilter(KnownChoice):
    """Whether a gateway took it; a report can come before its answer."""

    title = _("sent")
    parameter_name = "sent"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Model]) -> list[Choice]:
        return [("yes", _("Yes")), ("no", _("No"))]

    def narrowed(self, rows: QuerySet[Model], chosen: str) -> QuerySet[Model]:
        sent = Q(sent_at__isnull=False) | Q(status=N.DELIVERED)
        return rows.filter(sent if chosen == "yes" else ~sent)


class ResendFilter(YesFilter):
    title = _("resending")
    parameter_name = "resends"
    condition = Q(resend_of__isnull=False)


class OrderFilter(TextFilter):
    title = _("order id")
    parameter_name = "order"

    def in_words(self) -> str:
        return str(self.value() or "")

    def applied(self) -> dict[str, str]:
        return {"order": self.in_words()}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        if not (text := (self.value() or "").strip()):
            return queryset
        try:
            return queryset.filter(order_id=UUID(text))
        except ValueError as error:
            raise IncorrectLookupParameters("That is no order id.") from error
