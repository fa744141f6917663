"""Tells the history tables who changes a row and why, and reads them back.

The triggers that keep history look for a context in the transaction's settings. pghistory itself
would write those in front of each statement, which connections that bind on the server refuse.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.db import connection, transaction

from back_office.audit.log import Actor, Why
from orders.models import Creator
from recipients.masking import mask_text

_SET = """
SELECT set_config('pghistory.context_id', %s, true),
    set_config('pghistory.context_metadata', %s, true)
"""


@contextmanager
def attributed_to(actor: Actor, why: Why) -> Iterator[None]:
    """What is changed inside is changed by the actor, for the reason given.

    Opens a transaction. Inside another one, what follows the block is nobody's again.
    """
    about = {
        "user": actor.user_id,
        "name": actor.name,
        "reason": mask_text(why.reason),
        "case_reference": why.case_reference,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SET, [str(uuid4()), json.dumps(about)])
        yield
        cursor.execute(_SET, ["", ""])


@dataclass(frozen=True, slots=True)
class Change:
    """One step in the life of a row: who, when, why, and each field with old and new value."""

    when: datetime
    who: str
    reason: str
    fields: list[tuple[str, object, object]]


def changes_of(creator: Creator) -> list[Change]:
    """All changes of the service owner's settings, the latest first."""
    events = creator.events  # type: ignore[attr-defined] # made by pghistory.track
    rows = list(events.select_related("pgh_context").order_by("pgh_id"))
    fields = [field for field in Creator._meta.concrete_fields if not field.primary_key]
    changes = []
    for earlier, later in zip([None, *rows], rows, strict=False):
        about = later.pgh_context.metadata if later.pgh_context else {}
        different = [
            (str(field.verbose_name), getattr(earlier, field.attname), new)
            for field in fields
            if earlier and (new := getattr(later, field.attname)) != getattr(earlier, field.attname)
        ]
        changes.append(
            Change(
                later.pgh_created_at,
                about.get("name", ""),
                mask_text(about.get("reason", "")),
                different,
            )
        )
    return changes[::-1]
