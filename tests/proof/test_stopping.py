"""Who is asked to stop (SIGTERM) ends what it has begun, and begins nothing more.

The worker with SMS in flight is in tests/dispatch/test_crash.py.
"""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.utils import timezone

from notifications.models import Notification, NotificationStatus
from orders.models import Channel, Creator
from script.launcher.system.running_system import RunningSystem, kill_family
from script.launcher.system.simulators import Simulators
from tests.building import processed_order
from tests.dispatch.waiting import messages_of
from tests.proof.conftest import Workers
from tests.proof.live import is_blocked, place, wait_until_healthy

S = NotificationStatus


def test_a_web_process_that_is_asked_to_stop_answers_what_it_has_begun(web: RunningSystem) -> None:
    process = web.processes["web"]
    try:
        with ThreadPoolExecutor(1) as beside:
            with psycopg.connect(web.database) as outside:
                outside.execute("LOCK TABLE orders_order IN EXCLUSIVE MODE")
                answer = beside.submit(place, web)
                web.wait_for(lambda: is_blocked(web), "the request to be under way")
                process.terminate()
                time.sleep(1)
                assert process.poll() is None
            assert answer.result(timeout=90).status == 202
        assert process.wait(timeout=60) == 0
        order_id = answer.result().json["orderId"]
        assert web.order_status(order_id) == "Registered"
    finally:
        process.kill()
        process.wait()
        web.start("web")
        wait_until_healthy(web)


def test_a_web_process_that_is_asked_to_stop_is_not_ready_first_and_answers_on(
    web: RunningSystem,
) -> None:
    def ready() -> int:
        return web.call("GET", "/ready", headers={}).status

    kill_family(web.processes["web"])
    environment = web.environment
    web.environment = environment | {"LEAVING_SECONDS": "3"}
    try:
        web.start("web")
        wait_until_healthy(web)
        process = web.processes["web"]
        assert ready() == 200
        process.terminate()
        web.wait_for(lambda: ready() == 503, "the web process to say that it stops", seconds=2.5)
        assert web.call("GET", "/health", headers={}).status == 200
        assert place(web).status == 202
        assert process.poll() is None
        assert process.wait(timeout=60) == 0
    finally:
        kill_family(web.processes["web"])
        web.environment = environment
        web.start("web")
        wait_until_healthy(web)


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_asked_to_stop_leaves_no_e_mail_in_the_air(
    ttd: Creator, simulators: Simulators, start_worker: Workers
) -> None:
    simulators.fault("smtp", latency_ms=400)
    now = timezone.now()
    messages_of(processed_order(ttd, channel=Channel.EMAIL, now=now), 200, now=now)
    worker = start_worker(EMAIL_IN_FLIGHT="16")
    worker.run("dispatch.send_email")
    simulators.wait_for_messages(20, seconds=90)
    before = time.monotonic()
    worker.stop()
    assert time.monotonic() - before < 30  # what an orchestrator usually grants

    sent = len(simulators.messages())
    statuses = Counter(Notification.objects.values_list("status", flat=True))
    assert statuses == {S.SUCCEEDED: sent, S.NEW: 200 - sent}
    assert 20 <= sent < 200


def saves_jobs(web: RunningSystem) -> bool:
    """Told of a change, beat saves what it knows before it reads anew: told again, for it may just
    have saved all."""
    web.query(
        "INSERT INTO django_celery_beat_periodictasks (ident, last_update) VALUES (1, now())"
        " ON CONFLICT (ident) DO UPDATE SET last_update = now() RETURNING 1"
    )
    return is_blocked(web)


def test_beat_ends_within_seconds_even_where_it_is_asked_in_the_middle_of_a_statement(
    web: RunningSystem,
) -> None:
    """Whoever answers the signal waits for nothing that the statement holds, and what beat knows
    of its jobs is saved all the same."""
    queued = "SELECT max(last_run_at) FROM django_celery_beat_periodictask"
    web.start("beat")
    beat = web.processes.pop("beat")
    try:
        web.wait_for(lambda: web.query(queued) != [(None,)], "beat to queue a job")
        known = web.query(queued)
        with psycopg.connect(web.database) as outside:
            outside.execute("LOCK TABLE django_celery_beat_periodictask IN EXCLUSIVE MODE")
            web.wait_for(lambda: saves_jobs(web), "beat to save its jobs")
            beat.terminate()
            time.sleep(1)  # the signal has come by then
            assert beat.poll() is None
        assert beat.wait(timeout=30) == 0
    finally:
        beat.kill()
        beat.wait()
    assert web.query(queued) > known
