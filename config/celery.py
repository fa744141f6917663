"""The Celery application: workers and beat find their settings and tasks through it."""

import os

from celery.signals import celeryd_init, worker_init, worker_ready
from kombu.transport.redis import Channel, Transport
from redis import RedisError

from config import metrics_server
from config.checks import refuse_half_configured
from config.jobs import JobsApp, keep_the_clock
from config.loaded import spare_what_is_loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
app = JobsApp("notifications")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# When the broker goes away, Kombu 5.7 wants to give back what was not acknowledged over the very
# connection that is gone, and the worker ends of that. Ticks need not be given back.
Channel.do_restore = False

# A broker that answers, but with a refusal (a stand-by, out of memory, another password, a script
# that keeps it busy), is as good as one that has gone: Kombu tells them apart, and a worker ends of
# a refusal. All of them mean: connect anew until it works.
Transport.connection_errors = (*Transport.connection_errors, RedisError)

celeryd_init.connect(refuse_half_configured)
worker_init.connect(keep_the_clock)
worker_ready.connect(metrics_server.start)
worker_ready.connect(spare_what_is_loaded)
