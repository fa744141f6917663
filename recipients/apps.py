"""Registers the recipients app with Django."""

from django.apps import AppConfig


class RecipientsConfig(AppConfig):
    name = "recipients"
