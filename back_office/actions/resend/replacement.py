"""What is told of one notification before it is sent again: the addresses, and how old it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from back_office.wording import local_time
from notifications.expansion import routing
from notifications.models import Notification
from notifications.resend.resend import Planned
from recipients import masking


@dataclass(frozen=True, slots=True)
class Replacement:
    facts: list[tuple[str, object]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def of(planned: Sequence[Planned], *, now: datetime) -> Replacement:
    """Of all that would take the place of one; addresses are masked."""
    old = Notification.objects.select_related("order").get(pk=planned[0].resend_of)
    new = {routing.normalize(one.channel, one.address): one for one in planned}
    masked = [masking.mask_address(one.channel, one.address) for one in new.values()]
    is_same = set(new) == {old.normalized_address}
    days = (now - old.order.created).days
    facts: list[tuple[str, object]] = [
        (_("Ordered"), local_time.at(old.order.created, now=now)),
        (_("Instead of"), masking.mask_address(old.channel, old.address) or "–"),  # noqa: RUF001
        (_("To"), ", ".join(masked) + (f" ({_same(old)})" if is_same else "")),
    ]
    return Replacement(facts, [_is_old(days)] if days else [])


def _same(old: Notification) -> str:
    """Persons are looked up anew; an organisation is reached where it was before."""
    if old.national_identity_number:
        return _("the register gives the same address")
    return _("the same address")


def _is_old(days: int) -> str:
    return ngettext(
        "It was ordered %(count)s day ago. Is what it says still true?",
        "It was ordered %(count)s days ago. Is what it says still true?",
        days,
    ) % {"count": days}
