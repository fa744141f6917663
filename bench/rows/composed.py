"""Row 19: ordinary e-mail, while e-mails with large attachments leave beside it."""

import time
from uuid import uuid4

from bench import loading
from bench.figures import Goal, Row, alternating
from bench.rows.draining import MESSAGES, ORDERS, TIMEOUT
from bench.system import WORKERS, MeasuredSystem
from bench.traffic.outlets import outlet

FILES = 200
BYTES = 10_000_000

_ORDINARY_LEFT = """
SELECT count(*) FROM (
    SELECT FROM notifications_notification n JOIN orders_order o ON o.id = n.order_id
    WHERE n.status IN ('New', 'Sending') AND o.type = 'Notification' LIMIT 1
) remaining
"""


def drain(system: MeasuredSystem, *, files: int) -> float:
    """Ordinary e-mails a second, from the first to the last that is recorded; so many others with
    an attachment each are due at the same time."""
    system.empty()
    with outlet("email") as taking:
        system.reach(taking.port)
        settings = {"EMAIL_URL": f"smtp://127.0.0.1:{taking.port}", "EMAIL_REPORTS_FROM": ""}
        with system.running("web", settings=settings):
            for _ in range(files):
                _place(system)
        loading.orders(system, count=ORDERS, channel="Email")
        with system.running(*WORKERS, "beat", settings=settings):
            loading.notifications(system, each=MESSAGES // ORDERS, channel="Email")
            begun = time.monotonic()
            system.wait_for(
                lambda: not system.query(_ORDINARY_LEFT)[0][0], "e-mails", seconds=TIMEOUT
            )
            took = time.monotonic() - begun
    if len(taking.came) < MESSAGES:
        raise AssertionError(f"{len(taking.came)} e-mails came.")
    return MESSAGES / took


def _place(system: MeasuredSystem) -> None:
    store = f"{system.outside.url}/store/file/a.pdf?size={BYTES}"
    link = f"{store}&sr=b&sp=r&se=2099-01-01T00:00:00Z&sig=x"
    file = {"filename": "Brev.pdf", "mimeType": "application/pdf", "sasUrl": link}
    text = {"subject": "Brev", "body": "Hei", "attachments": [file]}
    recipient = {"emailAddress": "kari@bench.example", "emailSettings": text}
    order = {"idempotencyId": str(uuid4()), "recipient": recipient}
    answer = system.place("future/orders/composed-email", order)
    if answer.status != 201:
        raise AssertionError(answer)


def beside(system: MeasuredSystem) -> Row:
    rates, alone = alternating(
        lambda: drain(system, files=FILES), lambda: drain(system, files=0), rounds=2
    )
    return Row(
        19,
        "drain 20,000 e-mails, 2 workers, beside 200 with 10 MB of attachments (reference: alone)",
        "mails/s",
        rates,
        alone,
        [Goal("rate / alone", rates.median / alone.median, 0.4)],
    )
