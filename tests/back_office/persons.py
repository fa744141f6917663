"""Persons whose every number and address can be told from all others, however it is written; and a
data set in which every column that may hold something of a person does."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import quote, unquote

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.db.models import Field, JSONField, Model
from django.utils import timezone

from back_office.models import StaffAction
from back_office.privacy import personal_data
from dispatch.models import Attempt, ChannelPause, DeliveryReport, JobRun
from events.models import OF_SHIPMENTS, Delivery, Subscription
from notifications.models import (
    Notification,
    NotificationChannel,
    NotificationStatus,
    StatusFeedEntry,
)
from orders.models import Channel, Creator, IdempotencyKey, Order, Sender
from recipients.models import Recipient
from runtime.uuid7 import uuid7
from tests.building import FJELLHEIM, direct, notification, order, organization, person
from tests.registering import sender

S = NotificationStatus
# Digits with next to nothing between them, and the words that the addresses are made of.
_DIGITS = re.compile(r"\d(?:[\W_]{0,3}\d){7,}")
_WORDS = re.compile(r"kari\.q\d+z")


SPELLINGS = (
    "{0}{1}{2}{3}",
    "+47 {0}{1}{2}{3}",
    "0047{0}{1}{2}{3}",
    "{0} {1} {2} {3}",
    "{0}-{1}-{2}-{3}",
    "+47\u00a0{0}\u2011{1}\u2011{2}\u2011{3}",
    "tel{0}.{1}.{2}.{3}x",
    "{0}/{1}/{2}/{3}",
    "{0}\u200b{1}{2}{3}",
    "%2B47%20{0}%20{1}%20{2}%20{3}",
    "&#43;47&nbsp;{0}&nbsp;{1}&nbsp;{2}{3}",
)
EMAIL_SPELLINGS = (
    "{0}@example.no",
    "<{0}@example.no>",
    '"{0} Nordmann"@example.no',
    "{0}%40example.no",
    "{0}%2540example.no",
    "{0}&#64;example.no",
    "{0}\uff20example.no",
)
IDENTITY_SPELLINGS = ("{0}{1}", "{0} {1}", "{0}-{1}", "{0}/{1}", "{0}%20{1}", "{0}\u200b{1}")


class Persons:
    """Makes them up, one after the other, and knows them again."""

    def __init__(self) -> None:
        self.all: dict[str, str] = {}
        """By which column each identifier is held."""

    def mobile(self, of: str) -> str:
        number = f"9{len(self.all):04}671"
        self.all[number] = of
        return number

    def identity_number(self, of: str) -> str:
        number = f"010190{len(self.all):05}"
        self.all[number] = of
        return number

    def email(self, of: str) -> str:
        word = f"kari.q{len(self.all):03}z"
        self.all[word] = of
        return word

    def spelled(self, of: str) -> str:
        """A sentence with a number, an address and an identity number in it."""
        pairs = re.findall("..", self.mobile(of))
        turn = len(self.all)
        mobile = SPELLINGS[turn % len(SPELLINGS)].format(*pairs)
        email = EMAIL_SPELLINGS[turn % len(EMAIL_SPELLINGS)].format(self.email(of))
        identity = IDENTITY_SPELLINGS[turn % len(IDENTITY_SPELLINGS)]
        number = self.identity_number(of)
        return f"from {mobile} and {email} or {identity.format(number[:6], number[6:])} it came"

    def url(self, of: str) -> str:
        return (
            f"https://app.example.no/{quote(self.spelled(of))}/{self.mobile(of)}"
            f"?nin={self.identity_number(of)}&q={quote(self.spelled(of))}#{self.email(of)}"
        )

    def json(self, of: str) -> dict[str, Any]:
        return {
            "destination": f"+47{self.mobile(of)}",
            "number": int(f"47{self.mobile(of)}"),
            "in a list": [{self.spelled(of): self.spelled(of)}, self.identity_number(of)],
        }

    def tries(self, of: str) -> list[dict[str, Any]]:
        """Of a webhook delivery."""
        at = timezone.now().isoformat()
        return [{"at": at, "status": 503, "milliseconds": 12, "reason": self.spelled(of)}]

    def found_in(self, page: str) -> set[str]:
        """Whose identifiers can be read there, by the columns that hold them."""
        texts = {page, unescape(page), unquote(unescape(unescape(page)))}
        texts |= {text.replace("\\u200b", "").replace("\\u00a0", " ") for text in set(texts)}
        return {self.all[one] for text in texts for one in _candidates(text) if one in self.all}


def _candidates(text: str) -> Iterator[str]:
    """Every eight and every eleven digits that stand together, and every word."""
    yield from _WORDS.findall(text)
    for found in _DIGITS.findall(text):
        digits = re.sub(r"\D", "", found)
        for length in (8, 11):
            yield from (digits[at : at + length] for at in range(len(digits) - length + 1))


def filled(persons: Persons, row: Model) -> dict[str, Any]:
    """For each column of the row that is masked, something of a new person."""
    special: dict[str, Callable[[str], Any]] = {
        "national_identity_number": persons.identity_number,
        "condition_endpoint": persons.url,
        "endpoint": persons.url,
        "tries": persons.tries,
    }
    values: dict[str, Any] = {}
    for name in personal_data.MASKS[type(row)]:
        of = f"{row._meta.label}.{name}"
        field: Field[Any, Any] = row._meta.get_field(name)  # type: ignore[assignment]
        if name in _KEPT:
            continue
        if name in special:
            values[name] = special[name](of)
        elif isinstance(field, JSONField):
            values[name] = persons.json(of)
        elif name in ("address", "normalized_address"):
            is_sms = getattr(row, "channel", "") == NotificationChannel.SMS
            values[name] = f"+47{persons.mobile(of)}" if is_sms else f"{persons.email(of)}@a.no"
        else:
            values[name] = persons.spelled(of)
    if isinstance(row, Notification) and (address := values["address"]):
        values["gateway_reference"] = f"ref-{address.removeprefix('+')}"
    return values


# Identifiers of rows, and what was filled in above.
_KEPT = {"object_id", "subject_id", "gateway_reference", "reference", "mobile_number"}
_KEPT |= {"email_address"}


class World:
    """One row or more of every table, all made today, so that lists open with it."""

    def __init__(self, creator: Creator) -> None:
        self.persons, self.now = Persons(), timezone.now()
        self.creator = creator
        self.staff = User.objects.create_user("anne", is_staff=True)
        self.rows: dict[type[Model], list[Model]] = defaultdict(list)
        orders = [self._order(channel, status) for channel, status in _ORDERS]
        messages = [self._message(made, *kind) for made in orders[2:4] for kind in _MESSAGES]
        for message in messages:
            self._about(message)
        for made in orders[2:4]:
            self._about_order(made)
        self._about_webhooks()
        self._about_the_system()
        self.rows[Recipient] = [*Recipient.objects.all()]

    def _add(self, row: Model) -> None:
        for name, value in filled(self.persons, row).items():
            setattr(row, name, value)
        row.save(force_insert=True)
        self.rows[type(row)].append(row)

    def _order(self, channel: Channel, status: str) -> Order:
        addressees = [
            person(self.persons.identity_number("Recipient.national_identity_number")),
            organization(FJELLHEIM),
            direct(
                mobile=f"+47{self.persons.mobile('Recipient.mobile_number')}",
                email=f"{self.persons.email('Recipient.email_address')}@example.no",
            ),
        ]
        asked = {"condition_asked_at": self.now, "attempts": 2}
        made = order(self.creator, channel, addressees, now=self.now, status=status, **asked)
        values = filled(self.persons, made)
        for text in ("email_subject", "email_body", "sms_body"):
            if getattr(made, text) is None:
                del values[text]
        Order.objects.filter(pk=made.pk).update(**values)
        made = Order.objects.select_related("creator").get(pk=made.pk)
        self.rows[Order].append(made)
        return made

    def _message(self, made: Order, channel: NotificationChannel, status: S) -> Notification:
        row = notification(made, status, channel=channel, now=self.now)
        Notification.objects.filter(pk=row.pk).update(**filled(self.persons, row))
        row = Notification.objects.get(pk=row.pk)
        self.rows[Notification].append(row)
        return row

    def _about(self, message: Notification) -> None:
        known = message.address.removeprefix("+")
        for state in DeliveryReport.State:
            self._add(
                DeliveryReport(
                    channel=message.channel,
                    reference=f"x{known}" if state != DeliveryReport.State.DEAD else "x1",
                    received=self.now,
                    state=state,
                    notification=None if state == DeliveryReport.State.DEAD else message,
                    next_attempt_at=self.now,
                )
            )
        outcome = Attempt.Outcome.values[len(self.rows[Attempt]) % 3]
        about = {"notification": message, "created": self.now}
        self._add(Attempt(outcome=outcome, reference=f"y{known}", **about))

    def _about_order(self, made: Order) -> None:
        about = {"creator": self.creator, "order": made, "created": self.now}
        self._add(StatusFeedEntry(status="Completed", **about))
        kind = StaffAction.Subject.ORDER
        for what in (StaffAction.What.HELD, StaffAction.What.RESENT):
            by = {"staff": self.staff, "staff_name": "anne", "when": self.now}
            self._add(StaffAction(what=what, subject_type=kind, subject_id=str(made.pk), **by))

    def _about_webhooks(self) -> None:
        now = self.now
        for state in Subscription.State:
            hook = Subscription(
                creator=self.creator,
                event_types=[*OF_SHIPMENTS],
                state=state,
                state_at=now,
                cursor=0,
                rests_until=now,
                created=now,
            )
            self._add(hook)
            self._add(
                Delivery(
                    subscription=hook,
                    event=OF_SHIPMENTS[0],
                    shipment_id=uuid7(),
                    occurred_at=now,
                    next_attempt_at=now,
                    created=now,
                )
            )

    def _about_the_system(self) -> None:
        for channel in NotificationChannel:
            for cause in ChannelPause.Cause:
                until = self.now + timedelta(hours=1)
                self._add(ChannelPause(channel=channel, cause=cause, until=until, set_at=self.now))
        sender(self.creator, "post@ttd.example")
        self.rows[Sender] = [*Sender.objects.all()]
        self._add(JobRun(name="dispatch.sweep", started_at=self.now, ended_at=self.now))
        self._add(LogEntry(user=self.staff, action_flag=CHANGE, content_type=None, object_id="1"))
        self._add(AccessAttempt(username="anne", failures_since_start=3))
        self._add(AccessLog(username="anne"))
        self._add(AccessFailureLog(username="anne"))
        self._add(IdempotencyKey(creator=self.creator, order_id=uuid7(), created=self.now))


_ORDERS = (
    (Channel.SMS, "Registered"),
    (Channel.EMAIL, "Processing"),
    (Channel.EMAIL_AND_SMS, "Processed"),
    (Channel.SMS_PREFERRED, "Completed"),
    (Channel.EMAIL_AND_SMS, "SendConditionNotMet"),
    (Channel.EMAIL_PREFERRED, "Cancelled"),
)
_MESSAGES = (
    (NotificationChannel.SMS, S.NEW),
    (NotificationChannel.SMS, S.FAILED),
    (NotificationChannel.SMS, S.DELIVERED),
    (NotificationChannel.EMAIL, S.FAILED_BOUNCED),
    (NotificationChannel.EMAIL, S.SENDING),
)
