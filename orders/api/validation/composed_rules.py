"""The rules that a converted e-mail with attachments must keep; every broken one is reported."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from unicodedata import category
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from orders import sas_links
from orders.api.parsing.contract import Values
from orders.api.parsing.conversion import date_time
from orders.api.validation import hints
from orders.api.validation.chain_rules import ChainRules, in_utc, is_callable_url
from orders.models import SendingTimePolicy
from runtime.visible_text import says_nothing

# The link must outlive what may lie between the send time and the sending.
MARGIN = timedelta(minutes=15)

# Those that Azure Communication Services sends, which is what upstream sends with:
# https://learn.microsoft.com/en-us/azure/communication-services/concepts/email/email-attachment-allowed-mime-types
MIME_TYPES = frozenset(
    f"{kind}/{subtype}".lower()
    for kind, subtypes in {
        "application": """
            epub+zip gzip json msword ogg onenote pdf rtf vnd.ms-excel
            vnd.ms-excel.sheet.binary.macroEnabled.12 vnd.ms-excel.sheet.macroEnabled.12
            vnd.ms-fontobject vnd.ms-outlook vnd.ms-powerpoint
            vnd.ms-powerpoint.presentation.macroEnabled.12
            vnd.ms-powerpoint.slideshow.macroEnabled.12 vnd.ms-publisher
            vnd.ms-word.document.macroEnabled.12
            vnd.openxmlformats-officedocument.presentationml.presentation
            vnd.openxmlformats-officedocument.presentationml.slideshow
            vnd.openxmlformats-officedocument.spreadsheetml.sheet
            vnd.openxmlformats-officedocument.wordprocessingml.document vnd.visio x-7z-compressed
            x-rar-compressed x-tar xml zip
        """,
        "audio": "aac midi mpeg ogg opus wav webm x-ms-wma",
        "font": "otf ttf woff woff2",
        "image": "bmp gif jpeg png svg+xml tiff vnd.microsoft.icon webp",
        "text": "calendar csv plain xml",
        "video": "3gpp 3gpp2 mp4 mpeg ogg webm x-ms-wmv x-msvideo",
    }.items()
    for subtype in subtypes.split()
)

_EXTENSION = re.compile(r"[^/\\]*\.([^/\\.]+)", re.DOTALL)
# Controls and line ends, what has no picture or hides, and what makes a reader see the letters in
# another order; but not what joins letters, in names of many scripts and between emoji.
_NOT_IN_A_NAME = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"


class ComposedRules(ChainRules):
    """The rules of `POST /future/orders/composed-email`."""

    email_policies = (SendingTimePolicy.ANYTIME,)
    wrong_email_policy = "Email only supports send time anytime"
    email_policy_hint = hints.ANYTIME_ONLY

    def check(self, order: Values) -> None:
        send_time: datetime | None = order.get("requested_send_time")
        self._send_time(
            send_time,
            key="RequestedSendTime",
            not_zoned="The requested send time value must have specified a time zone.",
            past="RequestedSendTime must be greater than or equal to now.",
        )
        self._condition(order.get("condition_endpoint"), key="ConditionEndpoint")
        recipient = order["recipient"]
        email = recipient["email"]
        self._email_address(recipient["email_address"], key="Recipient.EmailAddress")
        self._email(email, at="Recipient.Settings")
        self._attachments(email.get("attachments") or (), send_time=in_utc(send_time or self.now))

    def _attachments(self, attachments: Sequence[Values | None], *, send_time: datetime) -> None:
        at = "Recipient.Settings.Attachments"
        if len(attachments) > settings.MAX_ATTACHMENTS:
            self.violations[at].append(
                f"The e-mail has {len(attachments)} attachments; at most"
                f" {settings.MAX_ATTACHMENTS} are allowed."
            )
            return
        for index, attachment in enumerate(attachments):
            if attachment is None:
                self.violations[f"{at}[{index}]"].append("Attachment item must not be null.")
            else:
                self._attachment(attachment, at=f"{at}[{index}]", send_time=send_time)

    def _attachment(self, attachment: Values, *, at: str, send_time: datetime) -> None:
        name = attachment["filename"]
        subject = f"Attachment '{name}':"
        extension = _EXTENSION.fullmatch(name)
        if extension is None or says_nothing(extension[1]):
            self.violations[f"{at}.Filename"].append(
                f"{subject} filename must not contain path separators, and must include a file"
                " extension."
            )
        if any(category(char) in _NOT_IN_A_NAME for char in name if char not in _JOINERS):
            self.violations[f"{at}.Filename"].append(
                f"{subject} filename must not contain control characters."
            )
        link = urlsplit(attachment["link"])
        for complaint in _of_link(attachment["link"], link):
            self.violations[f"{at}.SasUrl"].append(f"{subject} {complaint}")
        if attachment["mime_type"].lower() not in MIME_TYPES:
            self.violations[f"{at}.MimeType"].append(
                f"{subject} mimeType is not supported. Refer to ACS documentation for the list of"
                " accepted MIME types."
            )
        expiry = expiry_of(link)
        if expiry is not None and expiry - send_time < MARGIN:
            self.violations[at].append(
                f"{subject} sasUrl must be valid for at least 15 minutes after requestedSendTime."
            )


def expiry_of(link: SplitResult) -> datetime | None:
    """When the link ends (`se`), in UTC unless it says otherwise; None for what is no date."""
    try:
        moment = date_time(sas_links.parameters(link.query).get("se", ""))
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _of_link(written: str, link: SplitResult) -> list[str]:
    """The first kind of thing that is wrong with the link."""
    host = link.hostname or ""
    schemes = ("https", "http") if sas_links.is_allowed(host) else ("https",)
    if link.scheme not in schemes or not is_callable_url(written):
        return ["sasUrl must be an absolute HTTPS URI."]
    if not sas_links.is_store(host):
        return ["sasUrl host must be within Azure Blob Storage (*.blob.core.windows.net)."]
    if "@" in link.netloc or not (link.port in (None, 443) or sas_links.is_allowed(host)):
        return ["sasUrl must hold neither user information nor a port."]
    parameters = sas_links.parameters(link.query)
    has_values = all(parameters.get(name, "").strip() for name in ("se", "sp", "sig"))
    if not has_values or parameters.get("sr", "").lower() != "b":
        return ["sasUrl is missing required SAS parameters (se, sig, sp, sr)."]
    found = []
    if expiry_of(link) is None:
        found.append("sasUrl has an invalid 'se' (signed expiry) value.")
    if "r" not in parameters["sp"]:
        found.append("sasUrl does not grant read permission ('r' must be present in 'sp').")
    return found
