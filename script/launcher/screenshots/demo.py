"""Orders of every kind, placed through the API: what the desk's pages have to show."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from script.launcher.system.running_system import RunningSystem

# The simulated gateway decides by the number what becomes of an SMS (tests/simulators/README.md).
BARRED = "+4741001234"
REFUSED = "+4741030234"
REACHED = "+4793000042"
KARI = "01838510058"
RAKEL_RESERVED = "11876995923"
TORDIS_WITHOUT_CONTACT = "30865510027"
FJELLHEIM = "311000179"

HTML_BODY = """
<style>h1 { color: #0a5c36; }</style>
<h1>Skatteoppgjøret er klart</h1>
<p>Logg inn for å se det.</p>
<script>document.title = "scripts run"; parent.document.title = "scripts run";</script>
<img alt="" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" onerror="parent.document.title = 'x'">
"""


_PAST = """
from datetime import UTC, datetime, timedelta
from notifications.models import DailyCount
from orders.models import Creator

def histogram(total, *shares):
    numbers = [total * share // 100 for share in shares] + [0] * (12 - len(shares))
    numbers[0] += total - sum(numbers)
    return numbers

today = datetime.now(UTC).date()
for name, size in (("nav", 900), ("skd", 400), ("ttd", 40)):
    owner, _made = Creator.objects.get_or_create(short_name=name)
    for back in range(1, 62):
        day = today - timedelta(days=back)
        total = size * (10 if day.weekday() < 5 else 3) // 10 + back % 7 * size // 40
        failed = total * (12 if back == 4 else 1 + back % 3) // 100
        for channel, part in (("Sms", 3), ("Email", 1)):
            reason = "Failed_BarredReceiver" if channel == "Sms" else "Failed_Bounced"
            for status, count, sent in (
                ("Delivered", (total - failed) * part, 1),
                (reason, failed * part, 1),
                ("Failed_RecipientReserved", total * part // 60, 0),
            ):
                DailyCount.objects.create(
                    day=day, creator=owner, channel=channel, status=status, notifications=count,
                    sent=count * sent, segments=count * 2, sent_segments=count * 2 * sent,
                    to_gateway=histogram(count * sent, 70, 20, 5, 3, 2),
                    to_delivery=histogram(
                        count * (status == "Delivered"), 5, 20, 40, 20, 10, 5
                    ),
                )
"""


@dataclass(frozen=True, slots=True)
class Demo:
    """The ids of the orders."""

    failed: str
    refused: str
    delivered: str
    html: str
    mixed: str
    planned: str
    held: str


def place(system: RunningSystem) -> Demo:
    """Place them, and wait until those that can end have ended."""
    failed = sms(system, "Timen din er 3. desember kl. 10.15.", BARRED, reference="time-1042")
    refused = sms(system, "Pakken din kan hentes.", REFUSED, reference="pakke-77")
    delivered = sms(system, "Søknaden din er mottatt.", REACHED, reference="søknad-31")
    answered = sms(system, "Søknaden din er innvilget.", REACHED, reference="søknad-31")
    html = _order(
        system,
        "orders/email",
        subject="Skatteoppgjøret er klart",
        body=HTML_BODY,
        contentType="Html",
        sendersReference="skatt-2025",
        recipients=[{"emailAddress": "kari.nordmann@post.example"}],
    )
    mixed = _order(
        system,
        "orders",
        notificationChannel="SmsPreferred",
        smsTemplate={"body": "Hei $recipientName$, du har fått et brev i Altinn."},
        emailTemplate={"subject": "Nytt brev", "body": "Du har fått et brev i Altinn."},
        sendersReference="brev-2025-11",
        recipients=[
            {"nationalIdentityNumber": number}
            for number in (KARI, RAKEL_RESERVED, TORDIS_WITHOUT_CONTACT, "12817010065")
        ]
        + [{"organizationNumber": FJELLHEIM}],
    )
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    planned = sms(system, "Husk møtet i dag.", REACHED, sent=tomorrow, reference="møte-5")
    held = sms(system, "Fristen er i dag.", REACHED, sent=tomorrow, reference="frist-9")
    ended = (failed, refused, delivered, answered, html, mixed)
    system.wait_for_completion(*ended)
    return Demo(failed, refused, delivered, html, mixed, planned, held)


def count_past_days(system: RunningSystem) -> None:
    """Let the daily counts tell of the days before, for the statistics to have something to show:
    more on working days, and one in which the gateway was in trouble."""
    system.command("shell", "-v", "0", "-c", _PAST)


def sms(
    system: RunningSystem, body: str, *numbers: str, reference: str, sent: str | None = None
) -> str:
    fields = {"requestedSendTime": sent} if sent else {}
    recipients = [{"mobileNumber": number} for number in numbers]
    return _order(
        system,
        "orders/sms",
        body=body,
        sendersReference=reference,
        recipients=recipients,
        **fields,
    )


def _order(system: RunningSystem, path: str, **order: object) -> str:
    answer = system.place(path, order)
    assert answer.status == 202, answer
    order_id: str = answer.json["orderId"]
    return order_id


def message_of(system: RunningSystem, order_id: str) -> str:
    """The id of an order's only message."""
    [[message]] = system.query(
        "SELECT id FROM notifications_notification WHERE order_id = %s", order_id
    )
    return str(message)
