"""The channels that an order may ask for, and which texts each of them needs."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """How the recipients are to be reached; the contract's words (`NotificationChannelExt`)."""

    EMAIL = "Email", _("E-mail")
    SMS = "Sms", _("SMS")
    EMAIL_PREFERRED = "EmailPreferred", _("E-mail, else SMS")
    SMS_PREFERRED = "SmsPreferred", _("SMS, else e-mail")
    EMAIL_AND_SMS = "EmailAndSms", _("E-mail and SMS")

    @property
    def needs_email_text(self) -> bool:
        return self is not Channel.SMS

    @property
    def needs_sms_text(self) -> bool:
        return self is not Channel.EMAIL


class EmailContentType(models.TextChoices):
    PLAIN = "Plain"
    HTML = "Html"
