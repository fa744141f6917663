"""Which senders a service owner may name in its orders: any, until staff have verified one of them.

The installation's own senders are everybody's, and what staff set as an owner's default is that
owner's. A sender that was revoked is refused, whatever else there is, and so is what looks like it,
unless that was verified.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

from orders.creators import Caller, NotAServiceOwner, speaking_for
from orders.models import Creator, Sender
from orders.senders.sms_senders import sender_name
from recipients.email_addresses import comparable
from recipients.mailboxes import Mailbox

REMEMBERED_FOR = 5.0
"""How long, in seconds, a verification or a revocation may take to be noticed by each process."""


@dataclass(frozen=True, slots=True)
class Registered:
    """What is known of a service owner's senders of one kind, each in its comparable form."""

    verified: frozenset[str] = frozenset()
    revoked: frozenset[str] = frozenset()
    is_bound: bool = False


OfOwner = dict[Sender.Kind, Registered]

# One entry for each service owner, by its key: owners come from verified tokens only.
known: dict[int, tuple[float, OfOwner]] = {}


def form_of(kind: Sender.Kind, written: str) -> str:
    """What makes two ways of writing one sender the same: of an e-mail the address alone, in its
    canonical form and in lower case; of an SMS what phones show. "" for what is no sender."""
    return sender_name(written) if kind == Sender.Kind.SMS else _email_form(written)


def may_use(creator: Creator, kind: Sender.Kind, written: str) -> bool:
    """Whether orders of the service owner may be from this sender."""
    wanted = form_of(kind, written)
    if wanted == form_of(kind, _of_installation(kind)):
        return True
    registered = registered_by(creator)[kind]
    if wanted in registered.revoked:
        return False
    if wanted in registered.verified or wanted == form_of(kind, default_of(creator, kind)):
        return True
    if look_of(wanted) in map(look_of, registered.revoked):
        return False
    return not (registered.is_bound or settings.ENFORCE_SENDERS)


def look_of(form: str) -> str:
    """What readers tell apart at a glance: neither case nor spaces."""
    return form.replace(" ", "").casefold()


def registered_by(creator: Creator) -> OfOwner:
    """Remembered for some seconds, so that an order usually costs no query."""
    now = time.monotonic()
    good_until, found = known.get(creator.pk, (0.0, {}))
    if now >= good_until:
        found = _read(creator)
        known[creator.pk] = (now + REMEMBERED_FOR, found)
    return found


def default_of(creator: Creator, kind: Sender.Kind) -> str:
    """What staff have set for orders that name none; often ""."""
    is_email = kind == Sender.Kind.EMAIL
    return creator.default_email_sender if is_email else creator.default_sms_sender


@dataclass(frozen=True, slots=True)
class CallersSenders:
    """What the rules of requests ask about senders, of the caller whose request it is; of None
    everything is allowed.

    Asks who the caller is only where a request names a sender. Whoever speaks for no service owner
    is told so after all that is wrong with the request.
    """

    caller: Caller | None

    def may_use(self, kind: Sender.Kind, written: str) -> bool:
        creator = self._creator()
        return creator is None or may_use(creator, kind, written)

    def verified(self, kind: Sender.Kind) -> Sequence[str]:
        creator = self._creator()
        return () if creator is None else sorted(registered_by(creator)[kind].verified)

    def _creator(self) -> Creator | None:
        if self.caller is None:
            return None
        try:
            return speaking_for(self.caller)
        except NotAServiceOwner:
            return None


ANY_SENDER = CallersSenders(None)


@lru_cache(maxsize=1024)
def _email_form(written: str) -> str:
    try:
        return comparable(Mailbox.parse(written).address)
    except ValueError:
        return ""


def _of_installation(kind: Sender.Kind) -> str:
    is_email = kind == Sender.Kind.EMAIL
    return settings.DEFAULT_EMAIL_FROM if is_email else settings.DEFAULT_SMS_SENDER


def _read(creator: Creator) -> OfOwner:
    rows = list(
        Sender.objects.filter(creator=creator).values_list(
            "kind", "address", "state", "verified_at"
        )
    )
    return {kind: _registered([row[1:] for row in rows if row[0] == kind]) for kind in Sender.Kind}


def _registered(rows: Sequence[tuple[str, str, object]]) -> Registered:
    def in_state(wanted: Sender.State) -> frozenset[str]:
        return frozenset(address for address, state, _ in rows if state == wanted)

    return Registered(
        verified=in_state(Sender.State.VERIFIED),
        revoked=in_state(Sender.State.REVOKED),
        is_bound=any(verified_at for _, _, verified_at in rows),
    )
