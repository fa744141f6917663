"""The SMTP transport as it is set up, against the simulated mail server."""

import pytest
from pytest_django import Settings

from dispatch.gateways.base import OutcomeKind
from dispatch.gateways.by_channel import ways_out
from dispatch.gateways.configured import gateways
from dispatch.gateways.email.transport import Email
from dispatch.models import ChannelPause
from notifications.models import NotificationChannel, NotificationStatus
from script.launcher.system.simulators import Simulators
from tests.dispatch.conftest import mail
from tests.dispatch.gateways.email.smtp.servers import TAKEN, S, send


@pytest.mark.parametrize(
    ("address", "kind", "status"),
    [
        ("kari@example.com", OutcomeKind.ACCEPTED, S.SUCCEEDED),
        ("unknown-user@magic.example", OutcomeKind.FAILED, S.FAILED_BOUNCED),
        ("bad-syntax@magic.example", OutcomeKind.FAILED, S.FAILED_INVALID_EMAIL_FORMAT),
        ("spam@magic.example", OutcomeKind.FAILED, S.FAILED),
        ("busy@magic.example", OutcomeKind.RETRY, None),
        ("lost@magic.example", OutcomeKind.UNKNOWN, None),
    ],
)
def test_magic_addresses_meet_their_fate(
    simulators: Simulators,
    transport: Email,
    address: str,
    kind: OutcomeKind,
    status: NotificationStatus | None,
) -> None:
    outcome = send(transport, mail("Hei æøå €", to=address))
    assert (outcome.kind, outcome.status) == (kind, status)
    for taken in simulators.messages(to=address):
        assert (taken["text"], taken["subject"]) == ("Hei æøå €", "Et brev")
        assert taken["reference"] == f"<{outcome.reference}>"


def test_the_log_in_of_the_settings_is_used(
    simulators: Simulators, transport: Email, settings: Settings
) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "notifications", "s3cret"
    assert send(transport) == TAKEN
    simulators.fault("smtp", "log-in-fails")
    another = Email(default_sender="a@b.no", max_in_flight=1, reports_delivery=False)
    assert send(another).pause_cause is ChannelPause.Cause.REFUSED


def test_a_process_has_one_transport_for_e_mail(settings: Settings) -> None:
    transport = ways_out(NotificationChannel.EMAIL).first.transport
    assert isinstance(transport, Email)
    assert ways_out(NotificationChannel.EMAIL).first.transport is transport
    assert transport.max_send == 90


@pytest.mark.parametrize("provider", ["", "mailgun"])
def test_reports_are_expected_only_where_a_provider_sends_them(
    settings: Settings, provider: str
) -> None:
    settings.EMAIL_REPORTS_FROM = provider
    assert gateways(NotificationChannel.EMAIL)[0].transport().reports_delivery is bool(provider)
