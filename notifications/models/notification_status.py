"""What became of a notification: what a status means, who writes it, and which replaces which."""

from django.db import models
from django.db.models import Q


class NotificationStatus(models.TextChoices):
    """The contract's words for what became of a message."""

    NEW = "New"
    SENDING = "Sending"
    ACCEPTED = "Accepted"
    SUCCEEDED = "Succeeded"
    DELIVERED = "Delivered"
    FAILED = "Failed"
    FAILED_RECIPIENT_RESERVED = "Failed_RecipientReserved"
    FAILED_RECIPIENT_NOT_IDENTIFIED = "Failed_RecipientNotIdentified"
    FAILED_TTL = "Failed_TTL"
    # SMS
    FAILED_INVALID_RECIPIENT = "Failed_InvalidRecipient"
    FAILED_BARRED_RECEIVER = "Failed_BarredReceiver"
    FAILED_DELETED = "Failed_Deleted"
    FAILED_EXPIRED = "Failed_Expired"
    FAILED_UNDELIVERED = "Failed_Undelivered"
    FAILED_REJECTED = "Failed_Rejected"
    # E-mail
    FAILED_INVALID_EMAIL_FORMAT = "Failed_InvalidEmailFormat"
    FAILED_SUPRESSED_RECIPIENT = "Failed_SupressedRecipient"
    FAILED_BOUNCED = "Failed_Bounced"
    FAILED_FILTERED_SPAM = "Failed_FilteredSpam"
    FAILED_QUARANTINED = "Failed_Quarantined"
    FAILED_INVALID_SAS_URL = "Failed_InvalidSasUrl"
    FAILED_PAYLOAD_TOO_LARGE = "Failed_PayloadTooLarge"

    @property
    def rank(self) -> int:
        """How much it tells. A result overwrites only what tells less: New < Sending <
        Accepted/Succeeded < a final status that only says that nothing is known < a final status
        < a bounce, which comes after the first mail server has taken the e-mail."""
        return RANKS.get(self, FINAL_RANK)

    @property
    def is_final(self) -> bool:
        return self.rank >= UNCERTAIN_RANK


# Who writes the status of a message that exists: results by their rank, and the two ways back to
# the queue, which are no results (decision 26).
STATUS_WRITERS = {
    "notifications.results.record",
    "dispatch.sending.claims",
    "dispatch.upkeep.sweep",
}

UNCERTAIN_RANK = 3
FINAL_RANK = 4
RANKS = {
    NotificationStatus.NEW: 0,
    NotificationStatus.SENDING: 1,
    NotificationStatus.ACCEPTED: 2,
    NotificationStatus.SUCCEEDED: 2,
    NotificationStatus.FAILED_TTL: UNCERTAIN_RANK,
    NotificationStatus.FAILED_BOUNCED: FINAL_RANK + 1,
}

S = NotificationStatus
_SHARED = [S.NEW, S.SENDING, S.DELIVERED, S.FAILED, S.FAILED_TTL]
_SHARED += [S.FAILED_RECIPIENT_RESERVED, S.FAILED_RECIPIENT_NOT_IDENTIFIED]
SMS_STATUSES = [*_SHARED, S.ACCEPTED, S.FAILED_INVALID_RECIPIENT, S.FAILED_BARRED_RECEIVER]
SMS_STATUSES += [S.FAILED_DELETED, S.FAILED_EXPIRED, S.FAILED_UNDELIVERED, S.FAILED_REJECTED]
EMAIL_STATUSES = [*_SHARED, S.SUCCEEDED, S.FAILED_INVALID_EMAIL_FORMAT, S.FAILED_BOUNCED]
EMAIL_STATUSES += [S.FAILED_SUPRESSED_RECIPIENT, S.FAILED_FILTERED_SPAM, S.FAILED_QUARANTINED]
EMAIL_STATUSES += [S.FAILED_INVALID_SAS_URL, S.FAILED_PAYLOAD_TOO_LARGE]
ALWAYS_OPEN = [S.NEW, S.SENDING, S.ACCEPTED]
# A transport that sends no delivery reports (plain SMTP) finishes a message at Succeeded.
NOT_ALWAYS_FINAL = [*ALWAYS_OPEN, S.SUCCEEDED]
SUCCEEDED = [S.ACCEPTED, S.SUCCEEDED, S.DELIVERED]
# Once nothing more is to come, a notification has failed unless it is one of these.
NOT_FAILED = [S.SUCCEEDED, S.DELIVERED]
FAILED = Q(finished_at__isnull=False) & ~Q(status__in=NOT_FAILED)
# What staff may let go on at once: a QuerySet method and a property ask it.
SENDABLE = Q(status=S.NEW, is_held=False)
