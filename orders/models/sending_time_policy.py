"""Whether a notification may leave at any time."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SendingTimePolicy(models.TextChoices):
    """Whether a notification waits for the send window, or for its attachments.

    The first two are the contract's. E-mails with attachments are claimed on their own, so that no
    other mail waits for their files (decision 32).
    """

    ANYTIME = "Anytime", _("At any time")
    DAYTIME = "Daytime", _("In the send window")
    FETCHED = "Fetched", _("At any time, with its attachments")
