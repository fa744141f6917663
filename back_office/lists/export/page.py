"""Takes a list out as CSV: asks why, writes it down, and streams what the filters leave."""

from collections.abc import Callable, Sequence
from typing import TypeVar, cast

from django import forms
from django.conf import settings
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    QueryDict,
    StreamingHttpResponse,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldBooleanSwitchWidget

from back_office.audit import log, persons, seen, unmasking
from back_office.audit.fields import CaseReferenceField, ReasonField
from back_office.audit.log import Actor, Why
from back_office.audit.seen import Shown
from back_office.audit.staff import staff_of
from back_office.lists.export import writing
from back_office.lists.export.writing import MAX_ROWS, Column
from back_office.lists.filters import DeskFilter
from back_office.lists.listing import Listing
from back_office.lists.paging import QueryTimedOut
from back_office.models import StaffAction, Viewing
from back_office.unfold_types import ChangeList
from back_office.wording import local_time
from notifications.models import Notification
from runtime import clock

PERMISSION = "back_office.export"
UNMASKED = (unmasking.PERMISSION, "back_office.export_unmasked")


class ExportForm(forms.Form):
    """Why the list is taken out and, for personal data, for which case."""

    reason = ReasonField(max_length=500)
    unmasked = forms.BooleanField(
        label=gettext_lazy("With personal data unmasked"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )
    case_reference = CaseReferenceField(
        help_text=gettext_lazy("Needed for personal data unmasked."),
    )

    def __init__(self, data: QueryDict | None, *, may_unmask: bool, found: int) -> None:
        super().__init__(data)
        self._found = found
        if not may_unmask:
            del self.fields["unmasked"]

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or {}
        if cleaned.get("unmasked") and cleaned.get("case_reference") == "":
            self.add_error("case_reference", _("Give the reference of the case that this is for."))
        most = settings.MAX_UNMASKED_ROWS
        if cleaned.get("unmasked") and self._found > most:
            told = _("Unmasked, a file holds at most %(most)s rows. Choose a shorter period.")
            self.add_error("unmasked", told % {"most": most})
        return cleaned


Row = TypeVar("Row", bound=Model)


def _about(rows: Sequence[Model]) -> list[Notification]:
    """The notifications that the rows are, or are about."""
    found = [getattr(row, "notification", row) for row in rows]
    return [one for one in found if isinstance(one, Notification)]


def _note_nobody(rows: Sequence[Model]) -> None:
    """Of a masked file."""


class ExportMixin(Listing[Row]):
    """Puts "Export CSV" above a list."""

    export_columns: Sequence[Column[Row]] = ()
    export_defer: tuple[str, ...] = ()
    """Large columns that no cell of the file shows."""

    def get_urls(self) -> list[URLPattern]:
        page = path(
            "export/",
            self.admin_site.admin_view(require_http_methods(["GET", "POST"])(self.export_view)),
            name=f"{self.opts.app_label}_{self.opts.model_name}_export",
        )
        return [page, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        link = self._export_url(request) if request.user.has_perm(PERMISSION) else ""
        return super().changelist_view(request, {"export_url": link, **(extra_context or {})})

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """GET tells what the file will hold; POST writes down why and sends it."""
        user = staff_of(request)
        if not (self.has_view_permission(request) and user.has_perm(PERMISSION)):
            raise PermissionDenied
        try:
            changelist = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(self._list_url())
        rows = changelist.queryset.defer(*self.export_defer)
        try:
            found = writing.count(rows)
        except QueryTimedOut:
            return self._asked(request, changelist, None, found=None)
        may_unmask = user.has_perms(UNMASKED)
        form = ExportForm(request.POST or None, may_unmask=may_unmask, found=found)
        if not (request.method == "POST" and form.is_valid()):
            return self._asked(request, changelist, form, found=found)
        unmasked = form.cleaned_data.get("unmasked", False)
        detail = {"rows": min(found, MAX_ROWS), "unmasked": unmasked}
        self._record(request, form, detail | {"filters": _of(changelist)})
        note = self._note(request, form) if unmasked else _note_nobody
        return self._file(request, rows, unmasked=unmasked, note=note)

    def _note(self, request: HttpRequest, form: ExportForm) -> Callable[[Sequence[Row]], None]:
        """Writes down whom the pieces of the file name."""
        by = Actor.of(staff_of(request))
        how = Shown(Viewing.How.FILE, self.opts.label_lower, form.cleaned_data["case_reference"])

        def note(rows: Sequence[Row]) -> None:
            seen.write(how, persons.named_by(_about(rows)), by=by, now=clock.now())

        return note

    def _record(self, request: HttpRequest, form: ExportForm, detail: dict[str, object]) -> None:
        """Before the first byte leaves, whatever becomes of the rest."""
        log.record(
            StaffAction.What.EXPORTED,
            by=Actor.of(staff_of(request)),
            why=Why(form.cleaned_data["reason"], form.cleaned_data["case_reference"]),
            subject=StaffAction.Subject.LIST,
            subject_id=self.opts.label_lower,
            detail=detail,
            now=clock.now(),
        )

    def _file(
        self,
        request: HttpRequest,
        rows: QuerySet[Row],
        *,
        unmasked: bool,
        note: Callable[[Sequence[Row]], None],
    ) -> StreamingHttpResponse:
        pieces = writing.csv_of(
            rows,
            keyset=self.keyset(request),
            columns=self.export_columns,
            unmasked=unmasked,
            note=note,
        )
        moment = local_time.to_the_second(clock.now()).replace(":", "").replace(" ", "-")
        name = f"{self.opts.model_name}s-{moment}.csv"
        return StreamingHttpResponse(
            pieces,
            content_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": "no-store",
            },
        )

    def _asked(
        self,
        request: HttpRequest,
        changelist: ChangeList,
        form: ExportForm | None,
        *,
        found: int | None,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Export %(list)s") % {"list": self.opts.verbose_name_plural},
            "form": form,
            "rows": found,
            "most": MAX_ROWS,
            "is_cut": found is not None and found > MAX_ROWS,
            "filters": _in_words(changelist),
            "columns": [column.name for column in self.export_columns],
            "back_url": f"{self._list_url()}?{request.GET.urlencode()}",
        }
        return TemplateResponse(request, "admin/export.html", context)

    def _list_url(self) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def _export_url(self, request: HttpRequest) -> str:
        page = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_export")
        allowed = self.list_parameters()
        kept = request.GET.copy()
        for name in set(kept) - allowed:
            del kept[name]
        return f"{page}?{kept.urlencode()}"


def _in_words(changelist: ChangeList) -> list[tuple[str, str | Promise]]:
    """What the list is narrowed down by, as its filters call it."""
    return [(spec.title, words) for spec in _filters(changelist) if (words := spec.in_words())]


def _filters(changelist: ChangeList) -> list[DeskFilter]:
    return cast(list[DeskFilter], changelist.filter_specs)


def _of(changelist: ChangeList) -> dict[str, str]:
    """The same for the audit log. Filters refuse what is none of their choices, and so nobody's
    number gets in here."""
    return {
        name: value
        for spec in _filters(changelist)
        for name, value in spec.applied().items()
        if value
    }
