"""Deeds on orders: resend what failed, hold, release, stop, cancel, and let go on at once."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from back_office.actions import cancel, hold, resend, retry, sentences
from back_office.actions.action import Asked, Deed, Done, Outlook
from back_office.actions.audit_entries import Named
from back_office.actions.forms import DeedForm, ResendForm
from back_office.models import StaffAction
from back_office.pages.notifications.buttons import Resend, SendNow
from back_office.wording import local_time
from orders.models import Creator, Order, OrderStatus

What = StaffAction.What


class ResendFailed(Resend):
    name = "resend-failed"
    title = gettext_lazy("Send again what failed")
    on_list = False  # how much failed is not known before it is looked at
    command = "manage.py resend --order ... --reason ..."

    def form_class(self, *, single: bool) -> type[DeedForm]:
        return ResendForm

    def fits(self, row: Any) -> bool:
        return row.status in (OrderStatus.PROCESSED, OrderStatus.COMPLETED)

    def chosen(self, asked: Asked) -> Sequence[UUID]:
        return resend.failed_of(asked.ids)

    def named(self, asked: Asked) -> Named:
        return Named.orders(asked.ids)

    def look_ahead(self, asked: Asked) -> Outlook:
        if (count := len(self.chosen(asked))) > self.most:
            order = asked.ids[0]
            return Outlook(
                _(
                    "%(count)s messages of the order failed. That is more than a page can resend:"
                    " use the command manage.py resend --order %(order)s --reason ..."
                )
                % {"count": sentences.number(count), "order": order},
                possible=False,
            )
        return super().look_ahead(asked)

    def do(self, asked: Asked) -> Done:
        if len(self.chosen(asked)) > self.most:
            return Done(_("More has failed meanwhile than a page can resend."), success=False)
        return super().do(asked)


class SendOrderNow(SendNow):
    on_list = False

    def fits(self, row: Any) -> bool:
        return row.status == OrderStatus.PROCESSED and not row.held_at

    def chosen(self, asked: Asked) -> Sequence[UUID]:
        return retry.waiting_of(asked.ids)

    def orders(self, asked: Asked) -> Sequence[UUID]:
        return asked.ids


class ProcessNow(Deed):
    name = "process-now"
    permission = "back_office.hurry"
    title = gettext_lazy("Process now")
    icon = "bolt"
    command = "manage.py process_orders --creator ... --reason ..."

    def fits(self, row: Any) -> bool:
        return bool(row.can_process)

    def look_ahead(self, asked: Asked) -> Outlook:
        found = retry.look_ahead_orders(asked.ids, now=asked.now)
        return Outlook(sentences.will_process(found), possible=found.count > 0)

    def do(self, asked: Asked) -> Done:
        done = retry.process_now(asked.ids, by=asked.by, why=asked.why, now=asked.now)
        return Done(sentences.processed(done), success=done.count > 0)


class Cancel(Deed):
    name = "cancel"
    permission = "back_office.cancel_order"
    title = pgettext_lazy("to an order", "Cancel")
    icon = "cancel"
    is_final = True
    command = "manage.py cancel_order --order ... --reason ..."

    def fits(self, row: Any) -> bool:
        return bool(row.can_cancel)

    def look_ahead(self, asked: Asked) -> Outlook:
        found = cancel.look_ahead(asked.ids)
        past = _("Past being registered; a stop may still help.")
        refused = [(past, found.others)] if found.others else []
        return Outlook(sentences.will_cancel(found), refused=refused, possible=bool(found.ids))

    def do(self, asked: Asked) -> Done:
        done = cancel.cancel(asked.ids, by=asked.by, why=asked.why, now=asked.now)
        return Done(sentences.cancelled(done), success=bool(done.ids))


class Holding(Deed):
    """Hold, release and stop, of orders or of all that a service owner has under way."""

    permission = "back_office.hold"
    what: ClassVar[StaffAction.What]
    act: ClassVar[Callable[..., hold.Done]]
    title_for_all: ClassVar[Any]

    def __init__(self, *, of_creator: bool = False) -> None:
        self.of_creator = of_creator
        self.on_list = not of_creator
        if of_creator:
            self.title = self.title_for_all

    def fits(self, row: Any) -> bool:
        return isinstance(row, Creator) or self.fits_order(row)

    def fits_order(self, order: Order) -> bool:
        raise NotImplementedError

    def look_ahead(self, asked: Asked) -> Outlook:
        found = hold.look_ahead(self.what, self._orders(asked)[0])
        refused = [(self._left_alone(), found.others)] if found.others else []
        return Outlook(
            sentences.will_hold(self.what, found),
            facts=_facts(found, now=asked.now) if found.orders else (),
            refused=refused,
            warnings=self.warnings(found) if found.orders else (),
            possible=found.orders > 0,
        )

    def warnings(self, found: hold.Outlook) -> list[str]:
        return []

    def do(self, asked: Asked) -> Done:
        orders, creator = self._orders(asked)
        act = type(self).act
        done = act(orders, of=creator, by=asked.by, why=asked.why, now=asked.now)
        return Done(sentences.held(self.what, done), success=done.orders > 0)

    def _orders(self, asked: Asked) -> tuple[Collection[UUID], Creator | None]:
        if not self.of_creator:
            return asked.ids, None
        creator = Creator.objects.get(pk=asked.ids[0])
        return hold.orders_of(creator), creator

    def _left_alone(self) -> str:
        if self.what == What.RELEASED:
            return _("Not held.")
        return _("Ended, or held or stopped before.")


class Hold(Holding):
    name = "hold"
    title = gettext_lazy("Hold")
    title_for_all = gettext_lazy("Hold all that is under way")
    icon = "pan_tool"
    what = What.HELD
    act = staticmethod(hold.hold)
    command = "manage.py hold --creator ... --reason ..."

    def fits_order(self, order: Order) -> bool:
        return order.can_hold

    def warnings(self, found: hold.Outlook) -> list[str]:
        said = [_("A hold does not stop the clock: messages expire as usual.")]
        if self.of_creator:
            said.append(
                _("Orders placed from now on are not held. To refuse them, make it inactive.")
            )
        return said


class Release(Holding):
    name = "release"
    title = gettext_lazy("Release")
    title_for_all = gettext_lazy("Release all that is held")
    icon = "play_arrow"
    what = What.RELEASED
    act = staticmethod(hold.release)
    command = "manage.py release --creator ... --reason ..."

    def fits_order(self, order: Order) -> bool:
        return order.can_release


class Stop(Holding):
    name = "stop"
    title = gettext_lazy("Stop for good")
    title_for_all = gettext_lazy("Stop all that is under way")
    icon = "block"
    is_final = True
    what = What.STOPPED
    act = staticmethod(hold.stop)
    command = "manage.py stop --creator ... --reason ..."

    def fits_order(self, order: Order) -> bool:
        return order.can_stop

    def warnings(self, found: hold.Outlook) -> list[str]:
        return [_("The reason stays with each message, for whoever asks later.")]


def _facts(found: hold.Outlook, *, now: datetime) -> list[tuple[str, object]]:
    tally = found.tally
    facts: list[tuple[str, object]] = [
        (_("Orders"), sentences.number(found.orders)),
        (_("Waiting messages"), sentences.number(tally.waiting)),
        (_("Messages still to be made"), sentences.number(tally.not_expanded)),
        (_("Being sent at this moment"), sentences.number(tally.in_hand)),
        (_("Have left"), sentences.number(tally.left)),
        (_("Ended unsent"), sentences.number(tally.ended_unsent)),
    ]
    if found.first_expiry:
        facts.append((_("The first expires"), local_time.at(found.first_expiry, now=now)))
    return facts


ORDER_DEEDS: tuple[Deed, ...] = (
    ResendFailed(),
    ProcessNow(),
    SendOrderNow(),
    Hold(),
    Release(),
    Cancel(),
    Stop(),
)
CREATOR_DEEDS: tuple[Deed, ...] = (
    Hold(of_creator=True),
    Release(of_creator=True),
    Stop(of_creator=True),
)
