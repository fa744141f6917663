"""Senders of service owners, in whatever state a test needs."""

from datetime import datetime

from orders.models import Creator, Sender
from orders.senders.allowed import form_of
from tests.building import NOON

ASKED, WAITING = Sender.State.ASKED, Sender.State.WAITING
VERIFIED, REVOKED = Sender.State.VERIFIED, Sender.State.REVOKED


def sender(
    creator: Creator,
    written: str,
    state: Sender.State = VERIFIED,
    *,
    verified_at: datetime | None = None,
) -> Sender:
    """An e-mail address where it has an @, else an SMS sender."""
    kind = Sender.Kind.EMAIL if "@" in written else Sender.Kind.SMS
    return Sender.objects.create(
        creator=creator,
        kind=kind,
        address=form_of(kind, written),
        state=state,
        state_at=NOON,
        created=NOON,
        verified_at=NOON if state == VERIFIED else verified_at,
    )
