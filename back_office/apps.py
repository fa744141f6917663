"""Registers the back_office app with Django."""

from django.apps import AppConfig


class BackOfficeConfig(AppConfig):
    name = "back_office"
