"""E-mail over SMTP: one kept connection, one recipient a mail, and what each reply means.

The steps of a mail (RFC 5321, 3.3) are taken one by one instead of with `smtplib.sendmail`, since
what a reply or a lost connection means depends on the step.
"""

import email
import re
import smtplib
import time
from email import policy
from email.utils import parseaddr
from enum import StrEnum

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from django.utils.encoding import punycode

from dispatch.transports.messages import Outcome, quoted
from notifications.models import NotificationStatus

S = NotificationStatus

# Seconds. Opening is a handful of exchanges of at most EMAIL_TIMEOUT each. A mail that had to wait
# longer than this for its connection is not begun: its lease could run out on the way.
LONGEST_OPENING = 30.0
LONGEST_MAIL = 60.0
_LONGEST_FAREWELL = 2.0

_LOG_IN_REFUSED = frozenset({530, 534, 535})
_RECIPIENT_REFUSED = {
    550: S.FAILED_BOUNCED,
    551: S.FAILED_BOUNCED,
    501: S.FAILED_INVALID_EMAIL_FORMAT,
    553: S.FAILED_INVALID_EMAIL_FORMAT,
}
_CLOSING = 421
_DONE, _GO_ON = 2, 3  # first digits of replies
_LONGEST_ADDRESS = 254  # RFC 5321, 4.5.3.1.3
_LINE_END = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)

Reply = tuple[int, bytes]


class Step(StrEnum):
    SENDER = "the sender"
    RECIPIENT = "the recipient"
    CONTENT = "the message"


class _Refused(Exception):
    """The server's reply to a step is not the one that leads on."""

    def __init__(self, step: Step, reply: Reply) -> None:
        super().__init__(step)
        self.step = step
        self.code = reply[0]
        self.words = reply[1].decode("utf-8", "replace")


class _NeverTaken(Exception):
    """The connection ended before the content was handed over."""


class SmtpConnection:
    """One connection of Django's SMTP backend, opened at first use and kept until closed."""

    def __init__(self, backend: EmailBackend) -> None:
        self._backend = backend

    def send(self, mail: EmailMessage, *, reference: str, begin_by: float) -> Outcome:
        """Hand the mail, which has one recipient, to the server.

        Nothing is begun after `begin_by`, on the monotonic clock. Raises ValueError for a mail that
        cannot be written.
        """
        was_kept = self._backend.connection is not None
        try:
            smtp = self._opened()
        except OSError as error:  # SMTPException is one
            self.close()
            return _meaning_of_no_connection(error)
        if time.monotonic() > begin_by:
            return Outcome.channel_error("The mail server took too long to let us in.")
        try:
            return self._mail(smtp, mail, reference=reference)
        except _Refused as refusal:
            self._start_over(smtp, refusal)
            return _meaning_of_refusal(refusal, recipient=mail.to[0])
        except _NeverTaken:
            self.close()
            if was_kept:
                # Servers end idle connections as they please; nothing was handed over.
                return self.send(mail, reference=reference, begin_by=begin_by)
            return Outcome.channel_error("The mail server ended the connection.")

    def close(self) -> None:
        """Say goodbye if the server still listens. Raises nothing."""
        smtp = self._backend.connection
        if smtp is not None and smtp.sock is not None:
            smtp.sock.settimeout(_LONGEST_FAREWELL)
        try:
            self._backend.close()
        except OSError:
            if smtp is not None:
                smtp.close()

    def _opened(self) -> smtplib.SMTP:
        self._backend.open()
        smtp = self._backend.connection
        if smtp is None:
            raise smtplib.SMTPServerDisconnected
        smtp.ehlo_or_helo_if_needed()
        return smtp

    def _mail(self, smtp: smtplib.SMTP, mail: EmailMessage, *, reference: str) -> Outcome:
        deadline = time.monotonic() + LONGEST_MAIL
        sender, recipient = envelope_address(mail.from_email), envelope_address(mail.to[0])
        international = not (sender + recipient).isascii()
        if international and not smtp.has_extn("smtputf8"):
            return _needs_smtputf8(recipient)
        content = _content(mail)
        if international:
            content = _with_addresses(content, sender=sender, recipient=recipient)
        try:
            _limit(smtp, deadline)
            options = _options(smtp, size=len(content), international=international)
            _expect(smtp.mail(sender, options), Step.SENDER)
            _limit(smtp, deadline)
            _expect(smtp.rcpt(recipient), Step.RECIPIENT)
            _limit(smtp, deadline)
            _expect(smtp.docmd("DATA"), Step.CONTENT, wanted=_GO_ON)
        except smtplib.SMTPException as error:
            raise _NeverTaken from error
        try:
            _limit(smtp, deadline)
            smtp.send(_LEADING_DOT.sub(b"..", content) + b".\r\n")
            reply = smtp.getreply()
        except smtplib.SMTPException:
            self.close()
            return Outcome.unknown(
                "The connection to the mail server was lost after the message had been sent.",
                reference=reference,
            )
        _expect(reply, Step.CONTENT)
        return Outcome.accepted(S.SUCCEEDED, reference=reference)

    def _start_over(self, smtp: smtplib.SMTP, refusal: _Refused) -> None:
        """Make the connection fit for the next mail."""
        if refusal.code == _CLOSING:
            self.close()
            return
        try:
            smtp.rset()
        except smtplib.SMTPException:
            self.close()


def envelope_address(text: str) -> str:
    """The address alone, its domain in ASCII. Raises ValueError when the text has none to use."""
    local_part, at, domain = parseaddr(text)[1].rpartition("@")
    if not (local_part and at and domain):
        raise ValueError("The text holds no e-mail address.")
    address = f"{local_part}@{punycode(domain)}"
    if len(address) > _LONGEST_ADDRESS:
        raise ValueError("The e-mail address is too long.")
    return address


def _expect(reply: Reply, step: Step, *, wanted: int = _DONE) -> None:
    if reply[0] == _CLOSING and step is Step.SENDER:
        # "Idle for too long", said at some time since the last mail.
        raise _NeverTaken
    if reply[0] // 100 != wanted:
        raise _Refused(step, reply)


def _limit(smtp: smtplib.SMTP, deadline: float) -> None:
    """Let the next exchange last until the deadline at most."""
    if smtp.sock is not None:
        smtp.sock.settimeout(max(deadline - time.monotonic(), 0.001))


def _options(smtp: smtplib.SMTP, *, size: int, international: bool) -> list[str]:
    wanted = {"size": f"SIZE={size}", "8bitmime": "BODY=8BITMIME"}
    if international:
        wanted["smtputf8"] = "SMTPUTF8"
    return [option for extension, option in wanted.items() if smtp.has_extn(extension)]


def _content(mail: EmailMessage) -> bytes:
    """With every line ended by CRLF, so that no body can end the mail early."""
    return _LINE_END.sub(b"\r\n", mail.message().as_bytes().rstrip(b"\r\n") + b"\n")


def _with_addresses(content: bytes, *, sender: str, recipient: str) -> bytes:
    """With addresses in UTF-8 (RFC 6531), which Django's message would encode beyond use."""
    parsed = email.message_from_bytes(content, policy=policy.SMTPUTF8)
    parsed.replace_header("From", sender)
    parsed.replace_header("To", recipient)
    return parsed.as_bytes()


def _needs_smtputf8(recipient: str) -> Outcome:
    if recipient.isascii():
        return Outcome.failed("The mail server does not take the letters of the from-address.")
    return Outcome.failed(
        "The mail server does not take the letters of the recipient's address.",
        S.FAILED_INVALID_EMAIL_FORMAT,
    )


def _meaning_of_refusal(refusal: _Refused, *, recipient: str) -> Outcome:
    words = f"{refusal.code} {quoted(refusal.words, hiding=recipient)}"
    reason = f"The mail server refuses {refusal.step}: {words}."
    if refusal.code in _LOG_IN_REFUSED:
        return Outcome.refused(f"The mail server refuses our log-in: {words}.")
    if 400 <= refusal.code < 500:
        return Outcome.retry(reason)
    if not 500 <= refusal.code < 600:
        return Outcome.channel_error(f"The mail server does not speak SMTP as agreed: {words}.")
    if refusal.step is Step.RECIPIENT:
        return Outcome.failed(reason, _RECIPIENT_REFUSED.get(refusal.code, S.FAILED))
    return Outcome.failed(reason)


def _meaning_of_no_connection(error: OSError) -> Outcome:
    if isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code >= 500:
        return Outcome.refused(f"The mail server refuses our log-in ({error.smtp_code}).")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Outcome.refused("The mail server offers no log-in or TLS as the settings want it.")
    if isinstance(error, smtplib.SMTPResponseException):
        return Outcome.channel_error(f"The mail server does not let us in ({error.smtp_code}).")
    return Outcome.channel_error(f"The mail server cannot be reached ({type(error).__name__}).")
