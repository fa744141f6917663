"""A notification as a mail: one text, to one recipient, with headers that we mean and no others."""

from collections.abc import Iterator, Sequence
from email.message import Message as MimeMessage
from functools import cached_property
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import EmailAttachment

from dispatch.gateways.base import Message
from dispatch.gateways.email import mail_format
from dispatch.gateways.email.attachments import File
from dispatch.gateways.email.html_text import plain_text
from dispatch.gateways.email.multipart import Multipart
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


class Mail(EmailMultiAlternatives):
    """For any backend of Django's; `pieces` is what goes over SMTP, each of whole lines. Without
    files it is one text, and one piece.

    `reference` is the id, the same however often the mail is sent. Raises ValueError for a text
    that is no Unicode.
    """

    def __init__(
        self,
        message: Message,
        *,
        sender: Mailbox,
        recipient: Mailbox,
        files: Sequence[File] = (),
    ) -> None:
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
        is_html = message.content_type == EmailContentType.HTML
        if is_html and not files:
            self.content_subtype = "html"
        self._multipart = self._attached(message, files, is_html=is_html) if files else None
        self.headers = self._headers(subject)
        self.text = mail_format.quoted_printable(str(self.body))

    @property
    def has_files(self) -> bool:
        return self._multipart is not None

    @cached_property
    def size(self) -> int:
        return sum(map(len, self.pieces()))

    def pieces(self) -> Iterator[bytes]:
        if self._multipart is None:
            yield mail_format.joined(self.headers, self.text)
            return
        yield mail_format.joined(self.headers, b"")
        yield from self._multipart.pieces()

    def _attached(self, message: Message, files: Sequence[File], *, is_html: bool) -> Multipart:
        """Providers are handed the same parts as mail servers. (Django's own `attach` would change
        the line ends of a text.)"""
        html = None
        if is_html:
            self.body = plain_text(message.body)
            self.attach_alternative(message.body, "text/html")
            html = mail_format.quoted_printable(message.body)
        self.attachments = [EmailAttachment(one.name, one.content, one.mime_type) for one in files]
        text = mail_format.quoted_printable(str(self.body))
        return Multipart(text=text, html=html, files=files, name=message.notification_id.hex)

    def message(self, **_options: object) -> Any:
        """For providers that want the mail as it travels; nothing of it is left to be encoded."""
        mime = MimeMessage()
        for name, value in self.headers:
            mime[name] = value.replace("\r\n", "")
        body = b"".join(self._multipart.pieces()) if self._multipart else self.text
        mime.set_payload(body.decode("ascii").replace("\r\n", "\n"))
        return mime

    def _headers(self, subject: str) -> list[tuple[str, str]]:
        more = {"Date": mail_format.date(clock.as_known()), **self.extra_headers}
        return [
            *mail_format.header_lines(
                subject=subject, sender=self.sender, recipient=self.recipient, more=more
            ),
            *(
                self._multipart.headers
                if self._multipart
                else mail_format.body_headers(self.content_subtype)
            ),
        ]
