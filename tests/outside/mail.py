"""How the tests of the outside world send e-mail."""

import smtplib
from email.message import EmailMessage

from script.launcher.system.simulators import Simulators


def connected(simulators: Simulators, *, timeout: float = 10.0) -> smtplib.SMTP:
    return smtplib.SMTP("127.0.0.1", simulators.smtp_port, timeout=timeout)


def written(to: str, *, subject: str, body: str, subtype: str, message_id: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Altinn <noreply@altinn.cloud>"
    mail["To"] = to
    mail["Subject"] = subject
    mail["Message-ID"] = message_id
    mail.set_content(body, subtype=subtype)
    return mail


def deliver(
    simulators: Simulators,
    to: str,
    *,
    subject: str = "Hei",
    body: str = "Hei på deg.",
    subtype: str = "plain",
    message_id: str = "<1@notifications.example>",
    timeout: float = 10.0,
) -> None:
    """One e-mail over a connection of its own. Raises what smtplib raises."""
    with connected(simulators, timeout=timeout) as connection:
        connection.send_message(
            written(to, subject=subject, body=body, subtype=subtype, message_id=message_id)
        )
