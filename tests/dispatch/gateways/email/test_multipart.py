"""Mails with attachments, as mail servers and providers are handed them."""

import email
import socket
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage

import pytest
from aiohttp import web
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from dispatch.gateways.base import Message, Outcome
from dispatch.gateways.email.attachments import File
from dispatch.gateways.email.html_text import plain_text
from dispatch.gateways.email.mail import Mail
from dispatch.gateways.email.transport import Email
from notifications.models import NotificationStatus
from recipients.mailboxes import Mailbox
from runtime.web import outgoing
from tests.dispatch.conftest import NOTIFICATION_ID, mail
from tests.recipients.local_server import Call, LocalServer

S = NotificationStatus
PDF = File("Vedtak, Åse Østby.pdf", "application/pdf", bytes(range(256)) * 1_000)
TEXT = File("notat.txt", "text/plain", b"Linje\r\n.prikk\nslutt")
HTML = "<head><title>x</title></head><p>Hei, <b>K</b>åre!</p><p>Se <a href='https://x.no'>her</a>."


def written(message: Message, *files: File) -> Mail:
    sender, recipient = Mailbox("", "post@skatt.no"), Mailbox("", "kari@example.no")
    return Mail(message, sender=sender, recipient=recipient, files=files)


def read(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=policy.default)


def attached(received: EmailMessage) -> list[File]:
    found = []
    for part in received.iter_attachments():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        found.append(File(part.get_filename() or "", part.get_content_type(), content))
    return found


def test_text_and_files_are_parts_of_one_mail() -> None:
    received = read(b"".join(written(mail("Hei, Kåre!\n.\n"), PDF, TEXT).pieces()))
    assert received.get_content_type() == "multipart/mixed"
    body, *files = received.iter_parts()
    assert body.get_content_type() == "text/plain"
    assert [part.get_content_disposition() for part in files] == ["attachment"] * 2
    assert attached(received) == [PDF, TEXT]


def test_html_comes_with_the_same_in_plain_text() -> None:
    received = read(b"".join(written(mail(HTML, content_type="Html"), PDF).pieces()))
    body, _ = received.iter_parts()
    assert body.get_content_type() == "multipart/alternative"
    plain, html = body.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert plain.get_content().split("\r\n")[:2] == ["Hei, Kåre!", "Se her (https://x.no)."]
    assert html.get_content().strip() == HTML


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a&amp;b&nbsp;c", "a&b c"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<ul><li>en<li>to</ul>", "en\nto"),
        ("<style>p {}</style>a<script>b</script>", "a"),
        ("<p>a  \n b</p>", "a b"),
        ("<a href=''>a</a></a><a>b</a>", "ab"),
        ("</script>a<", "a<"),
        ("", ""),
        ("<head><title>x</title><body>a</body>", "a"),
        ("1 < 2 & 3 > 2", "1 < 2 & 3 > 2"),
        ("Hei <navn", "Hei <navn"),
        ("<a href=\"x>y&amp;z\" class='b'>t</a>", "t (x>y&z)"),
        ("<A HREF = x>t</A >", "t (x)"),
        ("<script>if (a<b) '</p>'</script >b", "b"),
        ("<STYLE>p {</style>a<style>", "a"),
        ("<!-- <p>a</p> -->b<!---->c<!-- d", "bc"),
        ("<![foo[a]]>b<![>c<![CDATA[d]]>e<!DOCTYPE x [<!ENTITY>f<?x?>g</>h", "bcefgh"),
        ("a<b title=\"it's\">c</b>'d'", "ac'd'"),
        ("&#x41;&#0;&#xD800;&#99999999999;&#" + "9" * 5_000 + ";", "A" + "\ufffd" * 4),
        ("<a " * 20_000, ("<a " * 20_000).strip()),
        ("<a b='" * 10_001, "<a b='" * 10_001),
        ("<!--" * 15_000, ""),
        ("<p>" * 20_000 + "a" + "</p>" * 2_000, "a"),
    ],
    ids=lambda text: text[:30],
)
def test_plain_text_is_what_is_seen(html: str, text: str) -> None:
    assert plain_text(html) == text


PIECES = (
    "<",
    ">",
    "</",
    "<!",
    "<![",
    "]]>",
    "<!--",
    "-->",
    "<?",
    "a",
    "<a ",
    "href=",
    "'",
    '"',
    "=",
)
MORE = (
    "&",
    "&#",
    "x",
    "9" * 20,
    ";",
    "script",
    "style",
    "head",
    "/",
    " ",
    "\n",
    "\x00",
    "\ud7ff",
    "å",
)


@given(st.lists(st.sampled_from(PIECES + MORE), max_size=40).map("".join))
def test_whatever_is_written_has_a_plain_text(html: str) -> None:
    assert plain_text(html).encode() is not None
    assert plain_text(f"<p>først</p>{html}").startswith("først")


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=250)


@given(NAMES)
def test_whatever_a_file_is_called_is_read_back(name: str) -> None:
    name = f"a{name}.pdf"
    content = b"".join(written(mail(), File(name, "application/pdf", b"x")).pieces())
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 78
    assert [one.name for one in attached(read(content))] == [name]


@given(st.binary(max_size=200), st.integers(0, 3))
def test_whatever_a_file_holds_is_read_back(content: bytes, times: int) -> None:
    content *= 10**times
    whole = b"".join(written(mail(), File("a.pdf", "image/png", content)).pieces())
    assert [one.content for one in attached(read(whole))] == [content]


def test_each_piece_is_of_whole_lines() -> None:
    pieces = list(written(mail(), PDF).pieces())
    assert len(pieces) > 5
    assert all(piece.endswith(b"\r\n") for piece in pieces)


class Inbox:
    """What an honest mail server received."""

    def __init__(self) -> None:
        self.contents: list[bytes] = []

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.contents.append(envelope.original_content or b"")
        return "250 OK"


@pytest.fixture
def transport(settings: Settings) -> Email:
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 5.0
    return Email(default_sender="noreply@altinn.cloud", max_in_flight=1, reports_delivery=False)


@pytest.fixture
def inbox(settings: Settings) -> Iterator[Inbox]:
    """Of a server that takes a million bytes."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = probe.getsockname()[1]
    received = Inbox()
    controller = Controller(
        received, hostname="127.0.0.1", port=settings.EMAIL_PORT, data_size_limit=1_000_000
    )
    controller.start()
    yield received
    controller.stop()


def send(transport: Email, message: Message, *files: File) -> Outcome:
    return outgoing.run(transport.send(message, files), timeout=20)


def test_a_mail_server_gets_text_and_files_as_they_are(transport: Email, inbox: Inbox) -> None:
    """Lines that begin with a full stop, too."""
    outcome = send(transport, mail("Hei\n.\n..prikk\n", content_type="Plain"), PDF, TEXT)
    assert outcome.status == S.SUCCEEDED
    (content,) = inbox.contents
    received = read(content)
    body, *_ = received.iter_parts()
    assert body.get_content().split() == ["Hei", ".", "..prikk"]
    assert attached(received) == [PDF, TEXT]
    assert send(transport, mail()).status == S.SUCCEEDED, "on the same connection"


def test_what_the_mail_server_says_is_too_large_is_not_handed_over(
    transport: Email, inbox: Inbox
) -> None:
    large = File("a.pdf", "application/pdf", bytes(900_000))
    assert send(transport, mail(), large).status == S.FAILED_PAYLOAD_TOO_LARGE
    assert inbox.contents == []


@pytest.fixture
def mailgun(server: LocalServer, settings: Settings) -> LocalServer:
    settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
    settings.ANYMAIL = {"MAILGUN_API_KEY": "key", "MAILGUN_API_URL": f"{server.url}/v3"}
    return server


MESSAGES = "/v3/altinn.cloud/messages"


def test_a_provider_gets_the_same_parts(transport: Email, mailgun: LocalServer) -> None:
    found: dict[str, object] = {}

    async def take(call: Call) -> object:
        for name, value in call.body.items():
            is_file = isinstance(value, web.FileField)
            found[name] = (value.filename, value.file.read()) if is_file else value
        return {"id": "<1@altinn.cloud>", "message": "Queued. Thank you."}

    mailgun.answer(MESSAGES, take)
    outcome = send(transport, mail(HTML, content_type="Html"), TEXT)
    assert outcome == Outcome.accepted(S.SUCCEEDED, reference="1@altinn.cloud")
    assert found["attachment"] == (TEXT.name, TEXT.content)
    assert found["html"] == HTML
    assert found["text"] == "Hei, Kåre!\nSe her (https://x.no)."
    assert found["h:Message-Id"] == f"<{NOTIFICATION_ID}@altinn.cloud>"


def test_what_is_too_large_for_a_provider_is_told_so(
    transport: Email, mailgun: LocalServer
) -> None:
    mailgun.answer(MESSAGES, lambda _call: web.json_response({}, status=413))
    assert send(transport, mail(), PDF).status == S.FAILED_PAYLOAD_TOO_LARGE
    assert send(transport, mail()).status == S.FAILED
