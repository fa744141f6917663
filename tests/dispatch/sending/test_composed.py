"""E-mails with attachments: fetched, handed over and ended, whatever the store does."""

import json
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import LazySettings
from django.db import connection
from django.utils import timezone

from dispatch.gateways.email import attachments
from dispatch.models import Attempt
from dispatch.sending.sender import composed_sender, sender_for
from notifications.models import Notification, NotificationChannel, NotificationStatus
from orders.cancelling import cancel
from orders.models import Attachment, Channel, Creator, Order, OrderStatus, OrderType
from orders.models import SendingTimePolicy as Policy
from orders.requests import AttachedFile, EmailText
from script.launcher.system.simulators import Simulators
from tests import building
from tests.building import direct, notification

S = NotificationStatus
SECRET = "c2VjcmV0LXNpZ25hdHVyZQ"
FOREVER = datetime(2099, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def smtp_settings(settings: LazySettings, simulators: Simulators) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "notifications", "s3cret"
    settings.EMAIL_REPORTS_FROM = ""


@pytest.fixture
def link(simulators: Simulators) -> Callable[..., str]:
    def made(mood: str = "file", name: str = "a.pdf", **query: Any) -> str:
        signed = {"sr": "b", "sp": "r", "sig": SECRET} | query
        return f"{simulators.url}/store/{mood}/{name}?{urlencode(signed)}"

    return made


def composed(creator: Creator, *links: str, status: str = "Processed", **fields: Any) -> Order:
    files = [
        AttachedFile(f"Vedlegg {number}.pdf", "application/pdf", one, FOREVER)
        for number, one in enumerate(links, start=1)
    ]
    text = EmailText("Vedtak", "Se vedlegg.", policy=Policy.FETCHED)
    return building.order(
        creator,
        Channel.EMAIL,
        [direct(email="kari@example.com")],
        now=timezone.now(),
        type=OrderType.COMPOSED,
        email=text,
        attachments=files,
        status=status,
        **fields,
    )


def ready(order: Order, **fields: Any) -> Notification:
    return notification(order, now=timezone.now(), policy=Policy.FETCHED, **fields)


def drain(*, seconds: float = 20.0) -> int | None:
    return composed_sender().drain(seconds=seconds)


def sent(creator: Creator, *links: str) -> Notification:
    """What becomes of an e-mail with these files at the first try."""
    waiting = ready(composed(creator, *links))
    drain()
    return Notification.objects.get(pk=waiting.pk)


def whole_database() -> str:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        texts = []
        for table in tables:
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{table}" t')  # noqa: S608
            texts += [row for (row,) in cursor.fetchall()]
    return "\n".join(texts)


def test_an_e_mail_leaves_with_its_files(
    ttd: Creator, link: Callable[..., str], simulators: Simulators
) -> None:
    found = sent(ttd, link(size=200_000), link(name="b.pdf", size=0))
    assert (found.status, found.order.status) == (S.SUCCEEDED, OrderStatus.COMPLETED)
    sizes = Attachment.objects.order_by("position").values_list("size", flat=True)
    assert list(sizes) == [200_000, 0]
    assert len(simulators.wait_for_messages(1, to="kari@example.com")) == 1


@pytest.mark.parametrize("mood", ["error", "busy", "late"])
def test_a_store_in_trouble_is_asked_again_later(
    ttd: Creator, link: Callable[..., str], mood: str
) -> None:
    found = sent(ttd, link(), link(mood))
    assert (found.status, found.attempts, found.lease_token) == (S.NEW, 1, None)
    assert found.next_attempt_at > timezone.now() + timedelta(seconds=3)
    reason = Attempt.objects.get(notification=found).reason
    assert reason.startswith("Attachment 2: the store answered with status ")


def test_then_it_is_sent_once(
    ttd: Creator, link: Callable[..., str], simulators: Simulators
) -> None:
    found = sent(ttd, link("flaky"))
    assert found.status == S.NEW
    Notification.objects.update(next_attempt_at=timezone.now())
    drain()
    assert Notification.objects.get().status == S.SUCCEEDED
    assert len(simulators.messages(to="kari@example.com")) == 1


def test_a_store_that_hangs_is_asked_again_later(
    ttd: Creator, link: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "MAX_FETCH", 0.3)
    found = sent(ttd, link("slow", seconds=30))
    assert (found.status, found.attempts) == (S.NEW, 1)
    assert "did not send it within 0.3 seconds" in Attempt.objects.get().reason


def test_many_slow_files_take_no_more_than_all_may(
    ttd: Creator, link: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "MAX_FETCHING", 0.3)
    found = sent(ttd, *[link("slow", seconds=30)] * 6)
    assert (found.status, found.attempts) == (S.NEW, 1)
    assert "were not there after 0.3 seconds" in Attempt.objects.get().reason


def test_a_store_out_of_reach_is_asked_again_later(ttd: Creator) -> None:
    found = sent(ttd, f"http://127.0.0.1:9/a.pdf?sig={SECRET}")
    assert (found.status, found.attempts) == (S.NEW, 1)
    assert SECRET not in Attempt.objects.get().reason


@pytest.mark.parametrize(
    ("mood", "query"),
    [
        ("refused", {}),
        ("missing", {}),
        ("moved", {}),
        ("loop", {}),
        ("file", {"se": "2020-01-01T00:00:00+00:00"}),
        ("redirect", {"to": "http://169.254.169.254/latest/meta-data/"}),
        ("redirect", {"to": "http://127.0.0.2/"}),
        ("redirect", {"to": "https://example.com/a.pdf"}),
        ("redirect", {"to": "https://user:word@127.0.0.1/a.pdf"}),
        ("redirect", {"to": "file:///etc/passwd"}),
        ("redirect", {"to": "https://[/"}),
    ],
)
def test_a_link_that_leads_to_no_file_ends_the_e_mail(
    ttd: Creator, link: Callable[..., str], mood: str, query: dict[str, str]
) -> None:
    found = sent(ttd, link(mood, **query))
    assert found.status == S.FAILED_INVALID_SAS_URL
    assert found.order.status == OrderStatus.COMPLETED
    assert found.reason.startswith("Attachment 1")
    assert SECRET not in found.reason


def test_a_redirect_within_the_stores_is_followed(ttd: Creator, link: Callable[..., str]) -> None:
    assert sent(ttd, link("redirect", to="/store/file/a.pdf?size=3")).status == S.SUCCEEDED


@pytest.mark.parametrize(
    "elsewhere",
    ["http://127.0.0.1:1/a", "http://localhost/a", "https://10.0.0.1/a", "", "no link"],
)
def test_a_store_on_a_private_address_is_not_asked(
    ttd: Creator, settings: LazySettings, elsewhere: str
) -> None:
    """Not even one that is called a store."""
    settings.ATTACHMENT_ALLOWED_HOSTS = []
    settings.ATTACHMENT_HOSTS = ["127.0.0.1", "localhost", "10.0.0.1"]
    assert sent(ttd, elsewhere).status == S.FAILED_INVALID_SAS_URL


@pytest.mark.parametrize("mood", ["file", "endless"])
def test_a_file_that_is_too_large_ends_the_e_mail(
    ttd: Creator, link: Callable[..., str], settings: LazySettings, mood: str
) -> None:
    settings.MAX_ATTACHMENT_BYTES = 1_000
    found = sent(ttd, link(mood, size=1_001))
    assert found.status == S.FAILED_PAYLOAD_TOO_LARGE


def test_so_do_files_that_are_too_large_together(
    ttd: Creator, link: Callable[..., str], settings: LazySettings
) -> None:
    settings.MAX_ATTACHMENTS_BYTES = 1_000
    assert sent(ttd, *[link(size=500)] * 2).status == S.SUCCEEDED
    assert sent(ttd, *[link(size=400)] * 3).status == S.FAILED_PAYLOAD_TOO_LARGE


def test_no_proxy_of_the_environment_is_told_the_link(
    ttd: Creator, link: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert sent(ttd, link()).status == S.SUCCEEDED


def test_ordinary_e_mail_is_claimed_apart(ttd: Creator, link: Callable[..., str]) -> None:
    waiting = ready(composed(ttd, link()))
    assert sender_for(NotificationChannel.EMAIL).drain(seconds=5) == 0
    assert Notification.objects.get(pk=waiting.pk).status == S.NEW


def test_slow_files_hold_up_no_ordinary_e_mail(
    ttd: Creator, link: Callable[..., str], simulators: Simulators
) -> None:
    for _ in range(8):
        ready(composed(ttd, link("slow", seconds=2)))
    slow = threading.Thread(target=drain)
    slow.start()
    plain = building.processed_order(
        ttd, now=timezone.now(), channel=Channel.EMAIL, recipients=[direct(email="ola@example.com")]
    )
    for _ in range(50):
        notification(plain, now=timezone.now(), address="ola@example.com")
    sender_for(NotificationChannel.EMAIL).drain(seconds=20)
    assert slow.is_alive()
    assert len(simulators.messages(to="ola@example.com")) == 50
    slow.join()
    assert len(simulators.messages(to="kari@example.com")) == 8


class TestTheLink:
    def test_is_gone_when_the_order_has_ended(
        self, ttd: Creator, link: Callable[..., str], caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        ready(composed(ttd, link(), link("error", name="b.pdf")))
        drain()
        left = whole_database().count(SECRET)
        assert left == 2, "in one column, once for each file"
        Attachment.objects.filter(position=1).update(link=link())
        Notification.objects.update(next_attempt_at=timezone.now())
        drain()
        assert Order.objects.get().status == OrderStatus.COMPLETED
        assert SECRET not in whole_database()
        assert SECRET not in caplog.text

    def test_is_gone_when_the_order_is_cancelled(
        self, ttd: Creator, link: Callable[..., str]
    ) -> None:
        tomorrow = timezone.now() + timedelta(days=1)
        order = composed(ttd, link(), status="Registered", requested_send_time=tomorrow)
        assert SECRET in whole_database()
        cancel(creator=ttd, order_id=order.pk, now=timezone.now())
        assert SECRET not in whole_database()

    def test_is_gone_when_the_condition_is_not_met(
        self, ttd: Creator, link: Callable[..., str]
    ) -> None:
        order = composed(ttd, link(), status="Processing")
        Order.objects.filter(pk=order.pk).update(status=OrderStatus.SEND_CONDITION_NOT_MET)
        assert SECRET not in whole_database()

    def test_is_in_no_text_that_a_message_is_written_as(self, ttd: Creator) -> None:
        one = AttachedFile("a.pdf", "application/pdf", f"https://x?sig={SECRET}", FOREVER)
        assert SECRET not in repr(one) + json.dumps(str(one))
