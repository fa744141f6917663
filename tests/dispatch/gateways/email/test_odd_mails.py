"""Mails of odd subjects, names, addresses and texts, on the wire and read back by a strict reader.

Cases 13, 15 and 16; attack A25.
"""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from dispatch.gateways.base import Outcome, OutcomeKind
from dispatch.gateways.email.mail import Mail
from dispatch.gateways.email.transport import Email
from notifications.models import NotificationStatus
from recipients.mailboxes import Mailbox, is_mailbox
from runtime.web import outgoing
from tests.dispatch.conftest import NOTIFICATION_ID, mail
from tests.dispatch.raw_server import RawServer
from tests.dispatch.strict_mail import StrictServer, read

S = NotificationStatus
RawServers = Callable[..., RawServer]

# No more, no less, and in this order.
HEADERS = [
    "Subject",
    "From",
    "To",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
]
SPLITTING = "=?utf-8?q?" + 60 * "a" + "=0d=0aBcc:=20other@x.example=0d=0a?="


@pytest.fixture
def transport(settings: Settings) -> Email:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 5.0
    settings.EMAIL_HELO_NAME = "varsling.example.no"
    return Email(default_sender="noreply@altinn.cloud", max_in_flight=1, reports_delivery=False)


@pytest.fixture
def strict(raw_server: RawServers, settings: Settings) -> StrictServer:
    """Offers SIZE and nothing else, as in case 13."""
    return _started(raw_server, settings, StrictServer())


@pytest.fixture
def modern(raw_server: RawServers, settings: Settings) -> StrictServer:
    offered = ("8BITMIME", "SMTPUTF8", "SIZE 1000000")
    return _started(raw_server, settings, StrictServer(offered))


def _started(raw_server: RawServers, settings: Settings, server: StrictServer) -> StrictServer:
    settings.EMAIL_PORT = raw_server(server).port
    return server


def send(
    transport: Email,
    body: str = "Hei",
    *,
    to: str = "kari@example.com",
    sender: str = "noreply@altinn.cloud",
    subject: str = "Et brev",
    content_type: str = "Plain",
) -> Outcome:
    message = mail(body, to=to, sender=sender, subject=subject, content_type=content_type)
    return outgoing.run(transport.send(message), timeout=20)


SUBJECTS = [
    "",
    "Et brev",
    "Blåbær på Ås",
    "x" * 69,
    "x" * 70,
    "x" * 2000,
    "x " * 500 + "x",
    "ord " * 60 + "slutt",
    "å" * 300,
    "\N{PILE OF POO}" * 40,
    "e\u0301" * 50,
    "שלום עולם",
    "a  b   c",
    "tab\tulator",
    "=?utf-8?q?skjult?=",
    "=?utf-8?b?c2tqdWx0?=",
    "=?",
    "?=",
    "=?utf-8?q?a?= =?utf-8?q?b?=",
    SPLITTING,
    "å" + SPLITTING,
    "Bcc: ola@example.com",
    "x" * 60 + " Bcc: ola@example.com",
    ": ",
    ".",
    "a" * 75 + ".",
    "From nobody",
    '"quoted" <ola@example.com>',
    "100 % = _ ? !",
    "\u00a0hard\u00a0space\u00a0",
    "zero\u200bwidth",
    "\ufeffmark",
]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_subject_arrives_as_it_was_ordered(
    transport: Email, strict: StrictServer, subject: str
) -> None:
    assert send(transport, subject=subject).kind is OutcomeKind.ACCEPTED
    (taken,) = strict.mails
    received = read(taken.content)
    assert [name for name, _ in received.fields] == HEADERS
    assert received["Subject"] == subject.strip().replace("\t", " ")
    assert received["To"] == "kari@example.com"
    assert strict.complaints == []


@pytest.mark.parametrize(
    ("subject", "arrives"),
    [
        ("Hei\r\nBcc: ola@example.com", "Hei Bcc: ola@example.com"),
        ("Hei\n", "Hei"),
        ("Hei\rSvar", "Hei Svar"),
        ("a\x00b\x1bc\x85d\u2028e\u2029f", "a b c d e f"),
        ("\r\n\r\nTekst", "Tekst"),
    ],
)
def test_a_subject_is_one_line(
    transport: Email, strict: StrictServer, subject: str, arrives: str
) -> None:
    send(transport, subject=subject)
    received = read(strict.mails[0].content)
    assert [name for name, _ in received.fields] == HEADERS
    assert received["Subject"] == arrives


@pytest.mark.parametrize("to", ["kari@example.com", "kåre@blåbær.example"])
def test_attack_a25_an_encoded_word_in_a_subject_makes_no_header_line(
    transport: Email, modern: StrictServer, to: str
) -> None:
    """Python 3.11.7 writes a Bcc of the sender's making when it parses such a mail again."""
    assert send(transport, subject=SPLITTING, to=to).kind is OutcomeKind.ACCEPTED
    (taken,) = modern.mails
    received = read(taken.content, letters=True)
    assert [name for name, _ in received.fields] == HEADERS
    assert received["Subject"] == SPLITTING
    assert received.text == "Hei\n"


NAMES = [
    ("Skatteetaten", "Skatteetaten"),
    ("Skatteetaten på nett", "Skatteetaten på nett"),
    ("Skatteetaten, avd. Oslo", "Skatteetaten, avd. Oslo"),
    ('"Ola ""Nordmann"', '"Ola ""Nordmann"'),
    (r'"Ola \"O\" Nordmann"', 'Ola "O" Nordmann'),
    ('"Avd. (Oslo)"', "Avd. (Oslo)"),
    ('"<b>"', "<b>"),
    (r"Bak\slash", r"Bak\slash"),
    ("ola@example.com", "ola@example.com"),
    ("=?utf-8?q?kari=40example=2Ecom?=", "=?utf-8?q?kari=40example=2Ecom?="),
    (SPLITTING, SPLITTING),
    ("å" * 100, "å" * 100),
    ("x" * 500, "x" * 500),
    ("Ops:", "Ops:"),
    ("a; b", "a; b"),
]


@pytest.mark.parametrize(("name", "arrives"), NAMES)
def test_a_name_before_the_from_address_arrives_as_it_was_ordered(
    transport: Email, strict: StrictServer, name: str, arrives: str
) -> None:
    assert send(transport, sender=f"{name} <post@skatt.no>").kind is OutcomeKind.ACCEPTED
    (taken,) = strict.mails
    received = read(taken.content)
    assert [name for name, _ in received.fields] == HEADERS
    assert received["From"] == f"{arrives} <post@skatt.no>"
    assert taken.sender == "post@skatt.no"
    assert strict.complaints == []


NOT_SENDERS = [
    ".@[",
    "Skatteetaten",
    "a@b@c",
    "a@b.no, c@d.no",
    "a@b.no;c@d.no",
    "a@b.no\r\nBcc: c@d.no",
    "Navn\r\nBcc: c@d.no <a@b.no>",
    "Na\u2028vn <a@b.no>",
    "<a@b.no> <c@d.no>",
    "a@b.no (Navn)",
    '"a b"@b.no',
    "a b@c.no",
    "a@[127.0.0.1]",
    "a@b..no",
    ".a@b.no",
    "a.@b.no",
    "a..b@c.no",
    "a@-b.no",
    "a@b_c.no",
    "a\u00a0b@c.no",
    "a\u200b@c.no",
    "a@" + "b" * 64 + ".no",
    "a" * 65 + "@b.no",
    "Gruppe: a@b.no;",
    "<>",
    "@b.no",
    "a@",
    "a\x00@b.no",
]


@pytest.mark.parametrize("text", NOT_SENDERS)
def test_attack_a1_what_is_no_address_fails_its_own_mail_and_is_never_said(
    transport: Email, strict: StrictServer, text: str
) -> None:
    assert send(transport, sender=text).status is S.FAILED
    assert send(transport, to=text).status is S.FAILED_INVALID_EMAIL_FORMAT
    assert strict.said == []


@given(st.text(max_size=60))
def test_any_text_is_a_mailbox_or_refused(text: str) -> None:
    if is_mailbox(text):
        mailbox = Mailbox.parse(text)
        assert re.fullmatch(r"[^@\s<>]+@[A-Za-z0-9.-]+", mailbox.address)
        assert Mailbox.parse(str(mailbox)) == mailbox


@pytest.mark.parametrize("to", ["kari@blåbær.example", "KARI@EXAMPLE.com", "o'hara+x@b.no"])
def test_addresses_in_ascii_need_no_extension(
    transport: Email, modern: StrictServer, to: str
) -> None:
    send(transport, to=to)
    (taken,) = modern.mails
    assert taken.recipient.isascii()
    assert read(taken.content)["To"] == taken.recipient
    assert {option.partition("=")[0] for option in taken.options} == {"SIZE"}


def test_letters_in_a_local_part_go_where_smtputf8_is_offered(
    transport: Email, modern: StrictServer
) -> None:
    send(transport, to="kåre@example.com", sender="Blå <blå@bær.no>")
    (taken,) = modern.mails
    assert taken.options >= {"SMTPUTF8", "BODY=8BITMIME"}
    received = read(taken.content, letters=True)
    assert received["To"] == taken.recipient == "kåre@example.com"
    assert received["From"] == "Blå <blå@xn--br-1ia.no>"


def test_letters_in_a_local_part_are_invalid_where_it_is_not(
    transport: Email, strict: StrictServer
) -> None:
    assert send(transport, to="kåre@example.com").status is S.FAILED_INVALID_EMAIL_FORMAT
    assert strict.mails == []
    assert send(transport, to="kari@example.com").kind is OutcomeKind.ACCEPTED


BODIES = [
    "",
    "Hei",
    "Blåbær på Ås",
    "\n\n\nHei\n\n\n",
    ".",
    "..\n.\n...",
    "Hei\n.\nMAIL FROM:<ola@example.com>\n..\n",
    "x" * 5000,
    "." * 5000,
    "å" * 3000,
    "x" * 75 + " \n" + "x" * 74 + " \n" + "x" * 73 + " \n",
    "x" * 74 + "=\n" + "x" * 75 + "=",
    " " * 400,
    "ord " * 300,
    "\t\n \n\t \n",
    "From her\nFrom der",
    "=0D=0A.=0D=0A",
    "=?utf-8?q?ikke?=",
    "Subject: ny\n\nTekst",
    "\N{PILE OF POO}" * 100,
    "\u2028\u2029\x85\x0b\x0c\x1c",
    "\ufeffmerke",
    "\x00",
    "Content-Type: text/html\n\n<b>",
    "--skille\n\n--skille--",
]


@pytest.mark.parametrize("content_type", ["Plain", "Html"])
@pytest.mark.parametrize("body", BODIES)
def test_case_13_a_body_arrives_as_it_was_ordered_in_seven_bits(
    transport: Email, strict: StrictServer, body: str, content_type: str
) -> None:
    assert send(transport, body, content_type=content_type).kind is OutcomeKind.ACCEPTED
    (taken,) = strict.mails
    received = read(taken.content)
    assert received.text == f"{body}\n"
    assert received["Content-Type"].startswith(f"text/{content_type.lower()};")
    assert f"SIZE={len(taken.content)}" in taken.options
    assert strict.complaints == []


@pytest.mark.parametrize("line_end", ["\r\n", "\r", "\n"])
def test_line_ends_of_any_kind_are_line_ends(
    transport: Email, strict: StrictServer, line_end: str
) -> None:
    body = f"en{line_end}.{line_end}{line_end}to{line_end}"
    send(transport, body)
    assert read(strict.mails[0].content).text == body.replace(line_end, "\n") + "\n"
    assert strict.complaints == []


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_whatever_is_ordered_is_read_back(subject: str, name: str, body: str) -> None:
    sender, recipient = Mailbox(_fit(name), "post@skatt.no"), Mailbox("", "kari@example.no")
    written = Mail(mail(body, subject=subject), sender=sender, recipient=recipient)
    received = read(b"".join(written.pieces()))
    assert [name for name, _ in received.fields] == HEADERS
    assert received["Subject"] == written.subject
    assert received["From"] == (f"{sender.name} " if sender.name else "") + (
        "<post@skatt.no>" if sender.name else "post@skatt.no"
    )
    assert received.text == re.sub("\r\n|\r", "\n", body) + "\n"


def _fit(name: str) -> str:
    """As `Mailbox.parse` would leave it."""
    return re.sub("[\x00-\x1f\x7f-\x9f\u2028\u2029]", "", name).strip()


def test_what_a_provider_makes_of_the_mail_is_the_same_mail() -> None:
    """Amazon SES is given the mail as it travels (anymail.backends.amazon_ses)."""
    message = mail("Blåbær\n.\n", subject=SPLITTING, sender=f"{SPLITTING} <post@skatt.no>")
    sender, recipient = Mailbox.parse(message.sender), Mailbox.parse(message.address)
    written = Mail(message, sender=sender, recipient=recipient).message().as_bytes()
    received = read(written.replace(b"\n", b"\r\n"))
    assert [name for name, _ in received.fields] == HEADERS
    assert received["Subject"] == SPLITTING
    assert received["From"] == f"{SPLITTING} <post@skatt.no>"
    assert received.text == "Blåbær\n.\n\n"


def test_case_15_we_greet_by_the_name_of_the_settings(
    transport: Email, strict: StrictServer
) -> None:
    send(transport)
    assert strict.said[0] == "ehlo varsling.example.no\r\n"


def test_case_16_nobody_is_asked_to_answer_by_itself(
    transport: Email, strict: StrictServer
) -> None:
    send(transport)
    received = read(strict.mails[0].content)
    assert received["Auto-Submitted"] == "auto-generated"
    assert received["X-Auto-Response-Suppress"] == "All"
    assert received["Message-ID"] == f"<{NOTIFICATION_ID}@altinn.cloud>"
