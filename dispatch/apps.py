"""Registers the dispatch app with Django."""

from django.apps import AppConfig


class DispatchConfig(AppConfig):
    name = "dispatch"
