"""E-mail over SMTP: one kept connection, and one recipient a mail.

The steps of a mail (RFC 5321, 3.3) are taken one by one instead of with `smtplib.sendmail`, since
what a reply or a lost connection means depends on the step.
"""

import math
import re
import smtplib
import socket
import time
from typing import Any

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend

from dispatch.gateways.base import Evidence, Outcome, OutcomeKind
from dispatch.gateways.email import smtp_replies
from dispatch.gateways.email.mail import Mail
from dispatch.gateways.email.smtp_replies import CLOSING, Refusal, Step
from notifications.models import NotificationStatus

S = NotificationStatus

# Seconds. Opening is a handful of exchanges of at most EMAIL_TIMEOUT each. A mail that had to wait
# longer than this for its connection is not begun: its lease could run out on the way.
MAX_OPENING = 30.0
MAX_MAIL = 60.0
_MAX_FAREWELL = 2.0
MAX_REPLY_LINES = 200

_DONE, _GO_ON = 2, 3  # first digits of replies
_TOO_LARGE = 552  # RFC 1870, 6.1
_SIZE = re.compile(r"[0-9]{1,20}")  # RFC 1870, 4
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)

Reply = tuple[int, bytes]


class _Replies:
    """A server's replies as smtplib reads them, each with an end: however slowly its bytes come,
    and however many lines it has."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._received = connection.makefile("rb")
        self.begin()

    def begin(self) -> None:
        """A reply may take as long as the connection's time-out, which is one for each read."""
        self._lines_left = MAX_REPLY_LINES
        self._ends_at = time.monotonic() + (self._connection.gettimeout() or MAX_MAIL)

    def readline(self, most: int) -> bytes:
        """Raises OSError where the reply does not end."""
        self._lines_left -= 1
        if self._lines_left < 0:
            raise OSError("The reply has too many lines.")
        line = b""
        while len(line) < most and not line.endswith(b"\n"):
            there = self._received.peek(1)[: most - len(line)]
            if not there:
                break
            if time.monotonic() > self._ends_at:
                raise TimeoutError("The reply took too long.")
            line += self._received.read(there.find(b"\n") + 1 or len(there))
        return line

    def close(self) -> None:
        self._received.close()


class _Smtp(smtplib.SMTP):
    def getreply(self) -> Reply:
        if self.sock is not None and self.file is None:
            self.file = _Replies(self.sock)
        if isinstance(self.file, _Replies):
            self.file.begin()
        return super().getreply()


class _SmtpOverTls(_Smtp, smtplib.SMTP_SSL):
    pass


class SmtpBackend(EmailBackend):
    """Django's, but for the end that replies have, and for the name that we give ourselves.

    Django takes that of the machine, in a container its id; servers refuse names that are none of
    the public DNS (RFC 5321, 4.1.1.1: the primary host name, or an address literal).
    """

    @property
    def connection_class(self) -> Any:
        plain = _SmtpOverTls if super().connection_class is smtplib.SMTP_SSL else _Smtp

        def connect(*address: Any, **options: Any) -> smtplib.SMTP:
            return plain(*address, **options | {"local_hostname": settings.EMAIL_HELO_NAME})

        return connect


class _Refused(Exception):
    """The server's reply to a step is not the one that leads on, and nothing was taken."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.step)
        self.refusal = refusal


class _NeverTaken(Exception):
    """The connection ended before the content was handed over."""


class SmtpConnection:
    """One connection of Django's SMTP backend, opened at first use and kept until closed."""

    def __init__(self, backend: EmailBackend) -> None:
        self._backend = backend

    def send(self, mail: Mail, *, begin_by: float) -> Outcome:
        """Hand over the mail. Nothing is begun after `begin_by`, on the monotonic clock."""
        was_kept = self._backend.connection is not None
        try:
            smtp = self._opened()
        except Exception as error:
            # Mostly an OSError, as SMTPException is one; but smtplib raises also what it cannot
            # write, such as a password, and nothing of any mail has left yet.
            self.close()
            return _meaning_of_no_connection(error)
        if time.monotonic() > begin_by:
            return Outcome.channel_error(
                "The mail server took too long to let us in.", Evidence.CONNECTION
            )
        try:
            return self._mail(smtp, mail)
        except _Refused as refused:
            self._start_over(smtp, refused.refusal)
            return _meaning_of_refusal(refused.refusal, mail)
        except _NeverTaken:
            self.close()
            if was_kept:
                # Servers end idle connections as they please; nothing was handed over.
                return self.send(mail, begin_by=begin_by)
            return Outcome.channel_error("The mail server ended the connection.")

    def close(self) -> None:
        """Say goodbye if the server still listens. Raises nothing."""
        smtp = self._backend.connection
        if smtp is not None and smtp.sock is not None:
            smtp.sock.settimeout(_MAX_FAREWELL)
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

    def _mail(self, smtp: smtplib.SMTP, mail: Mail) -> Outcome:
        deadline = time.monotonic() + MAX_MAIL
        if mail.needs_smtputf8 and not smtp.has_extn("smtputf8"):
            return _needs_smtputf8(mail)
        if mail.has_files and mail.size > _largest(smtp):
            return Outcome.unwritable(
                "The e-mail with its attachments is larger than the mail server takes.",
                S.FAILED_PAYLOAD_TOO_LARGE,
            )
        # smtplib's own `mail` and `rcpt` would read the addresses once more.
        smtp.command_encoding = "utf-8" if mail.needs_smtputf8 else "ascii"
        try:
            for step, command, wanted in (
                (Step.SENDER, f"MAIL FROM:<{mail.sender.address}>{_options(smtp, mail)}", _DONE),
                (Step.RECIPIENT, f"RCPT TO:<{mail.recipient.address}>", _DONE),
                (Step.CONTENT, "DATA", _GO_ON),
            ):
                _limit(smtp, deadline)
                _expect(smtp.docmd(command), step, wanted=wanted)
        except smtplib.SMTPException as error:
            raise _NeverTaken from error
        return self._content(smtp, mail, deadline=deadline)

    def _content(self, smtp: smtplib.SMTP, mail: Mail, *, deadline: float) -> Outcome:
        """Once all of it was sent, only a reply that can be read says what became of it. Before its
        end nothing can have been taken (RFC 5321, 4.1.1.4)."""
        pieces = (_LEADING_DOT.sub(b"..", piece) for piece in mail.pieces())
        piece = next(pieces)
        for following in pieces:
            try:
                _limit(smtp, deadline)
                smtp.send(piece)
            except smtplib.SMTPException as error:
                raise _NeverTaken from error
            piece = following
        try:
            _limit(smtp, deadline)
            smtp.send(piece + b".\r\n")
            reply = smtp.getreply()
        except smtplib.SMTPException:
            return self._unknown(mail, "The connection to the mail server was lost")
        if reply[0] // 100 not in (_DONE, 4, 5):
            return self._unknown(mail, "The mail server's reply cannot be read; it came")
        _expect(reply, Step.CONTENT)
        return Outcome.accepted(S.SUCCEEDED, reference=mail.reference)

    def _unknown(self, mail: Mail, what: str) -> Outcome:
        """Whatever the server says later on this connection might be about this mail."""
        self.close()
        return Outcome.unknown(f"{what} after the message had been sent.", reference=mail.reference)

    def _start_over(self, smtp: smtplib.SMTP, refusal: Refusal) -> None:
        """Make the connection fit for the next mail."""
        if refusal.code == CLOSING or not refusal.is_readable:
            self.close()
            return
        try:
            smtp.rset()
        except smtplib.SMTPException:
            self.close()


def _meaning_of_refusal(refusal: Refusal, mail: Mail) -> Outcome:
    outcome = smtp_replies.meaning(refusal, recipient=mail.recipient.address)
    if mail.has_files and refusal.code == _TOO_LARGE and outcome.kind is OutcomeKind.FAILED:
        return Outcome.failed(outcome.reason, S.FAILED_PAYLOAD_TOO_LARGE)
    return outcome


def _largest(smtp: smtplib.SMTP) -> float:
    """The largest mail that the server says it takes (RFC 1870); 0 is no limit."""
    most = smtp.esmtp_features.get("size", "")
    return float(most) if _SIZE.fullmatch(most) and float(most) else math.inf


def _expect(reply: Reply, step: Step, *, wanted: int = _DONE) -> None:
    code, words = reply
    if code == CLOSING and step is Step.SENDER:
        # "Idle for too long", said at some time since the last mail.
        raise _NeverTaken
    if code // 100 != wanted:
        raise _Refused(Refusal(step, code, words.decode("utf-8", "replace")))


def _limit(smtp: smtplib.SMTP, deadline: float) -> None:
    """Let the next exchange last until the deadline at most."""
    if smtp.sock is not None:
        smtp.sock.settimeout(max(deadline - time.monotonic(), 0.001))


def _options(smtp: smtplib.SMTP, mail: Mail) -> str:
    """Only addresses may be of more than 7 bits, and they only where SMTPUTF8 is offered, which
    implies 8BITMIME (RFC 6531, 3.1)."""
    options = f" SIZE={mail.size}" * smtp.has_extn("size")
    return options + " BODY=8BITMIME SMTPUTF8" * mail.needs_smtputf8


def _needs_smtputf8(mail: Mail) -> Outcome:
    if not mail.recipient.needs_smtputf8:
        return Outcome.unwritable("The mail server does not take the letters of the from-address.")
    return Outcome.unwritable(
        "The mail server does not take the letters of the recipient's address.",
        S.FAILED_INVALID_EMAIL_FORMAT,
    )


def _meaning_of_no_connection(error: Exception) -> Outcome:
    """No message had a part in it. smtplib's SMTPException itself means that the server knows no
    way to log in that smtplib knows."""
    what = Evidence.CONNECTION
    if isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code >= 500:
        return Outcome.refused(f"The mail server refuses our log-in ({error.smtp_code}).", what)
    if isinstance(error, smtplib.SMTPHeloError) and error.smtp_code >= 500:
        return Outcome.refused(
            f"The mail server refuses our name ({error.smtp_code}). See EMAIL_HELO_NAME.", what
        )
    if isinstance(error, smtplib.SMTPNotSupportedError) or type(error) is smtplib.SMTPException:
        return Outcome.refused(
            "The mail server offers no log-in or TLS as the settings want it.", what
        )
    if isinstance(error, smtplib.SMTPResponseException):
        said = f"The mail server does not let us in ({error.smtp_code})."
        return Outcome.channel_error(said, what)
    kind = type(error).__name__
    if not isinstance(error, OSError):
        said = f"The mail server cannot be opened with the settings as they are ({kind})."
        return Outcome.refused(said, what)
    return Outcome.channel_error(f"The mail server cannot be reached ({kind}).", what)
