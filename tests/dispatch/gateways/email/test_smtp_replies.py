"""Case 25: what real mail servers say, and of what: us, the message, its recipient, or themselves.

The replies are those of Postfix (https://www.postfix.org/SMTPD_ACCESS_README.html,
https://www.postfix.org/postconf.5.html), Exchange Online
(https://learn.microsoft.com/en-us/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online/non-delivery-reports-in-exchange-online),
Gmail (https://support.google.com/a/answer/3726730) and Mailgun
(https://help.mailgun.com/hc/en-us/articles/203380100), with the addresses changed.
"""

import math
import smtplib

import pytest

from dispatch.gateways.base import Outcome, OutcomeKind
from dispatch.gateways.email import smtp
from dispatch.gateways.email.smtp_replies import Refusal, Step, meaning
from notifications.models import NotificationStatus

S = NotificationStatus
MAIL, RCPT, DATA = Step.SENDER, Step.RECIPIENT, Step.CONTENT
US, SERVER, LATER = OutcomeKind.PAUSE_CHANNEL, OutcomeKind.CHANNEL_ERROR, OutcomeKind.RETRY


def judged(step: Step, reply: str) -> Outcome:
    """The reply as smtplib reads it: without the codes that begin its lines."""
    lines = reply.split("\n")
    refusal = Refusal(step, int(lines[0][:3]), "\n".join(line[4:] for line in lines))
    return meaning(refusal, recipient="kari@example.com")


@pytest.mark.parametrize(
    ("step", "reply", "kind"),
    [
        # Postfix
        (RCPT, "554 5.7.1 <kari@example.com>: Relay access denied", US),
        (RCPT, "454 4.7.1 <kari@example.com>: Relay access denied", US),
        (
            RCPT,
            "504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname",
            US,
        ),
        (RCPT, "450 4.7.1 <3f2a9c>: Helo command rejected: Host not found", US),
        (
            RCPT,
            "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using bl.example",
            US,
        ),
        (MAIL, "530 5.7.0 Must issue a STARTTLS command first", US),
        (
            RCPT,
            "450 4.2.0 <kari@example.com>: Recipient address rejected: Greylisted, see"
            " http://postgrey.example/help/example.com.html",
            LATER,
        ),
        (RCPT, "451 4.7.1 Greylisting in action, please come back later", LATER),
        (RCPT, "450 4.7.1 Client host rejected: Greylisted", LATER),
        (RCPT, "450 4.3.2 Service currently unavailable", LATER),
        (RCPT, "451 4.3.0 <kari@example.com>: Temporary lookup failure", LATER),
        (MAIL, "452 4.3.1 Insufficient system storage", LATER),
        (RCPT, "421 4.7.0 mail.example Error: too many errors", SERVER),
        (MAIL, "503 5.5.1 Error: send HELO/EHLO first", SERVER),
        (MAIL, "502 5.5.2 Error: command not recognized", SERVER),
        # Exchange Online
        (RCPT, "550 5.7.64 TenantAttribution; Relay Access Denied", US),
        (MAIL, "530 5.7.57 Client was not authenticated to send anonymous mail", US),
        (RCPT, "550 5.7.606 Access denied, banned sending IP [192.0.2.1]", US),
        (MAIL, "550 5.7.708 Service unavailable. Access denied, traffic not accepted", US),
        (RCPT, "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain", US),
        (RCPT, "451 4.7.500 Server busy. Please try again later from [192.0.2.1].", LATER),
        (RCPT, "452 4.5.3 Too many recipients", LATER),
        (MAIL, "554 5.3.2 STOREDRV.Deliver; not accepting network messages", SERVER),
        # Gmail
        (
            RCPT,
            "452-4.2.2 The email account that you tried to reach is over\n452 4.2.2 quota.",
            LATER,
        ),
        (RCPT, "421-4.7.0 IP not in whitelist for RCPT domain, closing\n421 4.7.0 it.", SERVER),
        (
            DATA,
            "550-5.7.25 The IP address sending this message does not have a\n550 5.7.25 PTR",
            US,
        ),
        (DATA, "550 5.4.5 Daily SMTP relay sending limit exceeded.", US),
        (MAIL, "550-5.7.1 Invalid credentials for relay, authentication required", US),
        (MAIL, "535-5.7.8 Username and Password not accepted.", US),
        (RCPT, "550 5.7.1 Mail relay denied [192.0.2.1]. Invalid credentials for relay", US),
        # A limit of ours, and not a recipient who is gone
        (RCPT, "550 5.1.90 Your message can't be sent: the daily limit is reached", US),
        (RCPT, "550 5.7.233 Tenant has exceeded its external recipient rate limit", US),
        (RCPT, "550 5.7.508 Access denied, [192.0.2.1] has exceeded its rate limits", US),
        (RCPT, "550 Domain b.no has exceeded the max emails per hour (500/500) allowed.", US),
        (MAIL, "550 Sending quota exceeded", US),
        (MAIL, "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent (S3140).", US),
        (MAIL, "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1", US),
        (RCPT, "550-Please turn on SMTP Authentication in your mail client.\n550 Thanks.", US),
        # qmail
        (RCPT, "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", US),
        (RCPT, "451 qq temporary problem (#4.3.0)", LATER),
        # Codes that contradict each other: whoever says that it may pass is believed
        (RCPT, "550 4.7.1 Greylisted, try again in 5 minutes", LATER),
        (RCPT, "554 4.4.4 Unable to route", LATER),
        (DATA, "554 4.7.0 Message temporarily deferred", LATER),
        (RCPT, "450 5.1.1 <kari@example.com>: User unknown", LATER),
        (RCPT, "452 5.2.2 Over quota", LATER),
        # Amazon
        (DATA, "454 Throttling failure: Daily message quota exceeded.", LATER),
        # Mailgun
        (RCPT, "550 5.7.1 Relaying denied", US),
        (MAIL, "535 5.7.0 Mailgun: Authentication credentials invalid", US),
    ],
)
def test_what_is_about_us_or_the_server_or_can_wait(
    step: Step, reply: str, kind: OutcomeKind
) -> None:
    assert judged(step, reply).kind is kind


@pytest.mark.parametrize(
    ("step", "reply", "status"),
    [
        (
            RCPT,
            "550 5.1.1 <kari@example.com>: Recipient address rejected: User unknown in local"
            " recipient table",
            S.FAILED_BOUNCED,
        ),
        (RCPT, "552 5.2.2 <kari@example.com>: Mailbox is full", S.FAILED_BOUNCED),
        (RCPT, "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found", S.FAILED_BOUNCED),
        (RCPT, "550 5.4.1 Recipient address rejected: Access denied.", S.FAILED_BOUNCED),
        (RCPT, "550 5.1.2 <kari@example.com>: Domain not found", S.FAILED_BOUNCED),
        (
            RCPT,
            "550-5.1.1 The email account that you tried to reach does not\n550 5.1.1 exist.",
            S.FAILED_BOUNCED,
        ),
        (RCPT, "550 User unknown", S.FAILED_BOUNCED),
        (RCPT, "550 sorry, no mailbox here by that name. (#5.1.1)", S.FAILED_BOUNCED),
        (RCPT, "553 sorry, that recipient is gone (#5.1.1)", S.FAILED_BOUNCED),
        (RCPT, "554 5.4.6 Too many hops", S.FAILED_BOUNCED),
        (RCPT, "550 5.4.310 DNS domain does not exist", S.FAILED_BOUNCED),
        (RCPT, "550 5.2.122 The recipient has exceeded their limit of messages", S.FAILED_BOUNCED),
        (RCPT, "501 5.1.3 Bad recipient address syntax", S.FAILED_INVALID_EMAIL_FORMAT),
        (RCPT, "553 5.6.7 Address needs SMTPUTF8", S.FAILED_INVALID_EMAIL_FORMAT),
        (RCPT, "550 5.1.8 <a@b.no>: Sender address rejected: Domain not found", S.FAILED),
        (RCPT, "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; restricted", S.FAILED),
        (RCPT, "554 5.7.1 <kari@example.com>: Recipient address rejected: Policy", S.FAILED),
        (MAIL, "552 5.3.4 Message size exceeds fixed limit", S.FAILED),
        (MAIL, "553 5.1.7 The sender address is not a valid address", S.FAILED),
        (MAIL, "550 5.7.60 SMTP; Client does not have permissions to send as this", S.FAILED),
        (DATA, "552-5.3.4 Your message exceeded our size limit.", S.FAILED),
        (DATA, "550 5.7.1 Message content rejected: authentication required scam", S.FAILED),
        (DATA, "554 5.7.1 Spam message rejected", S.FAILED),
        (
            DATA,
            "550-5.7.1 [192.0.2.1] Our system has detected that this message is\n"
            "550 5.7.1 likely unsolicited mail.",
            S.FAILED,
        ),
        (DATA, "550-5.7.26 Unauthenticated email from b.no is not accepted", S.FAILED),
        (DATA, "554 5.6.0 Message is malformed", S.FAILED),
    ],
)
def test_what_is_about_the_message_fails_it_alone(
    step: Step, reply: str, status: NotificationStatus
) -> None:
    outcome = judged(step, reply)
    assert (outcome.kind, outcome.status) == (OutcomeKind.FAILED, status)
    assert "kari@example.com" not in outcome.reason


@pytest.mark.parametrize(
    ("offered", "most"),
    [
        ("1000", 1_000),
        *((odd, math.inf) for odd in ("", "0", "-1", "1e3", "9" * 5_000, "\u0663", "x", "1 2")),
    ],
)
def test_the_largest_mail_that_a_server_takes_is_as_it_says(offered: str, most: float) -> None:
    server = smtplib.SMTP()
    server.esmtp_features = {"size": offered}
    assert smtp._largest(server) == most
