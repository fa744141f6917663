"""Who may place orders: service owners, known by the short name in their tokens."""

import time
from dataclasses import dataclass

from orders.models import Creator

# How long a change of a creator's settings may take to be noticed. Seconds.
REMEMBERED_FOR = 5.0


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a request speaks for, as its tokens prove. `creator_name` is "" when they name none, and
    so is `client`, the system that the token was given to."""

    creator_name: str
    scopes: frozenset[str] = frozenset()
    has_platform_token: bool = False
    client: str = ""


class NotAServiceOwner(Exception):
    """The caller's token is good, but names no service owner, or one that may not order."""


# One entry for each service owner: names come from verified tokens only.
known: dict[str, tuple[float, Creator]] = {}


def speaking_for(caller: Caller) -> Creator:
    """The service owner that the caller speaks for, made on first sight.

    Remembered for some seconds, so that a request usually costs no query. Raises NotAServiceOwner.
    """
    creator = _named(caller.creator_name) if caller.creator_name.strip() else None
    if creator is None or not creator.is_active:
        raise NotAServiceOwner
    return creator


def requests_per_minute(creator_name: str) -> int | None:
    """The limit that staff have set for the service owner, as far as this process remembers.

    Asks no database, so that a refused request costs none; what a process has not heard of yet, it
    learns from the first request that it carries out. None: the installation's limit holds.
    """
    _, creator = known.get(creator_name, (0.0, None))
    return creator.requests_per_minute if creator else None


def _named(short_name: str) -> Creator:
    now = time.monotonic()
    good_until, creator = known.get(short_name, (0.0, None))
    if creator is None or now >= good_until:
        creator, _ = Creator.objects.get_or_create(short_name=short_name)
        known[short_name] = (now + REMEMBERED_FOR, creator)
    return creator
