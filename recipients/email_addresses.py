"""Which texts are e-mail addresses that a sender of notifications may give."""

import re

_ATOM = r"[A-Za-z0-9æøåÆØÅ!#$%&'*+\-=?^_`{|}~]+"
_LETTER_OR_DIGIT = r"[A-Za-z0-9æøåÆØÅ]"
_LABEL = rf"{_LETTER_OR_DIGIT}(?:[A-Za-z0-9æøåÆØÅ\-]{{0,61}}{_LETTER_OR_DIGIT})?"
_NAMED_DOMAIN = rf"(?:{_LABEL}\.){{1,9}}[A-Za-z]{{2,14}}"
_NUMBERED_DOMAIN = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
_EMAIL_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_NAMED_DOMAIN}|{_NUMBERED_DOMAIN})")


def is_email_address(text: str) -> bool:
    """Whether the text, white space around it aside, is exactly one address.

    The grammar is the contract's, narrower than RFC 5321: no quoted local part, no `/`, at most
    nine labels before a top-level label of 2 to 14 ASCII letters, or four groups of digits. It
    differs from upstream in one character: `;` is refused, so that two addresses in one text
    can never pass for one.
    """
    return _EMAIL_ADDRESS.fullmatch(text.strip()) is not None
