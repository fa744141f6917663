"""The way from a button or a selection to a deed: a page that tells, asks why, and a POST."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from back_office.actions.action import Asked, Deed
from back_office.actions.forms import DeedForm
from back_office.audit.log import Actor, Why
from back_office.lists.paging import PATIENCE, TookTooLong, patience
from runtime import clock


class DeedsMixin(ModelAdmin):  # type: ignore[misc] # unfold is not typed
    """Gives the pages of a table its deeds: buttons on the page of a row, actions on the list.

    The ids of a selection travel in the body of POSTs only.
    """

    deeds: ClassVar[Sequence[Deed]] = ()

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_deed"
        selected = self.admin_site.admin_view(self.deed_on_selection)
        single = self.admin_site.admin_view(self.deed_on_row)
        return [
            path("do/<slug:deed>/", selected, name=f"{name}_selected"),
            path("<path:object_id>/do/<slug:deed>/", single, name=name),
            *super().get_urls(),
        ]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        user: Any = request.user
        for deed in self.deeds:
            if deed.on_list and deed.allows(user):
                actions[deed.name] = (_action(deed), deed.name, deed.title)
        return actions

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        context["deed_buttons"] = self.buttons(request, obj)
        page: HttpResponse = super().render_change_form(
            request, context, add, change, form_url, obj
        )
        return page

    def deed_on_row(self, request: HttpRequest, object_id: str, deed: str) -> HttpResponse:
        """GET tells, POST does."""
        chosen = self._permitted(request, deed)
        row = self.row_of_deed(request, object_id)
        if row is None or not chosen.on_page:
            raise Http404
        form = self._form(chosen, request, bound=request.method == "POST", single=True)
        return self._answer(request, chosen, form, [row.pk], row=row)

    def row_of_deed(self, request: HttpRequest, object_id: str) -> Any:
        return self.get_object(request, object_id)

    def deed_on_selection(self, request: HttpRequest, deed: str) -> HttpResponse:
        """Only ever by POST: with the ids, or for all rows that the list's filters leave."""
        chosen = self._permitted(request, deed)
        if request.method != "POST" or not chosen.on_list:
            return HttpResponseRedirect(self.list_url(request))
        if "all" in request.POST:
            return self.deed_on_filtered(request, chosen)
        form = self._form(chosen, request, bound=True, single=False)
        return self._answer(request, chosen, form, self._ids(request.POST.get("ids", "")))

    def deed_asked_for(self, request: HttpRequest, deed: Deed, rows: QuerySet[Any]) -> HttpResponse:
        """The first page of a deed on rows chosen in the list."""
        ids = list(rows.order_by().values_list("pk", flat=True)[: deed.most + 1])
        form = self._form(deed, request, bound=False, single=False)
        # A whole page of the list is often meant for all of it.
        may_be_all = len(ids) >= self.list_per_page
        return self._answer(request, deed, form, ids, may_be_all=may_be_all)

    def deed_on_filtered(self, request: HttpRequest, deed: Deed) -> HttpResponse:
        request.GET = QueryDict(request.POST.get("filters", ""))
        try:
            rows = self.get_changelist_instance(request).queryset.order_by()
        except IncorrectLookupParameters:
            return HttpResponseRedirect(self.list_url(request))
        form = self._form(deed, request, bound=False, single=False)
        try:
            with patience(PATIENCE):
                ids = list(rows.values_list("pk", flat=True)[: deed.most + 1])
        except TookTooLong:
            messages.error(request, _("These rows take too long to find. Choose a shorter period."))
            return HttpResponseRedirect(self.list_url(request))
        return self._answer(request, deed, form, ids)

    def _permitted(self, request: HttpRequest, name: str) -> Deed:
        deed = next((one for one in self.deeds if one.name == name), None)
        if deed is None:
            raise Http404
        user: Any = request.user
        if not (self.has_view_permission(request) and deed.allows(user)):
            raise PermissionDenied
        return deed

    def _form(self, deed: Deed, request: HttpRequest, *, bound: bool, single: bool) -> DeedForm:
        user: Any = request.user
        return deed.form_class(single=single)(request.POST if bound else None, user=user)

    def _ids(self, text: str) -> list[Any]:
        try:
            return [self.opts.pk.to_python(one) for one in text.split(",") if one]
        except ValidationError as error:
            raise Http404 from error

    def _answer(
        self,
        request: HttpRequest,
        deed: Deed,
        form: DeedForm,
        ids: Sequence[Any],
        *,
        row: Any = None,
        may_be_all: bool = False,
    ) -> HttpResponse:
        """Does it if it is confirmed, else tells what it would do."""
        is_valid = form.is_bound and form.is_valid()
        user: Any = request.user
        asked = Asked(
            ids,
            single=row is not None,
            now=clock.now(),
            choices=form.choices,
            by=Actor.of(user),
            why=form.why if is_valid else Why(""),
        )
        is_too_many = len(ids) > deed.most
        if is_valid and form.is_confirmed and not is_too_many:
            done = deed.do(asked)
            level = messages.SUCCESS if done.success else messages.WARNING
            messages.add_message(request, level, done.sentence)
            return HttpResponseRedirect(done.next_url or self.back_url(request, row))
        context = {
            "outlook": None if is_too_many else deed.look_ahead(asked),
            "is_too_many": is_too_many,
            "is_changed": is_valid,
            "ids": ",".join(map(str, ids)) if row is None else "",
            "may_be_all": may_be_all and not is_too_many,
            "original": row if isinstance(row, Model) else None,
        }
        return self._page(request, deed, form, row, context)

    def _page(
        self, request: HttpRequest, deed: Deed, form: DeedForm, row: Any, more: dict[str, Any]
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": deed.title,
            "deed": deed,
            "about": "" if row is None else str(row),
            "form": form,
            "shown": form.fingerprint,
            "filters": _filters(request),
            "action_url": self._deed_url(deed, row),
            "back_url": self.back_url(request, row),
            **more,
        }
        return TemplateResponse(request, "admin/deeds/page.html", context)

    def buttons(self, request: HttpRequest, row: Any) -> list[dict[str, Any]]:
        """What the user may do to the row, for the template of buttons."""
        if row is None:
            return []
        user: Any = request.user
        return [
            {
                "title": deed.title,
                "url": self._deed_url(deed, row),
                "icon": deed.icon,
                "variant": "danger" if deed.is_final else "default",
            }
            for deed in self.deeds
            if deed.on_page and deed.allows(user) and deed.fits(row)
        ]

    def _deed_url(self, deed: Deed, row: Any) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_deed"
        if row is None:
            return reverse(f"{name}_selected", args=[deed.name])
        return reverse(name, args=[row.pk, deed.name])

    def back_url(self, request: HttpRequest, row: Any) -> str:
        if row is None:
            return self.list_url(request)
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[quote(row.pk)])

    def list_url(self, request: HttpRequest) -> str:
        page = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        return f"{page}?{query}" if (query := _filters(request)) else page


def _filters(request: HttpRequest) -> str:
    """What the list was narrowed down by when the deed was asked for."""
    return QueryDict(request.POST.get("filters", request.GET.urlencode())).urlencode()


def _action(deed: Deed) -> Callable[[DeedsMixin, HttpRequest, QuerySet[Any]], HttpResponse]:
    def asked_for(page: DeedsMixin, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse:
        return page.deed_asked_for(request, deed, rows)

    return asked_for
