"""The way from a button or a selection to an action: a page that tells, asks why, and a POST."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, TypedDict, TypeVar

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.forms import Field
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from back_office.actions.action import Action, ActionRequest
from back_office.actions.channels.channel import ChannelRow
from back_office.actions.forms import ActionForm, with_related
from back_office.audit.log import Actor, Why
from back_office.audit.staff import staff_of
from back_office.lists.paging import QUERY_TIMEOUT, QueryTimedOut, statement_timeout
from back_office.unfold_types import ModelAdmin
from runtime import clock

Row = TypeVar("Row", bound=Model)
AnAction = Action[Any, Any]
"""Of whichever rows: the pages take rows and keys from one table, and hand them to its actions."""
ActedOn = Model | ChannelRow
_WITH_RELATED = "with_related"


class Button(TypedDict):
    title: str | Promise
    url: str
    icon: str
    variant: str


class ActionsMixin(ModelAdmin[Row]):
    """Gives the pages of a table its actions: buttons on the page of a row, a choice on the list.

    The ids of a selection travel in the body of POSTs only.
    """

    staff_actions: ClassVar[Sequence[AnAction]] = ()
    related_label: ClassVar[str | Promise] = ""
    """How the choice to act on what belongs with a row, too, is called."""

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_action"
        selected = self.admin_site.admin_view(self.action_on_selection)
        single = self.admin_site.admin_view(self.action_on_row)
        return [
            path("do/<slug:action>/", selected, name=f"{name}_selected"),
            path("<path:object_id>/do/<slug:action>/", single, name=name),
            *super().get_urls(),
        ]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        for action in self.staff_actions:
            if action.on_list and action.allows(staff_of(request)):
                actions[action.name] = (_asked_for(action), action.name, action.title)
        return actions

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, object],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Row | None = None,
    ) -> HttpResponse:
        context["action_buttons"] = self.buttons(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def action_on_row(self, request: HttpRequest, object_id: str, action: str) -> HttpResponse:
        """GET tells, POST does."""
        chosen = self._permitted(request, action)
        row = self.row_of_action(request, object_id)
        if row is None or not chosen.on_page:
            raise Http404
        form, keys = self._form_and_keys(chosen, request, row)
        return self._answer(request, chosen, form, keys, row=row)

    def related(self, row: ActedOn) -> Sequence[Model]:
        """The rows that belong with this one, itself among them; none where it stands alone."""
        return ()

    def texts_of(self, request: HttpRequest, action: AnAction, row: ActedOn) -> object:
        """What the page of the action shows of what recipients read, if anything; whoever overrides
        it notes that it is seen."""
        return None

    def row_of_action(self, request: HttpRequest, object_id: str) -> ActedOn | None:
        return self.get_object(request, object_id)

    def action_on_selection(self, request: HttpRequest, action: str) -> HttpResponse:
        """Only ever by POST: with the ids, or for all rows that the list's filters leave."""
        chosen = self._permitted(request, action)
        if request.method != "POST" or not chosen.on_list:
            return HttpResponseRedirect(self.list_url(request))
        if "all" in request.POST:
            return self.action_on_filtered(request, chosen)
        form = self._form(chosen, request, bound=True, row=None)
        return self._answer(request, chosen, form, self._ids(request.POST.get("ids", "")))

    def action_asked_for(
        self, request: HttpRequest, action: AnAction, rows: QuerySet[Row]
    ) -> HttpResponse:
        """The first page of an action on rows chosen in the list."""
        ids = list(rows.order_by().values_list("pk", flat=True)[: action.max_rows + 1])
        form = self._form(action, request, bound=False, row=None)
        # A whole page of the list is often meant for all of it.
        may_be_all = len(ids) >= self.list_per_page
        return self._answer(request, action, form, ids, may_be_all=may_be_all)

    def action_on_filtered(self, request: HttpRequest, action: AnAction) -> HttpResponse:
        request.GET = QueryDict(request.POST.get("filters", ""))
        try:
            rows = self.get_changelist_instance(request).queryset.order_by()
        except IncorrectLookupParameters:
            return HttpResponseRedirect(self.list_url(request))
        form = self._form(action, request, bound=False, row=None)
        try:
            with statement_timeout(QUERY_TIMEOUT):
                ids = list(rows.values_list("pk", flat=True)[: action.max_rows + 1])
        except QueryTimedOut:
            messages.error(request, _("These rows take too long to find. Choose a shorter period."))
            return HttpResponseRedirect(self.list_url(request))
        return self._answer(request, action, form, ids)

    def _permitted(self, request: HttpRequest, name: str) -> AnAction:
        action = next((one for one in self.staff_actions if one.name == name), None)
        if action is None:
            raise Http404
        if not (self.has_view_permission(request) and action.allows(staff_of(request))):
            raise PermissionDenied
        return action

    def _form_and_keys(
        self, action: AnAction, request: HttpRequest, row: ActedOn
    ) -> tuple[ActionForm, list[object]]:
        """Whether what belongs with the row is meant, too, is a choice. Where nothing can be done
        to the row itself, only that can be meant."""
        related = self.related(row)
        is_choice = bool(related) and action.fits(row)
        more = {_WITH_RELATED: with_related(str(self.related_label))} if is_choice else {}
        form = self._form(action, request, bound=request.method == "POST", row=row, more=more)
        is_chosen = form.is_bound and form.is_valid() and bool(form.choices.get(_WITH_RELATED))
        if related and (is_chosen or not is_choice):
            return form, [one.pk for one in related]
        return form, [row.pk]

    def _form(
        self,
        action: AnAction,
        request: HttpRequest,
        *,
        bound: bool,
        row: ActedOn | None,
        more: Mapping[str, Field] | None = None,
    ) -> ActionForm:
        form_class = action.form_class(row=row)
        return form_class(request.POST if bound else None, user=staff_of(request), more=more)

    def _ids(self, text: str) -> list[object]:
        try:
            return [self.opts.pk.to_python(one) for one in text.split(",") if one]
        except ValidationError as error:
            raise Http404 from error

    def _answer(
        self,
        request: HttpRequest,
        action: AnAction,
        form: ActionForm,
        ids: Sequence[object],
        *,
        row: ActedOn | None = None,
        may_be_all: bool = False,
    ) -> HttpResponse:
        """Does it if it is confirmed, else tells what it would do."""
        is_valid = form.is_bound and form.is_valid()
        asked = ActionRequest(
            ids,
            single=row is not None,
            now=clock.now(),
            choices=form.choices,
            by=Actor.of(staff_of(request)),
            why=form.why if is_valid else Why(""),
        )
        is_too_many = len(ids) > action.max_rows
        if is_valid and form.is_confirmed and not is_too_many:
            done = action.run(asked)
            level = messages.SUCCESS if done.success else messages.WARNING
            messages.add_message(request, level, done.sentence)
            return HttpResponseRedirect(done.next_url or self.back_url(request, row))
        context: dict[str, object] = {
            "preview": None if is_too_many else action.preview(asked),
            "is_too_many": is_too_many,
            "is_changed": is_valid,
            "ids": ",".join(map(str, ids)) if row is None else "",
            "may_be_all": may_be_all and not is_too_many,
            "original": row if isinstance(row, Model) else None,
            "texts": None if row is None else self.texts_of(request, action, row),
        }
        return self._page(request, action, form, row, context)

    def _page(
        self,
        request: HttpRequest,
        action: AnAction,
        form: ActionForm,
        row: ActedOn | None,
        more: dict[str, object],
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": action.title,
            "action": action,
            "about": "" if row is None else str(row),
            "form": form,
            "shown": form.fingerprint,
            "filters": _filters(request),
            "action_url": self._action_url(action, row),
            "back_url": self.back_url(request, row),
            **more,
        }
        return TemplateResponse(request, "admin/actions/page.html", context)

    def buttons(self, request: HttpRequest, row: ActedOn | None) -> list[Button]:
        """What the user may do to the row, for the template of buttons."""
        if row is None:
            return []
        rows = [row, *self.related(row)]
        return [
            {
                "title": action.title,
                "url": self._action_url(action, row),
                "icon": action.icon,
                "variant": "danger" if action.is_final else "default",
            }
            for action in self.staff_actions
            if action.on_page and action.allows(staff_of(request)) and any(map(action.fits, rows))
        ]

    def _action_url(self, action: AnAction, row: ActedOn | None) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_action"
        if row is None:
            return reverse(f"{name}_selected", args=[action.name])
        return reverse(name, args=[row.pk, action.name])

    def back_url(self, request: HttpRequest, row: ActedOn | None) -> str:
        if row is None:
            return self.list_url(request)
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[quote(row.pk)])

    def list_url(self, request: HttpRequest) -> str:
        page = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        return f"{page}?{query}" if (query := _filters(request)) else page


def _filters(request: HttpRequest) -> str:
    """What the list was narrowed down by when the action was asked for."""
    return QueryDict(request.POST.get("filters", request.GET.urlencode())).urlencode()


def _asked_for(
    action: AnAction,
) -> Callable[[ActionsMixin[Row], HttpRequest, QuerySet[Row]], HttpResponse]:
    def asked_for(
        page: ActionsMixin[Row], request: HttpRequest, rows: QuerySet[Row]
    ) -> HttpResponse:
        return page.action_asked_for(request, action, rows)

    return asked_for
