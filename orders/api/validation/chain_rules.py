"""The rules that a converted chain must keep; every broken one is reported, under its path."""

import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from yarl import URL

from orders.api.parsing.contract import Values
from orders.api.validation import hints, rules
from orders.api.validation.recipient_rules import (
    INVALID_EMAIL,
    INVALID_ORGANIZATION,
    INVALID_PERSON,
    MAX_ADDRESS,
)
from orders.api.validation.rules import Violations
from orders.models import Channel, SendingTimePolicy
from orders.senders.allowed import CallersSenders
from recipients.email_addresses import is_email_address
from recipients.identifiers import (
    is_external_identity,
    is_national_identity_number,
    is_organization_number,
)
from recipients.mailboxes import is_mailbox
from recipients.mobile_numbers import is_mobile_number

INVALID_MOBILE = "Recipient phone number is not a valid mobile number."
INVALID_EXTERNAL_IDENTITY = "Invalid external identity URN format."
RESOURCE_PREFIX = "urn:altinn:resource:"
_NOT_ZONED = "must have specified a time zone."
_SETTINGS_NEEDED = "{settings} must be set when ChannelSchema is {channels}"
_PREFERRED = "SmsPreferred or EmailPreferred"
_NAMED = {
    Channel.EMAIL: "Email",
    Channel.SMS: "Sms",
    Channel.EMAIL_PREFERRED: _PREFERRED,
    Channel.SMS_PREFERRED: _PREFERRED,
    Channel.EMAIL_AND_SMS: "EmailAndSms",
}


# With the underscore, which is no letter of host names but is used in them.
_LABEL = re.compile(rf"[A-Za-z0-9_\-]{{1,{rules.MAX_LABEL}}}")


class ChainRules:
    """The rules as they are at the moment `now`; `strict` refuses what would otherwise be carried
    out in another way than it is written. Broken ones gather in `violations`."""

    email_policies: Collection[SendingTimePolicy] = tuple(SendingTimePolicy)
    wrong_email_policy = "Email only supports send time daytime and anytime"
    email_policy_hint = hints.POLICY

    def __init__(self, *, now: datetime, strict: bool, senders: CallersSenders) -> None:
        self.now = now
        self.strict = strict
        self.senders = senders
        self.violations = Violations()

    def check(self, chain: Values) -> None:
        self._send_time(
            chain.get("requested_send_time"),
            key="RequestedSendTime",
            not_zoned=f"The requested send time value {_NOT_ZONED}",
            past="RequestedSendTime must be greater than or equal to now.",
        )
        self._condition(chain.get("condition_endpoint"), key="ConditionEndpoint")
        self._recipient(chain["recipient"], at="Recipient")
        reminders = chain.get("reminders") or ()
        if len(reminders) > settings.MAX_REMINDERS:
            self.violations["Reminders"].append(
                f"The order has {len(reminders)} reminders; at most {settings.MAX_REMINDERS} are"
                " allowed."
            )
            return
        main_time = in_utc(chain.get("requested_send_time") or self.now)
        for index, reminder in enumerate(reminders):
            self._reminder(reminder, at=f"Reminders[{index}]", main_time=main_time)

    def _reminder(self, reminder: Values, *, at: str, main_time: datetime) -> None:
        days, moment = reminder.get("delay_days"), reminder.get("requested_send_time")
        if (days is None) == (moment is None):
            self.violations[at].append(
                "Either DelayDays or RequestedSendTime must be defined, but not both."
            )
        if days is not None and moment is not None:
            self.violations[f"{at}.RequestedSendTime"].append(
                "RequestedSendTime must be null when DelayDays is set."
            )
            self.violations[f"{at}.DelayDays"].append(
                "DelayDays must be null when RequestedSendTime is set."
            )
        if days is not None:
            self._delay(days, key=f"{at}.DelayDays", main_time=main_time)
        self._send_time(
            moment,
            key=f"{at}.RequestedSendTime",
            not_zoned=f"The RequestedSendTime {_NOT_ZONED}",
            past="RequestedSendTime must be greater than or equal to the current UTC time.",
        )
        self._condition(reminder.get("condition_endpoint"), key=f"{at}.ConditionEndpoint")
        self._recipient(reminder["recipient"], at=f"{at}.Recipient")

    def _delay(self, days: int, *, key: str, main_time: datetime) -> None:
        if days < 1:
            self.violations[key].append("DelayDays must be greater than or equal to 1 day.")
        elif days > settings.MAX_SCHEDULE_DAYS - (main_time - self.now) / timedelta(days=1):
            self.violations[key].append(
                f"DelayDays must lead to a send time at most {settings.MAX_SCHEDULE_DAYS} days"
                " ahead."
            )

    def _send_time(self, moment: datetime | None, *, key: str, not_zoned: str, past: str) -> None:
        """One without a zone is taken for UTC by the other rules."""
        if moment is None:
            return
        if moment.tzinfo is None:
            self.violations.add(key, not_zoned, hint=hints.of_moment_without_zone(moment))
        if in_utc(moment) < self.now:
            hint = hints.of_moment_in_the_past(in_utc(moment), now=self.now)
            self.violations.add(key, past, hint=hint)
        elif in_utc(moment) > self.now + timedelta(days=settings.MAX_SCHEDULE_DAYS):
            self.violations[key].append(
                f"Send time must be at most {settings.MAX_SCHEDULE_DAYS} days ahead."
            )

    def _condition(self, url: str | None, *, key: str) -> None:
        if url is None:
            return
        if not is_callable_url(url):
            message = "ConditionEndpoint must be a valid absolute URI or null."
            self.violations.add(key, message, hint=hints.CONDITION)
        if urlsplit(url).scheme not in ("", "http", "https"):
            message = "ConditionEndpoint must use http or https scheme."
            self.violations.add(key, message, hint=hints.CONDITION)

    def _recipient(self, recipient: Values, *, at: str) -> None:
        """Whatever is given is checked, also where it is too much."""
        if len([one for one in recipient.values() if one is not None]) != 1:
            self.violations[at].append("Must have exactly one recipient.")
        if given := recipient.get("recipientEmail"):
            self._email_address(given["email_address"], key=f"{at}.RecipientEmail.EmailAddress")
            self._email(given["email"], at=f"{at}.RecipientEmail.Settings")
        if given := recipient.get("recipientSms"):
            self._mobile_number(given["mobile_number"], key=f"{at}.RecipientSms.PhoneNumber")
            self._sms(given["sms"], at=f"{at}.RecipientSms.Settings")
        if given := recipient.get("recipientPerson"):
            self._looked_up(given, at=f"{at}.RecipientPerson")
            number = given["national_identity_number"]
            if not is_national_identity_number(number):
                self.violations.add(
                    f"{at}.RecipientPerson.NationalIdentityNumber",
                    INVALID_PERSON,
                    hint=hints.of_national_identity_number(number),
                )
        if given := recipient.get("recipientOrganization"):
            self._looked_up(given, at=f"{at}.RecipientOrganization")
            number = given["organization_number"]
            if not is_organization_number(number):
                self.violations.add(
                    f"{at}.RecipientOrganization.OrgNumber",
                    INVALID_ORGANIZATION,
                    hint=hints.of_organization_number(number),
                )
        if given := recipient.get("recipientExternalIdentity"):
            self._looked_up(given, at=f"{at}.RecipientExternalIdentity")
            if not is_external_identity(given["external_identity"]):
                self.violations.add(
                    f"{at}.RecipientExternalIdentity.ExternalIdentity",
                    INVALID_EXTERNAL_IDENTITY,
                    hint=hints.EXTERNAL_IDENTITY,
                )

    def _email_address(self, address: str, *, key: str) -> None:
        if len(address) > MAX_ADDRESS or not is_email_address(address):
            self.violations.add(key, INVALID_EMAIL, hint=hints.of_email_address(address))

    def _mobile_number(self, number: str, *, key: str) -> None:
        if len(number) > MAX_ADDRESS or not is_mobile_number(number):
            self.violations.add(key, INVALID_MOBILE, hint=hints.of_mobile_number(number))

    def _looked_up(self, recipient: Values, *, at: str) -> None:
        channel = recipient["channel"]
        email, sms = recipient.get("email"), recipient.get("sms")
        if channel is None:
            message = "Invalid channel scheme value."
            self.violations.add(f"{at}.ChannelSchema", message, hint=hints.CHANNEL)
        else:
            self._needed(email, channel.needs_email_text, "EmailSettings", at=at, channel=channel)
            self._needed(sms, channel.needs_sms_text, "SmsSettings", at=at, channel=channel)
        if email is not None:
            self._email(email, at=f"{at}.EmailSettings")
        if sms is not None:
            self._sms(sms, at=f"{at}.SmsSettings")
        self._resource(recipient, at=at)

    def _needed(
        self, given: Values | None, is_needed: bool, name: str, *, at: str, channel: Channel
    ) -> None:
        if is_needed and given is None:
            message = _SETTINGS_NEEDED.format(settings=name, channels=_NAMED[channel])
            self.violations[f"{at}.{name}"].append(message)

    def _resource(self, recipient: Values, *, at: str) -> None:
        resource_id = recipient.get("resource_id")
        if resource_id is not None and not (
            resource_id.startswith(RESOURCE_PREFIX) and resource_id != RESOURCE_PREFIX
        ):
            message = "ResourceId must have a valid syntax."
            self.violations.add(f"{at}.ResourceId", message, hint=hints.RESOURCE)
        rules.check_resource(
            resource_id,
            recipient.get("resource_action"),
            key=f"{at}.ResourceAction",
            violations=self.violations,
        )

    def _email(self, email: Values, *, at: str) -> None:
        sender = email.get("sender")
        if sender is not None and not (
            len(sender) <= rules.MAX_MAILBOX and is_email_address(sender) and is_mailbox(sender)
        ):
            self.violations.add(
                f"{at}.SenderEmailAddress",
                "The sender email address is not valid.",
                hint=hints.SENDER_ADDRESS,
            )
        elif sender is not None:
            rules.check_email_sender(
                sender,
                key=f"{at}.SenderEmailAddress",
                senders=self.senders,
                violations=self.violations,
            )
        if email["policy"] not in self.email_policies:
            self.violations.add(
                f"{at}.SendingTimePolicy", self.wrong_email_policy, hint=self.email_policy_hint
            )
        if email["content_type"] is None:
            self.violations.add(
                f"{at}.ContentType",
                "Email content type must be either Plain or HTML.",
                hint=hints.CONTENT_TYPE,
            )

    def _sms(self, sms: Values, *, at: str) -> None:
        rules.check_sms_length(sms["body"], key=f"{at}.Body", violations=self.violations)
        rules.check_sms_sender(
            sms.get("sender"),
            key=f"{at}.Sender",
            strict=self.strict,
            senders=self.senders,
            violations=self.violations,
        )
        if sms["policy"] is None:
            self.violations.add(
                f"{at}.SendingTimePolicy",
                "SMS only supports send time daytime and anytime",
                hint=hints.POLICY,
            )


def in_utc(moment: datetime) -> datetime:
    """One without a zone is taken for UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def is_callable_url(url: str) -> bool:
    """Whether it is absolute, and written as a URL is; what its host stands for is asked when it is
    called. Of other schemes than http only the form is looked at."""
    if rules.NOT_IN_A_URL.search(url):
        return False
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        return bool(parts.scheme)
    try:
        host = URL(url).raw_host or ""
    except ValueError:
        return False
    is_address = ":" in host  # of IPv6, which yarl has read
    labels = host.rstrip(".").split(".")
    return 0 < len(host) <= rules.MAX_HOST and (is_address or all(map(_LABEL.fullmatch, labels)))
