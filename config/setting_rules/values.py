"""Rules of texts, numbers, yes or no."""

import re
from collections.abc import Callable, Iterator, Mapping

from config.setting_rules.rule import Complaint, Rule, doubtful, unfit, wrong
from config.settings.reading import decimal, json_object, resolvers, whole, yes_or_no
from notifications import send_hours
from orders.senders.sms_senders import is_shown_as_written, numbers_by_country
from recipients.allowed import NotAnEntry, entries
from recipients.email_addresses import is_usable
from recipients.mailboxes import is_mailbox

_LABELS = re.compile(r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){0,3}")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_NAME_IN_FILES = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,49}")


def text(allowed: str) -> Rule:
    return Rule(allowed, lambda given: iter(()))


def document(what: str) -> Rule:
    """JSON, on as many lines as it likes; what it holds is judged elsewhere."""

    def judge(given: str) -> Iterator[Complaint]:
        try:
            json_object(given)
        except ValueError:
            yield wrong("is no JSON object, or names something twice")

    return Rule(f"a JSON object of {what}", judge, has_many_lines=True)


def name_in_files() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        if not _NAME_IN_FILES.fullmatch(given):
            yield wrong("does not fit into the name of a file")

    return Rule("letters, digits, dots, hyphens and underscores, 50 at most", judge)


def one_word(*words: str) -> Rule:
    """In lower case."""

    def judge(given: str) -> Iterator[Complaint]:
        if given not in words:
            yield wrong("is none of the words that are known")

    return Rule("one of " + ", ".join(words), judge)


def senders_by_country() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        try:
            numbers_by_country(given)
        except ValueError:
            yield wrong("holds what is no country code with a number")

    return Rule("such as 358=4759440000, or 358/ttd=4759440000 for one service owner", judge)


def allowed_in_test_mode() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        try:
            entries(given)
        except NotAnEntry:
            yield wrong("holds what is no number, no e-mail address and no @domain")

    return Rule("numbers, e-mail addresses or @domain, with commas between them", judge)


def one_of(*words: str, warned: Mapping[str, str] | None = None) -> Rule:
    said = warned or {}

    def judge(given: str) -> Iterator[Complaint]:
        if given.upper() not in words:
            yield wrong("is none of the words that are known")
        elif given.upper() in said:
            yield doubtful(said[given.upper()])

    return Rule("one of " + ", ".join(words), judge, ", ".join(f"`{word}`" for word in said))


def number(
    lowest: float,
    highest: float,
    *,
    warned: Mapping[float, str] | None = None,
    kind: str = "whole number",
) -> Rule:
    said = warned or {}
    read: Callable[[str], float] = whole if kind == "whole number" else decimal

    def judge(given: str) -> Iterator[Complaint]:
        try:
            value = read(given)
        except ValueError:
            yield wrong(f"is no {kind}")
            return
        if not lowest <= value <= highest:
            yield wrong("is out of range")
        elif value in said:
            yield doubtful(said[value])

    allowed = f"a {kind} from {lowest:,} to {highest:,}"
    return Rule(allowed, judge, ", ".join(f"{value}" for value in said))


def seconds(lowest: float, highest: float) -> Rule:
    return number(lowest, highest, kind="number of seconds")


def truth(*, unfit_if: bool | None = None, doubtful_if: bool | None = None, why: str = "") -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        try:
            value = yes_or_no(given)
        except ValueError:
            yield wrong("is neither true nor false")
            return
        if value is unfit_if:
            yield unfit(why)
        if value is doubtful_if:
            yield doubtful(why)

    only = "" if unfit_if is None else f"; in production {str(not unfit_if).lower()}"
    warned = "" if doubtful_if is None else f"`{str(doubtful_if).lower()}`"
    return Rule(f"true or false{only}", judge, warned)


def window() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        try:
            send_hours.parse(given)
        except ValueError as error:
            yield wrong(f"is no send window: {error}")

    return Rule("two hours of one day, such as 09:00-17:00 or 00:00-24:00", judge)


def pattern() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        try:
            accepts = re.compile(given).fullmatch
        except re.error:
            yield wrong("is no regular expression")
            return
        if accepts("") or accepts(" "):
            yield unfit("accepts what nobody can see")

    return Rule("a regular expression", judge, "one that accepts an empty text")


def email_address() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        if not is_mailbox(given):
            yield wrong("is no e-mail address")

    return Rule("an e-mail address, or a name and <address>", judge)


def public_domain() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        if not is_usable(f"postmaster@{given}"):
            yield wrong("is no domain of the public DNS")

    return Rule("a domain, such as spf.example.no", judge)


def label() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        if not _LABELS.fullmatch(given):
            yield wrong("is no name in the DNS")

    return Rule("letters, digits and hyphens, with dots between them", judge)


def public_key() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        if not _BASE64.fullmatch(given):
            yield wrong("is no key in base64")

    return Rule("base64, as behind p= of a DKIM record", judge)


def name_servers() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        try:
            resolvers(given)
        except ValueError:
            yield wrong("holds what is no IP address with or without a port")

    return Rule("IP addresses, such as 10.0.0.2 or 10.0.0.2:5353", judge)


def sms_sender() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        if not is_shown_as_written(given):
            yield wrong("cannot be shown by phones as it is")

    return Rule("a number of 15 digits at most, or 11 letters, digits and spaces", judge)
