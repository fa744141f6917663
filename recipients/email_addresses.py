"""E-mail addresses: which texts are one, and the one form in which each is compared and sent to."""

import re
import unicodedata

import idna

# What a sender of notifications may give.
_ATOM = r"[A-Za-z0-9æøåÆØÅ!#$%&'*+\-=?^_`{|}~]+"
_LETTER_OR_DIGIT = r"[A-Za-z0-9æøåÆØÅ]"
_LABEL = rf"{_LETTER_OR_DIGIT}(?:[A-Za-z0-9æøåÆØÅ\-]{{0,61}}{_LETTER_OR_DIGIT})?"
_NAMED_DOMAIN = rf"(?:{_LABEL}\.){{1,9}}[A-Za-z]{{2,14}}"
_NUMBERED_DOMAIN = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
_EMAIL_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_NAMED_DOMAIN}|{_NUMBERED_DOMAIN})")

# What mail can be sent to: RFC 5321, 4.1.2 (https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2),
# but for quoted local parts and domains in brackets, with the letters of RFC 6531, 3.3.
_PLAIN = re.compile(r"[A-Za-z0-9_+\-]+(?:\.[A-Za-z0-9_+\-]+)*@(?:[A-Za-z0-9]+[.\-])+[A-Za-z0-9]+")
_LOCAL_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]+"
_LOCAL_PART = re.compile(rf"{_LOCAL_ATOM}(?:\.{_LOCAL_ATOM})*")
_ASCII_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?")
# In octets: RFC 5321, 4.5.3.1.1 and (less its angle brackets) 4.5.3.1.3; RFC 1035, 2.3.4.
_MAX_LOCAL_PART, _MAX_ADDRESS, _MAX_DOMAIN = 64, 254, 253

# Unicode's categories of what nobody sees and of what is no character.
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"})


class NotAnEmailAddress(ValueError):
    """The text is no address that mail can be sent to or from."""


def is_email_address(text: str) -> bool:
    """Whether the text, white space around it aside, is exactly one address that a sender of
    notifications may give.

    The grammar is the contract's, narrower than RFC 5321: no quoted local part, no `/`, at most
    nine labels before a top-level label of 2 to 14 ASCII letters, or four groups of digits. It
    differs from upstream in that `;` is refused, so that two addresses in one text can never pass
    for one, and that mail can be sent to what is left: no part of it is too long, and its domain
    has a form in ASCII.
    """
    address = text.strip()
    return _EMAIL_ADDRESS.fullmatch(address) is not None and is_usable(address)


def is_usable(text: str) -> bool:
    """Whether mail can be sent to the text, whoever it comes from.

    Its domain is a whole one (RFC 5321, 2.3.5): what lacks a dot is a mailbox of the mail server
    that we hand over to, or one that it completes with its own domain.
    """
    try:
        return "." in canonical(text).rpartition("@")[2]
    except NotAnEmailAddress:
        return False


def canonical(text: str) -> str:
    """The address as envelopes and headers have it: the local part as written, the domain in lower
    case and in ASCII.

    That ASCII is IDNA 2008's (RFC 5891), prepared by UTS 46 without its transitional rules, so
    that `straße` stays itself; Python's own codec is IDNA 2003's and would send to `strasse`,
    which may be somebody else's. Blanks and invisible marks around the address do not count.
    Raises NotAnEmailAddress.
    """
    if len(text) <= _MAX_LOCAL_PART and _PLAIN.fullmatch(text):
        local_part, _, domain = text.partition("@")
        return f"{local_part}@{domain.lower()}"
    address = unicodedata.normalize("NFC", _without_unseen_ends(text)).replace("\uff20", "@")
    local_part, _, domain = address.rpartition("@")
    if not _LOCAL_PART.fullmatch(local_part) or _holds(local_part, _UNSEEN):
        raise NotAnEmailAddress("What stands before @ is no name of a mailbox.")
    found = f"{local_part}@{ascii_domain(domain)}"
    if len(local_part.encode()) > _MAX_LOCAL_PART or len(found.encode()) > _MAX_ADDRESS:
        raise NotAnEmailAddress("The e-mail address is too long.")
    return found


def comparable(text: str) -> str:
    """What makes two ways of writing one address the same: its canonical form, in lower case. What
    is no address is the same only as itself."""
    try:
        return canonical(text).lower()
    except NotAnEmailAddress:
        return text.strip().lower()


def stored_forms(text: str) -> set[str]:
    """All that `comparable` has ever made of the address: of a domain with other letters than
    ASCII's it once kept the letters, and rows from that time have them still."""
    form = comparable(text)
    local_part, _, domain = form.rpartition("@")
    if "xn--" not in domain:
        return {form}
    try:
        return {form, f"{local_part}@{idna.decode(domain)}"}
    except UnicodeError:
        return {form}


def from_register(text: str) -> str:
    """An address as the registers hold it, without blanks and invisible marks around it; "" for
    one that mail cannot be sent to."""
    return _without_unseen_ends(text) if is_usable(text) else ""


def ascii_domain(text: str) -> str:
    """In lower case and ASCII, without the dot that ends a name in DNS."""
    if len(text) > _MAX_DOMAIN:
        raise NotAnEmailAddress("The domain is too long.")
    domain = text.lower() if text.isascii() else _in_ascii(text)
    domain = domain.removesuffix(".")
    if not all(map(_ASCII_LABEL.fullmatch, domain.split("."))):
        raise NotAnEmailAddress("What stands behind @ is no domain.")
    return domain


def _in_ascii(domain: str) -> str:
    try:
        return idna.encode(domain, uts46=True, transitional=False, std3_rules=True).decode()
    except UnicodeError:  # IDNAError is one
        raise NotAnEmailAddress("The domain has no form in ASCII.") from None


def _without_unseen_ends(text: str) -> str:
    first, last = 0, len(text)
    while first < last and unicodedata.category(text[first]) in _UNSEEN:
        first += 1
    while first < last and unicodedata.category(text[last - 1]) in _UNSEEN:
        last -= 1
    return text[first:last]


def _holds(text: str, categories: frozenset[str]) -> bool:
    """Whether a character beyond ASCII, or a control character, is of these."""
    return any(unicodedata.category(char) in categories for char in text if not " " <= char <= "~")
