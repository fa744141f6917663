"""A site with one plain page of personal data, apart from the desk's own pages and their looks."""

from typing import Any

from django.http import HttpRequest
from django.urls import include, path

from back_office.models import StaffAction
from back_office.pages.masked import PersonalDataAdmin
from back_office.site import BackOfficeSite
from notifications.models import Notification


class Site(BackOfficeSite):
    def get_sidebar_list(self, request: HttpRequest) -> list[Any]:
        return []


class Page(PersonalDataAdmin[Notification]):
    change_form_template = "admin/change_form.html"
    subject = StaffAction.Subject.NOTIFICATION
    fields = ("address", "normalized_address", "national_identity_number", "status")


site = Site()
site.register(Notification, Page)
urlpatterns = [
    path("admin/i18n/", include("django.conf.urls.i18n")),
    path("admin/", site.urls),
]
