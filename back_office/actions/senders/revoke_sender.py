"""Takes senders away from service owners, or refuses what they have asked for."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from back_office.actions.action import Refused
from back_office.actions.senders.deciding import SenderDecision
from back_office.models import StaffAction
from back_office.wording.counts import number
from orders.models import Sender
from orders.senders import sender_decisions

State = Sender.State


class RevokeSender(SenderDecision):
    name = "revoke"
    title = gettext_lazy("Revoke the sender")
    icon = "block"
    fitting = (State.ASKED, State.WAITING, State.VERIFIED)
    what = StaffAction.What.SENDER_REVOKED

    def decide(self, ids: Collection[int], *, now: datetime) -> list[Sender]:
        return sender_decisions.revoke(ids, now=now)

    def says(self, count: int) -> str:
        return ngettext(
            "%(count)s sender: new orders that name it are refused, five seconds from now at the"
            " latest. Orders that were accepted before keep it.",
            "%(count)s senders: new orders that name them are refused, five seconds from now at the"
            " latest. Orders that were accepted before keep them.",
            count,
        ) % {"count": number(count)}

    def left_alone(self, rows: Sequence[Sender]) -> tuple[list[Sender], Refused]:
        free = [row for row in rows if not sender_decisions.is_default(row)]
        defaults = len(rows) - len(free)
        reason = _("It is the default of its service owner: choose another default first.")
        return free, [(reason, defaults)] if defaults else ()
