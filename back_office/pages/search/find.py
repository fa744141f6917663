"""Finds orders and notifications by whatever a caller reads out.

Every question is one look into an index and reads at most MAX_ROWS rows of it, so that it costs
the same with a thousand notifications as with ten million, and for an address with one as with
100,000.

Orders that are not processed yet are found by the person's or organisation's number, but not by an
address that the sender gave: an index on the addresses of recipients would cost every order placed
for ever, and is of use for the minutes or hours until its notifications, which are indexed, exist.
The result page says so.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.db import models
from django.db.models import F, Model, QuerySet
from django.utils.translation import gettext_lazy as _

from notifications.models import Notification
from notifications.reading.dialog_log import as_written
from orders.models import Order, OrderChain
from recipients import email_addresses, identifiers, mobile_numbers
from recipients.models import Recipient

SHOWN = 50
MAX_TERM_LENGTH = 500
# The newest rows of an index that are read for one question; of more the rest is not looked at.
MAX_ROWS = 1_000
MIN_BEGINNING = 3
MAX_BEGINNINGS = 200

_UUID = re.compile(r"\{?([0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12})\}?")
_SPACES = re.compile(r"[\s\u00a0]+")
_BETWEEN_DIGITS = re.compile(r"[\s\u00a0().\-/]+")
# As companies write it on invoices: NO 123 456 785 MVA.
_ORGANIZATION = re.compile(r"(?:NO)?([0-9]{9})(?:MVA)?", re.IGNORECASE)
_WITHOUT_PLUS = re.compile(r"47[49][0-9]{7}")


_LARGE = ("order__email_subject", "order__email_body", "order__sms_body")

Row = TypeVar("Row", bound=Model)
Listed = TypeVar("Listed", Order, Notification)


class Kind(models.TextChoices):
    """What a term may be."""

    ID = "id", _("id")
    REFERENCE = "reference", _("reference")
    PERSON = "person", _("national identity number")
    ORGANIZATION = "organization", _("organisation number")
    EMAIL = "email", _("e-mail address")
    MOBILE = "mobile", _("mobile number")


@dataclass(frozen=True, slots=True)
class Found:
    """The newest first; `more_...` says that there are others which are not in here."""

    orders: Sequence[Order] = ()
    notifications: Sequence[Notification] = ()
    more_orders: bool = False
    more_notifications: bool = False

    @property
    def the_notification(self) -> Notification | None:
        """The only one, where nothing was found beside it but its own order."""
        if len(self.notifications) != 1:
            return None
        only = self.notifications[0]
        return only if {order.pk for order in self.orders} <= {only.order_id} else None

    @property
    def the_order(self) -> Order | None:
        """The only one, where every notification that was found belongs to it."""
        if len(self.orders) != 1 or self.more_notifications:
            return None
        only = self.orders[0]
        return only if {one.order_id for one in self.notifications} <= {only.pk} else None


def kinds(text: str) -> dict[Kind, str]:
    """Everything that the text may be, each as it is stored; a term may fit several kinds."""
    term = text.replace("\0", "").strip()[:MAX_TERM_LENGTH]
    if not term:
        return {}
    fitting = {Kind.REFERENCE: term}
    if identified := _UUID.fullmatch(term.lower()):
        fitting[Kind.ID] = str(UUID(identified[1]))
    digits = _SPACES.sub("", term)
    if identifiers.is_national_identity_number(digits):
        fitting[Kind.PERSON] = digits
    if registered := _ORGANIZATION.fullmatch(digits):
        fitting[Kind.ORGANIZATION] = registered[1]
    if email_addresses.is_usable(term):
        fitting[Kind.EMAIL] = email_addresses.comparable(term)
    if mobile := _mobile_number(term):
        fitting[Kind.MOBILE] = mobile
    return fitting


def _mobile_number(term: str) -> str:
    """In E.164, or "" for what is no mobile number."""
    compact = _BETWEEN_DIGITS.sub("", term)
    if _WITHOUT_PLUS.fullmatch(compact):
        compact = f"+{compact}"
    number = mobile_numbers.from_register(compact)
    return mobile_numbers.to_e164(number) if mobile_numbers.is_mobile_number(number) else ""


def find(text: str) -> Found:
    """Ask everything that the text may mean."""
    terms = kinds(text)
    if not terms:
        return Found()
    notification_ids: set[UUID] = set()
    order_ids: set[UUID] = set()
    for kind, term in terms.items():
        notification_ids |= _notifications(kind, term)
        order_ids |= _orders(kind, term)
    notifications, more_notifications = _newest(
        Notification.objects.select_related("creator", "order").defer("subject", "body", *_LARGE),
        notification_ids,
    )
    order_ids |= {one.order_id for one in notifications}
    orders, more_orders = _newest(Order.objects.select_related("creator"), order_ids)
    return Found(orders, notifications, more_orders, more_notifications)


def _notifications(kind: Kind, term: str) -> set[UUID]:
    rows = Notification.objects.all()
    match kind:
        case Kind.ID:
            return set(rows.filter(pk=term).values_list("pk", flat=True))
        case Kind.REFERENCE:
            found = _last_of(rows, "gateway_reference", term, "pk")
            return found or _beginning_with(rows, "gateway_reference", term)
        case Kind.PERSON:
            return _last_of(rows, "national_identity_number", term, "pk")
        case Kind.ORGANIZATION:
            return _last_of(rows, "organization_number", term, "pk")
        case Kind.EMAIL:
            forms = email_addresses.stored_forms(term)
            return set().union(*(_last_of(rows, "normalized_address", one, "pk") for one in forms))
        case Kind.MOBILE:
            return _last_of(rows, "normalized_address", term, "pk")


def _orders(kind: Kind, term: str) -> set[UUID]:
    match kind:
        case Kind.ID:
            found = set(Order.objects.filter(pk=term).values_list("pk", flat=True))
            return found | _orders_of_chains({UUID(term), *_chains_about(as_written(UUID(term)))})
        case Kind.REFERENCE:
            chains = _last_of(OrderChain.objects.all(), "idempotency_id", term, "pk")
            chains |= _chains_about([term])
            found = _last_of(Order.objects.all(), "senders_reference", term, "pk")
            found = found or _beginning_with(Order.objects.all(), "senders_reference", term)
            return found | _orders_of_chains(chains)
        case Kind.PERSON:
            return _last_of(Recipient.objects.all(), "national_identity_number", term, "order_id")
        case Kind.ORGANIZATION:
            return _last_of(Recipient.objects.all(), "organization_number", term, "order_id")
        case Kind.EMAIL | Kind.MOBILE:
            return set()


def _chains_about(dialog_ids: Collection[str]) -> set[UUID]:
    """Those about the dialog, in whichever of the ways its id is written."""
    of_dialog = OrderChain.objects.filter(dialog_id__in=dialog_ids).order_by("-dialog_id")
    return set(of_dialog.values_list("pk", flat=True)[:MAX_ROWS])


def _orders_of_chains(chain_ids: Collection[UUID]) -> set[UUID]:
    if not chain_ids:
        return set()
    orders = Order.objects.filter(chain_id__in=chain_ids).order_by("-chain_id", "-chain_position")
    return set(orders.values_list("pk", flat=True)[:MAX_ROWS])


def _last_of(rows: QuerySet[Row], column: str, term: str, wanted: str) -> set[UUID]:
    """The wanted ids of the MAX_ROWS last entries that the column's index has for the term.

    A range instead of an equality, since the planner ignores an ORDER BY of a column that it knows
    to be constant, and would then be free to read all entries, or the oldest. Equal entries stand
    in the index as their rows stand in the table: the last are the newest, but for rows that were
    moved by an update.
    """
    of_term = rows.filter(**{f"{column}__gte": term, f"{column}__lte": term})
    last = of_term.order_by(F(column).desc())
    return set(last.values_list(wanted, flat=True)[:MAX_ROWS])


def _beginning_with(rows: QuerySet[Row], column: str, term: str) -> set[UUID]:
    """The ids of rows whose reference begins with the term, as it was typed, in capitals or in
    small letters: asked where none is the term itself. Of each, MAX_BEGINNINGS entries of the index
    are read from the term on, whatever the order of letters in this database."""
    if len(term) < MIN_BEGINNING:
        return set()
    found: set[UUID] = set()
    for form in {term, term.upper(), term.lower(), term.capitalize()}:
        following = rows.filter(**{f"{column}__gte": form}).order_by(column)
        entries = following.values_list("pk", column)[:MAX_BEGINNINGS]
        found |= {pk for pk, reference in entries if reference.startswith(form)}
    return found


def _newest(rows: QuerySet[Listed], ids: Collection[UUID]) -> tuple[list[Listed], bool]:
    """Ids are made in the order of time."""
    newest = sorted(ids, reverse=True)[:SHOWN]
    found = list(rows.filter(pk__in=newest).order_by("-pk")) if newest else []
    return found, len(ids) > SHOWN
