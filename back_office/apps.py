"""Registers the back_office app with Django, and its site as the admin's."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig


class BackOfficeConfig(AppConfig):
    name = "back_office"


class AdminConfig(DjangoAdminConfig):
    default_site = "back_office.site.BackOfficeSite"
