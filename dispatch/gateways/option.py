"""What a gateway may be told in its OPTIONS: of what kind each is, and whether it must be there."""

from dataclasses import dataclass
from enum import Enum

PROVIDER, OPTIONS, WEIGHT = "PROVIDER", "OPTIONS", "WEIGHT"
"""What an entry of GATEWAYS holds."""


class Kind(Enum):
    """Each has a rule in `config.setting_rules.gateways`, which says what may stand there."""

    TEXT = "text"
    ADDRESS = "address on the web"
    MAIL_SERVER = "address of a mail server"
    GIVEN_SECRET = "secret that the provider has given out"  # noqa: S105
    OWN_SECRET = "secret that we have chosen"  # noqa: S105
    OWN_SECRETS = "list of secrets that we have chosen"
    USER_NAME = "user name"
    NUMBER = "number of one or more"
    SMS_SENDER = "sender of SMS"
    EMAIL_ADDRESS = "e-mail address"
    EVENTS_OF = "provider that django-anymail has events from"
    KEYS = "texts by name"
    PROOFS = "secrets by name, which prove where reports come from"


@dataclass(frozen=True, slots=True)
class Option:
    kind: Kind
    is_needed: bool = False
