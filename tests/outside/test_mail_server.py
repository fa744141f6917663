"""The mail server takes and refuses e-mail with the replies of real ones."""

import smtplib
import socket
from email.header import Header
from email.mime.text import MIMEText

import pytest

from script.launcher.system.simulators import Simulators
from tests.outside.mail import connected, deliver, written


def code_of(error: smtplib.SMTPException) -> int:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        ((code, _text),) = error.recipients.values()
        return code
    assert isinstance(error, smtplib.SMTPResponseException)
    return error.smtp_code


def refusal(simulators: Simulators, to: str) -> int:
    """The reply that refuses an e-mail, or 250 when it was taken."""
    try:
        deliver(simulators, to)
    except smtplib.SMTPException as error:
        return code_of(error)
    return 250


@pytest.mark.parametrize(
    ("subtype", "content_type", "body"),
    [
        ("plain", "Plain", "Kjære Åse,\n\nfint vær 👋\nHilsen Ørsta"),
        ("html", "Html", "<p>Kjære Åse, <b>fint</b> vær 👋</p>"),
    ],
)
def test_an_email_is_recorded_as_its_reader_sees_it(
    simulators: Simulators, subtype: str, content_type: str, body: str
) -> None:
    deliver(
        simulators,
        "kari.nordmann@post.example",
        subject="Påminnelse: næringsoppgave",
        body=body,
        subtype=subtype,
        message_id="<0190@notifications.example>",
    )
    (received,) = simulators.messages(to="kari.nordmann@post.example")
    assert received["reference"] == "<0190@notifications.example>"
    assert received["sender"] == "Altinn <noreply@altinn.cloud>"
    assert received["subject"] == "Påminnelse: næringsoppgave"
    assert (received["text"], received["contentType"]) == (body, content_type)
    assert (received["owner"], received["parts"]) == ("Kari Nordmann", 1)


def test_the_html_is_read_where_there_is_a_choice(simulators: Simulators) -> None:
    mail = written("a@b.example", subject="", body="Hei", subtype="plain", message_id="<1>")
    mail.add_alternative("<p>Hei på deg</p>", subtype="html")
    with connected(simulators) as connection:
        connection.send_message(mail)
    (received,) = simulators.messages()
    assert (received["text"], received["contentType"]) == ("<p>Hei på deg</p>", "Html")
    assert received["parts"] == 2


def test_a_long_subject_is_put_together_again(simulators: Simulators) -> None:
    subject = "Påminnelse om næringsoppgaven til Ørsta kommune " * 3 + "👋"
    mail = MIMEText("Hei", "plain", "utf-8")
    mail["Subject"] = Header(subject, "utf-8").encode()
    with connected(simulators) as connection:
        connection.sendmail("a@b.example", ["c@d.example"], mail.as_bytes())
    assert simulators.messages()[0]["subject"] == subject


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("unknown-user", 550),
        ("moved", 551),
        ("bad-syntax", 501),
        ("bad-name", 553),
        ("refused", 554),
        ("spam", 554),
        ("busy", 450),
        ("full", 452),
        ("someone-else", 250),
    ],
)
def test_magic_addresses_are_refused_with_their_reply(
    simulators: Simulators, name: str, code: int
) -> None:
    assert refusal(simulators, f"{name}+1@magic.example") == code
    assert refusal(simulators, f"{name}@other.example") == 250
    assert len(simulators.messages()) == (2 if code == 250 else 1)


def test_a_greylisted_address_is_refused_once(simulators: Simulators) -> None:
    assert [refusal(simulators, "greylisted@magic.example") for _ in range(2)] == [451, 250]


def test_a_lost_answer_is_an_email_that_was_taken(simulators: Simulators) -> None:
    with pytest.raises(smtplib.SMTPServerDisconnected):
        deliver(simulators, "lost@magic.example")
    assert len(simulators.messages(to="lost@magic.example")) == 1


def test_a_hanging_answer_outlasts_the_timeout(simulators: Simulators) -> None:
    connection = connected(simulators, timeout=0.2)
    mail = written("hanging@magic.example", subject="", body="", subtype="plain", message_id="<1>")
    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        connection.send_message(mail)
    connection.close()


@pytest.mark.parametrize(
    ("mode", "code"),
    [("error421", 421), ("error451", 451), ("error554", 554), ("log-in-required", 530)],
)
def test_faults_spoil_as_many_emails_as_asked_for(
    simulators: Simulators, mode: str, code: int
) -> None:
    simulators.fault("smtp", mode, times=1)
    assert refusal(simulators, "kari.nordmann@post.example") == code
    assert refusal(simulators, "kari.nordmann@post.example") == 250


def test_a_server_that_shuts_down_hangs_up_after_saying_so(simulators: Simulators) -> None:
    simulators.fault("smtp", "error421", times=1)
    with socket.create_connection(("127.0.0.1", simulators.smtp_port), timeout=5) as raw:
        raw.sendall(b"EHLO test\r\nMAIL FROM:<a@b.example>\r\n")
        said = raw.makefile("rb").read()
    assert said.splitlines()[-1].startswith(b"421 ")


def test_any_log_in_is_right_unless_a_fault_says_no(simulators: Simulators) -> None:
    with connected(simulators) as connection:
        assert connection.login("anyone", "anything")[0] == 235
    simulators.fault("smtp", "log-in-fails", times=1)
    connection = connected(simulators)
    with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
        connection.login("anyone", "anything")
    connection.close()
    assert refused.value.smtp_code == 535


def test_addresses_beyond_ascii_need_an_extension_that_can_be_missing(
    simulators: Simulators,
) -> None:
    deliver(simulators, "åse.øverås@post.example")
    (received,) = simulators.messages(to="åse.øverås@post.example")
    assert received["owner"] == "Åse Bjørg Ærlig-Øverås"
    simulators.fault("smtp", "without-smtputf8", times=1)
    with pytest.raises(smtplib.SMTPNotSupportedError):
        deliver(simulators, "åse.øverås@post.example")


def test_one_connection_takes_many_emails(simulators: Simulators) -> None:
    with connected(simulators) as connection:
        for number in range(50):
            to = f"innbygger.{number:07d}@folk.example"
            connection.send_message(
                written(to, subject="", body="x", subtype="plain", message_id=f"<{number}>")
            )
    assert len(simulators.messages()) == 50
    assert simulators.messages()[49]["owner"] == "Jørgen Fjæran 0000049"
