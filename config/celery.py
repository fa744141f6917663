"""The Celery application: workers and beat find their settings and tasks through it."""

import os

from celery.signals import celeryd_init, setup_logging, worker_init, worker_ready

from config.checks import refuse_half_configured
from config.jobs.broker import bear_with_it
from config.jobs.clock import JobsApp, keep_the_clock
from config.jobs.logs import be_quiet, keep_ours
from config.loaded import spare_what_is_loaded
from config.prometheus import server
from config.watching.begin import begin

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
app = JobsApp("notifications")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add("config.jobs.waking:Waking")
app.steps["worker"].add("config.jobs.alive:SignsMeanwhile")
app.steps["consumer"].add("config.jobs.alive:SignsWhileListening")


@setup_logging.connect
def log_as_all_do(**_signal: object) -> None:
    keep_ours(app)


bear_with_it()
celeryd_init.connect(be_quiet)
celeryd_init.connect(refuse_half_configured)
worker_init.connect(keep_the_clock)
worker_init.connect(begin)
worker_ready.connect(server.start)
worker_ready.connect(spare_what_is_loaded)
