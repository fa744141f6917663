"""Row 12: what the system costs while nothing happens."""

import time

import redis

from bench import processes
from bench.figures import Goal, Rounds, Row, milliseconds
from bench.system import MeasuredSystem

SECONDS = 60.0
CALM_DOWN = 5.0


def minute(system: MeasuredSystem) -> Row:
    system.empty()
    system.settle()
    with (
        system.running("web", "worker-1", "beat"),
        redis.Redis.from_url(system.environment["REDIS_URL"]) as broker,
    ):
        time.sleep(CALM_DOWN)
        keys, written = broker.dbsize(), logged(system)
        with processes.measured(system.pids) as used:
            time.sleep(SECONDS)
        keys_more, written_more = broker.dbsize() - keys, logged(system) - written
    total = sum(used.seconds.values()) / SECONDS * 100
    return Row(
        12,
        "idle for a minute: web, one worker, beat, servers",
        "% of a core",
        Rounds([total]),
        None,
        [
            Goal("CPU", total, 2.5, at_least=False, unit=" %"),
            Goal("bytes of logs", written_more, 0, at_least=False),
            Goal("keys of Redis +", keys_more, 0, at_least=False),
        ],
        {"CPU ms a second": milliseconds(used.per(round(SECONDS)))},
        digits=1,
    )


def logged(system: MeasuredSystem) -> int:
    """Bytes in the logs of all programs."""
    return sum(log.stat().st_size for log in system.folder.glob("*.log"))
