"""All that the page of an order shows, read with a fixed number of queries whatever its size."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, Count, Q, Value, When

from back_office.audit import about, persons
from back_office.privacy import personal_data
from back_office.story import details, explanations, timeline
from back_office.story.content import Texts
from back_office.story.details import NotificationStory
from back_office.story.explanations import Explanation
from back_office.story.stats import steps_of
from back_office.story.tally import Tally
from back_office.story.timeline import Moment
from back_office.wording import labels
from back_office.wording.labels import Label
from dispatch.models import ChannelPause
from notifications.expansion.routing import normalize
from notifications.models import FAILED, Notification, NotificationChannel, StatusFeedEntry
from orders.models import Attachment, Order, OrderChain, OrderType
from recipients.mobile_numbers import is_mobile_number
from recipients.models import Recipient

SHOWN = 100
NOTIFICATIONS_SHOWN = 20
# Notifications looked through for those of the recipients shown.
MAX_NOTIFICATIONS = 1_000


@dataclass(frozen=True, slots=True)
class Addressee:
    """One recipient as ordered, and its notifications."""

    who: str
    look_up: Label
    is_repeat: bool
    covered_by: UUID | None
    notifications: tuple[tuple[Notification, Label], ...]


@dataclass(frozen=True, slots=True)
class Link:
    """One order of a chain: where it stands in it, and how it is doing."""

    order: Order
    place: str
    label: Label


@dataclass(frozen=True, slots=True)
class Chain:
    """The chain that an order belongs to, `place` being the order's own in it."""

    chain: OrderChain
    place: str
    links: Sequence[Link]
    links_in_all: int


@dataclass(frozen=True, slots=True)
class OrderPage:
    """What the template needs; long lists are cut, and `..._in_all` says how long they are."""

    order: Order
    label: Label
    tally: Tally
    chain: Chain | None
    explanation: Explanation | None
    texts: Texts
    attachments: Sequence[Attachment]
    recipients: Sequence[Addressee]
    recipients_in_all: int
    stories: Sequence[NotificationStory]
    notifications_in_all: int
    entries: Sequence[StatusFeedEntry]
    moments: Sequence[Moment]
    unmasked: bool
    persons: Collection[str]


def read(order: Order, *, unmasked: bool, now: datetime) -> OrderPage:
    """The order comes with its creator. Personal data is masked here, so that no template can show
    it by mistake."""
    if not unmasked:
        personal_data.mask(order)
    pauses = personal_data.masked(ChannelPause.objects.in_force(now=now))
    look_ups = _look_ups(order)
    recipients = list(Recipient.objects.of_order(order.pk)[:SHOWN])
    steps = steps_of(order.pk)
    stories = details.read(
        _worst_first(order), order=order, pauses=pauses, unmasked=unmasked, now=now
    )
    entries = personal_data.masked(
        StatusFeedEntry.objects.filter(order=order).defer("recipients").order_by("round")
    )
    actions = about.order(order, notifications=[one.notification.pk for one in stories])
    moments = timeline.of_order(
        order,
        look_ups=look_ups,
        steps=steps,
        attempts=[attempt for story in stories for attempt in story.attempts],
        reports=[report for story in stories for report in story.reports],
        actions=actions,
        entries=entries,
    )
    tally = Tally.of_steps(steps)
    open_notifications = sum(one.count for one in steps if not one.finished)
    return OrderPage(
        order=order,
        label=labels.of_order(order, all_failed=tally.all_failed),
        tally=tally,
        chain=_chain(order, unmasked=unmasked),
        explanation=explanations.of_order(
            order,
            open_notifications=open_notifications,
            hold=about.hold_behind(order, actions),
            now=now,
        ),
        texts=Texts.of_order(order),
        attachments=_attachments(order, unmasked=unmasked),
        recipients=_addressees(order, recipients, unmasked=unmasked),
        recipients_in_all=sum(count for _verdict, count in look_ups),
        stories=stories[:NOTIFICATIONS_SHOWN],
        notifications_in_all=sum(one.count for one in steps),
        entries=entries,
        moments=moments,
        unmasked=unmasked,
        persons=persons.named_by([*recipients, *(one.notification for one in stories)]),
    )


def _chain(order: Order, *, unmasked: bool) -> Chain | None:
    """None for an order that was placed alone."""
    if order.chain_id is None:
        return None
    chain = OrderChain.objects.get(pk=order.chain_id)
    if not unmasked:
        personal_data.mask(chain)
    orders = Order.objects.of_same_chain(order).defer("email_subject", "email_body", "sms_body")
    return Chain(
        chain,
        place=labels.place_in_chain(order),
        links=[
            Link(one, labels.place_in_chain(one), labels.of_order(one)) for one in orders[:SHOWN]
        ],
        links_in_all=orders.count(),
    )


def _attachments(order: Order, *, unmasked: bool) -> list[Attachment]:
    """By name, type and size. The link is not even read."""
    if order.type != OrderType.COMPOSED:
        return []
    found = Attachment.objects.filter(order=order).defer("link").order_by("position")
    return list(found) if unmasked else personal_data.masked(found)


def _look_ups(order: Order) -> list[tuple[str, int]]:
    """How many recipients got each verdict."""
    verdicts = Recipient.objects.filter(order=order).order_by("placement_look_up")
    return list(verdicts.values_list("placement_look_up").annotate(count=Count("id")))


def _worst_first(order: Order) -> list[Notification]:
    """What failed, then what is open, then what arrived; each in the order it was made."""
    urgency = Case(When(FAILED, then=Value(0)), When(finished_at=None, then=Value(1)), default=2)
    return list(Notification.objects.filter(order=order).order_by(urgency, "id")[:SHOWN])


def _addressees(order: Order, recipients: list[Recipient], *, unmasked: bool) -> list[Addressee]:
    """The first ones, in the order of the request, each with its notifications. A notification
    names the person or organisation it is for; one to an address that the sender gave, only the
    address."""
    nins = {one.national_identity_number for one in recipients} - {""}
    organizations = {one.organization_number for one in recipients} - {""}
    addresses = {address for one in recipients for address in _addresses(one)}
    # Who has another log-in is alone in the order, and the notifications do not name it.
    log_in = "".join(one.external_identity for one in recipients)
    nameless = Q(national_identity_number="", organization_number="")
    theirs = Notification.objects.filter(
        Q(national_identity_number__in=nins)
        | Q(organization_number__in=organizations)
        | (nameless if log_in else nameless & Q(normalized_address__in=addresses)),
        order=order,
    ).defer("subject", "body")
    of_key: dict[str, list[Notification]] = defaultdict(list)
    for one in theirs.order_by("id")[:MAX_NOTIFICATIONS]:
        named = one.national_identity_number or one.organization_number
        of_key[named or log_in or one.normalized_address].append(one)
    keys = [_keys(one) for one in recipients]
    if not unmasked:
        personal_data.masked(recipients)
    return [
        Addressee(
            who=_who(one),
            look_up=labels.of_look_up(one.placement_look_up),
            is_repeat=one.is_repeat,
            covered_by=one.covered_by,
            notifications=tuple(
                (one, labels.of_notification(one)) for key in keys_of_one for one in of_key[key]
            ),
        )
        for one, keys_of_one in zip(recipients, keys, strict=True)
    ]


def _keys(recipient: Recipient) -> list[str]:
    """By which notifications of the order are known to be the recipient's."""
    named = recipient.national_identity_number or recipient.organization_number
    named = named or recipient.external_identity
    return [named] if named else _addresses(recipient)


def _addresses(recipient: Recipient) -> list[str]:
    """As notifications hold them. What the order's channel does not use may be no number at all."""
    addresses = []
    if recipient.mobile_number and is_mobile_number(recipient.mobile_number):
        addresses.append(normalize(NotificationChannel.SMS, recipient.mobile_number))
    if recipient.email_address:
        addresses.append(normalize(NotificationChannel.EMAIL, recipient.email_address))
    return addresses


def _who(recipient: Recipient) -> str:
    given = (
        recipient.organization_number,
        recipient.national_identity_number,
        recipient.external_identity,
        recipient.email_address,
        recipient.mobile_number,
    )
    return ", ".join(text for text in given if text)
