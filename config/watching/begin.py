"""Begins, in a process that works, what the settings have turned on; imports nothing else."""

from importlib import import_module

from django.conf import settings


def begin(**_signal: object) -> None:
    """The libraries are optional (requirements-watching.txt), and cost memory and time."""
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        import_module("config.watching.spans").begin()
    if settings.SENTRY_DSN:
        import_module("config.watching.errors").begin()
