"""A client generated from the API description, used as its callers would."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from script.launcher.system.running_system import RunningSystem

PACKAGE = "generated_notifications_client"


@pytest.fixture(scope="module")
def package(live_web: RunningSystem, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name under which the generated client can be imported."""
    folder = tmp_path_factory.mktemp("client")
    description = live_web.call("GET", "/swagger/v1/swagger.json", headers={}).body
    (folder / "api.json").write_bytes(description)
    # The code is not for reading: it need not be formatted.
    (folder / "settings.json").write_text(json.dumps({"post_hooks": []}))
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("openapi-python-client")),
            *("generate", "--meta", "none", "--fail-on-warning"),
            *("--path", str(folder / "api.json"), "--output-path", str(folder / PACKAGE)),
            *("--config", str(folder / "settings.json")),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield PACKAGE
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        del sys.modules[name]


class GeneratedClient:
    """Calls operations by name; models are attributes of `models`."""

    def __init__(self, package: str, system: RunningSystem) -> None:
        self.package = package
        self.models: Any = importlib.import_module(f"{package}.models")
        client: Any = importlib.import_module(f"{package}.client")
        self.client = client.AuthenticatedClient(
            base_url=system.url, token=system.token(), raise_on_unexpected_status=True
        )

    def call(self, tag: str, operation: str, *arguments: object, **named: object) -> Any:
        module: Any = importlib.import_module(f"{self.package}.api.{tag}.{operation}")
        return module.sync_detailed(*arguments, client=self.client, **named)


@pytest.fixture
def client(package: str, live_web: RunningSystem) -> GeneratedClient:
    return GeneratedClient(package, live_web)


def test_it_places_an_order_and_reads_its_status(client: GeneratedClient) -> None:
    models = client.models
    order = models.NotificationOrderRequestExt(
        notification_channel=models.NotificationChannelExt.SMSPREFERRED,
        recipients=[models.RecipientExt(national_identity_number="11876995923")],
        senders_reference="ref-generated",
        email_template=models.EmailTemplateExt(subject="Hello", body="Hello."),
        sms_template=models.SmsTemplateExt(body="Hello."),
    )
    placed = client.call("deprecated", "place_order", body=order)
    assert placed.status_code == 202
    assert placed.parsed.recipient_lookup.is_reserved == ["11876995923"]

    read = client.call("deprecated", "get_order_status", placed.parsed.order_id)
    assert read.status_code == 200
    assert read.parsed.id == str(placed.parsed.order_id)
    assert read.parsed.senders_reference == "ref-generated"
    assert read.parsed.processing_status.status == "Registered"

    summary = client.call("deprecated", "get_sms_notifications", placed.parsed.order_id)
    assert summary.parsed.notifications == []


def test_it_addresses_a_person_and_an_organization(client: GeneratedClient) -> None:
    models = client.models
    order = models.SmsNotificationOrderRequestExt(
        body="Hello.",
        recipients=[
            models.RecipientExt(national_identity_number="01838510058"),
            models.RecipientExt(organization_number="311000179"),
            models.RecipientExt(mobile_number="+4799999999", organization_number=""),
        ],
    )
    placed = client.call("deprecated", "place_sms_order", body=order)
    assert placed.status_code == 202
    stored = client.call("deprecated", "get_order", placed.parsed.order_id).parsed.recipients
    assert stored[0].national_identity_number == "01838510058"
    assert stored[1].organization_number == "311000179"
    assert stored[2].mobile_number == "+4799999999"


def test_it_understands_a_refusal(client: GeneratedClient) -> None:
    models = client.models
    order = models.SmsNotificationOrderRequestExt(
        body="Hello.", recipients=[models.RecipientExt(mobile_number="12345")]
    )
    refused = client.call("deprecated", "place_sms_order", body=order)
    assert refused.status_code == 400
    assert list(refused.parsed.errors.additional_properties) == ["Recipients[0].MobileNumber"]


def test_it_places_a_chain_and_reads_its_shipments(client: GeneratedClient) -> None:
    models = client.models
    sms = models.SmsSendingOptionsExt(
        body="Hello.", sending_time_policy=models.SendingTimePolicyExt.ANYTIME
    )
    recipient = models.NotificationRecipientExt(
        recipient_person=models.RecipientPersonExt(
            national_identity_number="01838510058",
            channel_schema=models.NotificationChannelExt.SMS,
            sms_settings=sms,
        )
    )
    chain = models.NotificationOrderChainRequestExt(
        idempotency_id=str(uuid4()),
        recipient=recipient,
        reminders=[models.NotificationReminderExt(recipient=recipient, delay_days=7)],
    )
    placed = client.call("order", "place_order_chain", body=chain)
    assert placed.status_code == 201
    assert client.call("order", "place_order_chain", body=chain).parsed == placed.parsed
    notification = placed.parsed.notification
    for shipment in (notification, *notification.reminders):
        read = client.call("status", "get_shipment", shipment.shipment_id)
        assert read.status_code == 200
        assert read.parsed.shipment_id == shipment.shipment_id
    assert read.parsed.type_ == "Reminder"
