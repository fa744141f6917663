"""Pages of rows with personal data: masked, unless opened for a case, which is written down."""

from collections.abc import Collection
from datetime import datetime
from typing import ClassVar, Protocol, TypeVar

from django import forms
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from back_office.audit import about, grounds, persons, seen, unmasking
from back_office.audit.fields import CaseReferenceField
from back_office.audit.log import Actor
from back_office.audit.seen import Shown
from back_office.audit.staff import staff_of
from back_office.lists.read_only import ReadOnlyAdmin
from back_office.models import StaffAction, Viewing
from back_office.story import timeline
from notifications.models import Notification
from runtime import clock

MAX_NAMED = 1_000


class CaseForm(forms.Form):
    """Asks what the look is for."""

    case_reference = CaseReferenceField(required=True, autofocus=True)


Row = TypeVar("Row", bound=Model)


class PersonalDataAdmin(ReadOnlyAdmin[Row]):
    """Shows a row masked at its usual address, and unmasked in the answer to one POST.

    The POST to `<id>/unmasked/` must name the case; nothing of it outlives the answer. Templates
    read `unmasked` from their context.
    """

    subject: ClassVar[StaffAction.Subject]
    change_form_before_template = "admin/personal/notice.html"

    def get_urls(self) -> list[URLPattern]:
        opts = self.model._meta
        unmasked = path(
            "<path:object_id>/unmasked/",
            self.admin_site.admin_view(self.unmasked_view),
            name=f"{opts.app_label}_{opts.model_name}_unmasked",
        )
        return [unmasked, *super().get_urls()]

    def unmasked_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Asks for the case; once that is logged, answers with the page of the row, unmasked."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        user = staff_of(request)
        if not (self.has_view_permission(request, row) and user.has_perm(unmasking.PERMISSION)):
            raise PermissionDenied
        form = CaseForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                entry = unmasking.open_for(
                    user,
                    case_reference=form.cleaned_data["case_reference"],
                    subject=self.subject,
                    subject_id=self.subject_id(row),
                    now=clock.now(),
                )
            except grounds.Unfit as unfit:
                form.add_error("case_reference", str(unfit))
            else:
                return self._unmasked_page(request, object_id, entry.case_reference)
        return self._ask_for_case(request, row, form)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        context = {"unmasked": False, "unmask_url": self._unmask_url(request, object_id)}
        return super().changeform_view(
            request, object_id, form_url, context | (extra_context or {})
        )

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """What staff did to it, as the audit log tells."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        actions = about.subject(self.subject, self.subject_id(row))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "original": row,
            "title": _("History"),
            "moments": list(timeline.of_actions(actions)),
            "back_url": self._page_url("change", str(row.pk)),
        }
        return TemplateResponse(request, "back_office/history.html", context)

    def subject_id(self, row: Row) -> object:
        """Of whom the audit log says that it was looked at."""
        return row.pk

    def named(self, row: Row) -> Collection[str]:
        """Whom the page of the row names, where it does not tell so itself."""
        notification = getattr(row, "notification", None)
        if notification is not None:
            return persons.named_by([notification])
        if (order_id := getattr(row, "order_id", None)) is None:
            return ()
        return persons.named_by(Notification.objects.filter(order=order_id)[:MAX_NAMED])

    def note(
        self, request: HttpRequest, row: Row, named: Collection[str], *, case: str = ""
    ) -> None:
        """Write down that the user sees them; a page that cannot be noted is not shown."""
        seen.write(
            Shown(
                Viewing.How.UNMASKED if case else Viewing.How.PAGE,
                f"{self.subject.value} {self.subject_id(row)}",
                case,
            ),
            named,
            by=Actor.of(staff_of(request)),
            now=clock.now(),
        )

    def _unmasked_page(self, request: HttpRequest, object_id: str, case: str) -> HttpResponse:
        if row := self.get_object(request, object_id):
            self.note(request, row, self.named(row), case=case)
        request._shows_personal_data = True  # type: ignore[attr-defined]
        request.method = "GET"  # for Django this POST would be one that changes the row
        return self.changeform_view(
            request,
            object_id,
            extra_context={"unmasked": True, "case_reference": case},
        )

    def _ask_for_case(self, request: HttpRequest, row: Row, form: CaseForm) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "original": row,
            "title": _("Show personal data"),
            "form": form,
            "back_url": self._page_url("change", str(row.pk)),
        }
        return TemplateResponse(request, "admin/personal/ask_for_case.html", context)

    def _unmask_url(self, request: HttpRequest, object_id: str | None) -> str:
        """Empty for those who may not."""
        if object_id is None or not request.user.has_perm(unmasking.PERMISSION):
            return ""
        return self._page_url("unmasked", object_id)

    def _page_url(self, page: str, key: str) -> str:
        opts = self.model._meta
        name = f"admin:{opts.app_label}_{opts.model_name}_{page}"
        return reverse(name, args=[key if page == "unmasked" else quote(key)])


class Story(Protocol):
    """What a page tells, and whom it names."""

    @property
    def persons(self) -> Collection[str]: ...


class StoryAdmin(PersonalDataAdmin[Row]):
    """Shows a row by a template of its own instead of a form; `story` reads what that tells."""

    fields = ("status",)

    def named(self, row: Row) -> Collection[str]:
        """Its story tells."""
        return ()

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """The page itself tells it."""
        return HttpResponseRedirect(self._page_url("change", object_id) + "#history")

    def story(self, row: Row, *, unmasked: bool, now: datetime) -> Story:
        raise NotImplementedError

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, object],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Row | None = None,
    ) -> HttpResponse:
        if obj is not None:
            unmasked = context.get("unmasked") is True
            page = self.story(obj, unmasked=unmasked, now=clock.now())
            self.note(request, obj, page.persons, case=str(context.get("case_reference") or ""))
            context["page"] = page
        return super().render_change_form(request, context, add, change, form_url, obj)
