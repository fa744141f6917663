"""Sends messages once more: some, all failed ones of orders, or those that a pause let expire."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from back_office.actions.address_owner import owner_of
from back_office.actions.audit_entries import Named, noted
from back_office.audit import grounds
from back_office.audit.log import Actor, Why
from back_office.models import StaffAction
from notifications.models import FAILED, Notification
from notifications.resend import resend as resending
from notifications.resend.eligibility import Refusal, Terms
from notifications.resend.resend import BATCH


@dataclass(frozen=True, slots=True)
class Outlook:
    """What resending would make. Of these `may_have_arrived` were taken by the gateway before they
    were given up; the recipient may get them twice."""

    chosen: int
    by_channel: Mapping[str, int]
    may_have_arrived: int
    refused: Mapping[Refusal, int]

    @property
    def planned(self) -> int:
        return sum(self.by_channel.values())


@dataclass(frozen=True, slots=True)
class Resent:
    """How many were made, and why the others were not."""

    chosen: int
    made: int
    refused: Mapping[Refusal, int]


def failed_of(order_ids: Collection[UUID], *, statuses: Collection[str] = ()) -> list[UUID]:
    """All that failed of the orders and that nobody has resent; with `statuses` whatever has one of
    them."""
    rows = Notification.objects.filter(order__in=order_ids)
    rows = rows.filter(status__in=statuses) if statuses else rows.filter(FAILED).not_resent()
    return list(rows.values_list("pk", flat=True))


def look_ahead(chosen: Collection[UUID], *, terms: Terms, now: datetime) -> Outlook:
    """What resending would do at this moment; nothing is written. Raises RegisterUnavailable."""
    plan = resending.plan(chosen, terms=terms, now=now)
    return Outlook(
        chosen=len(chosen),
        by_channel=dict(Counter(one.channel.value for one in plan.planned)),
        may_have_arrived=sum(one.may_have_arrived for one in plan.planned),
        refused=dict(Counter(plan.refused.values())),
    )


def resend(
    chosen: Collection[UUID],
    *,
    terms: Terms,
    named: Named | None = None,
    by: Actor,
    why: Why,
    now: datetime,
    progress: Callable[[int], None] = lambda done: None,
) -> Resent:
    """Make the new messages, batch by batch; `progress` is told how many of the chosen are done.

    `named` is what the trail names where staff named an order, a service owner or a channel;
    otherwise each message that will be resent is named. Raises RegisterUnavailable; what was made
    before that stays made, and to do it again resends only the others. To another address only for
    a case: raises `grounds.Unfit`; who may is for the caller to ask.
    """
    if terms.to_address:
        grounds.case_reference(why.case_reference, needed=True)
    made, refused = 0, Counter[Refusal]()
    if named is None:
        plan = resending.plan(chosen, terms=terms, now=now)
        named = Named.messages(sorted({one.resend_of for one in plan.planned}))
        if not named.ids:
            return Resent(len(chosen), 0, dict(Counter(plan.refused.values())))
    detail = {
        "chosen": len(chosen),
        "to_other_address": bool(terms.to_address),
        "force": terms.force,
        "override_reservation": terms.override_reservation,
        **_addresses(chosen, terms),
    }
    with noted(
        StaffAction.What.RESENT, by=by, why=why, named=named, detail=detail, now=now
    ) as deed:
        batches = resending.resend_in_batches(chosen, terms=terms, now=now)
        for number, batch in enumerate(batches, start=1):
            made += len(batch.ids)
            refused.update(batch.refused.values())
            progress(min(number * BATCH, len(chosen)))
        deed.outcome = {"made": made, "refused": {key.value: n for key, n in refused.items()}}
    return Resent(len(chosen), made, dict(refused))


def _addresses(chosen: Collection[UUID], terms: Terms) -> dict[str, str]:
    """Where it went and where it goes instead, masked, for the audit log."""
    if not terms.to_address or len(chosen) != 1:
        return {}
    owner = owner_of(terms.to_address, instead_of=next(iter(chosen)))
    return {"from": owner.old, "to": owner.new} if owner else {}
