"""WIRING: settings, addresses, Celery, the clocks, and the API's frame."""

from config import lone_counters
from config.celery import app as celery_app

__all__ = ["celery_app", "lone_counters"]
