"""What a mail server's reply to one mail means: is it about us, the message, or the server?

The enhanced status code (RFC 3463, https://www.rfc-editor.org/rfc/rfc3463) knows more than the
reply code (RFC 5321, 4.2), and where both are vague, as 554 5.7.1 is, the server's words decide.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from dispatch.gateways.base import Evidence, Outcome, quoted
from notifications.models import NotificationStatus

S = NotificationStatus

CLOSING = 421
_LOG_IN_REFUSED = frozenset({530, 534, 535, 538})
# RFC 5321, 4.2.2: commands, or arguments, that the server does not know. A name that it cannot
# accept as ours is answered with 504 or 550 too, often only at RCPT.
_NOT_UNDERSTOOD = frozenset({500, 502, 503, 504})
_RECIPIENT_REFUSED = {
    550: S.FAILED_BOUNCED,
    551: S.FAILED_BOUNCED,
    501: S.FAILED_INVALID_EMAIL_FORMAT,
    553: S.FAILED_INVALID_EMAIL_FORMAT,
}
# At the beginning of a line, or at its end as qmail writes it: (#5.1.1).
_ENHANCED = re.compile(
    r"^(?P<code>[245]\.\d{1,3}\.\d{1,3})\b|\(#(?P<qmails>[245]\.\d{1,3}\.\d{1,3})\)", re.MULTILINE
)

# 5.7.x that say who we are, or where we call from, whatever the mail. RFC 4954, 6; and for the
# numbers beyond Microsoft's list:
# https://learn.microsoft.com/en-us/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online/non-delivery-reports-in-exchange-online
_ABOUT_US = frozenset(
    {3, 8, 9, 10, 11, 12, 13, 25, 54, 57, 64, 232, 233, 506, 508, 511, 705, 708, 750}
)
_BANNED_ADDRESSES = range(606, 650)
# "Daily sending limit exceeded": https://support.google.com/a/answer/3726730, and Microsoft's list.
_OUR_QUOTA = frozenset({(4, 5), (1, 90)})
# RFC 3463, 3.4: not accepting network messages, or not set up as it should be.
_OUT_OF_ORDER = frozenset({(3, 2), (3, 5)})
# 5.7.0 and 5.7.1 cover all of policy. These are what Postfix, Exim, Exchange and Gmail say with it
# when they mean the client: https://www.postfix.org/postconf.5.html#access_map_reject_code
_WORDS_ABOUT_US = re.compile(
    r"relay access denied|unable to relay|relay(?:ing)? (?:not permitted|denied|prohibited)"
    r"|\bno relaying\b|not permitted to relay|helo command rejected"
    r"|authentication (?:is )?required|must (?:issue a starttls|authenticate)"
    r"|client was not authenticated|client host (?:\S+ )?(?:rejected|blocked)"
    r"|invalid credentials for relay|(?:turn on|requires) smtp authentication"
    r"|(?:list of )?allowed rcpthosts"  # qmail's word for the domains that it relays to
    r"|messages from \[[0-9a-f.:]+\] weren't sent|connections will not be accepted from"
    r"|(?:sending|relay|credits?|messages?) (?:limit |quota )?(?:was |has been |is )?exceeded"
    r"|exceeded .{0,40}(?:e-?mails? per (?:hour|day)|(?:sending|relay) (?:limit|quota))"
    r"|(?:sending|client) ip\b.{0,60}\b(?:blocked|banned|blacklisted|block list)",
    re.IGNORECASE,
)
# The same, where a server puts us off instead: without it, greylisting is meant.
_PUT_OFF_FOR_US = re.compile(r"relay access denied|helo command rejected", re.IGNORECASE)


class Step(StrEnum):
    SENDER = "the sender"
    RECIPIENT = "the recipient"
    CONTENT = "the message"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reply to a step that is not the one that leads on; it came before the mail was taken.

    `words` may have several lines, each with its own enhanced status code.
    """

    step: Step
    code: int
    words: str

    @property
    def enhanced(self) -> tuple[int, int]:
        """Subject and detail; (0, 0) where the server gives none."""
        _, subject, detail = self._enhanced
        return subject, detail

    @property
    def may_pass(self) -> bool:
        """Whether either code says so. Where they contradict each other, a message that is tried
        again in vain has lost less than one that is given up."""
        return self.code < 500 or self._enhanced[0] == 4

    @property
    def _enhanced(self) -> tuple[int, int, int]:
        found = _ENHANCED.search(self.words)
        if found is None:
            return 0, 0, 0
        kind, subject, detail = map(int, (found["code"] or found["qmails"]).split("."))
        return kind, subject, detail

    @property
    def is_readable(self) -> bool:
        """Whether it is a refusal at all, or something that no server says at this step."""
        return 400 <= self.code < 600


def meaning(refusal: Refusal, *, recipient: str) -> Outcome:
    """`recipient` is kept out of the reason."""
    words = f"{refusal.code} {quoted(refusal.words, hiding=recipient)}"
    if not refusal.is_readable:
        return Outcome.channel_error(f"The mail server does not speak SMTP as agreed: {words}.")
    if refusal.code == CLOSING:
        return Outcome.channel_error(f"The mail server sends us away: {words}.")
    if refusal.code in _LOG_IN_REFUSED:
        # At MAIL nothing but the from-address of the message is known yet.
        is_first = refusal.step is Step.SENDER
        evidence = Evidence.CONNECTION if is_first else Evidence.MESSAGE
        return Outcome.refused(f"The mail server refuses our log-in: {words}.", evidence)
    if _is_about_us(refusal):
        return Outcome.refused(f"The mail server does not let us send: {words}.")
    reason = f"The mail server refuses {refusal.step}: {words}."
    if refusal.may_pass:
        return Outcome.retry(reason)
    if refusal.enhanced in _OUT_OF_ORDER:
        return Outcome.channel_error(f"The mail server is out of order: {words}.")
    if refusal.code in _NOT_UNDERSTOOD:
        return Outcome.channel_error(f"The mail server does not understand us: {words}.")
    if refusal.step is Step.RECIPIENT:
        return Outcome.failed(reason, _of_recipient(refusal))
    return Outcome.failed(reason)


def _is_about_us(refusal: Refusal) -> bool:
    """Once the content is known words may be about it, and only exact codes count."""
    if refusal.code < 500:
        return _PUT_OFF_FOR_US.search(refusal.words) is not None
    subject, detail = refusal.enhanced
    if subject == 7 and (detail in _ABOUT_US or detail in _BANNED_ADDRESSES):
        return True
    if (subject, detail) in _OUR_QUOTA:
        return True
    is_vague = subject in (0, 5) or (subject == 7 and detail in (0, 1))
    return (
        is_vague
        and refusal.step is not Step.CONTENT
        and _WORDS_ABOUT_US.search(refusal.words) is not None
    )


def _of_recipient(refusal: Refusal) -> NotificationStatus:
    match refusal.enhanced:
        case (1, 3) | (6, 7):
            return S.FAILED_INVALID_EMAIL_FORMAT
        case (1, 7) | (1, 8):  # the sender's address, judged late
            return S.FAILED
        case (1 | 2 | 4, _):
            return S.FAILED_BOUNCED
        case (7, _):
            return S.FAILED
    return _RECIPIENT_REFUSED.get(refusal.code, S.FAILED)
