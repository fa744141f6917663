"""Lets service owners send from what they have asked for."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from back_office.actions.senders.deciding import SenderDecision
from back_office.models import StaffAction
from back_office.wording.counts import number
from orders.models import Sender
from orders.senders import sender_decisions

State = Sender.State


class VerifySender(SenderDecision):
    name = "verify"
    title = gettext_lazy("Verify the sender")
    icon = "verified"
    fitting = (State.ASKED, State.WAITING)
    what = StaffAction.What.SENDER_VERIFIED

    def decide(self, ids: Collection[int], *, now: datetime) -> list[Sender]:
        return sender_decisions.verify(ids, now=now)

    def says(self, count: int) -> str:
        return ngettext(
            "%(count)s sender: orders of its service owner may be from it.",
            "%(count)s senders: orders of their service owners may be from them.",
            count,
        ) % {"count": number(count)}

    def warnings(self, rows: Sequence[Sender]) -> list[str]:
        """Where it is the first, it forbids all others, which a service owner may be using."""
        first = {
            (row.creator.short_name, row.kind) for row in rows if sender_decisions.binds_more(row)
        }
        words = {
            Sender.Kind.EMAIL: _(
                "It is the first e-mail address of %(owner)s: its orders from any other one, but"
                " for default senders, are refused from now on."
            ),
            Sender.Kind.SMS: _(
                "It is the first SMS sender of %(owner)s: its orders from any other one, but for"
                " default senders, are refused from now on."
            ),
        }
        lacking = [row.address for row in rows if row.state == State.WAITING]
        of_records = _("The DNS records of %(sender)s lacked something at the last check.")
        return [
            *(of_records % {"sender": address} for address in lacking),
            *(words[Sender.Kind(kind)] % {"owner": owner} for owner, kind in sorted(first)),
        ]
