"""Whom an order of a chain is for: one recipient, of one of five kinds."""

# ruff: noqa: N815 - fields are named as in the contract

from orders.api.future.serializers.texts import EmailSendingOptionsExt, SmsSendingOptionsExt
from orders.api.parsing.contract import ContractSerializer
from orders.api.parsing.fields import (
    MAX_REFERENCE_BYTES,
    Flag,
    NonBlankText,
    NotificationChannelField,
    Text,
    required,
    required_text,
)
from orders.api.validation import likely_mistakes


class RecipientEmailExt(ContractSerializer):
    """Whoever reads at an e-mail address."""

    have_to_be_written = ("emailAddress", "emailSettings")
    keys = {"emailSettings": "Settings"}

    emailAddress = NonBlankText(
        source="email_address",
        error_messages=required_text("EmailAddress"),
        help_text="The address.",
    )
    emailSettings = EmailSendingOptionsExt(
        source="email", error_messages=required("Settings"), help_text="What the e-mail says."
    )


class RecipientSmsExt(ContractSerializer):
    """Whoever has a mobile number."""

    have_to_be_written = ("phoneNumber", "smsSettings")
    keys = {"smsSettings": "Settings"}

    phoneNumber = NonBlankText(
        source="mobile_number",
        error_messages=required_text("PhoneNumber"),
        help_text="The number with its country code, written `+47…` or `0047…`.",
    )
    smsSettings = SmsSendingOptionsExt(
        source="sms", error_messages=required("Settings"), help_text="What the SMS says."
    )


class LookedUpRecipientExt(ContractSerializer):
    """Somebody whose addresses are looked up."""

    channelSchema = NotificationChannelField(source="channel", may_be_absent=False)
    emailSettings = EmailSendingOptionsExt(
        source="email",
        required=False,
        allow_null=True,
        help_text="What an e-mail says; needed on every channel but Sms.",
    )
    smsSettings = SmsSendingOptionsExt(
        source="sms",
        required=False,
        allow_null=True,
        help_text="What an SMS says; needed on every channel but Email.",
    )
    resourceId = Text(
        source="resource_id",
        required=False,
        allow_null=True,
        max_bytes=MAX_REFERENCE_BYTES,
        help_text="The Altinn resource that it is about: `urn:altinn:resource:…`.",
    )
    resourceAction = Text(
        source="resource_action",
        required=False,
        allow_null=True,
        max_bytes=MAX_REFERENCE_BYTES,
        help_text="What an organization's user must be allowed to do with the resource.",
    )


class RecipientPersonExt(LookedUpRecipientExt):
    """A person, by the national identity number."""

    have_to_be_written = ("nationalIdentityNumber", "channelSchema")

    nationalIdentityNumber = NonBlankText(
        source="national_identity_number",
        strictly=likely_mistakes.in_national_identity_number,
        error_messages=required_text("NationalIdentityNumber"),
        help_text="Eleven digits.",
    )
    ignoreReservation = Flag(
        source="ignore_reservation",
        default=False,
        help_text="Whether the content allows to notify a person who is reserved.",
    )
    useStaleContactInformation = Flag(
        source="use_stale_contact_information",
        default=False,
        help_text="Whether addresses may be used that were not confirmed for 18 months.",
    )


class RecipientOrganizationExt(LookedUpRecipientExt):
    """An organization, and the users who may act for it on the resource."""

    have_to_be_written = ("orgNumber", "channelSchema")

    orgNumber = NonBlankText(
        source="organization_number",
        strictly=likely_mistakes.in_organization_number,
        error_messages=required_text("OrgNumber"),
        help_text="Nine digits.",
    )


class RecipientExternalIdentityExt(LookedUpRecipientExt):
    """Somebody without a national identity number, by another log-in."""

    have_to_be_written = ("externalIdentity", "channelSchema")

    externalIdentity = NonBlankText(
        source="external_identity",
        error_messages=required_text("ExternalIdentity"),
        help_text=(
            "`urn:altinn:person:idporten-email:…` with the address, a plus in it written `%2B`, or"
            " `urn:altinn:party:username:…`."
        ),
    )


class NotificationRecipientExt(ContractSerializer):
    """Whom to notify: exactly one of these."""

    recipientEmail = RecipientEmailExt(required=False, allow_null=True)
    recipientSms = RecipientSmsExt(required=False, allow_null=True)
    recipientPerson = RecipientPersonExt(required=False, allow_null=True)
    recipientOrganization = RecipientOrganizationExt(required=False, allow_null=True)
    recipientExternalIdentity = RecipientExternalIdentityExt(required=False, allow_null=True)
