"""The two channels that a notification travels on."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class NotificationChannel(models.TextChoices):
    """What a single message travels on."""

    EMAIL = "Email", _("E-mail")
    SMS = "Sms", _("SMS")
