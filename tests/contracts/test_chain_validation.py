"""What a chain may hold: types, required members and rules, at every place of the request."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contracts.requests import (
    EMAIL_SETTINGS,
    FUTURE,
    LEFT_OUT,
    LOOKED_UP,
    NEXT_YEAR,
    SMS_SETTINGS,
    by_email,
    by_sms,
    chain,
    looked_up,
    reminder,
)
from tests.contracts.service import Service

COMPANION = {"notificationOrderRequest": ["The notificationOrderRequest field is required."]}
PERSON, ORGANIZATION, EXTERNAL = LOOKED_UP
KEYS = {member: member[0].upper() + member[1:] for member in LOOKED_UP}
NEVER = "9999-12-31T23:00:00Z"


def anywhere(recipient: Any) -> list[tuple[str, dict[str, Any]]]:
    """A chain with the recipient in each of its places, and the path of that place."""
    return [
        ("Recipient", chain(recipient=recipient)),
        (
            "Reminders[1].Recipient",
            chain(reminders=[reminder(), reminder(recipient=recipient)]),
        ),
    ]


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


SENDS_IN_THE_PAST = "RequestedSendTime must be greater than or equal to"
EITHER = "Either DelayDays or RequestedSendTime must be defined, but not both."


class TestTimes:
    def test_a_send_time_has_a_zone_and_is_not_past(self, service: Service) -> None:
        main = "The requested send time value must have specified a time zone."
        past = f"{SENDS_IN_THE_PAST} now."
        errors = service.errors(FUTURE, chain(requestedSendTime=f"{NEXT_YEAR}-01-01T00:00:00"))
        assert errors == {"RequestedSendTime": [main]}
        assert service.errors(FUTURE, chain(requestedSendTime="2020-01-01")) == {
            "RequestedSendTime": [main, past]
        }

    def test_there_is_no_tolerance(self, service: Service) -> None:
        just_now = datetime.now(UTC) - timedelta(seconds=1)
        errors = service.errors(FUTURE, chain(requestedSendTime=just_now.isoformat()))
        assert errors == {"RequestedSendTime": [f"{SENDS_IN_THE_PAST} now."]}
        soon = datetime.now(UTC) + timedelta(seconds=20)
        assert service.post(FUTURE, chain(requestedSendTime=soon.isoformat())).status == 201

    def test_a_send_time_may_have_seven_digits_and_any_zone(self, service: Service) -> None:
        for text in (f"{NEXT_YEAR}-12-01T08:15:20.4471935Z", f"{NEXT_YEAR}-12-01T08:15:20+01:00"):
            assert service.post(FUTURE, chain(requestedSendTime=text)).status == 201

    def test_a_reminder_has_a_time_of_its_own_or_a_delay(self, service: Service) -> None:
        moment = f"{NEXT_YEAR}-01-01T00:00:00Z"
        request = chain(
            reminders=[reminder(delayDays=LEFT_OUT), reminder(requestedSendTime=moment)]
        )
        assert service.errors(FUTURE, request) == {
            "Reminders[0]": [EITHER],
            "Reminders[1]": [EITHER],
            "Reminders[1].RequestedSendTime": [
                "RequestedSendTime must be null when DelayDays is set."
            ],
            "Reminders[1].DelayDays": ["DelayDays must be null when RequestedSendTime is set."],
        }

    def test_a_reminders_time_has_a_zone_and_is_not_past(self, service: Service) -> None:
        request = chain(reminders=[reminder(delayDays=None, requestedSendTime="2020-01-01")])
        assert service.errors(FUTURE, request) == {
            "Reminders[0].RequestedSendTime": [
                "The RequestedSendTime must have specified a time zone.",
                f"{SENDS_IN_THE_PAST} the current UTC time.",
            ]
        }

    @pytest.mark.parametrize("days", [0, -1, -(2**31)])
    def test_a_delay_is_a_day_at_least(self, service: Service, days: int) -> None:
        errors = service.errors(FUTURE, chain(reminders=[reminder(delayDays=days)]))
        message = "DelayDays must be greater than or equal to 1 day."
        assert errors == {"Reminders[0].DelayDays": [message]}

    @pytest.mark.parametrize("days", [1_831, 4_000_000, 2**31 - 1])
    def test_a_delay_leads_to_a_moment_that_can_be_planned(
        self, service: Service, days: int
    ) -> None:
        errors = service.errors(FUTURE, chain(reminders=[reminder(delayDays=days)]))
        message = "DelayDays must lead to a send time at most 1830 days ahead."
        assert errors == {"Reminders[0].DelayDays": [message]}

    def test_a_delay_is_added_to_the_send_time_of_the_main_order(self, service: Service) -> None:
        in_a_year = datetime.now(UTC) + timedelta(days=365)
        request = chain(
            requestedSendTime=in_a_year.isoformat(),
            reminders=[reminder(delayDays=1_464), reminder(delayDays=1_466)],
        )
        assert list(service.errors(FUTURE, request)) == ["Reminders[1].DelayDays"]

    def test_a_time_beyond_what_can_be_planned_is_refused(self, service: Service) -> None:
        reminders = [reminder(delayDays=1), reminder(delayDays=None, requestedSendTime=NEVER)]
        errors = service.errors(FUTURE, chain(requestedSendTime=NEVER, reminders=reminders))
        assert list(errors) == [
            "RequestedSendTime",
            "Reminders[0].DelayDays",
            "Reminders[1].RequestedSendTime",
        ]

    def test_a_hundred_reminders_are_enough(self, service: Service) -> None:
        assert service.post(FUTURE, chain(reminders=[reminder()] * 100)).status == 201
        errors = service.errors(FUTURE, chain(reminders=[reminder()] * 101))
        assert errors == {"Reminders": ["The order has 101 reminders; at most 100 are allowed."]}


class TestConditions:
    NOT_ABSOLUTE = "ConditionEndpoint must be a valid absolute URI or null."
    OTHER_SCHEME = "ConditionEndpoint must use http or https scheme."

    @pytest.mark.parametrize(
        "url",
        [
            "https://ttd.apps.example.no/a?code=" + "x" * 1_500,
            "http://localhost:8080/condition",
            "https://192.0.2.7/condition",
            "https://[2001:db8::1]/condition",
            "https://app_1.example.no./condition",
            "https://api.example.no/a%20b?c=%7B#d",
            "https://blåbær.example/condition",
        ],
    )
    def test_any_web_address_is_taken_and_kept(self, service: Service, url: str) -> None:
        request = chain(
            conditionEndpoint=url,
            reminders=[reminder(conditionEndpoint=url)],
            requestedSendTime=f"{NEXT_YEAR}-01-01T00:00:00Z",
        )
        _, shipments = service.place_chain(request)
        assert {service.order(one)["conditionEndpoint"] for one in shipments} == {url}

    @pytest.mark.parametrize(
        ("url", "messages"),
        [
            ("", [NOT_ABSOLUTE]),
            ("/condition", [NOT_ABSOLUTE]),
            ("api.example.no/condition", [NOT_ABSOLUTE]),
            ("https://api.example.no/a b", [NOT_ABSOLUTE]),
            ("https://api.example.no/a\\b", [NOT_ABSOLUTE]),
            (f"https://{'a' * 64}.no/", [NOT_ABSOLUTE]),
            ("https://api..example.no/", [NOT_ABSOLUTE]),
            ("https://%/condition", [NOT_ABSOLUTE]),
            ("https://api.example.no%2F.no/", [NOT_ABSOLUTE]),
            ("ftp://api.example.no/condition", [OTHER_SCHEME]),
            ("mailto:kari@example.no", [OTHER_SCHEME]),
            ("ftp://api.example.no/a b", [NOT_ABSOLUTE, OTHER_SCHEME]),
        ],
    )
    def test_anything_else_is_refused(
        self, service: Service, url: str, messages: list[str]
    ) -> None:
        request = chain(conditionEndpoint=url, reminders=[reminder(conditionEndpoint=url)])
        assert service.errors(FUTURE, request) == {
            "ConditionEndpoint": messages,
            "Reminders[0].ConditionEndpoint": messages,
        }


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
