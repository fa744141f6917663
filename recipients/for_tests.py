"""Addresses that can be nobody's: how a message to each is to fare, so that senders can try it.

The numbers are those that the Swedish regulator keeps for books and films, 070-174 06 05 to
070-174 06 99
(https://pts.se/sv/bransch/telefoni/nummer-och-adressering/telefonnummer-for-anvandning-i-bocker-och-filmer-etc/);
the Norwegian plan keeps none. The domain stands below `.test`, which is in no DNS (RFC 6761, 6.2,
https://www.rfc-editor.org/rfc/rfc6761#section-6.2). A sender may give them like any other address
(decision 40).
"""

import re
from enum import Enum, auto

DOMAIN = "notifications.test"
NUMBERS = range(46_701_740_605, 46_701_740_700)

# A mailbox may be called like a number.
_NUMBER = re.compile(r"\+467017406[0-9]{2}")


class Course(Enum):
    """What is to become of a message."""

    DELIVERED = auto()
    SLOW = auto()
    """Delivered, but only after some minutes."""
    SILENT = auto()
    """Taken, and never heard of again."""
    RESERVED = auto()
    FAILED = auto()
    # SMS
    BARRED = auto()
    EXPIRED = auto()
    UNDELIVERED = auto()
    REJECTED = auto()
    UNKNOWN_NUMBER = auto()
    DELETED = auto()
    # E-mail
    BOUNCED = auto()
    SUPPRESSED = auto()
    SPAM = auto()
    QUARANTINED = auto()
    INVALID = auto()


# By the last digit but one of the number; the few before 0610 are silent.
BY_TEN = {
    0: Course.SILENT,
    1: Course.DELIVERED,
    2: Course.BARRED,
    3: Course.EXPIRED,
    4: Course.SLOW,
    5: Course.UNDELIVERED,
    6: Course.REJECTED,
    7: Course.UNKNOWN_NUMBER,
    8: Course.DELETED,
    9: Course.RESERVED,
}

# By what stands before @ or, where there is one, before +.
BY_NAME = {
    "delivered": Course.DELIVERED,
    "slow": Course.SLOW,
    "silent": Course.SILENT,
    "reserved": Course.RESERVED,
    "failed": Course.FAILED,
    "bounced": Course.BOUNCED,
    "full": Course.BOUNCED,
    "suppressed": Course.SUPPRESSED,
    "spam": Course.SPAM,
    "quarantined": Course.QUARANTINED,
    "invalid": Course.INVALID,
}


def course_of(normalized_address: str) -> Course | None:
    """None for an address that may be somebody's. A mailbox of the domain that has no course of
    its own bounces, as one that does not exist."""
    if _NUMBER.fullmatch(normalized_address):
        number = int(normalized_address[1:])
        return BY_TEN[number // 10 % 10] if number in NUMBERS else None
    name, _, domain = normalized_address.rpartition("@")
    if not name or domain.lower() != DOMAIN:
        return None
    return BY_NAME.get(name.partition("+")[0].lower(), Course.BOUNCED)
