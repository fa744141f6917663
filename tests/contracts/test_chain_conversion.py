"""What a chain must hold, and of which types, at every place of the request."""

from typing import Any

import pytest

from tests.contracts.requests import (
    EMAIL_SETTINGS,
    FUTURE,
    KEYS,
    LEFT_OUT,
    LOOKED_UP,
    NEXT_YEAR,
    SMS_SETTINGS,
    anywhere,
    by_email,
    by_sms,
    chain,
    looked_up,
    reminder,
)
from tests.contracts.service import Service

COMPANION = {"notificationOrderRequest": ["The notificationOrderRequest field is required."]}
PERSON, ORGANIZATION, EXTERNAL = LOOKED_UP


def required(path: str) -> str:
    return f"The {path.rpartition('.')[2]} field is required."


class TestConversion:
    @pytest.mark.parametrize(
        ("body", "path", "kind", "missing"),
        [
            ({}, "$", "NotificationOrderChainRequestExt", "'idempotencyId', 'recipient'"),
            (
                chain(idempotencyId=LEFT_OUT),
                "$",
                "NotificationOrderChainRequestExt",
                "'idempotencyId'",
            ),
            (
                chain(reminders=[reminder(recipient=LEFT_OUT)]),
                "$.reminders[0]",
                "NotificationReminderExt",
                "'recipient'",
            ),
            (
                chain(recipient={"recipientEmail": {}}),
                "$.recipient.recipientEmail",
                "RecipientEmailExt",
                "'emailAddress', 'emailSettings'",
            ),
            (
                chain(recipient={"recipientSms": {}}),
                "$.recipient.recipientSms",
                "RecipientSmsExt",
                "'phoneNumber', 'smsSettings'",
            ),
            (
                chain(recipient=looked_up(channelSchema=LEFT_OUT)),
                "$.recipient.recipientPerson",
                "RecipientPersonExt",
                "'channelSchema'",
            ),
            (
                chain(recipient=looked_up(ORGANIZATION, orgNumber=LEFT_OUT)),
                "$.recipient.recipientOrganization",
                "RecipientOrganizationExt",
                "'orgNumber'",
            ),
            (
                chain(recipient=looked_up(EXTERNAL, externalIdentity=LEFT_OUT)),
                "$.recipient.recipientExternalIdentity",
                "RecipientExternalIdentityExt",
                "'externalIdentity'",
            ),
            (
                chain(recipient=by_email(emailSettings={})),
                "$.recipient.recipientEmail.emailSettings",
                "EmailSendingOptionsExt",
                "'subject', 'body'",
            ),
            (
                chain(recipient=by_sms(smsSettings={})),
                "$.recipient.recipientSms.smsSettings",
                "SmsSendingOptionsExt",
                "'body'",
            ),
        ],
    )
    def test_what_has_to_be_written_is_missed_at_its_object(
        self, service: Service, body: dict[str, Any], path: str, kind: str, missing: str
    ) -> None:
        message = (
            f"JSON deserialization for type '{kind}' was missing required properties including:"
            f" {missing}."
        )
        assert service.errors(FUTURE, body) == {path: [message]} | COMPANION

    @pytest.mark.parametrize(
        ("body", "path", "kind"),
        [
            ([], "$", "NotificationOrderChainRequestExt"),
            (chain(idempotencyId=7), "$.idempotencyId", "String"),
            (chain(sendersReference=7), "$.sendersReference", "String"),
            (chain(requestedSendTime=None), "$.requestedSendTime", "DateTime"),
            (chain(requestedSendTime="soon"), "$.requestedSendTime", "DateTime"),
            (chain(conditionEndpoint="http://"), "$.conditionEndpoint", "Uri"),
            (
                chain(dialogportenAssociation=[]),
                "$.dialogportenAssociation",
                "DialogportenIdentifiersExt",
            ),
            (chain(recipient=[]), "$.recipient", "NotificationRecipientExt"),
            (chain(reminders={}), "$.reminders", "List"),
            (chain(reminders=[7]), "$.reminders[0]", "NotificationReminderExt"),
            (chain(reminders=[reminder(delayDays=1.0)]), "$.reminders[0].delayDays", "Int32"),
            (chain(reminders=[reminder(delayDays=True)]), "$.reminders[0].delayDays", "Int32"),
            (chain(reminders=[reminder(delayDays=2**31)]), "$.reminders[0].delayDays", "Int32"),
            (
                chain(recipient=looked_up(channelSchema=None)),
                "$.recipient.recipientPerson.channelSchema",
                "NotificationChannelExt",
            ),
            (
                chain(recipient=looked_up(channelSchema="Fax")),
                "$.recipient.recipientPerson.channelSchema",
                "NotificationChannelExt",
            ),
            (
                chain(recipient=looked_up(ignoreReservation=None)),
                "$.recipient.recipientPerson.ignoreReservation",
                "Boolean",
            ),
            (
                chain(recipient=looked_up(useStaleContactInformation="true")),
                "$.recipient.recipientPerson.useStaleContactInformation",
                "Boolean",
            ),
            (
                chain(recipient=by_email(emailSettings=EMAIL_SETTINGS | {"contentType": None})),
                "$.recipient.recipientEmail.emailSettings.contentType",
                "EmailContentTypeExt",
            ),
            (
                chain(recipient=by_sms(smsSettings=SMS_SETTINGS | {"sendingTimePolicy": None})),
                "$.recipient.recipientSms.smsSettings.sendingTimePolicy",
                "SendingTimePolicyExt",
            ),
        ],
    )
    def test_a_value_of_a_wrong_type_is_named_by_its_path(
        self, service: Service, body: Any, path: str, kind: str
    ) -> None:
        message = f"The JSON value could not be converted to {kind}. Path: {path}."
        assert service.errors(FUTURE, body) == {path: [message]} | COMPANION

    @pytest.mark.parametrize("channel", ["emailpreferred", "EmailPreferred", 2, "2"])
    @pytest.mark.parametrize("content_type", ["HTML", 1, "1"])
    @pytest.mark.parametrize("policy", ["anytime", 1, 2, "Daytime", 0])
    def test_enumerations_are_written_as_names_or_numbers(
        self, service: Service, channel: Any, content_type: Any, policy: Any
    ) -> None:
        recipient = looked_up(
            channelSchema=channel,
            emailSettings=EMAIL_SETTINGS | {"contentType": content_type},
            smsSettings=SMS_SETTINGS | {"sendingTimePolicy": policy},
        )
        assert service.post(FUTURE, chain(recipient=recipient)).status == 201

    def test_whatever_may_be_null_may_be_null(self, service: Service) -> None:
        nothing: dict[str, None] = dict.fromkeys(("sendersReference", "conditionEndpoint"))
        recipient = looked_up(
            channelSchema="Email",
            emailSettings=EMAIL_SETTINGS | {"senderEmailAddress": None},
            smsSettings=None,
            resourceId=None,
            resourceAction=None,
        ) | dict.fromkeys(
            (
                "recipientEmail",
                "recipientSms",
                "recipientOrganization",
                "recipientExternalIdentity",
            )
        )
        last = reminder(requestedSendTime=None, recipient=recipient, **nothing)
        later = reminder(
            delayDays=None, requestedSendTime=f"{NEXT_YEAR}-01-01T00:00:00Z", **nothing
        )
        for dialog in (None, {}, {"dialogId": None, "transmissionId": None}):
            request = chain(
                recipient=recipient,
                reminders=[last, later],
                dialogportenAssociation=dialog,
                **nothing,
            )
            assert service.post(FUTURE, request).status == 201


class TestRequiredMembers:
    @pytest.mark.parametrize("blank", [None, "", " \t"])
    def test_an_id_is_needed(self, service: Service, blank: str | None) -> None:
        errors = service.errors(FUTURE, chain(idempotencyId=blank))
        assert errors == {"IdempotencyId": [required("IdempotencyId")]}

    def test_a_recipient_is_needed(self, service: Service) -> None:
        request = chain(recipient=None, reminders=[reminder(recipient=None)])
        assert service.errors(FUTURE, request) == {
            "Recipient": [required("Recipient")],
            "Reminders[0].Recipient": [required("Recipient")],
        }

    @pytest.mark.parametrize("blank", [None, "", " \n"])
    @pytest.mark.parametrize(
        ("recipient", "path"),
        [
            (lambda blank: by_email(emailAddress=blank), "RecipientEmail.EmailAddress"),
            (
                lambda blank: by_email(emailSettings=EMAIL_SETTINGS | {"subject": blank}),
                "RecipientEmail.Settings.Subject",
            ),
            (
                lambda blank: by_email(emailSettings=EMAIL_SETTINGS | {"body": blank}),
                "RecipientEmail.Settings.Body",
            ),
            (lambda blank: by_sms(phoneNumber=blank), "RecipientSms.PhoneNumber"),
            (lambda blank: by_sms(smsSettings={"body": blank}), "RecipientSms.Settings.Body"),
            (
                lambda blank: looked_up(nationalIdentityNumber=blank),
                "RecipientPerson.NationalIdentityNumber",
            ),
            (
                lambda blank: looked_up(ORGANIZATION, orgNumber=blank),
                "RecipientOrganization.OrgNumber",
            ),
            (
                lambda blank: looked_up(EXTERNAL, externalIdentity=blank),
                "RecipientExternalIdentity.ExternalIdentity",
            ),
            *(
                (
                    lambda blank, member=member, name=name: looked_up(
                        member, emailSettings=EMAIL_SETTINGS | {name: blank}
                    ),
                    f"{KEYS[member]}.EmailSettings.{name.title()}",
                )
                for member in LOOKED_UP
                for name in ("subject", "body")
            ),
            *(
                (
                    lambda blank, member=member: looked_up(member, smsSettings={"body": blank}),
                    f"{KEYS[member]}.SmsSettings.Body",
                )
                for member in LOOKED_UP
            ),
        ],
    )
    def test_a_text_must_say_something(
        self, service: Service, recipient: Any, path: str, blank: str | None
    ) -> None:
        for place, request in anywhere(recipient(blank)):
            key = f"{place}.{path}"
            assert service.errors(FUTURE, request) == {key: [required(key)]}

    @pytest.mark.parametrize(
        ("recipient", "path"),
        [
            (by_email(emailSettings=None), "RecipientEmail.Settings"),
            (by_sms(smsSettings=None), "RecipientSms.Settings"),
        ],
    )
    def test_settings_are_needed_with_an_address(
        self, service: Service, recipient: dict[str, Any], path: str
    ) -> None:
        for place, request in anywhere(recipient):
            assert service.errors(FUTURE, request) == {f"{place}.{path}": [required(path)]}

    def test_a_reminder_must_not_be_null(self, service: Service) -> None:
        errors = service.errors(FUTURE, chain(reminders=[reminder(), None]))
        assert errors == {"Reminders[1]": ["A reminder must not be null."]}

    def test_all_that_lacks_is_told_at_once_and_no_broken_rule_with_it(
        self, service: Service
    ) -> None:
        request = chain(
            idempotencyId="",
            requestedSendTime="2020-01-01T00:00:00Z",
            recipient=by_sms(phoneNumber="1", smsSettings=None),
            reminders=[reminder(delayDays=0, recipient=by_email(emailAddress=""))],
        )
        assert set(service.errors(FUTURE, request)) == {
            "IdempotencyId",
            "Recipient.RecipientSms.Settings",
            "Reminders[0].Recipient.RecipientEmail.EmailAddress",
        }
