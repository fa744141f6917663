"""The Celery application: workers and beat find their settings and tasks through it."""

import os

from celery import Celery
from celery.signals import celeryd_init

from config.checks import refuse_half_configured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
app = Celery("notifications")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

celeryd_init.connect(refuse_half_configured)
