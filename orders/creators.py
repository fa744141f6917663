"""Who may place orders: service owners, known by the short name in their tokens."""

import time
from dataclasses import dataclass

from django.conf import settings

from orders.limits.rate_limits import Limits
from orders.models import Creator

# How long a change of a creator's settings may take to be noticed. Seconds.
REMEMBERED_FOR = 5.0


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a request speaks for, as its tokens prove. `creator_name` is "" when they name none, and
    so is `client`, the system that the token was given to. `pseudonym` stands for the
    person that it was given to: it is the same for all tokens of one, and does not say who it is.
    """

    creator_name: str
    scopes: frozenset[str] = frozenset()
    has_platform_token: bool = False
    client: str = ""
    pseudonym: str = ""


class NotAServiceOwner(Exception):
    """The caller's token is good, but names no service owner, or one that may not order. The text
    says which."""


# One entry for each service owner: names come from verified tokens only.
known: dict[str, tuple[float, Creator]] = {}


def speaking_for(caller: Caller) -> Creator:
    """The service owner that the caller speaks for, made on first sight.

    Remembered for some seconds, so that a request usually costs no query. Raises NotAServiceOwner.
    """
    if not caller.creator_name.strip():
        raise NotAServiceOwner("The token names no service owner: it lacks urn:altinn:org.")
    creator = _named(caller.creator_name)
    if not creator.is_active:
        raise NotAServiceOwner("The service owner is not active here.")
    return creator


def limits_of(creator_name: str) -> Limits:
    """The limits that staff have set for the service owner, as far as this process remembers; else
    the installation's.

    Asks no database, so that a refused request costs none; what a process has not heard of yet, it
    learns from the first request that it carries out.
    """
    _, creator = known.get(creator_name, (0.0, None))
    requests = creator.requests_per_minute if creator else None
    recipients = creator.recipients_per_minute if creator else None
    return Limits(
        settings.CREATOR_REQUESTS_PER_MINUTE if requests is None else requests,
        settings.CREATOR_RECIPIENTS_PER_MINUTE if recipients is None else recipients,
    )


def _named(short_name: str) -> Creator:
    now = time.monotonic()
    good_until, creator = known.get(short_name, (0.0, None))
    if creator is None or now >= good_until:
        creator, _ = Creator.objects.get_or_create(short_name=short_name)
        known[short_name] = (now + REMEMBERED_FOR, creator)
    return creator
