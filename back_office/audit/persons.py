"""Whom rows name, each person, organisation and address as a keyed hash: the audit log can be asked
about somebody whose number is known, and tells nobody's number."""

import hashlib
import hmac
from collections.abc import Iterable

from django.conf import settings

from back_office.privacy.personal_data import original
from notifications.models import Notification
from recipients import email_addresses, mobile_numbers
from recipients.models import Recipient


def named_by(rows: Iterable[Notification | Recipient]) -> set[str]:
    """Everybody that the rows name, in the form in which somebody would ask; masked or not."""
    found: set[str] = set()
    for row in rows:
        found |= {original(row, "national_identity_number"), row.organization_number}
        if isinstance(row, Recipient):
            found |= {original(row, "external_identity"), _number(original(row, "mobile_number"))}
            found.add(_address(original(row, "email_address")))
        else:
            found.add(_address(original(row, "normalized_address")))
    return found - {"", None}


def comparable(texts: Iterable[str | None]) -> set[str]:
    """Numbers and addresses as `named_by` gives them."""
    return {_address(one) for one in texts} - {""}


def key_of(identifier: str) -> str:
    """As it is written into the log."""
    return _hash(_keys()[0], identifier)


def keys_of(identifiers: Iterable[str]) -> list[str]:
    """As it may stand in the log: by the key in use, and by those that were."""
    return [_hash(key, one) for one in identifiers for key in _keys()]


def _keys() -> list[str]:
    """Setting AUDIT_KEYS, the one in use first; without one SECRET_KEY."""
    return settings.AUDIT_KEYS or [settings.SECRET_KEY]


def _hash(key: str, identifier: str) -> str:
    digest = hmac.digest(key.encode(), b"audit:" + identifier.encode(), hashlib.sha256)
    return digest[:16].hex()


def _address(address: str | None) -> str:
    if address and "@" in address:
        return email_addresses.comparable(address)
    return address or ""


def _number(number: str | None) -> str:
    if number and mobile_numbers.is_mobile_number(number):
        return mobile_numbers.to_e164(number)
    return ""
