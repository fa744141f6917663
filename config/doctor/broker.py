"""The broker, and the workers that listen to it."""

from collections import Counter

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.celery import app
from config.jobs.schedule import PERIODIC_JOBS
from runtime.findings import LIMIT, Check, Finding, failed, host_of, ok, warning

_TIME_TO_ANSWER = 2.0
"""Workers answer in milliseconds, or are gone. Seconds."""


def examine() -> list[Finding]:
    where = host_of(settings.REDIS_URL)
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=LIMIT,
            socket_connect_timeout=LIMIT,
            retry=Retry(NoBackoff(), 0),
        ) as client:
            client.ping()
    except redis.AuthenticationError:
        return _away(f"{where} refuses the password.")
    except (redis.RedisError, OSError, ValueError) as error:
        return _away(f"{where} does not answer ({type(error).__name__}).")
    return [ok("broker", f"{where} answers."), *_workers()]


def _away(says: str) -> list[Finding]:
    """Nothing is lost by it, but nothing is sent."""
    remedy = "Start Redis, or set REDIS_URL; until then no order is processed or sent."
    return [
        warning("broker", says, remedy),
        warning("workers", "Cannot be asked without the broker.", "See the broker first."),
    ]


def _workers() -> list[Finding]:
    """One finding for each queue: a worker may serve some of them only. Each answer counts, though
    workers that were started without names of their own answer by the same one."""
    answers = app.control.broadcast("active_queues", reply=True, timeout=_TIME_TO_ANSWER) or []
    workers = Counter(
        queue["name"] for answer in answers for queues in answer.values() for queue in queues
    )
    return [
        _of_queue(queue, workers[queue])
        for queue in dict.fromkeys(job.queue for job in PERIODIC_JOBS)
    ]


def _of_queue(queue: str, workers: int) -> Finding:
    name = f"workers of {queue}"
    if workers:
        return ok(name, f"{workers} listening.")
    return failed(
        name,
        "None answers.",
        f"Start one: celery -A config worker -n {queue}@%h -P threads -Q {queue}",
    )


CHECK = Check("broker", examine)
