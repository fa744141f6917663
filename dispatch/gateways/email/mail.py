"""A notification as a mail: one text, to one recipient, with headers that we mean and no others."""

from email.message import Message as MimeMessage
from typing import Any

from django.core.mail import EmailMessage

from dispatch.gateways.base import Message
from dispatch.gateways.email import mail_format
from orders.models import EmailContentType
from recipients.mailboxes import Mailbox
from runtime import clock

# So that no out-of-office reply or ticket system answers: RFC 3834, 5
# (https://www.rfc-editor.org/rfc/rfc3834#section-5), and what Exchange listens to:
# https://learn.microsoft.com/en-us/openspecs/exchange_server_protocols/ms-oxcmail/
NOT_TO_BE_ANSWERED = {
    "Auto-Submitted": "auto-generated",
    "X-Auto-Response-Suppress": "All",
}


class Mail(EmailMessage):
    """For any backend of Django's; `content` is what goes over SMTP, written at once.

    `reference` is the id, the same however often the mail is sent. Raises ValueError for a text
    that is no Unicode.
    """

    def __init__(self, message: Message, *, sender: Mailbox, recipient: Mailbox) -> None:
        self.sender = sender
        self.recipient = recipient
        self.reference = f"{message.notification_id}@{sender.domain}"
        self.needs_smtputf8 = sender.needs_smtputf8 or recipient.needs_smtputf8
        subject = mail_format.one_line(message.subject)
        super().__init__(
            subject=subject,
            body=message.body,
            from_email=str(sender),
            to=[recipient.address],
            headers={"Message-ID": f"<{self.reference}>", **NOT_TO_BE_ANSWERED},
        )
        if message.content_type == EmailContentType.HTML:
            self.content_subtype = "html"
        self.headers = self._headers(subject)
        self.text = mail_format.quoted_printable(message.body)

    @property
    def content(self) -> bytes:
        return mail_format.joined(self.headers, self.text)

    def message(self, **_options: object) -> Any:
        """For providers that want the mail as it travels; nothing of it is left to be encoded."""
        mime = MimeMessage()
        for name, value in self.headers:
            mime[name] = value.replace("\r\n", "")
        mime.set_payload(self.text.decode("ascii").replace("\r\n", "\n"))
        return mime

    def _headers(self, subject: str) -> list[tuple[str, str]]:
        more = {"Date": mail_format.date(clock.as_known()), **self.extra_headers}
        return [
            *mail_format.header_lines(
                subject=subject, sender=self.sender, recipient=self.recipient, more=more
            ),
            *mail_format.body_headers(self.content_subtype),
        ]
