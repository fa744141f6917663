"""Staff: accounts, groups, log-ins, and the audit log."""

from typing import Any, TypeVar

from axes.models import AccessAttempt, AccessLog
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db.models import ManyToManyField, Model, QuerySet
from django.forms import ModelForm, ModelMultipleChoiceField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, FieldTextFilter
from unfold.forms import AdminPasswordChangeForm, UserChangeForm

from back_office.audit.log import Actor
from back_office.audit.staff import staff_of
from back_office.lists import cells, periods
from back_office.lists.cells import Cell
from back_office.lists.filters import PeriodFilter
from back_office.lists.periods import Period
from back_office.lists.read_only import DeskAdmin, ReadOnlyAdmin
from back_office.models import StaffAction
from back_office.pages.staff import hiring
from back_office.pages.staff.hiring import HireForm
from back_office.wording import outcomes

MAX_SUBJECTS = 20

# Importing Django's pages has registered them.
admin.site.unregister([User, Group])


class ActedInPeriod(PeriodFilter):
    """There are few actions: the list opens with all of them."""

    default = periods.ANY
    column = "when"

    def within(self, rows: QuerySet[Model], period: Period) -> QuerySet[Model]:
        return rows.filter(period.of(self.column))


class ChangedInPeriod(ActedInPeriod):
    column = "action_time"


Row = TypeVar("Row", User, Group)


class _PermissionsInWords(DeskAdmin[Row]):
    """Calls permissions by words of the reader's language."""

    def formfield_for_manytomany(
        self, db_field: ManyToManyField[Any, Any], request: HttpRequest, **kwargs: object
    ) -> ModelMultipleChoiceField[Any] | None:
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field is not None and db_field.related_model is Permission:
            vars(field)["label_from_instance"] = permission_in_words
        return field


def permission_in_words(permission: Permission) -> str:
    action = permission.codename.split("_")[0]
    words = _ACTIONS.get(action) if permission.name.startswith(f"Can {action} ") else None
    return f"{permission.content_type} | {gettext(words or permission.name)}"


# As Django names the permissions that it makes for each model.
_ACTIONS = {
    "add": gettext_noop("Can add"),
    "change": gettext_noop("Can change"),
    "delete": gettext_noop("Can delete"),
    "view": gettext_noop("Can view"),
}


@admin.register(User)
class UserAdmin(_PermissionsInWords[User], DjangoUserAdmin[User], DeskAdmin[User]):
    """What people may do comes from their groups; accounts that acted are switched off, not
    deleted, as the audit log names them."""

    form = UserChangeForm
    add_form = HireForm
    add_form_template = "admin/auth/user/hire.html"
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "first_name", "last_name", "email", "is_active", "last_login")
    list_filter = ("is_active", "is_superuser", "groups")

    @property
    def add_fieldsets(self):  # type: ignore[no-untyped-def] # Django's is an attribute
        return ((None, {"fields": hiring.fields()}),)

    def save_model(
        self, request: HttpRequest, obj: User, form: ModelForm[User], change: bool
    ) -> None:
        if change or not isinstance(form, HireForm):
            super().save_model(request, obj, form, change)
        else:
            hiring.hire(obj, form, by=Actor.of(staff_of(request)))

    def response_add(
        self, request: HttpRequest, obj: User, post_url_continue: str | None = None
    ) -> HttpResponse:
        """There is nothing more to be set."""
        messages.success(request, _("%(name)s is hired.") % {"name": obj})
        return HttpResponseRedirect(reverse("admin:auth_user_changelist"))


@admin.register(Group)
class GroupAdmin(_PermissionsInWords[Group], DjangoGroupAdmin, DeskAdmin[Group]):  # type: ignore[misc] # Django's is not typed
    """Made by `migrate`, and the installation's own from then on."""


@admin.register(AccessAttempt)
class AccessAttemptAdmin(ReadOnlyAdmin[AccessAttempt]):
    """Failed log-ins. Deleting one lets its user try again at once."""

    list_display = ("attempt_time", "username", "ip_address", "failures_since_start", "user_agent")
    search_fields = ("username", "ip_address")
    fields = ("attempt_time", "username", "ip_address", "failures_since_start", "user_agent")

    def has_delete_permission(self, request: HttpRequest, obj: AccessAttempt | None = None) -> bool:
        return request.user.has_perm("axes.delete_accessattempt")


@admin.register(AccessLog)
class AccessLogAdmin(ReadOnlyAdmin[AccessLog]):
    """Who logged in, and from where."""

    list_display = ("attempt_time", "logout_time", "username", "ip_address", "user_agent")
    search_fields = ("username", "ip_address")
    fields = list_display


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin[LogEntry]):
    """What was changed on the admin's own pages: accounts, groups, schedules, service owners."""

    list_display = ("action_time", "user", "content_type", "object_repr", "change")
    list_filter = (ChangedInPeriod, ("action_flag", ChoicesDropdownFilter))
    list_select_related = ("user", "content_type")
    fields = (*list_display, "object_id")
    readonly_fields = ("change",)

    @admin.display(description=_("change"))
    def change(self, entry: LogEntry) -> str:
        return entry.get_change_message()


@admin.register(StaffAction)
class StaffActionAdmin(ReadOnlyAdmin[StaffAction]):
    """The audit log."""

    list_display = (
        "when",
        "staff_name",
        "shown_what",
        "subject_type",
        "of_what",
        "reason",
        "case_reference",
        "outcome",
    )
    list_select_related = ("ended",)
    list_display_links = ("when",)
    list_filter = (
        ("what", ChoicesDropdownFilter),
        ("staff_name", FieldTextFilter),
        ActedInPeriod,
        ("subject_type", ChoicesDropdownFilter),
    )
    search_fields = (
        "^subject_id",
        "^subjects__subject_id",
        "^case_reference",
        "^staff_name",
        "reason",
    )
    search_help_text = _("Beginning of an id, a case or a name, or words of a reason")
    ordering = ("-when",)
    fields = (
        "when",
        "staff",
        "staff_name",
        "what",
        "subject_type",
        "about",
        "reason",
        "case_reference",
        "detail",
        "outcome",
    )
    readonly_fields = ("about", "outcome")

    def get_queryset(self, request: HttpRequest) -> QuerySet[StaffAction]:
        return super().get_queryset(request).select_related("ended")

    @cells.column(_("of what"))
    def of_what(self, action: StaffAction) -> Cell:
        if not action.subject_id:
            return gettext("several")
        return _link_to(action.subject_type, action.subject_id)

    @cells.column(_("of what"))
    def about(self, action: StaffAction) -> Cell:
        """Each thing it was about, where that has a page with a link to it."""
        named = [(action.subject_type, action.subject_id)] if action.subject_id else []
        several = action.subjects.order_by("id").values_list("subject_type", "subject_id")
        found = [*named, *several[: MAX_SUBJECTS + 1]]
        links = format_html_join(", ", "{}", ((_link_to(*one),) for one in found[:MAX_SUBJECTS]))
        return format_html("{}, …", links) if len(found) > MAX_SUBJECTS else links

    @cells.column(_("outcome"))
    def outcome(self, action: StaffAction) -> str:
        ended = action._state.fields_cache.get("ended")
        return outcomes.in_words(ended.detail) if ended else "–"  # noqa: RUF001

    @cells.column(_("what"), is_label=True)
    def shown_what(self, action: StaffAction) -> Cell:
        return _COLOURS.get(action.what, ""), action.get_what_display()


def _link_to(kind: str, key: str) -> str:
    page = _PAGES.get(kind)
    if not page:
        return key
    return format_html('<a href="{}">{}</a>', reverse(f"admin:{page}_change", args=[key]), key)


_PAGES = {
    StaffAction.Subject.ORDER.value: "orders_order",
    StaffAction.Subject.NOTIFICATION.value: "notifications_notification",
    StaffAction.Subject.CREATOR.value: "orders_creator",
    StaffAction.Subject.REPORT.value: "dispatch_deliveryreport",
    StaffAction.Subject.ACCOUNT.value: "auth_user",
}
_COLOURS = {
    StaffAction.What.UNMASKED.value: "warning",
    StaffAction.What.STOPPED.value: "danger",
    StaffAction.What.PURGED.value: "danger",
}
