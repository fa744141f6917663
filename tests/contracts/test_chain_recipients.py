"""Whom a chain may be for, and what each of them may be told."""

from typing import Any

import pytest

from tests.contracts.requests import (
    EMAIL_SETTINGS,
    FUTURE,
    KEYS,
    LEFT_OUT,
    LOOKED_UP,
    SMS_SETTINGS,
    anywhere,
    by_email,
    by_sms,
    chain,
    looked_up,
    reminder,
)
from tests.contracts.service import Service

PERSON, ORGANIZATION, EXTERNAL = LOOKED_UP


ONE = "Must have exactly one recipient."
BAD_EMAIL = "Invalid email address format."
BAD_NUMBER = "Recipient phone number is not a valid mobile number."


class TestRecipients:
    @pytest.mark.parametrize("nobody", [{}, {"recipientSms": None}, {"recipientFax": {}}])
    def test_there_is_one(self, service: Service, nobody: dict[str, Any]) -> None:
        for place, request in anywhere(nobody):
            assert service.errors(FUTURE, request) == {place: [ONE]}

    def test_there_are_not_two_and_each_is_checked(self, service: Service) -> None:
        both = by_email(emailAddress="kari") | by_sms(phoneNumber="12345")
        for place, request in anywhere(both):
            assert service.errors(FUTURE, request) == {
                place: [ONE],
                f"{place}.RecipientEmail.EmailAddress": [BAD_EMAIL],
                f"{place}.RecipientSms.PhoneNumber": [BAD_NUMBER],
            }

    @pytest.mark.parametrize(
        ("recipient", "path", "message"),
        [
            (by_email(emailAddress="a@b"), "RecipientEmail.EmailAddress", BAD_EMAIL),
            (
                by_email(emailAddress=f"{'a' * 2_000}@example.com"),
                "RecipientEmail.EmailAddress",
                BAD_EMAIL,
            ),
            (by_sms(phoneNumber="99999999"), "RecipientSms.PhoneNumber", BAD_NUMBER),
            (by_sms(phoneNumber="+4712345678"), "RecipientSms.PhoneNumber", BAD_NUMBER),
            (
                looked_up(nationalIdentityNumber="0183851005"),
                "RecipientPerson.NationalIdentityNumber",
                "National identity number must be 11 digits long.",
            ),
            (
                looked_up(ORGANIZATION, orgNumber="3110001790"),
                "RecipientOrganization.OrgNumber",
                "Organization number must be 9 digits long.",
            ),
            *(
                (
                    looked_up(EXTERNAL, externalIdentity=urn),
                    "RecipientExternalIdentity.ExternalIdentity",
                    "Invalid external identity URN format.",
                )
                for urn in (
                    "sunniva",
                    "urn:altinn:party:username: ",
                    "URN:altinn:party:username:sunniva",
                    "urn:altinn:person:idporten-email:kari+work@example.com",
                    "urn:altinn:person:idporten-email:kari",
                )
            ),
        ],
    )
    def test_an_address_or_identifier_has_its_form(
        self, service: Service, recipient: dict[str, Any], path: str, message: str
    ) -> None:
        for place, request in anywhere(recipient):
            assert service.errors(FUTURE, request) == {f"{place}.{path}": [message]}

    @pytest.mark.parametrize("member", LOOKED_UP)
    @pytest.mark.parametrize(
        ("channel", "lacking", "name"),
        [
            ("EmailAndSms", ("emailSettings", "smsSettings"), "EmailAndSms"),
            (
                "EmailPreferred",
                ("emailSettings", "smsSettings"),
                "SmsPreferred or EmailPreferred",
            ),
            ("SmsPreferred", ("emailSettings", "smsSettings"), "SmsPreferred or EmailPreferred"),
            ("Sms", ("smsSettings",), "Sms"),
            ("Email", ("emailSettings",), "Email"),
        ],
    )
    def test_a_channel_needs_its_settings(
        self, service: Service, member: str, channel: str, lacking: tuple[str, ...], name: str
    ) -> None:
        recipient = looked_up(
            member, channelSchema=channel, emailSettings=None, smsSettings=LEFT_OUT
        )
        pascal = [f"{one[0].upper()}{one[1:]}" for one in lacking]
        for place, request in anywhere(recipient):
            assert service.errors(FUTURE, request) == {
                f"{place}.{KEYS[member]}.{one}": [f"{one} must be set when ChannelSchema is {name}"]
                for one in pascal
            }

    @pytest.mark.parametrize("number", [-1, 5, "7"])
    def test_a_channel_is_one_of_five(self, service: Service, number: Any) -> None:
        recipient = looked_up(channelSchema=number, emailSettings=None, smsSettings=None)
        for place, request in anywhere(recipient):
            assert service.errors(FUTURE, request) == {
                f"{place}.RecipientPerson.ChannelSchema": ["Invalid channel scheme value."]
            }

    @pytest.mark.parametrize("member", LOOKED_UP)
    @pytest.mark.parametrize("resource", ["", "app_ttd_apps-test", "urn:altinn:resource:"])
    def test_a_resource_has_its_prefix(self, service: Service, member: str, resource: str) -> None:
        for place, request in anywhere(looked_up(member, resourceId=resource)):
            assert service.errors(FUTURE, request) == {
                f"{place}.{KEYS[member]}.ResourceId": ["ResourceId must have a valid syntax."]
            }

    def test_an_action_needs_a_resource_and_a_name(self, service: Service) -> None:
        for changes, message in (
            (
                {"resourceAction": "sign"},
                "ResourceAction cannot be specified without a ResourceId.",
            ),
            (
                {"resourceId": "urn:altinn:resource:x", "resourceAction": " "},
                "ResourceAction cannot be blank or whitespace.",
            ),
        ):
            for place, request in anywhere(looked_up(**changes)):
                assert service.errors(FUTURE, request) == {
                    f"{place}.RecipientPerson.ResourceAction": [message]
                }
        recipient = looked_up(resourceId="urn:altinn:resource:x", resourceAction="")
        assert service.post(FUTURE, chain(recipient=recipient)).status == 201


class TestSettings:
    @pytest.mark.parametrize(
        ("changes", "name", "message"),
        [
            (
                {"senderEmailAddress": ""},
                "SenderEmailAddress",
                "The sender email address is not valid.",
            ),
            (
                {"senderEmailAddress": "ttd"},
                "SenderEmailAddress",
                "The sender email address is not valid.",
            ),
            (
                {"sendingTimePolicy": 3},
                "SendingTimePolicy",
                "Email only supports send time daytime and anytime",
            ),
            (
                {"contentType": 2},
                "ContentType",
                "Email content type must be either Plain or HTML.",
            ),
        ],
    )
    def test_of_an_email_keep_their_rules_on_every_channel(
        self, service: Service, changes: dict[str, Any], name: str, message: str
    ) -> None:
        settings = EMAIL_SETTINGS | changes
        direct = by_email(emailSettings=settings)
        for recipient, path in (
            (direct, "RecipientEmail.Settings"),
            (
                looked_up(emailSettings=settings, channelSchema="Sms"),
                "RecipientPerson.EmailSettings",
            ),
        ):
            for place, request in anywhere(recipient):
                assert service.errors(FUTURE, request) == {f"{place}.{path}.{name}": [message]}

    @pytest.mark.parametrize(
        ("changes", "name", "beginning"),
        [
            (
                {"sendingTimePolicy": 3},
                "SendingTimePolicy",
                "SMS only supports send time daytime and anytime",
            ),
            ({"body": "x" * 2_145}, "Body", "The SMS is 2145 characters long"),
            ({"sender": "A&B"}, "Sender", "The sender must be a number"),
        ],
    )
    def test_of_an_sms_keep_their_rules_on_every_channel(
        self, service: Service, changes: dict[str, Any], name: str, beginning: str
    ) -> None:
        settings = SMS_SETTINGS | changes
        for recipient, path in (
            (by_sms(smsSettings=settings), "RecipientSms.Settings"),
            (
                looked_up(ORGANIZATION, smsSettings=settings, channelSchema="Email"),
                "RecipientOrganization.SmsSettings",
            ),
        ):
            for place, request in anywhere(recipient):
                errors = service.errors(FUTURE, request)
                key = f"{place}.{path}.{name}"
                assert list(errors) == [key]
                assert errors[key][0].startswith(beginning)

    @pytest.mark.parametrize("policy", ["Daytime", 2])
    def test_an_email_may_wait_for_the_day(self, service: Service, policy: Any) -> None:
        settings = EMAIL_SETTINGS | {"sendingTimePolicy": policy}
        assert service.post(FUTURE, chain(recipient=by_email(emailSettings=settings))).status == 201

    def test_blank_senders_are_the_usual_ones(self, service: Service) -> None:
        recipient = looked_up(smsSettings=SMS_SETTINGS | {"sender": " "})
        _, (main,) = service.place_chain(chain(recipient=recipient))
        order = service.order(main)
        assert order["smsTemplate"]["senderNumber"] == "Altinn"
        assert "@" in order["emailTemplate"]["fromAddress"]

    def test_a_sender_that_phones_would_shorten_may_be_refused(self, service: Service) -> None:
        request = chain(recipient=by_sms(smsSettings=SMS_SETTINGS | {"sender": "Skatteetaten"}))
        strict = service.headers | {"Prefer": "handling=strict"}
        answer = service.post(FUTURE, request, headers=strict)
        assert list(answer.json["errors"]) == ["Recipient.RecipientSms.Settings.Sender"]
        assert service.post(FUTURE, request).status == 201


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"sendersReference": "x" * 2_001}, "SendersReference"),
        (
            {"dialogportenAssociation": {"dialogId": "x" * 2_001}},
            "DialogportenAssociation.DialogId",
        ),
        (
            {"dialogportenAssociation": {"transmissionId": "x" * 2_001}},
            "DialogportenAssociation.TransmissionId",
        ),
        (
            {"reminders": [reminder(sendersReference="x" * 2_001)]},
            "Reminders[0].SendersReference",
        ),
        (
            {"recipient": by_email(emailSettings=EMAIL_SETTINGS | {"body": "x" * 65_537})},
            "Recipient.RecipientEmail.Settings.Body",
        ),
        ({"idempotencyId": "a\0b"}, "IdempotencyId"),
        ({"dialogportenAssociation": {"dialogId": "a\0b"}}, "DialogportenAssociation.DialogId"),
    ],
)
def test_no_text_is_longer_than_can_be_stored_nor_holds_what_cannot(
    service: Service, changes: dict[str, Any], key: str
) -> None:
    assert list(service.errors(FUTURE, chain(**changes))) == [key]
