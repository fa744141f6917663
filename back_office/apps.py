"""Registers the back_office app with Django, its site as the admin's, and the groups of staff."""

from django.apps import AppConfig, apps
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from back_office.audit import roles


class BackOfficeConfig(AppConfig):
    name = "back_office"
    verbose_name = _("Support desk")

    def ready(self) -> None:
        # Permissions are made app by app, in the order of INSTALLED_APPS: by the turn of the last
        # one, those that the groups need are there.
        last = [app for app in apps.get_app_configs() if app.models_module][-1]
        post_migrate.connect(roles.install, sender=last)


class AdminConfig(DjangoAdminConfig):
    default_site = "back_office.site.BackOfficeSite"
