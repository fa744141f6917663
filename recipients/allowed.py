"""Whom messages may leave to in test mode: numbers, e-mail addresses, and whole domains."""

from collections.abc import Collection

from recipients import email_addresses
from recipients.mobile_numbers import is_mobile_number, to_e164


class NotAnEntry(ValueError):
    """The text is no number, no address, and no domain."""


def entry(text: str) -> str:
    """As messages have their addresses: `+4799999999`, `kari@example.com`, or `@example.com` for
    everybody at a domain. Raises NotAnEntry."""
    written = text.strip()
    if is_mobile_number(written):
        return to_e164(written)
    is_domain = written.startswith("@")
    address = f"all{written}" if is_domain else written
    if email_addresses.is_email_address(address):
        return email_addresses.comparable(address).removeprefix("all" if is_domain else "")
    raise NotAnEntry(written)


def entries(text: str) -> list[str]:
    """Of a text that has one on each line, or several with commas between them."""
    return [entry(one) for one in text.replace(",", "\n").split("\n") if one.strip()]


def is_allowed(normalized_address: str, allowed: Collection[str]) -> bool:
    _, at, domain = normalized_address.rpartition("@")
    return normalized_address in allowed or (bool(at) and f"@{domain}" in allowed)
