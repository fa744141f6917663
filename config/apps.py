"""Connects the wiring that must happen at start: the schedule of jobs and the start-up checks."""

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate

from config import checks
from config.jobs import schedule
from runtime.web import outgoing_proxy


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        outgoing_proxy.tell_libraries()
        checks.register_all()
        post_migrate.connect(schedule.install, sender=apps.get_app_config("django_celery_beat"))
