"""What came of an action, from the counts that the audit log keeps of it, in words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from back_office.wording.counts import number

_NAMES: Mapping[str, Promise] = {
    "orders": _("orders"),
    "messages": _("notifications"),
    "left": _("had left"),
    "in_hand": _("being sent"),
    "made": _("created"),
    "refused": _("left alone"),
}


def in_words(outcome: Mapping[str, object]) -> str:
    """`orders: 1, notifications: 3, had left: 2`; counts of nothing are left out."""
    counts = {name: _total(outcome.get(name)) for name in _NAMES}
    told = [f"{_NAMES[name]}: {number(count)}" for name, count in counts.items() if count]
    return ", ".join(told) or f"{_NAMES['messages']}: 0"


def _total(value: object) -> int:
    """A count, or the sum of counts by their reason."""
    if isinstance(value, Mapping):
        return sum(_total(one) for one in value.values())
    return value if isinstance(value, int) else 0
