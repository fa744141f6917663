"""How workers bear with a broker that refuses, goes away, or holds what is none of ours."""

from collections.abc import Callable
from functools import wraps
from queue import Empty

import structlog
from kombu.transport.redis import Channel, Transport
from redis import InvalidResponse, RedisError

logger = structlog.get_logger(__name__)

READERS = ("_brpop_read", "_receive")
"""Kombu's: of what comes by a queue, and of what is told to all workers at once."""


def bear_with_it() -> None:
    """For this process, once."""
    # When the broker goes away, Kombu 5.7 wants to give back what was not acknowledged over the
    # very connection that is gone, and the worker ends of that. Runs need not be given back.
    Channel.do_restore = False
    # A broker that answers, but with a refusal (a stand-by, out of memory, another password, a
    # script that keeps it busy), is as good as one that has gone: Kombu tells them apart, and a
    # worker ends of a refusal. All of them mean: connect anew until it works.
    Transport.connection_errors = (*Transport.connection_errors, RedisError)
    for reader in READERS:
        setattr(Channel, reader, _surviving(getattr(Channel, reader)))


def _surviving(read: Callable[..., object]) -> Callable[..., object]:
    """What another program has put into a queue of ours, or told all workers, and Kombu or Celery
    cannot bear, is gone from the broker when that shows. A new connection goes on with the next
    message; the worker would end of it."""

    known: tuple[type[Exception], ...] = (
        Empty,
        *Transport.connection_errors,
        *Transport.channel_errors,
    )

    @wraps(read)
    def surviving(channel: Channel, **options: object) -> object:
        try:
            return read(channel, **options)
        except known:
            raise
        except Exception as error:
            logger.exception("A message of the broker cannot be read: it is dropped")
            raise InvalidResponse("A message that cannot be read") from error

    return surviving
