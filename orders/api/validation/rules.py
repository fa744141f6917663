"""The rules that a converted order request must keep; every broken one is reported."""

import re
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings

from orders.api.parsing.contract import Values
from orders.api.validation import hints
from orders.models import Sender
from orders.senders.allowed import CallersSenders
from orders.senders.sms_senders import (
    MAX_CHARACTERS,
    MAX_DIGITS,
    can_be_shown,
    is_shown_whole,
    sender_name,
)
from orders.texts.sms_length import MAX_SEGMENTS
from orders.texts.sms_text import sms_length
from recipients.mailboxes import is_mailbox
from runtime.visible_text import says_nothing

# A sender's clock may be slow, and requests take their time.
TOLERANCE = timedelta(minutes=5)
# A header line of a mail with a name in it.
MAX_MAILBOX = 500
# RFC 1035, 2.3.4: https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4
MAX_HOST, MAX_LABEL = 253, 63

NOT_YOURS = "The sender is not registered for the service owner."

# A name that DNS can hold: RFC 1035, 2.3.4 (https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4).
_HOST = re.compile(
    r"(?=.{1,253}\Z)(?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
# urllib would quietly remove or pass these, and others would see another address.
NOT_IN_A_URL = re.compile(r"[\x00-\x20\x7f\\]")


class Violations(defaultdict[str, list[str]]):
    """Messages about broken rules, by the contract's property paths."""

    def __init__(self) -> None:
        super().__init__(list)
        self._hints: dict[str, dict[str, None]] = {}

    def add(self, key: str, message: str, *, hint: str) -> None:
        """A sentence of the contract, and what helps who reads it; "" where it says all."""
        self[key].append(message)
        if hint:
            self._hints.setdefault(key, {})[hints.to(hint)] = None

    def told(self) -> dict[str, list[str]]:
        """The contract's sentences first."""
        return {key: [*messages, *self._hints.get(key, ())] for key, messages in self.items()}


def check_send_time(moment: datetime | None, *, now: datetime, violations: Violations) -> None:
    """`moment` is naive where the sender gave no offset; the other rules then take it for UTC."""
    if moment is None:
        return
    if moment.tzinfo is None:
        violations.add(
            "RequestedSendTime",
            "The requested send time value must have specified a time zone.",
            hint=hints.of_moment_without_zone(moment),
        )
        moment = moment.replace(tzinfo=UTC)
    if moment < now - TOLERANCE:
        violations.add(
            "RequestedSendTime",
            "Send time must be in the future. Leave blank to send immediately.",
            hint=hints.of_moment_in_the_past(moment, now=now),
        )
    elif moment > now + timedelta(days=settings.MAX_SCHEDULE_DAYS):
        violations["RequestedSendTime"].append(
            f"Send time must be at most {settings.MAX_SCHEDULE_DAYS} days ahead."
        )


def check_condition_endpoint(url: str | None, *, violations: Violations) -> None:
    if url is not None and not is_condition_endpoint(url):
        violations.add(
            "ConditionEndpoint",
            "The condition endpoint must be a valid URL.",
            hint=hints.CONDITION,
        )


def is_condition_endpoint(url: str) -> bool:
    """Whether a named host is addressed by http(s): no IP address, no single-label name.

    Hosts in SEND_CONDITION_ALLOWED_HOSTS are excepted. What the name stands for is asked when the
    endpoint is called.
    """
    if NOT_IN_A_URL.search(url):
        return False
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme in ("http", "https") and (
        _HOST.fullmatch(host) is not None or host in settings.SEND_CONDITION_ALLOWED_HOSTS
    )


def check_resource(
    resource_id: str | None,
    action: str | None,
    *,
    key: str = "ResourceAction",
    violations: Violations,
) -> None:
    if not action:
        return
    if not (resource_id or "").strip():
        message = "ResourceAction cannot be specified without a ResourceId."
        violations[key].append(message)
    elif not action.strip():
        violations[key].append("ResourceAction cannot be blank or whitespace.")


def check_email_template(
    template: Values, *, senders: CallersSenders, violations: Violations
) -> None:
    if says_nothing(template["body"]):
        violations["EmailTemplate.Body"].append("The email template body must not be empty.")
    if says_nothing(template["subject"]):
        violations["EmailTemplate.Subject"].append("The email template subject must not be empty.")
    sender = template["sender"]
    if sender.strip() and not (len(sender) <= MAX_MAILBOX and is_mailbox(sender)):
        violations.add(
            "EmailTemplate.FromAddress",
            "The from-address must be an e-mail address that mail can be sent from.",
            hint=hints.SENDER_ADDRESS,
        )
        return
    check_email_sender(
        sender, key="EmailTemplate.FromAddress", senders=senders, violations=violations
    )


def check_sms_template(
    template: Values, *, strict: bool, senders: CallersSenders, violations: Violations
) -> None:
    if says_nothing(template["body"]):
        violations["SmsTemplate.Body"].append("The SMS template body must not be empty.")
    check_sms_length(template["body"], key="SmsTemplate.Body", violations=violations)
    check_sms_sender(
        template["sender"],
        key="SmsTemplate.SenderNumber",
        strict=strict,
        senders=senders,
        violations=violations,
    )


def check_email_sender(
    sender: str, *, key: str, senders: CallersSenders, violations: Violations
) -> None:
    """Of one that mail can be sent from: whether the caller may. A blank one is the default."""
    kind = Sender.Kind.EMAIL
    if sender.strip() and not senders.may_use(kind, sender):
        violations.add(key, NOT_YOURS, hint=hints.of_senders(senders.verified(kind)))


def check_sms_sender(
    sender: str | None,
    *,
    key: str,
    strict: bool,
    senders: CallersSenders,
    violations: Violations,
) -> None:
    """A blank one is the default. `strict`: whether one that phones show shortened is refused."""
    kind = Sender.Kind.SMS
    if not sender or not sender.strip():
        return
    if not can_be_shown(sender):
        violations[key].append(
            f"The sender must be a number of at most {MAX_DIGITS} digits, or a name of letters,"
            " digits and spaces."
        )
    elif strict and not is_shown_whole(sender):
        violations[key].append(
            f"The sender has more than {MAX_CHARACTERS} characters; phones would show"
            f" '{sender_name(sender)}'."
        )
    elif not senders.may_use(kind, sender):
        violations.add(key, NOT_YOURS, hint=hints.of_senders(senders.verified(kind)))


def check_sms_length(body: str, *, key: str, violations: Violations) -> None:
    """Keywords are counted as written; what they are replaced by is checked when they are."""
    length = sms_length(body)
    if length.segments > MAX_SEGMENTS:
        violations[key].append(
            f"The SMS is {length.units} characters long in {length.encoding} and would be sent in"
            f" {length.segments} parts; at most {MAX_SEGMENTS} parts are allowed."
        )
