"""Who has seen whose data: each page, search, look-up and file that showed persons, with their
keyed hashes, written in one statement for all of them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from back_office.audit import persons
from back_office.audit.log import Actor
from back_office.models import PersonSeen, Viewing
from runtime.database import sql

MAX_SHOWN = 200
_BATCH = 5_000
_FORGET = """
WITH old AS MATERIALIZED (
    SELECT id FROM back_office_viewing WHERE "when" < %(before)s ORDER BY "when" LIMIT %(limit)s
),
persons AS (
    DELETE FROM back_office_personseen WHERE viewing_id IN (SELECT id FROM old)
)
DELETE FROM back_office_viewing WHERE id IN (SELECT id FROM old)
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """What showed them: `page` is the table's label and the row's id, or the name of a page."""

    how: Viewing.How
    page: str
    case_reference: str = ""


def write(what: Shown, identifiers: Iterable[str], *, by: Actor, now: datetime) -> None:
    """Note it before it is shown; nothing where nobody was. One row, and one statement for its
    persons, however many they are."""
    keys = {persons.key_of(one) for one in identifiers}
    if not keys:
        return
    with transaction.atomic():
        viewing = Viewing.objects.create(
            when=now,
            staff_id=by.user_id,
            staff_name=by.name,
            how=what.how,
            page=what.page,
            case_reference=what.case_reference,
        )
        PersonSeen.objects.bulk_create(
            (PersonSeen(viewing=viewing, key=key) for key in sorted(keys)), batch_size=10_000
        )


def of(identifiers: Collection[str]) -> Sequence[Viewing]:
    """Who has seen any of them, the latest first, MAX_SHOWN at most."""
    keys = persons.keys_of(identifiers)
    which = PersonSeen.objects.filter(key__in=keys).order_by("-viewing_id").values("viewing_id")
    newest = list(which.distinct()[: MAX_SHOWN + 1])
    rows = Viewing.objects.filter(pk__in=[row["viewing_id"] for row in newest])
    return list(rows.order_by("-id"))


def forget(*, now: datetime) -> int:
    """Delete what is older than AUDIT_VIEWS_DAYS, a batch at a time; returns how many viewings.
    Nothing where that is 0."""
    if not settings.AUDIT_VIEWS_DAYS:
        return 0
    before = now - timedelta(days=settings.AUDIT_VIEWS_DAYS)
    return sql.change(_FORGET, before=before, limit=_BATCH)
