"""The least that mailing could cost: kept SMTP connections send the same MIME messages.

python -m bench.references.bare_mail PORT COUNT CONNECTIONS
"""

import smtplib
import sys
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from email.utils import formatdate, make_msgid


def mail(number: int) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "A letter from us"
    message["From"] = "noreply@altinn.cloud"
    message["To"] = f"user.{number}@bench.example"
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain="altinn.cloud")
    message.set_content("You have received a letter. Log in to read it.")
    return message


def send(port: int, numbers: range) -> None:
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.ehlo()
        for number in numbers:
            smtp.send_message(mail(number))


def main(port: int, count: int, connections: int) -> None:
    shares = [range(first, count, connections) for first in range(connections)]
    with ThreadPoolExecutor(connections) as threads:
        list(threads.map(lambda numbers: send(port, numbers), shares))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
