"""The page of one message: what was sent to whom, what became of it, and why."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from back_office import notification_page
from back_office.admin.personal import PersonalDataAdmin
from back_office.models import StaffAction
from notifications.models import Notification


class NotificationPageMixin(PersonalDataAdmin):
    """Shows a notification by its own template instead of a form."""

    subject = StaffAction.Subject.NOTIFICATION
    fields = ("status",)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Notification | None = None,
    ) -> HttpResponse:
        if obj is not None:
            unmasked = context.get("unmasked") is True
            context["page"] = notification_page.read(obj, unmasked=unmasked, now=timezone.now())
        page: HttpResponse = super().render_change_form(
            request, context, add, change, form_url, obj
        )
        return page
