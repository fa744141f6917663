"""What is sent over SMTP, and on how many connections."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest

from dispatch.gateways.base import Message, Outcome, OutcomeKind
from dispatch.gateways.email import transport as email_transport
from dispatch.gateways.email.transport import Email
from runtime.web import outgoing
from tests.dispatch.conftest import NOTIFICATION_ID, mail
from tests.dispatch.gateways.email.smtp.servers import (
    REFERENCE,
    TAKEN,
    Inbox,
    S,
    send,
)


def test_a_plain_mail_is_one_text_part(transport: Email, inbox: Inbox) -> None:
    message = mail("Hei, Kåre!\n\n.prikk\nHilsen oss", subject="Et brev på norsk")
    assert send(transport, message) == TAKEN
    (envelope,), (received,) = inbox.envelopes, inbox.mails
    assert envelope.mail_from == "noreply@altinn.cloud"
    assert envelope.rcpt_tos == ["kari@example.com"]
    assert received["Subject"] == "Et brev på norsk"
    assert received["From"] == "noreply@altinn.cloud"
    assert received["To"] == "kari@example.com"
    assert received["Message-ID"] == f"<{REFERENCE}>"
    age = datetime.now(UTC) - parsedate_to_datetime(received["Date"]).replace(tzinfo=UTC)
    assert abs(age) < timedelta(minutes=1)
    assert received.get_content_type() == "text/plain"
    assert received.get_content_charset() == "utf-8"
    assert received.get_content() == "Hei, Kåre!\r\n\r\n.prikk\r\nHilsen oss\r\n"


def test_an_html_mail_is_one_html_part(transport: Email, inbox: Inbox) -> None:
    send(transport, mail("<p>Hei, Kåre!</p>", content_type="Html"))
    (received,) = inbox.mails
    assert not received.is_multipart()
    assert received.get_content_type() == "text/html"
    assert received.get_content() == "<p>Hei, Kåre!</p>\r\n"


def test_a_name_before_the_from_address_stays(transport: Email, inbox: Inbox) -> None:
    message = mail(sender="Skatteetaten på nett <no-reply@skatt.no>")
    outcome = send(transport, message)
    assert outcome.reference == f"{NOTIFICATION_ID}@skatt.no"
    assert inbox.envelopes[0].mail_from == "no-reply@skatt.no"
    assert inbox.mails[0]["From"] == "Skatteetaten på nett <no-reply@skatt.no>"


def test_an_empty_sender_means_the_installations_own(transport: Email, inbox: Inbox) -> None:
    send(transport, mail(sender=""))
    assert inbox.envelopes[0].mail_from == "noreply@altinn.cloud"


def test_white_space_around_an_address_is_no_part_of_it(transport: Email, inbox: Inbox) -> None:
    send(transport, mail(to=" kari@example.com\n"))
    assert inbox.envelopes[0].rcpt_tos == ["kari@example.com"]


def test_a_domain_with_norwegian_letters_is_written_in_ascii(
    transport: Email, ascii_inbox: Inbox
) -> None:
    assert send(transport, mail(to="kari@blåbær.example")).kind is OutcomeKind.ACCEPTED
    assert ascii_inbox.envelopes[0].rcpt_tos == ["kari@xn--blbr-roah.example"]


def test_case_11_an_eszett_does_not_lead_to_another_domain(
    transport: Email, ascii_inbox: Inbox
) -> None:
    assert send(transport, mail(to="ola21@straße.example")).kind is OutcomeKind.ACCEPTED
    assert ascii_inbox.envelopes[0].rcpt_tos == ["ola21@xn--strae-oqa.example"]
    assert ascii_inbox.mails[0]["To"] == "ola21@xn--strae-oqa.example"


@pytest.mark.parametrize(
    ("to", "written"),
    [
        ("ola\uff20\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45\u3002com", "ola@example.com"),
        ("\u202aola@example.com.\u202c", "ola@example.com"),
    ],
)
def test_an_odd_address_is_the_same_in_envelope_and_header(
    transport: Email, inbox: Inbox, to: str, written: str
) -> None:
    assert send(transport, mail(to=to)).kind is OutcomeKind.ACCEPTED
    assert inbox.envelopes[0].rcpt_tos == [written]
    assert inbox.mails[0]["To"] == written


def test_an_address_with_norwegian_letters_reaches_a_server_that_takes_them(
    transport: Email, inbox: Inbox
) -> None:
    assert send(transport, mail(to="kåre@blåbær.example")).kind is OutcomeKind.ACCEPTED
    (envelope,) = inbox.envelopes
    assert envelope.rcpt_tos == ["kåre@xn--blbr-roah.example"]
    assert envelope.smtp_utf8
    assert "To: kåre@xn--blbr-roah.example".encode() in (envelope.original_content or b"")


def test_an_address_with_norwegian_letters_is_invalid_to_a_server_that_does_not(
    transport: Email, ascii_inbox: Inbox
) -> None:
    outcome = send(transport, mail(to="kåre@example.com"))
    assert outcome.status is S.FAILED_INVALID_EMAIL_FORMAT
    assert send(transport, mail(sender="kåre@example.com")).status is S.FAILED
    assert ascii_inbox.envelopes == []
    assert send(transport) == TAKEN


@pytest.mark.parametrize("address", ["", "kari", "kari@", "@example.com", f"k@{'a.' * 130}no"])
def test_an_address_that_is_none_is_never_sent_to(
    transport: Email, inbox: Inbox, address: str
) -> None:
    assert send(transport, mail(to=address)).status is S.FAILED_INVALID_EMAIL_FORMAT
    assert inbox.peers == set()


@pytest.mark.parametrize("sender", ["Skatteetaten", "a@b@c", "a@b, c@d", "a@b\r\nBcc: c@d"])
def test_a_from_address_that_is_none_fails_its_own_mail(
    transport: Email, inbox: Inbox, sender: str
) -> None:
    outcome = send(transport, mail(sender=sender))
    assert (outcome.kind, outcome.status) == (OutcomeKind.FAILED, S.FAILED)
    assert inbox.envelopes == []


@pytest.mark.parametrize("message", [mail(subject="Hei \ud800"), mail(body="\ud800")])
def test_what_cannot_be_written_fails_its_own_mail(
    transport: Email, inbox: Inbox, message: Message
) -> None:
    assert send(transport, message).status is S.FAILED
    assert send(transport) == TAKEN
    assert len(inbox.envelopes) == 1


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
def test_a_body_cannot_end_the_mail(transport: Email, inbox: Inbox, line_end: str) -> None:
    smuggled = f"Hei{line_end}.{line_end}MAIL FROM:<ola@example.com>{line_end}..{line_end}"
    assert send(transport, mail(smuggled)) == TAKEN
    (received,) = inbox.mails
    assert str(received.get_content()).split() == [
        "Hei",
        ".",
        "MAIL",
        "FROM:<ola@example.com>",
        "..",
    ]


# How connections are kept


def test_mails_share_a_connection(transport: Email, inbox: Inbox) -> None:
    assert [send(transport) for _ in range(5)] == [TAKEN] * 5
    assert len(inbox.peers) == 1


def test_a_connection_is_renewed_after_its_share_of_mails(
    transport: Email, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(email_transport, "MAILS_A_CONNECTION", 3)
    assert [send(transport) for _ in range(7)] == [TAKEN] * 7
    assert len(inbox.peers) == 3


def test_a_connection_that_was_idle_is_renewed(
    transport: Email, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(transport)
    monkeypatch.setattr(email_transport, "MAX_IDLE", 0.0)
    send(transport)
    assert len(inbox.peers) == 2


def test_mails_go_at_once_on_connections_of_their_own(inbox: Inbox) -> None:
    transport = Email(default_sender="a@b.no", max_in_flight=4, reports_delivery=False)

    async def send_many() -> list[Outcome]:
        return await asyncio.gather(*(transport.send(mail()) for _ in range(20)))

    assert outgoing.run(send_many(), timeout=20) == [TAKEN] * 20
    assert 1 < len(inbox.peers) <= 4
