"""The rules that a converted instant order must keep."""

from orders.api.parsing.contract import Values
from orders.api.validation import hints, rules
from orders.api.validation.recipient_rules import INVALID_EMAIL, MAX_ADDRESS
from orders.api.validation.rules import Violations
from orders.senders.allowed import CallersSenders
from recipients.email_addresses import is_email_address
from recipients.mailboxes import is_mailbox
from recipients.mobile_numbers import is_mobile_number

INVALID_MOBILE = "Recipient phone number is not a valid mobile number."
MIN_LIFE, MAX_LIFE = 60, 172_800
"""Seconds."""
INVALID_LIFE = "Time-to-live must be between 60 and 172800 seconds (48 hours)."


def check_sms(
    recipient: Values, *, at: str, strict: bool, senders: CallersSenders, violations: Violations
) -> None:
    """`strict`: whether a sender that phones show shortened is refused."""
    number, sms = recipient["mobile_number"], recipient["sms"]
    if len(number) > MAX_ADDRESS or not is_mobile_number(number):
        violations.add(f"{at}.PhoneNumber", INVALID_MOBILE, hint=hints.of_mobile_number(number))
    if not MIN_LIFE <= recipient["time_to_live"] <= MAX_LIFE:
        violations[f"{at}.TimeToLiveInSeconds"].append(INVALID_LIFE)
    content = f"{at}.ShortMessageContent"
    rules.check_sms_length(sms["body"], key=f"{content}.Body", violations=violations)
    rules.check_sms_sender(
        sms.get("sender"),
        key=f"{content}.Sender",
        strict=strict,
        senders=senders,
        violations=violations,
    )


def check_email(
    recipient: Values, *, at: str, senders: CallersSenders, violations: Violations
) -> None:
    address, email = recipient["email_address"], recipient["email"]
    if len(address) > MAX_ADDRESS or not is_email_address(address):
        violations.add(f"{at}.EmailAddress", INVALID_EMAIL, hint=hints.of_email_address(address))
    sender, settings = email.get("sender"), f"{at}.EmailSettings"
    if sender is not None and not (
        len(sender) <= rules.MAX_MAILBOX and is_email_address(sender) and is_mailbox(sender)
    ):
        key = f"{settings}.SenderEmailAddress"
        violations.add(key, INVALID_EMAIL, hint=hints.SENDER_ADDRESS)
    elif sender is not None:
        rules.check_email_sender(
            sender, key=f"{settings}.SenderEmailAddress", senders=senders, violations=violations
        )
    if email["content_type"] is None:
        violations.add(
            f"{settings}.ContentType",
            "Email content type must be either Plain or HTML.",
            hint=hints.CONTENT_TYPE,
        )
