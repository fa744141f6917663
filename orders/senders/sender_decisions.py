"""What becomes of a sender: it is asked for, verified or revoked (`orders.senders.allowed`)."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from orders.models import Creator, Sender
from orders.senders.allowed import default_of, form_of

State = Sender.State


def ask(creator: Creator, *, kind: Sender.Kind, written: str, now: datetime) -> tuple[Sender, bool]:
    """The service owner's sender, and whether it is now asked for that was not before. One that was
    revoked is asked for again; one that waits or is verified stays as it is."""
    address = form_of(kind, written)
    row, is_new = Sender.objects.get_or_create(
        creator=creator,
        kind=kind,
        address=address,
        defaults={"state": State.ASKED, "state_at": now, "created": now},
    )
    if is_new:
        return row, True
    revoked = Sender.objects.filter(pk=row.pk, state=State.REVOKED)
    return row, bool(revoked.update(state=State.ASKED, state_at=now))


def verify(ids: Collection[int], *, now: datetime) -> list[Sender]:
    """Those of them that were undecided, which are verified now."""
    with transaction.atomic():
        rows = _locked(ids, State.ASKED, State.WAITING)
        for row in rows:
            row.state, row.state_at = State.VERIFIED, now
            row.verified_at = row.verified_at or now
            row.save(update_fields=["state", "state_at", "verified_at"])
    return rows


def revoke(ids: Collection[int], *, now: datetime) -> list[Sender]:
    """Those of them that are revoked now. An owner's default sender is not: orders that name none
    would still be from it."""
    with transaction.atomic():
        rows = [
            row
            for row in _locked(ids, State.ASKED, State.WAITING, State.VERIFIED)
            if not is_default(row)
        ]
        for row in rows:
            row.state, row.state_at = State.REVOKED, now
            row.save(update_fields=["state", "state_at"])
    return rows


def note_check(
    row: Sender, findings: list[dict[str, str]], *, is_right: bool, now: datetime
) -> None:
    """What the DNS said. It decides nothing: one that was asked for is known to wait for its
    records, or does so no longer."""
    checked = Sender.objects.filter(pk=row.pk)
    checked.update(checked_at=now, findings=findings)
    before, after = (State.WAITING, State.ASKED) if is_right else (State.ASKED, State.WAITING)
    checked.filter(state=before).update(state=after, state_at=now)


def is_default(row: Sender) -> bool:
    """Whether orders of its owner that name no sender are from it."""
    kind = Sender.Kind(row.kind)
    return form_of(kind, default_of(row.creator, kind)) == row.address


def binds_more(row: Sender) -> bool:
    """Whether verifying it would be the first time that one of its kind is for its owner."""
    others = Sender.objects.filter(creator=row.creator, kind=row.kind, verified_at__isnull=False)
    return not others.exists()


def _locked(ids: Collection[int], *states: State) -> list[Sender]:
    rows = Sender.objects.filter(pk__in=ids, state__in=states).order_by("pk")
    return list(rows.select_related("creator").select_for_update(of=("self",)))
